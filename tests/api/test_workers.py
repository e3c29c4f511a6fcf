"""`souffleur serve --workers 2`: two processes, one store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.api.conftest import QUESTION, client_of
from tests.conftest import Server


@pytest.fixture
def two_workers(start_server: Callable[..., Server], shop: Path) -> Server:
    return start_server(shop, "--workers", "2")


def ask_anew(server: Server, body: dict) -> dict:
    """Ask over a connection of its own, so that either worker may get it."""
    with client_of(server) as client:
        response = client.post("/v1/messages", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_two_workers_serve_as_one(two_workers: Server) -> None:
    body = {"text": QUESTION, "dialog_id": "d-shared", "message_id": "m-1"}
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: ask_anew(two_workers, body), range(24)))
    assert len({reply["trace"]["id"] for reply in replies}) == 1
    with client_of(two_workers) as client:
        messages = client.get("/v1/dialogs/d-shared").json()["messages"]
    assert [message["author"]["kind"] for message in messages] == ["customer", "bot"]


def test_token_of_one_worker_is_good_at_the_other(two_workers: Server) -> None:
    tokens = {
        ask_anew(two_workers, {"text": "спасибо", "message_id": "m-same"})["dialog_token"]
        for _ in range(12)
    }
    assert len(tokens) == 1


def test_workers_end_with_the_server(two_workers: Server) -> None:
    workers = psutil.Process(two_workers.process.pid).children(recursive=True)
    assert len(workers) >= 2
    two_workers.stop()
    _, left = psutil.wait_procs(workers, timeout=20)
    assert left == []
