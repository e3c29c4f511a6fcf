"""Alembic's entry: runs the migrations on the connection that `assistant.store.database` gives."""

from __future__ import annotations

from alembic import context

from assistant.store import desk_tables  # noqa: F401 - more tables of the same metadata
from assistant.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
