"""Replies of language models by what was asked, so that every replica asks once.

A reply holds placeholders where a customer's data were. It goes after REMEMBERED_DAYS; when
articles or the prompt change nobody asks for it any more.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from assistant.store.base import StoreBase
from assistant.store.rows import upsert
from assistant.store.tables import model_replies

REMEMBERED_DAYS = 30
_SECONDS_A_DAY = 86_400


class ModelReplies(StoreBase):
    """A memory (`language_models.remembering.Memory`) in the store."""

    def recall(self, key: str) -> str | None:
        """The reply kept under a key of at most 64 characters."""
        recent = model_replies.c.created_at > self._stamp(-REMEMBERED_DAYS * _SECONDS_A_DAY)
        query = select(model_replies.c.reply).where(model_replies.c.key == key, recent)
        with self._database.reading() as connection:
            found: str | None = connection.execute(query).scalar()
            return found

    def remember(self, key: str, reply: str) -> None:
        """Keep a reply instead of what was kept under the key; what is too old goes."""
        old = model_replies.c.created_at <= self._stamp(-REMEMBERED_DAYS * _SECONDS_A_DAY)
        with self._database.writing() as connection:
            connection.execute(delete(model_replies).where(old))
            values = {"reply": reply, "created_at": self._stamp()}
            upsert(connection, model_replies, {"key": key}, values)
