"""Rates per key and per dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import API_KEYS, KEYS, client_of, is_problem
from tests.conftest import Server
from tests.support.postgresql import PostgreSQL

LIMITS = {
    "SOUFFLEUR_API_KEYS": API_KEYS,
    "SOUFFLEUR_MESSAGES_PER_MINUTE_PER_DIALOG": "3",
    "SOUFFLEUR_REQUESTS_PER_MINUTE_PER_KEY": "12",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder without knowledge."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@pytest.fixture(params=["one process", "two workers", "postgresql"])
def strict(
    request: pytest.FixtureRequest, start_server: Callable[..., Server], folder: Path
) -> Server:
    """A server that allows three messages a dialog and twelve requests a key."""
    if request.param == "one process":
        return start_server(folder, **LIMITS)
    if request.param == "two workers":
        return start_server(folder, "--workers", "2", **LIMITS)
    url = request.getfixturevalue("postgresql").new_database()
    return start_server(folder, SOUFFLEUR_DATABASE_URL=url, **LIMITS)


def test_replicas_count_together(
    start_server: Callable[..., Server], folder: Path, postgresql: PostgreSQL
) -> None:
    shared = LIMITS | {"SOUFFLEUR_DATABASE_URL": postgresql.new_database()}
    replicas = [start_server(folder, **shared) for _ in range(2)]
    for at in range(12):
        with client_of(replicas[at % 2], KEYS["widget"]) as client:
            assert client.get("/v1/suggest?q=a").status_code == 200
    for replica in replicas:
        with client_of(replica, KEYS["widget"]) as client:
            is_told_to_wait(client.get("/v1/suggest?q=a"))


def is_told_to_wait(response: httpx.Response) -> None:
    is_problem(response, 429, "too_many")
    assert 1 <= int(response.headers["Retry-After"]) <= 60


def test_messages_past_the_rate_of_a_dialog_are_429(strict: Server) -> None:
    with client_of(strict, KEYS["admin"]) as client:
        body = {"text": "спасибо", "dialog_id": "d-fast"}
        answered = [client.post("/v1/messages", json=body).status_code for _ in range(3)]
        assert answered == [200, 200, 200]
        is_told_to_wait(client.post("/v1/messages", json=body))
        is_told_to_wait(client.post("/v1/dialogs/d-fast/handoff"))
        other = client.post("/v1/messages", json={**body, "dialog_id": "d-calm"})
        assert other.status_code == 200
        assert len(client.get("/v1/dialogs/d-fast").json()["messages"]) == 6


def test_requests_past_the_rate_of_a_key_are_429_and_other_keys_go_on(strict: Server) -> None:
    with client_of(strict, KEYS["widget"]) as client:
        for _ in range(12):
            assert client.get("/v1/suggest?q=a").status_code == 200
        is_told_to_wait(client.get("/v1/suggest?q=a"))
        assert client.get("/healthz").status_code == 200
    with client_of(strict, KEYS["operator"]) as client:
        assert client.get("/v1/suggest?q=a").status_code == 200
