"""The replies that an operator is offered, over the real articles of the sample shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from assistant.domain import Action, AuthorKind, Customer, Said, Turn
from assistant.hints.hint import Asked, HintKind, Made, SourceKind
from assistant.hints.past import Floats, NoPast, Remembered, texts_alike
from assistant.hints.prompter import Prompter
from assistant.known import find_known
from assistant.privacy.masker import Masker
from assistant.store.past_answers import PastAnswer
from assistant.wiring import Parts

C, B, H = AuthorKind.CUSTOMER, AuthorKind.BOT, AuthorKind.HUMAN
STORAGE = "сколько хранится заказ в пункте выдачи?"
LATE = "Заказ 10432 уже неделю не едет, сколько можно ждать!"
ANNA = Customer(name="Анна")
THEN = datetime(2026, 3, 1, tzinfo=UTC)


class Past:
    """Remembers what the test gives it."""

    def __init__(self, *answers: str, cosine: float = 0.95) -> None:
        self._answers = answers
        self._cosine = cosine

    def find(self, vector: Floats, lang: str, *, without: str | None) -> list[Remembered]:
        """All of them, for any question."""
        assert vector.shape[0] > 0
        assert without is None or isinstance(without, str)
        return [
            Remembered(PastAnswer(at, f"d-{at}", "вопрос", text, lang, THEN), self._cosine, 1)
            for at, text in enumerate(self._answers)
        ]


@pytest.fixture(scope="session")
def prompter(parts: Parts) -> Prompter:
    """Without past answers."""
    return Prompter(parts.decider, NoPast())


def made(prompter: Prompter, *turns: Turn | str, **given: object) -> Made:
    said = [turn if isinstance(turn, Turn) else Turn(C, turn) for turn in turns]
    return prompter.make(Asked(said, **given))  # type: ignore[arg-type]


def codes(result: Made) -> list[str]:
    return [note.code for note in result.advice]


def texts(result: Made) -> str:
    return "\n".join(hint.text for hint in result.hints)


def cited(result: Made) -> list[set[str]]:
    return [{one.article_id for one in hint.citations} for hint in result.hints]


def test_question_gets_three_different_replies_with_sources(
    prompter: Prompter, parts: Parts
) -> None:
    result = made(prompter, STORAGE)
    assert len(result.hints) == 3
    articles = parts.library.current()
    assert articles is not None
    for hint in result.hints:
        assert hint.kind is HintKind.ARTICLE
        assert hint.citations
        assert all(one.quote in articles.articles[one.article_id].text for one in hint.citations)
        assert hint.confidence is None or 0 <= hint.confidence <= 1
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert not any(texts_alike(result.hints[a].text, result.hints[b].text) for a, b in pairs)
    assert "7 дней" in result.hints[0].text


def test_reply_is_in_the_customers_language(prompter: Prompter) -> None:
    result = made(prompter, "How do I cancel my order?", locale="en")
    assert all(hint.text.isascii() or "→" in hint.text for hint in result.hints[:1])
    assert "en-orders-cancel-change" in cited(result)[0]


def test_customer_is_greeted_by_name_until_a_person_has_spoken(prompter: Prompter) -> None:
    first = made(prompter, STORAGE, customer=ANNA)
    assert all(hint.text.startswith("Здравствуйте, Анна!") for hint in first.hints)
    later = made(prompter, "здравствуйте", Turn(H, "Здравствуйте!"), STORAGE, customer=ANNA)
    assert "Здравствуйте" not in texts(later)
    nameless = made(prompter, STORAGE, customer=Customer(name="Купите у нас!!! http://x.example"))
    assert "Здравствуйте" not in texts(nameless)


def test_complaint_is_met_by_its_matter_and_what_happens_next(prompter: Prompter) -> None:
    result = made(prompter, LATE)
    assert "complaint" in codes(result)
    assert all("Понимаю" in hint.text for hint in result.hints)
    frame = next(hint for hint in result.hints if hint.source.kind is SourceKind.TEMPLATE)
    assert [blank.label for blank in frame.blanks] == ["следующий шаг", "срок"]
    assert "blanks" in codes(result)


def test_number_of_the_ticket_is_told_where_there_is_one(prompter: Prompter) -> None:
    assert "Номер обращения: 17." in texts(made(prompter, LATE, ticket_number="17"))


def test_complaint_is_offered_no_discount(prompter: Prompter) -> None:
    past = Past("Дадим вам скидку 10 % на следующий заказ.", "Курьер привезёт заказ до вечера.")
    result = made(Prompter(prompter._decider, past), LATE)
    assert "скидк" not in texts(result)
    assert "Курьер привезёт" in texts(result)


def test_thanks_get_something_short(prompter: Prompter) -> None:
    result = made(
        prompter, STORAGE, Turn(H, "7 дней, потом заказ едет обратно"), "спасибо, помогли!"
    )
    assert [hint.text for hint in result.hints] == ["Пожалуйста!"]
    assert result.hints[0].citations == ()


def test_call_for_a_person_is_answered_by_what_was_asked_before(prompter: Prompter) -> None:
    result = made(prompter, STORAGE, Turn(B, "не уверен", Action.HANDOFF), "позовите оператора")
    assert result.question is not None
    assert result.question.text == STORAGE
    assert "7 дней" in texts(result)


def test_call_for_a_person_alone_is_asked_what_it_is_about(prompter: Prompter) -> None:
    result = made(prompter, "позовите оператора")
    [hint] = result.hints
    assert "что случилось" in hint.text
    assert "no_source" not in codes(result)


def test_article_that_did_not_help_is_not_given_again(prompter: Prompter) -> None:
    told = made(prompter, "Как удалить аккаунт?")
    [article_id] = cited(told)[0]
    answer = Turn(B, told.hints[0].text, Action.ANSWER, (article_id,))
    result = made(prompter, "Как удалить аккаунт?", answer, "это не помогло")
    assert not any(article_id in ids for ids in cited(result))
    assert "not_helped" in codes(result)


def test_words_that_were_said_are_not_offered_again(prompter: Prompter) -> None:
    told = made(prompter, STORAGE)
    said = Turn(H, told.hints[0].text)
    result = made(prompter, STORAGE, said, "а точно?")
    assert told.hints[0].text not in [hint.text for hint in result.hints]


def test_past_answer_is_offered_with_its_dialog_and_no_invented_confidence(
    prompter: Prompter,
) -> None:
    past = Past("Да, заказ можно оставить у нас ещё на три дня, оформили продление.")
    result = made(Prompter(prompter._decider, past), STORAGE)
    hint = next(one for one in result.hints if one.kind is HintKind.PAST_ANSWER)
    assert hint.confidence is None
    assert (hint.source.dialog_id, hint.source.answered_at) == ("d-0", THEN)
    assert hint.citations == ()


def test_what_is_known_is_told_and_danger_comes_first(prompter: Prompter) -> None:
    known = find_known([Said("мой заказ 10432", "d-1", "web", THEN)], Masker())
    result = made(prompter, LATE, known=known, waiting_minutes=12, score=1)
    assert {"known", "waiting", "rated_low"} <= set(codes(result))
    assert any("10432" in note.text for note in result.advice)
    danger = made(prompter, "от вашего обогревателя пожар, горит квартира, помогите")
    assert codes(danger)[0] == "unsafe"
    assert "112" in danger.hints[0].text


def test_same_question_twice_is_noticed(prompter: Prompter) -> None:
    twice = made(
        prompter,
        "когда приедет мой заказ из Казани?",
        Turn(H, "Скоро"),
        "так когда приедет мой заказ из Казани?",
    )
    assert "asked_twice" in codes(twice)


def test_two_questions_are_counted(prompter: Prompter) -> None:
    assert "several_questions" in codes(made(prompter, f"{STORAGE} А как продлить?"))


def test_dialog_without_a_word_of_the_customer_gets_a_question_to_ask(prompter: Prompter) -> None:
    result = made(prompter, Turn(H, "Добрый день!"))
    assert result.question is None
    assert len(result.hints) == 1


@pytest.mark.parametrize("odd", ["", "???", "😡😡😡", "[[срок]] {name} %s", "a" * 4000, "\n\n"])
def test_odd_messages_get_some_hint(prompter: Prompter, odd: str) -> None:
    assert 1 <= len(made(prompter, odd).hints) <= 3


def test_blanks_stand_where_they_say(prompter: Prompter) -> None:
    questions: Sequence[str] = (LATE, STORAGE, "есть ли жизнь на марсе?")
    for question in questions:
        for hint in made(prompter, question, customer=ANNA).hints:
            shown = [hint.text[blank.start : blank.end] for blank in hint.blanks]
            assert all(one.startswith("«укажите ") and one.endswith("»") for one in shown)
            assert hint.text.count("«укажите ") == len(shown)
