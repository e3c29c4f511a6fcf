"""Forged requests: what a page of another site can make a browser send changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import KEYS, Ask, client_of, is_problem
from tests.api.test_sessions import sign_in
from tests.conftest import Server

EVIL = "http://evil.example"
TAKE = '{"operator_id": "op-evil", "operator_name": "E"}'
FOREIGN = [
    {"Origin": EVIL},
    {"Origin": "null"},  # a sandboxed frame, a file
    {"Origin": "http://127.0.0.1:1"},  # another port of this machine
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": EVIL},
]
SIMPLE = [
    "text/plain",
    "text/plain; a=application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
]
"""Kinds of body that a page may send anywhere without asking."""


@pytest.fixture
def waiting(ask: Ask) -> str:
    """Id of a dialog that waits for a person."""
    return str(ask("позовите оператора")["dialog_id"])


def owner(client: httpx.Client, dialog_id: str) -> str:
    return str(client.get(f"/v1/dialogs/{dialog_id}").json()["owner"])


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize(
    ("method", "action"),
    [("POST", "/take"), ("POST", "/resolve"), ("POST", "/handoff"), ("DELETE", "")],
)
def test_page_of_another_site_changes_nothing_where_no_key_is_set(
    client: httpx.Client, waiting: str, headers: dict[str, str], method: str, action: str
) -> None:
    path = f"/v1/dialogs/{waiting}{action}"
    body = {"content": TAKE} if method == "POST" else {}
    sent = client.request(
        method, path, headers=headers | {"Content-Type": "application/json"}, **body
    )
    is_problem(sent, 403, "cross_site")
    assert owner(client, waiting) == "waiting"


@pytest.mark.parametrize("kind", SIMPLE)
def test_body_that_a_form_can_send_is_refused_whoever_sends_it(
    client: httpx.Client, waiting: str, kind: str
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    sent = client.post(f"/v1/dialogs/{waiting}/take", content=TAKE, headers=headers)
    is_problem(sent, 415, "not_json")
    assert owner(client, waiting) == "waiting"


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
def test_json_is_taken(client: httpx.Client, waiting: str, kind: str) -> None:
    headers = {"Content-Type": kind}
    assert client.post(f"/v1/dialogs/{waiting}/take", content=TAKE, headers=headers).is_success
    assert owner(client, waiting) == "human"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.example"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
    ids=str,
)
def test_our_own_pages_and_programs_are_let_through(
    client: httpx.Client, waiting: str, headers: dict[str, str]
) -> None:
    sent = client.post(f"/v1/dialogs/{waiting}/handoff", headers=headers)
    assert sent.status_code == 200


def test_older_browser_that_tells_its_origin_only_is_let_through(
    client: httpx.Client, waiting: str
) -> None:
    headers = {"Origin": str(client.base_url).rstrip("/")}
    assert client.post(f"/v1/dialogs/{waiting}/handoff", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["take", "resolve", "release", "reopen", "notes", "typing"])
def test_looking_at_an_address_changes_nothing(
    client: httpx.Client, waiting: str, path: str
) -> None:
    for method in ("GET", "HEAD"):
        sent = client.request(method, f"/v1/dialogs/{waiting}/{path}", params={"operator_id": "a"})
        assert sent.status_code in (404, 405)
    assert owner(client, waiting) == "waiting"


@pytest.fixture
def signed_in(guarded_server: Server) -> Iterator[tuple[httpx.Client, dict[str, Any]]]:
    """An operator's browser, and his session."""
    with client_of(guarded_server) as client:
        yield client, sign_in(client, "Ольга", KEYS["operator"])


def test_change_by_cookie_needs_the_sessions_own_token(
    signed_in: tuple[httpx.Client, dict[str, Any]], guarded_server: Server
) -> None:
    client, session = signed_in
    right = client.headers.pop("X-CSRF-Token")
    path, body = f"/v1/operators/{session['operator_id']}/presence", {"name": "Ольга"}
    with client_of(guarded_server) as other:
        anothers = sign_in(other, "Ольга", KEYS["operator"])["csrf_token"]
    for token in (None, "", "wrong", right[:-1], right + "0", anothers):
        headers = {} if token is None else {"X-CSRF-Token": token}
        is_problem(client.put(path, json=body, headers=headers), 403, "csrf")
        is_problem(client.delete("/v1/sessions/current", headers=headers), 403, "csrf")
    assert client.put(path, json=body, headers={"X-CSRF-Token": right}).status_code == 200


def test_token_is_worth_nothing_without_the_cookie(
    signed_in: tuple[httpx.Client, dict[str, Any]],
) -> None:
    client, session = signed_in
    client.cookies.clear()
    path = f"/v1/operators/{session['operator_id']}/presence"
    is_problem(client.put(path, json={"name": "Ольга"}), 401, "unauthorized")


def test_customers_routes_by_cookie_need_it_too(
    signed_in: tuple[httpx.Client, dict[str, Any]],
) -> None:
    client, _ = signed_in
    del client.headers["X-CSRF-Token"]
    is_problem(client.post("/v1/messages", json={"text": "спасибо"}), 403, "csrf")
    assert client.get("/v1/dialogs").status_code == 200


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_page_of_another_site_signs_nobody_in(
    guarded_server: Server, headers: dict[str, str]
) -> None:
    body = {"name": "E", "key": KEYS["operator"]}
    with client_of(guarded_server) as client:
        sent = client.post("/v1/sessions", json=body, headers=headers)
    is_problem(sent, 403, "cross_site")
    assert "Set-Cookie" not in sent.headers


def test_key_in_a_header_may_come_from_anywhere(guarded_server: Server) -> None:
    with client_of(guarded_server, KEYS["widget"]) as client:
        sent = client.post("/v1/messages", json={"text": "спасибо"}, headers={"Origin": EVIL})
    assert sent.status_code == 200
    assert "Access-Control-Allow-Origin" not in sent.headers


def test_answers_are_kept_nowhere_and_shown_in_no_foreign_page(client: httpx.Client) -> None:
    headers = client.get("/v1/dialogs", headers={"Origin": EVIL}).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Access-Control-Allow-Credentials" not in headers
