"""Several servers on one PostgreSQL are one service, and any of them may die."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx
import pytest

from tests.api.conftest import QUESTION, client_of
from tests.conftest import Server
from tests.support.postgresql import PostgreSQL

Start = Callable[..., Server]


@pytest.fixture
def replicas(
    start_server: Start, indexed_shop: Path, tmp_path: Path, postgresql: PostgreSQL
) -> list[Server]:
    """Two servers, one of them with two workers, each with a data folder of its own."""
    url = postgresql.new_database()
    started = []
    for at, options in enumerate([(), ("--workers", "2")]):
        folder = tmp_path / f"replica-{at}"
        shutil.copytree(indexed_shop, folder)
        started.append(start_server(folder, *options, SOUFFLEUR_DATABASE_URL=url))
    return started


def ask(server: Server, **fields: object) -> dict:
    with client_of(server) as client:
        response = client.post("/v1/messages", json={"text": QUESTION, **fields})
        assert response.status_code == 200, response.text
        document: dict = response.json()
        document.pop("dialog_token", None)
        return document


def authors(server: Server, dialog_id: str) -> list[str]:
    with client_of(server) as client:
        found = client.get(f"/v1/dialogs/{dialog_id}").json()["messages"]
    return [line["author"]["kind"] for line in found]


def test_message_sent_to_both_is_answered_once(replicas: list[Server]) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(
            pool.map(lambda at: ask(replicas[at % 2], dialog_id="d-a", message_id="m-1"), range(8))
        )
    assert all(reply == replies[0] for reply in replies)
    assert authors(replicas[1], "d-a") == ["customer", "bot"]


def test_dialog_goes_on_at_the_other(replicas: list[Server]) -> None:
    here, there = replicas
    ask(here, dialog_id="d-a")
    with client_of(there) as client:
        client.post("/v1/dialogs/d-a/take", json={"operator_id": "op-1"})
    assert ask(here, dialog_id="d-a")["action"] == "silent"
    with client_of(here) as client:
        taken = client.post("/v1/dialogs/d-a/take", json={"operator_id": "op-2"})
    assert taken.status_code == 409


def test_token_of_one_opens_the_dialog_at_the_other(replicas: list[Server]) -> None:
    here, there = replicas
    with client_of(here) as client:
        opened = client.post("/v1/messages", json={"text": QUESTION}).json()
    with client_of(there, token=opened["dialog_token"]) as client:
        assert client.get(f"/v1/dialogs/{opened['dialog_id']}").status_code == 200


def test_message_of_a_replica_that_was_killed_is_answered_by_the_other(
    start_server: Start, indexed_shop: Path, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_database()
    # The first waits so long for the rest of a burst that it dies before it begins.
    dies = start_server(
        shutil.copytree(indexed_shop, tmp_path / "a"),
        SOUFFLEUR_DATABASE_URL=url,
        SOUFFLEUR_BURST_SECONDS="30",
    )
    lives = start_server(shutil.copytree(indexed_shop, tmp_path / "b"), SOUFFLEUR_DATABASE_URL=url)
    body = {"text": QUESTION, "dialog_id": "d-a", "message_id": "m-1"}
    with ThreadPoolExecutor(1) as pool, client_of(dies) as client:
        sending = pool.submit(client.post, "/v1/messages", json=body)
        pause = Event()
        while not _is_kept(lives):
            pause.wait(0.05)
        os.kill(dies.process.pid, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            sending.result()
    assert ask(lives, dialog_id="d-a", message_id="m-1")["action"] == "answer"
    assert authors(lives, "d-a") == ["customer", "bot"]


def _is_kept(server: Server) -> bool:
    with client_of(server) as client:
        return client.get("/v1/dialogs/d-a").status_code == 200
