"""Operators' good answers are collected, masked, and taken back when they turn out bad."""

from __future__ import annotations

import pytest

from assistant.domain import Owner
from assistant.hints.collecting import PastAnswerCollector
from assistant.hints.past import PastAnswers, Remembered
from assistant.privacy.masker import Masker
from assistant.store.audit import Doing
from assistant.store.dialogs import DialogStore
from assistant.store.past_answers import PastAnswer
from assistant.wiring import Parts
from tests.assistant.conftest import ask, handoff_to, post

QUESTION = "Можно вернуть собранный шкаф, если не подошёл цвет?"
ANSWER = "Собранный шкаф можно вернуть за 14 дней, если на нём нет следов использования."


@pytest.fixture
def collector(store: DialogStore, parts: Parts) -> PastAnswerCollector:
    """Over the store of the test and the real models."""
    embed, model_id = parts.understander.vectors, parts.embedder.model_id
    return PastAnswerCollector(store, parts.decider, embed, model_id, Masker())


def helped(store: DialogStore, *said: str, question: str = QUESTION) -> str:
    """A dialog in which an operator said so and then closed it."""
    received = ask(store, question)
    post(store, received, owner=Owner.WAITING, handoff=handoff_to())
    dialog_id = received.dialog.dialog_id
    store.take(dialog_id, "op-1", "Ольга")
    for text in said:
        store.add_operator_message(dialog_id, "op-1", None, text)
    store.resolve(dialog_id, "op-1")
    return dialog_id


def kept(store: DialogStore, parts: Parts) -> list[PastAnswer]:
    numbers = store.past_answer_numbers(parts.embedder.model_id)
    return list(store.past_answers(numbers))


def found(store: DialogStore, parts: Parts, question: str) -> list[Remembered]:
    past = PastAnswers(store, parts.embedder.model_id)
    return past.find(parts.understander.vectors([question])[0], "ru", without=None)


def test_answer_of_a_resolved_dialog_is_found_for_the_same_question(
    store: DialogStore, parts: Parts, collector: PastAnswerCollector
) -> None:
    dialog_id = helped(store, "минуту, уточняю", f"Здравствуйте! {ANSWER}")
    assert collector.look() == 1
    [answer] = kept(store, parts)
    assert (answer.answer, answer.dialog_id) == (ANSWER, dialog_id)
    [near] = found(store, parts, "Не подошёл цвет, можно ли вернуть шкаф, который собрали?")
    assert near.answer == answer
    assert found(store, parts, "Как удалить аккаунт?") == []
    assert collector.look() == 0


def test_everything_personal_is_masked(
    store: DialogStore, parts: Parts, collector: PastAnswerCollector
) -> None:
    helped(
        store,
        f"Здравствуйте, Анна! {ANSWER} Позвоним вам на +7 916 123-45-67. Хорошего дня!",
        question=f"{QUESTION} Мой телефон +7 916 123-45-67, Анна Петрова",
    )
    collector.look()
    [answer] = kept(store, parts)
    assert answer.answer == f"{ANSWER}\nПозвоним вам на [PHONE_1]."
    assert "916" not in answer.question
    assert "Петрова" not in answer.question


@pytest.mark.parametrize(
    "said",
    [
        ("минуту, уточняю",),
        ("Да",),
        ("Здравствуйте! Хорошего дня!",),
        ("А какой у вас номер заказа?",),
        (),
    ],
)
def test_what_is_no_answer_is_not_kept(
    store: DialogStore, parts: Parts, collector: PastAnswerCollector, said: tuple[str, ...]
) -> None:
    helped(store, *said)
    collector.look()
    assert kept(store, parts) == []


def test_bad_rating_and_reopening_take_the_answer_back(
    store: DialogStore, parts: Parts, collector: PastAnswerCollector
) -> None:
    rated, opened = helped(store, ANSWER), helped(store, ANSWER)
    collector.look()
    assert len(kept(store, parts)) == 2
    store.rate(rated, 2, None)
    store.reopen(opened, "op-1")
    assert collector.look() == 2
    assert kept(store, parts) == []


def test_answer_after_which_the_customer_says_it_did_not_help_is_not_kept(
    store: DialogStore, parts: Parts, collector: PastAnswerCollector
) -> None:
    received = ask(store, QUESTION)
    post(store, received, owner=Owner.WAITING, handoff=handoff_to())
    dialog_id = received.dialog.dialog_id
    store.take(dialog_id, "op-1", "Ольга")
    store.add_operator_message(dialog_id, "op-1", None, ANSWER)
    ask(store, "это не помогло", dialog_id)
    store.resolve(dialog_id, "op-1")
    collector.look()
    assert kept(store, parts) == []


def test_deleted_dialog_takes_its_answers_along(
    store: DialogStore, parts: Parts, collector: PastAnswerCollector
) -> None:
    dialog_id = helped(store, ANSWER)
    store.delete_dialog(dialog_id, Doing("admin", "dialog.delete"))
    collector.look()
    assert kept(store, parts) == []


def test_one_process_at_a_time_collects(
    store: DialogStore, parts: Parts, collector: PastAnswerCollector
) -> None:
    helped(store, ANSWER)
    lease = store.take_lease("past answers")
    assert lease is not None
    assert collector.look() == 0
    store.give_back_lease(lease)
    assert collector.look() == 1
