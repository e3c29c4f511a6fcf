"""Everything that belongs to dialogs, table by table: for deleting it and for giving it out.

A new table that holds anything of a dialog has to be named here; a test looks at all tables that
have a column `dialog_id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, delete, select

from assistant.store.database import hold_events
from assistant.store.desk_tables import hints, notes, past_answers, typing
from assistant.store.tables import (
    audit,
    deliveries,
    dialogs,
    events,
    first_messages,
    leases,
    messages,
    model_calls,
    ratings,
    ticket_changes,
    tickets,
    verdicts,
)
from assistant.store.turns import lease_name

OF_DIALOGS: tuple[Table, ...] = (
    messages,
    events,
    ratings,
    verdicts,
    tickets,
    model_calls,
    deliveries,
    audit,
    first_messages,
    hints,
    notes,
    typing,
    past_answers,
)
"""Tables with rows of a dialog, by its id."""
_AT_ONCE = 500
"""Ids in one statement; SQLite takes some thousand."""


def erase(connection: Connection, dialog_ids: Sequence[str]) -> None:
    """Delete dialogs, which the caller has locked, with everything of theirs. Whoever works on one
    of them finds his lease gone."""
    some_at_a_time = [dialog_ids[at : at + _AT_ONCE] for at in range(0, len(dialog_ids), _AT_ONCE)]
    for some in some_at_a_time:
        names = [lease_name(dialog_id) for dialog_id in some]
        connection.execute(delete(leases).where(leases.c.name.in_(names)))
    # What is read for the outbox meanwhile would be written there after it is deleted here.
    hold_events(connection)
    for some in some_at_a_time:
        connection.execute(delete(ticket_changes).where(_changes_of(some)))
        for table in OF_DIALOGS:
            connection.execute(delete(table).where(table.c.dialog_id.in_(some)))
        # What their operators answered stands in hints for others.
        origin = hints.c.source["dialog_id"].as_string()
        connection.execute(delete(hints).where(origin.in_(some)))
        connection.execute(delete(dialogs).where(dialogs.c.dialog_id.in_(some)))


def all_of(connection: Connection, dialog_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Every row of dialogs, by table."""
    found: dict[str, list[dict[str, Any]]] = {
        table.name: [] for table in (dialogs, *OF_DIALOGS, ticket_changes)
    }
    for at in range(0, len(dialog_ids), _AT_ONCE):
        some = dialog_ids[at : at + _AT_ONCE]
        for table in (dialogs, *OF_DIALOGS):
            rows = _rows(connection, table, table.c.dialog_id.in_(some))
            found[table.name] += map(_without_origin, rows) if table is hints else rows
        rows = _rows(connection, ticket_changes, _changes_of(some))
        found[ticket_changes.name] += rows
    return found


def _without_origin(row: dict[str, Any]) -> dict[str, Any]:
    """A hint without the dialog, another customer's, that its words are from."""
    source = {name: value for name, value in row["source"].items() if name != "dialog_id"}
    return row | {"source": source}


def _changes_of(dialog_ids: Sequence[str]) -> ColumnElement[bool]:
    theirs = select(tickets.c.ticket_id).where(tickets.c.dialog_id.in_(dialog_ids))
    return ticket_changes.c.ticket_id.in_(theirs)


def _rows(connection: Connection, table: Table, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    # Vectors are made of the text beside them and say nothing more to a person.
    readable = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
    query = select(*readable).where(which).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(query).mappings()]
