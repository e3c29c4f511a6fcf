"""Which articles the latest hints of a dialog cite."""

from __future__ import annotations

from sqlalchemy import insert

from assistant.domain import IncomingMessage
from assistant.store.database import Database
from assistant.store.desk_tables import hints
from assistant.store.dialogs import DialogStore


def hint(dialog_id: str, number: int, *articles: str) -> dict[str, object]:
    return {
        "hint_id": f"h-{number}",
        "dialog_id": dialog_id,
        "message_id": "m-1",
        "kind": "article",
        "position": number,
        "text": "Да.",
        "blanks": [],
        "source": {},
        "snapshot": "s-1",
        "citations": [{"article_id": one} for one in articles],
        "made_at": f"2026-11-28T10:00:0{number}.000000Z",
    }


def test_articles_of_the_latest_hints_come_first_and_once(
    store: DialogStore, database_url: str
) -> None:
    dialog_id = store.receive(IncomingMessage(text="а"), "а", "ru").dialog.dialog_id
    assert store.hinted_articles(dialog_id) == []
    rows = [hint(dialog_id, at, f"a-{at}", "a-all") for at in range(1, 5)]
    with Database(database_url).writing() as connection:
        connection.execute(insert(hints), rows)
    assert store.hinted_articles(dialog_id) == ["a-4", "a-all", "a-3", "a-2"]
    assert store.hinted_articles("no-such-dialog") == []
