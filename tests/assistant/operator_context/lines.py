"""Lines of dialogs for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from assistant.domain import Action, AuthorKind
from assistant.store.dialog_lines import Line

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def customer(text: str, message_id: str = "m", *, answered_with: str | None = None) -> Line:
    """What a customer wrote."""
    return Line(AuthorKind.CUSTOMER, text, message_id, at=NOW, answered_with=answered_with)


def bot(text: str, action: Action, *article_ids: str) -> Line:
    """What the bot said."""
    citations = tuple(
        {"article_id": name, "title": f"Статья {name}", "url": None} for name in article_ids
    )
    return Line(AuthorKind.BOT, text, "b", "Бот", NOW, action, citations)


def operator(text: str, name: str = "Олег") -> Line:
    """What an operator said."""
    return Line(AuthorKind.HUMAN, text, "o", name, NOW)


def unasked(text: str) -> Line:
    """What the bot said without being asked."""
    return Line(AuthorKind.BOT, text, "u", "Бот", NOW, is_unasked=True)
