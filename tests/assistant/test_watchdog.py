"""What fell through a crash is found and answered, once, whoever looks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.deciding import Context
from assistant.domain import HandoffReason, IncomingMessage
from assistant.pipeline import MOST_ATTEMPTS, Assistant
from assistant.replies import Outcome
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.watchdog import Watchdog
from assistant.wiring import Parts
from tests.conftest import Clock

QUESTION = "Как удалить аккаунт?"


@pytest.fixture
def street(parts: Parts, database_url: str, clock: Clock) -> Assistant:
    """The walk over the sample shop, waiting for the rest of bursts, by the test's clock."""
    store = DialogStore(Database(database_url), clock, burst_seconds=1.5)
    return Assistant(decider=parts.decider, store=store, suggester=parts.suggester, locale="ru")


def left_behind(street: Assistant, *texts: str) -> None:
    """Messages that were accepted by a process that died before it answered."""
    for text in texts:
        street.store.receive(IncomingMessage(text=text, dialog_id="d-a"), text, "ru")


def authors(street: Assistant) -> list[str]:
    return [line["author"]["kind"] for line in street.store.view("d-a")["messages"]]


def test_message_that_fell_through_is_answered(street: Assistant, clock: Clock) -> None:
    left_behind(street, QUESTION)
    assert Watchdog(street, 10).look() == 0, "its worker may still be at it"
    clock.turn(seconds=11)
    assert Watchdog(street, 10).look() == 1
    assert authors(street) == ["customer", "bot"]
    assert Watchdog(street, 10).look() == 0


def test_burst_that_fell_through_is_answered_once(street: Assistant, clock: Clock) -> None:
    left_behind(street, "здравствуйте", QUESTION)
    clock.turn(seconds=11)
    Watchdog(street, 10).look()
    assert authors(street) == ["customer", "customer", "bot"]


def test_eight_watchdogs_answer_once(street: Assistant, clock: Clock) -> None:
    left_behind(street, QUESTION)
    clock.turn(seconds=11)
    with ThreadPoolExecutor(8) as pool:
        answered = list(pool.map(lambda _: Watchdog(street, 10).look(), range(8)))
    assert sum(answered) == 1
    assert authors(street) == ["customer", "bot"]


def test_turn_that_a_live_worker_has_is_left_to_him(street: Assistant, clock: Clock) -> None:
    left_behind(street, QUESTION)
    assert street.store.take_turn("d-a")
    clock.turn(seconds=11)
    assert Watchdog(street, 10).look() == 0
    assert authors(street) == ["customer"]


class Deadly:
    """Decisions that end the worker on one text, as a fault in native code would."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.tried = 0

    def decide(self, context: Context, listener: object = None) -> Outcome:
        if "яд" in context.text:
            self.tried += 1
            raise SystemExit
        return self._parts.decider.decide(context)

    def hand_over_now(self, context: Context, reason: HandoffReason) -> Outcome:
        assert "яд" not in context.text
        return self._parts.decider.hand_over_now(context, reason)


def test_message_that_ends_its_workers_goes_to_a_person(
    parts: Parts, street: Assistant, clock: Clock
) -> None:
    deadly = Deadly(parts)
    street.decider = deadly  # type: ignore[assignment]
    left_behind(street, "яд")
    clock.turn(seconds=11)
    watchdog = Watchdog(street, 10)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            watchdog.look()
    assert watchdog.look() == 1
    assert deadly.tried == MOST_ATTEMPTS
    dialog = street.store.dialog("d-a")
    assert (dialog.owner, dialog.handoff_reason) == ("waiting", HandoffReason.OUTAGE)
