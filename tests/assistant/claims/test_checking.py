"""A claim is supported when every sentence of it is, and says what is not."""

from __future__ import annotations

import pytest

from assistant.claims.checking import ClaimChecker, Verdict, stated_sentences
from assistant.knowledge.embedder import Embedder
from eval.grounding_pairs import SHIPPED, load_pairs

EVIDENCE = (
    "Вернуть товар можно в течение 14 дней. Деньги поступят на карту за 3–10 рабочих дней.",
    "Телефон поддержки 8 800 555-35-35. Доставка в Москву занимает 1 день, в Казань — 5 дней.",
)


@pytest.fixture(scope="module")
def checker(embedder: Embedder) -> ClaimChecker:
    return ClaimChecker(embedder)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "claim",
    [
        "Вернуть товар можно в течение 14 дней.",
        "На возврат товара есть две недели.",
        "Деньги поступят на карту за 3–10 рабочих дней.",
        "Доставка в Казань занимает 5 дней.",
        "Да, вернуть товар можно в течение 14 дней. Телефон поддержки +7 800 555-35-35.",
    ],
)
def test_what_stands_in_the_evidence_is_supported(checker: ClaimChecker, claim: str) -> None:
    verdict = checker.check(claim, EVIDENCE)
    assert verdict.is_supported
    assert verdict.unsupported == ()
    assert verdict.score > 0.5


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        ("Вернуть товар можно в течение 30 дней.", ("30 дней",)),
        ("Товар вернуть можно за 14 дней. Звоните 8 800 555-35-36.", ("8 800 555-35-36",)),
        ("Доставка в Москву занимает 5 дней.", ("5 дней",)),
        ("Зимой в горах опасны лавины.", ("Зимой в горах опасны лавины.",)),
    ],
)
def test_what_does_not_is_named(checker: ClaimChecker, claim: str, parts: tuple[str, ...]) -> None:
    verdict = checker.check(claim, EVIDENCE)
    assert not verdict.is_supported
    assert verdict.unsupported == parts
    assert verdict.score < 0.2


def test_denied_sentence_scores_below_the_sentence(checker: ClaimChecker) -> None:
    said = checker.check("Вернуть товар можно в течение 14 дней.", EVIDENCE)
    denied = checker.check("Вернуть товар в течение 14 дней нельзя.", EVIDENCE)
    assert denied.score < said.score - 0.3


def test_one_bad_sentence_decides(checker: ClaimChecker) -> None:
    good, bad = "Вернуть товар можно в течение 14 дней.", "Зимой в горах опасны лавины."
    both = checker.check(f"{good} {bad}", EVIDENCE)
    assert both.unsupported == (bad,)
    assert both.score == pytest.approx(checker.check(bad, EVIDENCE).score, abs=0.02)


def test_nothing_is_backed_by_nothing(checker: ClaimChecker) -> None:
    claim = "Вернуть товар можно."
    assert checker.check(claim, ()) == Verdict(False, 0.0, (claim,))
    assert checker.check(claim, ("", " … ")) == Verdict(False, 0.0, (claim,))


def test_claim_that_states_nothing_needs_no_evidence(checker: ClaimChecker) -> None:
    assert checker.check("  ", EVIDENCE) == Verdict(True, 1.0, ())


def test_every_sentence_of_shipped_evidence_is_supported_by_it(checker: ClaimChecker) -> None:
    passages = {pair.evidence for path in SHIPPED for pair in load_pairs(path)}
    for evidence in sorted(passages)[::4]:
        verdict = checker.check("\n".join(evidence), evidence)
        assert verdict.is_supported, (evidence, verdict)


@pytest.mark.parametrize(
    ("claim", "stated"),
    [
        ("No, six people can share it.", "six people can share it."),
        ("No more than six people can share it.", "No more than six people can share it."),
        ("No refunds after 14 days.", "No refunds after 14 days."),
        ("Нет, чек не нужен.", "чек не нужен."),
        ("Нет чека — нет возврата.", "Нет чека — нет возврата."),
    ],
)
def test_no_is_left_out_only_where_it_answers(claim: str, stated: str) -> None:
    assert [sentence.text for sentence in stated_sentences(claim)] == [stated]


def test_word_put_into_another_clause_scores_below_the_clause(checker: ClaimChecker) -> None:
    evidence = ("Книги выдают на месяц, новинки на две недели.",)
    said = checker.check("Книги выдают на месяц.", evidence)
    swapped = checker.check("Новинки выдают на месяц.", evidence)
    assert swapped.score < said.score - 0.2
