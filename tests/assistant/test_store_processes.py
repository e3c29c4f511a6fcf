"""Telling that a process is gone, with real processes."""

from __future__ import annotations

import os
import subprocess
import sys

from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.processes import is_certainly_gone, new_lease_id
from tests.conftest import clean_environment

MAKES_AN_ID = "from assistant.store.processes import new_lease_id; print(new_lease_id())"


def id_of_an_ended_process() -> str:
    ran = subprocess.run(
        [sys.executable, "-c", MAKES_AN_ID],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def test_process_that_runs_is_not_gone() -> None:
    assert not is_certainly_gone(new_lease_id())


def test_process_that_ended_is_gone() -> None:
    assert is_certainly_gone(id_of_an_ended_process())


def test_number_that_came_again_is_not_taken_for_the_same_process() -> None:
    here, pid, started, rest = new_lease_id().split(".")
    assert pid == str(os.getpid())
    assert is_certainly_gone(f"{here}.{pid}.{int(started) - 1}.{rest}")


def test_nothing_is_certain_of_another_machine() -> None:
    _, pid, started, rest = id_of_an_ended_process().split(".")
    assert not is_certainly_gone(f"elsewhere.{pid}.{started}.{rest}")
    assert not is_certainly_gone("an id of before")


def test_ids_fit_their_column_and_differ() -> None:
    ids = {new_lease_id() for _ in range(100)}
    assert len(ids) == 100
    assert max(map(len, ids)) <= 64


def test_lease_of_a_process_that_ended_is_taken_at_once(database_url: str) -> None:
    store = DialogStore(Database(database_url))
    code = (
        "from assistant.store.database import Database; "
        "from assistant.store.dialogs import DialogStore; "
        f"assert DialogStore(Database({database_url!r})).take_lease('work')"
    )
    subprocess.run([sys.executable, "-c", code], env=clean_environment(), check=True)
    assert store.take_lease("work") is not None
