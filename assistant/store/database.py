"""Connections: SQLite in WAL mode for one machine, PostgreSQL for several.

Writers on SQLite begin with BEGIN IMMEDIATE: two of them wait for each other at the start and not
in the middle, where SQLite would refuse the second. `synchronous=FULL` makes a commit survive a
power cut, which is what "accepted" promises, and `secure_delete` makes what is deleted unreadable
in the file. On PostgreSQL a writer locks the row of the dialog it writes to (`store.rows`) and,
from its first event on, the book of events (`hold_events`).
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from assistant.errors import BadInputError, SouffleurError, StoreError

log = logging.getLogger(__name__)

_BUSY_MILLISECONDS = 10_000
_LOCK_MILLISECONDS = 10_000
_AGAIN_SECONDS = 0.02
_IDLE_MILLISECONDS = 30_000
"""After so long in the middle of a transaction PostgreSQL takes a process for hung and frees what
it holds."""
_MIGRATING, _EVENTS = 7_310_001, 7_310_002
"""Names of PostgreSQL's advisory locks; any numbers that nobody else takes in this database."""


class Database:
    """One database, with its migrations applied."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            Path(make_url(url).database or ".").parent.mkdir(parents=True, exist_ok=True)
        try:
            self._engine = _engine(url, is_sqlite=self.is_sqlite)
            _migrate(self._engine)
        except (SQLAlchemyError, CommandError, ImportError, OSError) as error:
            raise StoreError(f"the dialog store cannot be opened: {error}") from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _told(error) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back when anything is raised."""
        try:
            with _writer(self._engine) as connection, connection.begin():
                yield connection
        except IntegrityError:  # the caller knows which of its rules was hit
            raise
        except SQLAlchemyError as error:
            raise _told(error) from error

    def forget_deleted(self) -> bool:
        """Make what was deleted unreadable in the files; whether that could be done now.

        SQLite overwrites it in the file (`secure_delete`) but its log still holds the pages as they
        were: here it is written back and emptied, for which nobody may be reading an older state.
        PostgreSQL frees the space in its own time (autovacuum); it shows nobody what was deleted.
        """
        if not self.is_sqlite:
            return True
        with self.reading() as connection:
            connection.rollback()  # a transaction of our own would be in the way
            raw = connection.connection.cursor()
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            raw.close()
        if busy:
            log.warning("the log of the database is in use; what was deleted leaves it later")
        return not busy

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def hold_events(connection: Connection) -> None:
    """Until this transaction ends nobody else writes events, so that their numbers become visible
    in order and whoever has read up to one has missed none below it. Whoever holds it must not wait
    for another dialog's row. On SQLite the writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _EVENTS})


def _told(error: SQLAlchemyError) -> SouffleurError:
    """The error of ours: a value that no database of this kind keeps is not its fault."""
    if isinstance(error, DataError):
        return BadInputError("a value holds a character that cannot be kept")
    return StoreError(f"the dialog store did not answer: {_short(error)}")


def _short(error: SQLAlchemyError) -> str:
    # The full text repeats the statement with its parameters: a customer's words in a log.
    return str(getattr(error, "orig", None) or type(error).__name__)


def _engine(url: str, *, is_sqlite: bool) -> Engine:
    if is_sqlite:
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # A connection that a restart of the database broke is noticed before it is used.
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set lock_timeout = {_LOCK_MILLISECONDS}")
        cursor.execute(f"set idle_in_transaction_session_timeout = {_IDLE_MILLISECONDS}")
    connection.commit()


def _prepare_sqlite(connection: object, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined] # we begin transactions
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    _keep_a_log(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _keep_a_log(cursor: sqlite3.Cursor) -> None:
    """Put a file into WAL mode, which it keeps for good.

    While somebody writes to a file that is not in that mode yet, as another process does that
    opens it for the first time too, SQLite refuses this at once, whatever the busy timeout.
    """
    until = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # The lower byte: why it is busy stands above it.
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > until:
                raise
            time.sleep(_AGAIN_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")


def _writer(engine: Engine) -> Connection:
    return engine.connect().execution_options(souffleur_writes=True)


def is_writing(connection: Connection) -> bool:
    """Whether a connection is in a transaction of `Database.writing`."""
    return bool(connection.get_execution_options().get("souffleur_writes"))


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", "assistant.store:migrations")
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:  # mostly there is nothing to do, nor to wait for
        found = MigrationContext.configure(connection).get_current_heads()
    if set(found) == set(ScriptDirectory.from_config(config).get_heads()):
        return
    with _writer(engine) as connection, connection.begin():
        if connection.dialect.name == "postgresql":  # several replicas may start at once
            connection.execute(text("set local lock_timeout = 0"))
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
