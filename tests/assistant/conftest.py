"""A store on a real SQLite file with a clock that the test turns, and decisions over the shop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.deciding import Context, Decider
from assistant.domain import (
    Action,
    AuthorKind,
    Customer,
    HandoffReason,
    IncomingMessage,
    Owner,
    Turn,
)
from assistant.pipeline import Assistant
from assistant.replies import Outcome
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore, Received
from assistant.store.posting import NOTHING_CONSIDERED, Considered
from assistant.wiring import Parts, build_parts

Decide = Callable[..., Outcome]


def document(received: Received, action: Action = Action.ANSWER, text: str = "ответ") -> dict:
    """A reply object with what the store reads of it."""
    silent = action is Action.SILENT
    said = {
        "text": text,
        "author": {"kind": "bot", "name": "Бот", "disclosure": "Отвечает бот."},
        "citations": [{"article_id": "a-1", "title": "т", "url": None, "quote": "ответ"}],
        "quick_replies": [],
    }
    return {
        "dialog_id": received.dialog.dialog_id,
        "message_id": received.message_id,
        "intent": {"label": "question", "probabilities": {}},
        "action": action.value,
        "reply": None if silent else said,
        "handoff": None,
    }


def handoff_to(queue: str = "general") -> dict:
    """A handoff as the store keeps it."""
    return {"reason": HandoffReason.CUSTOMER_REQUEST.value, "queue": queue, "summary": "…"}


def ask(store: DialogStore, text: str = "вопрос", dialog_id: str | None = None) -> Received:
    """A message of a customer, committed and not answered yet."""
    return store.receive(IncomingMessage(text=text, dialog_id=dialog_id), text, "ru")


def post(
    store: DialogStore,
    received: Received,
    *,
    owner: Owner = Owner.BOT,
    handoff: dict | None = None,
    considered: Considered = NOTHING_CONSIDERED,
) -> dict:
    """Answer a message as the bot would."""
    action = Action.HANDOFF if handoff else Action.ANSWER
    turn = received.turn or store.take_turn(received.dialog.dialog_id)
    assert turn is not None
    posted = store.post_reply(
        turn,
        document(received, action) | {"handoff": handoff},
        new_owner=owner,
        handoff=handoff,
        silent_reply=document(received, Action.SILENT),
        considered=considered,
    )
    assert posted is not None
    return posted


def waiting_dialog(store: DialogStore, queue: str = "general") -> str:
    """A dialog that waits for a person; returns its id."""
    received = ask(store)
    post(store, received, owner=Owner.WAITING, handoff=handoff_to(queue))
    return received.dialog.dialog_id


@pytest.fixture(scope="session")
def parts(indexed_shop: Path) -> Parts:
    """Everything but the store, over the sample shop; nobody is online and it is always open."""
    return build_parts(Settings(data_dir=indexed_shop, support_hours="", _env_file=None))


@pytest.fixture(scope="session")
def decider(parts: Parts) -> Decider:
    """The real decisions."""
    return parts.decider


@pytest.fixture(scope="session")
def decide(decider: Decider) -> Decide:
    """What is decided on a text: `decide("привет", owner=…, history=…, customer=…)`."""

    def run(text: str, **around: object) -> Outcome:
        return decider.decide(Context(text, **around))  # type: ignore[arg-type]

    return run


def said(outcome: Outcome) -> str:
    """The text of the reply; fails when the bot said nothing."""
    assert outcome.reply is not None
    return outcome.reply.text


def turn_of_customer(text: str) -> Turn:
    """Something the customer wrote before."""
    return Turn(AuthorKind.CUSTOMER, text)


def turn_of_bot(text: str, action: Action, *article_ids: str) -> Turn:
    """Something the bot said before."""
    return Turn(AuthorKind.BOT, text, action, tuple(article_ids))


def answered(question: str, outcome: Outcome) -> list[Turn]:
    """A question and the bot's reply to it, as history."""
    cited = outcome.reply.citations if outcome.reply else ()
    ids = [citation.article_id for citation in cited]
    return [turn_of_customer(question), turn_of_bot(said(outcome), outcome.action, *ids)]


ANNA = Customer(id="c-17", name="Анна", segment="vip", attributes={"last_order": "10432"})


@pytest.fixture
def street(parts: Parts, database_url: str) -> Assistant:
    """The whole walk over the sample shop, with a store of the test's own."""
    return Assistant(
        decider=parts.decider,
        store=DialogStore(Database(database_url)),
        suggester=parts.suggester,
        locale="ru",
    )
