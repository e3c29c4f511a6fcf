"""What is said to somebody who waits for a person."""

from __future__ import annotations

import pytest

from assistant.domain import Action, Owner
from assistant.waiting import asks_how_long
from prompts.loader import phrases
from tests.assistant.conftest import Decide, said, turn_of_bot, turn_of_customer

CALL = "позовите оператора"
QUEUE = "повторять ничего не придётся"


@pytest.mark.parametrize(
    "text",
    [
        "а когда ответят?",
        "когда мне ответят",
        "когда мне уже кто-нибудь ответит?",
        "сколько ещё ждать ответа?",
        "а долго ждать?",
        "через сколько минут ответит оператор?",
        "how long do I have to wait?",
        "when will someone answer",
        "When will I get an answer?",
        "how long",
    ],
)
def test_question_when_somebody_answers_is_known(decide: Decide, text: str) -> None:
    assert asks_how_long(text)
    history = [turn_of_customer(CALL), turn_of_bot(said(decide(CALL)), Action.HANDOFF)]
    told = said(decide(text, owner=Owner.WAITING, history=history))
    for lang in ("ru", "en"):
        assert phrases(lang).say("waiting_added") not in told
    assert any(words in told for words in (QUEUE, "repeat", phrases("ru").say("next_again")))


@pytest.mark.parametrize("text", ["как долго вернут деньги", "спасибо", "заказ 88213", ""])
def test_other_words_do_not_ask_when_somebody_answers(text: str) -> None:
    from assistant.waiting import _asks_when

    assert not _asks_when(text)


def test_who_calls_a_person_again_reads_what_happens_next_in_short(decide: Decide) -> None:
    first = said(decide(CALL))
    history = [turn_of_customer(CALL), turn_of_bot(first, Action.HANDOFF)]
    again = said(decide("позовите оператора!", owner=Owner.WAITING, history=history))
    assert QUEUE in first
    assert QUEUE not in again
    assert again.startswith(phrases("ru").say("waiting_already"))
    assert len(again) > len(phrases("ru").say("waiting_already")) + 20
