"""Whoever asks what has become of his ticket is told how it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.deciding import Context
from assistant.domain import Action, Owner
from assistant.ticket_news import TicketNews
from assistant.ticket_questions import TicketQuestions, asks_about_ticket
from assistant.tickets import TicketState, TicketStatus
from assistant.wiring import Parts

NEWS = TicketNews(ZoneInfo("Europe/Moscow"))
STATE = TicketState(1001, TicketStatus.IN_PROGRESS, datetime(2026, 12, 2, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("что с моим обращением 1001?", 1001),
        ("Что с моим обращением № 1001?", 1001),
        ("как там моя заявка?", None),
        ("статус обращения 1001", 1001),
        ("Здравствуйте! Подскажите, какой статус моего обращения?", None),
        ("когда решат моё обращение?", None),
        ("есть новости по моему обращению?", None),
        ("what about my ticket?", None),
        ("What's the status of my ticket 1001?", 1001),
        ("any news on my request?", None),
    ],
)
def test_question_about_a_ticket_is_known(text: str, number: int | None) -> None:
    assert asks_about_ticket(text) == (True, number)


@pytest.mark.parametrize(
    "text",
    [
        "что с моим заказом 1001?",
        "что с моим обращением 1001, мне прислали битый товар",
        "как оставить обращение?",
        "где посмотреть мои обращения в приложении?",
        "what about my order?",
        "how do I open a ticket?",
        "обращение",
        "99999999999",
        "",
    ],
)
def test_anything_else_is_no_question_about_a_ticket(text: str) -> None:
    assert not asks_about_ticket(text)[0]


def questions(parts: Parts, state: TicketState | None = STATE) -> TicketQuestions:
    def find(_dialog_id: str, number: int | None) -> TicketState | None:
        return state if state and number in (None, state.number) else None

    return TicketQuestions(parts.decider, find, NEWS)


@pytest.mark.parametrize("owner", [Owner.BOT, Owner.WAITING])
def test_state_is_told_in_words_and_the_dialog_stays_where_it_is(
    parts: Parts, owner: Owner
) -> None:
    asked = Context("что с моим обращением 1001?", owner, dialog_id="d")
    outcome = questions(parts).outcome(asked)
    assert outcome is not None
    assert outcome.reply is not None
    told = "Обращение № 1001: в работе. Ожидаемый срок — до 14:00 по Москве, 2 декабря."
    assert outcome.reply.text.startswith(told)
    assert outcome.reply.disclosure
    assert (outcome.action, outcome.owner) == (Action.ACKNOWLEDGE, owner)
    assert outcome.handoff is None


@pytest.mark.parametrize(
    ("text", "owner", "state"),
    [
        ("что с моим обращением 1001?", Owner.BOT, None),
        ("что с моим обращением 1002?", Owner.BOT, STATE),
        ("что с моим обращением 1001?", Owner.HUMAN, STATE),
        ("что с моим заказом?", Owner.BOT, STATE),
    ],
    ids=["no ticket", "another's", "a person has it", "no question about it"],
)
def test_nothing_is_told_of_a_ticket(
    parts: Parts, text: str, owner: Owner, state: TicketState | None
) -> None:
    assert questions(parts, state).outcome(Context(text, owner, dialog_id="d")) is None
