"""Who may come to own a dialog after whom: the one table, read by `assistant.store.moves`, which
holds it in the database (a trigger there refuses whatever is not in it: a change here needs a
migration).

    bot      the bot answers
    waiting  a person is called; the bot goes on where it is sure, the queue keeps its place
    human    an operator has it; the bot is silent
    closed   the matter is over; the customer's next message opens it anew, with a fresh context
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assistant.domain import Owner
from assistant.errors import MoveRefusedError

MOVES: dict[tuple[Owner, Owner], str] = {
    (Owner.BOT, Owner.WAITING): "handoff.requested",
    (Owner.BOT, Owner.HUMAN): "dialog.taken",
    (Owner.WAITING, Owner.HUMAN): "dialog.taken",
    (Owner.HUMAN, Owner.WAITING): "dialog.released",
    (Owner.BOT, Owner.CLOSED): "dialog.resolved",
    (Owner.WAITING, Owner.CLOSED): "dialog.resolved",
    (Owner.HUMAN, Owner.CLOSED): "dialog.resolved",
    (Owner.CLOSED, Owner.BOT): "dialog.reopened",
}
"""Each allowed move and the event that tells of it."""


class ActorKind(StrEnum):
    """Who can move a dialog."""

    CUSTOMER = "customer"
    BOT = "bot"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who moved a dialog."""

    kind: ActorKind
    id: str | None = None
    """Of an operator."""


BOT = Actor(ActorKind.BOT)
CUSTOMER = Actor(ActorKind.CUSTOMER)
SYSTEM = Actor(ActorKind.SYSTEM)


def operator(operator_id: str) -> Actor:
    """The operator of that id."""
    return Actor(ActorKind.OPERATOR, operator_id)


def event_of_move(before: Owner, after: Owner) -> str:
    """The event that tells of a move. Raises MoveRefusedError for one that is not allowed."""
    found = MOVES.get((before, after))
    if found is None:
        raise MoveRefusedError(f"a dialog cannot go from {before.value} to {after.value}")
    return found
