"""Closing offers: what the bot said before decides whether it may ask "anything else?" again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from assistant.care import offers_to_go_on, without_second_offer
from assistant.domain import AuthorKind
from assistant.store.base import StoreBase
from assistant.store.tables import messages


class Offers(StoreBase):
    """What every text of the bot passes before it is written down, whoever wrote it."""

    @staticmethod
    def _without_second_offer(
        connection: Connection, dialog_id: str, reply: dict[str, Any]
    ) -> dict[str, Any]:
        """The reply object without a closing offer that would be the dialog's second."""
        said = reply["reply"]
        if not offers_to_go_on(said["text"]):
            return reply
        earlier = select(messages.c.text).where(
            messages.c.dialog_id == dialog_id, messages.c.author_kind == AuthorKind.BOT
        )
        text = without_second_offer(
            said["text"],
            offered_before=any(map(offers_to_go_on, connection.execute(earlier).scalars())),
            quotes=[citation["quote"] for citation in said["citations"]],
        )
        return reply | {"reply": said | {"text": text}}
