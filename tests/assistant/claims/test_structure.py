"""Words that stand in the evidence can still be put together wrongly."""

from __future__ import annotations

import pytest

from assistant.claims.reading import Sentence, sentences_of
from assistant.claims.structure import made_a_duty, other_subject, swapped_word, unconditional


def one(text: str) -> Sentence:
    return sentences_of([text])[0]


BOOKS = "Книги выдают на месяц, новинки выдают на две недели."
TICKETS = "Invoices are opened by members, folders are shared by owners."


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("Новинки выдают на месяц.", BOOKS, 1.0),
        ("Книги выдают на месяц.", BOOKS, 0.0),
        ("Новинки выдают надолго.", BOOKS, 0.0),
        ("Folders are opened by members.", TICKETS, 1.0),
        ("Invoices are opened by members.", TICKETS, 0.0),
    ],
)
def test_word_of_one_clause_in_another_is_a_swap(
    claim: str, evidence: str, expected: float
) -> None:
    assert swapped_word(one(claim), sentences_of([evidence])) == expected


def test_copy_holds_no_swap() -> None:
    assert swapped_word(one(BOOKS), sentences_of([BOOKS])) == 0.0


def test_new_noun_in_the_nominative_is_another_subject() -> None:
    evidence = sentences_of(["За час до приезда звонит курьер."])
    assert other_subject(one("За час до приезда звонит оператор."), evidence[0], evidence) == 1.0
    assert other_subject(one("За час до приезда звонит курьер."), evidence[0], evidence) == 0.0
    assert other_subject(one("За час до приезда позвонят."), evidence[0], evidence) == 0.0


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("Диагностика бесплатна.", "Диагностика бесплатна, если вы согласны на ремонт.", 1.0),
        ("Диагностика бесплатна при согласии.", "Диагностика бесплатна, если согласны.", 0.0),
        ("Без согласия диагностика платна.", "Диагностика бесплатна.", 0.0),
        ("Parking is free.", "Parking is free only with a receipt.", 1.0),
        ("Parking is free with a receipt.", "Parking is free only with a receipt.", 0.0),
        ("Если есть чек, парковка бесплатна.", "Парковка бесплатна только по карте.", 0.0),
    ],
)
def test_condition_that_the_claim_leaves_out_counts(
    claim: str, evidence: str, expected: float
) -> None:
    assert unconditional(one(claim), sentences_of([evidence])) == expected


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("Заявку нужно подать лично.", "Заявку можно подать лично или в приложении.", 1.0),
        ("Заявку можно подать лично.", "Заявку можно подать лично или в приложении.", 0.0),
        ("Заявку нужно подать.", "Подайте заявку, это можно сделать лично.", 0.0),
        ("You must pay by card.", "You can pay by card.", 1.0),
        ("You must pay by card.", "You have to pay; you can do it by card.", 0.0),
    ],
)
def test_permission_is_no_duty(claim: str, evidence: str, expected: float) -> None:
    passages = sentences_of([evidence])
    assert made_a_duty(one(claim), passages[0], passages) == expected
