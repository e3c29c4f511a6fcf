"""The bot's reply as a simulated customer and the measures see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.domain import Action, AuthorKind, Owner


@dataclass(frozen=True)
class Reply:
    """What came back on one message. `text` is None when the bot stayed silent."""

    action: Action
    owner: Owner
    text: str | None
    confidence: float | None = None
    citations: tuple[tuple[str, str], ...] = ()
    """Article and quote, in order."""
    reason: str | None = None
    """Why a person was called; None where none was."""
    intent: str | None = None
    signals: tuple[str, ...] = ()
    is_disclosed: bool = False
    """Whether it says that a bot is speaking."""

    @property
    def cited(self) -> frozenset[str]:
        """The articles cited."""
        return frozenset(article_id for article_id, _ in self.citations)


def read_reply(document: Mapping[str, Any]) -> Reply:
    """The reply object of the contract's section 3, without what differs from run to run."""
    said = document["reply"]
    handoff = document["handoff"]
    author = said["author"] if said else {}
    return Reply(
        action=Action(document["action"]),
        owner=Owner(document["owner"]),
        text=said["text"] if said else None,
        confidence=document["confidence"],
        citations=tuple((c["article_id"], c["quote"]) for c in said["citations"]) if said else (),
        reason=handoff["reason"] if handoff else None,
        intent=document["intent"]["label"],
        signals=tuple(document["trace"]["signals"]),
        is_disclosed=author.get("kind") == AuthorKind.BOT
        and bool(str(author.get("disclosure", "")).strip()),
    )
