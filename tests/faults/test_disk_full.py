"""A full disk: nothing is accepted that cannot be kept, nothing that was accepted is lost."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from io import RawIOBase
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import client_of, is_problem
from tests.conftest import Server


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB; skips where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def send(client: httpx.Client, number: int) -> httpx.Response:
    """A message of some size, so that the disk is full soon."""
    body = {"text": f"Где мой заказ {number}? " + "очень жду " * 300, "dialog_id": "d-a"}
    return client.post("/v1/messages", json={**body, "message_id": f"m-{number}"})


def test_message_that_cannot_be_kept_is_refused_and_can_be_sent_again(
    start_server: Callable[..., Server],
    tmp_path: Path,
    small_disk: Path,
    counted: Callable[..., None],
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    database = small_disk / "dialogs.db"
    server = start_server(
        data,
        SOUFFLEUR_DATABASE_URL=f"sqlite:///{database}",
        SOUFFLEUR_MESSAGES_PER_MINUTE_PER_DIALOG="100000",
    )
    filler = small_disk / "filler"
    with client_of(server) as client:
        accepted = [number for number in range(5) if send(client, number).status_code == 200]
        assert accepted == list(range(5))
        _fill(filler)
        refused = []
        for number in range(5, 200):
            response = send(client, number)
            if response.status_code != 200:
                is_problem(response, 503, "store_unavailable")
                refused.append(number)
            else:
                accepted.append(number)
            if len(refused) == 5:
                break
        assert len(refused) == 5
        assert client.get("/healthz").status_code == 200
        filler.unlink()
        for number in refused:
            assert send(client, number).status_code == 200
        kept = {line["message_id"]: line for line in _messages(client)}
    for number in [*accepted, *refused]:
        assert f"m-{number}" in kept
    answered = [line for line in kept.values() if line["author"]["kind"] == "bot"]
    assert len(answered) == len(accepted) + len(refused)
    server.stop()
    with sqlite3.connect(database) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    counted("messages refused by a full disk and kept when there was room", len(refused))


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        _write_for_ever(file)


def _write_for_ever(file: RawIOBase) -> None:
    while True:
        file.write(b"x" * 4096)


def _messages(client: httpx.Client) -> list[dict]:
    found: list[dict] = client.get("/v1/dialogs/d-a").json()["messages"]
    return found
