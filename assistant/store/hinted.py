"""Which articles an operator has been shown lately."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from assistant.store.base import StoreBase
from assistant.store.desk_tables import hints

_LATEST = 3
"""So many hints are shown together."""


class Hinted(StoreBase):
    """Reads the hints of a dialog for what they cite."""

    def hinted_articles(self, dialog_id: str) -> list[str]:
        """Ids of the articles that the latest hints of a dialog cite, each once; empty for a dialog
        without any, or one that there is not."""
        query = (
            select(hints.c.citations)
            .where(hints.c.dialog_id == dialog_id)
            .order_by(hints.c.made_at.desc(), hints.c.position)
            .limit(_LATEST)
        )
        with self._database.reading() as connection:
            cited: list[list[dict[str, Any]]] = list(connection.execute(query).scalars())
        return list(dict.fromkeys(one["article_id"] for line in cited for one in line))
