"""Servers that several tests ask: one open to this machine, one with keys."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Server

KEYS = {"widget": "widget-key-1", "operator": "operator-key-1", "admin": "admin-key-1"}
API_KEYS = ",".join(f"{role}:{key}" for role, key in KEYS.items())
QUESTION = "Как удалить аккаунт?"

_numbers = count(1)


def new_id(kind: str = "d") -> str:
    """An id that no other test uses."""
    return f"{kind}-test-{next(_numbers)}"


def _running(data_dir: Path, folder: Path, **environment: str) -> Iterator[Server]:
    shutil.copytree(data_dir, folder)
    server = Server(folder, environment)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def open_server(indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without keys."""
    yield from _running(indexed_shop, tmp_path_factory.mktemp("open") / "data")


@pytest.fixture(scope="session")
def guarded_server(
    indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with a key of each role."""
    folder = tmp_path_factory.mktemp("guarded") / "data"
    yield from _running(indexed_shop, folder, SOUFFLEUR_API_KEYS=API_KEYS)


def client_of(server: Server, key: str | None = None, token: str | None = None) -> httpx.Client:
    """A client of a server, with a key and a dialog's token where given."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if token:
        headers["X-Dialog-Token"] = token
    return httpx.Client(base_url=server.url, headers=headers, timeout=30, trust_env=False)


@pytest.fixture
def client(open_server: Server) -> Iterator[httpx.Client]:
    """Everybody at the server without keys."""
    with client_of(open_server) as everybody:
        yield everybody


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(client: httpx.Client) -> Ask:
    """Sends a message and returns the reply object: `ask("текст", dialog_id=…)`."""

    def send(text: str = QUESTION, **fields: object) -> dict[str, Any]:
        response = client.post("/v1/messages", json={"text": text, **fields})
        assert response.status_code == 200, response.text
        reply: dict[str, Any] = response.json()
        return reply

    return send


def is_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check an error to be a problem document with that status and code; returns it."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].split(";")[0] == "application/problem+json"
    assert response.headers["X-Request-Id"]
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"]
    return problem


@pytest.fixture
def nobody_online(client: httpx.Client) -> None:
    """Whoever another test left at work goes home."""
    for operator in client.get("/v1/operators").json()["operators"]:
        away = {"name": operator["name"], "online": False}
        path = f"/v1/operators/{operator['operator_id']}/presence"
        client.put(path, json=away).raise_for_status()
