"""Every error is a problem document with a stable code and a request id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.errors import StoreError
from assistant.pipeline import Assistant
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.wiring import Parts
from tests.api.conftest import Ask, is_problem, new_id


def test_request_id_of_the_caller_is_used(client: httpx.Client) -> None:
    response = client.get("/healthz", headers={"X-Request-Id": "trace-7.a_B"})
    assert response.headers["X-Request-Id"] == "trace-7.a_B"


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "<script>", "a,b"])
def test_strange_request_id_is_replaced(client: httpx.Client, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert made
    assert made != given


@pytest.mark.parametrize("path", ["/", "/console", "/healthz", "/v1/suggest", "/nowhere", "/docs"])
def test_every_response_carries_a_request_id_of_its_own(client: httpx.Client, path: str) -> None:
    ids = {client.get(path).headers["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/v1/nowhere", "/static/nowhere.js", "/static/../app.py", "/v1/dialogs/x/y"],
)
def test_unknown_path_is_404(client: httpx.Client, path: str) -> None:
    is_problem(client.get(path), 404, "not_found")


def test_unknown_dialog_is_404(client: httpx.Client) -> None:
    problem = is_problem(client.get("/v1/dialogs/d-nowhere"), 404, "not_found")
    assert "d-nowhere" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/messages"), ("PATCH", "/v1/dialogs/x"), ("POST", "/healthz"), ("PATCH", "/")],
)
def test_wrong_method_is_405(client: httpx.Client, method: str, path: str) -> None:
    is_problem(client.request(method, path), 405, "method_not_allowed")


def test_body_of_the_greatest_size_is_read(client: httpx.Client) -> None:
    body = json.dumps({"text": "спасибо", "filler": ""}, ensure_ascii=False).encode()
    filled = body[:-2] + b"x" * (64 * 1024 - len(body)) + b'"}'
    assert len(filled) == 64 * 1024
    response = client.post(
        "/v1/messages", content=filled, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/dialogs/x/operator-messages", "/nowhere"])
def test_larger_body_is_413(client: httpx.Client, path: str) -> None:
    response = client.post(path, content=b"{" + b" " * 64 * 1024)
    assert "65536" in is_problem(response, 413, "body_too_large")["detail"]


@pytest.mark.parametrize("method", ["DELETE", "GET", "PUT", "PATCH"])
@pytest.mark.parametrize("cookie", ["", "souffleur_session=x"])
def test_larger_body_is_413_by_every_method_with_a_cookie_and_without(
    client: httpx.Client, method: str, cookie: str
) -> None:
    body = b'{"a": "' + b"x" * 64 * 1024 + b'"}'
    headers = {"Cookie": cookie, "Content-Type": "application/json"}
    response = client.request(method, "/v1/sessions/current", content=body, headers=headers)
    assert "65536" in is_problem(response, 413, "body_too_large")["detail"]


def test_larger_body_without_a_length_is_413(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(65):
            yield b" " * 1024

    is_problem(client.post("/v1/messages", content=chunks()), 413, "body_too_large")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        (" \n\t", "text_empty"),
        ("\u200b\x00", "text_empty"),
        ("я" * 4001, "text_too_long"),
    ],
)
def test_text_that_cannot_be_worked_on_is_422(client: httpx.Client, text: str, code: str) -> None:
    is_problem(client.post("/v1/messages", json={"text": text}), 422, code)


def test_text_of_4000_characters_is_accepted(ask: Ask) -> None:
    assert ask("я" * 4000)["action"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"text": 5}',
        '{"text": null}',
        '{"text": ["а"]}',
        '{"text": "а", "dialog_id": ""}',
        '{"text": "а", "dialog_id": "a/b"}',
        '{"text": "а", "dialog_id": "' + "d" * 65 + '"}',
        '{"text": "а", "message_id": ""}',
        '{"text": "а", "message_id": "' + "m" * 101 + '"}',
        '{"text": "а", "channel": "Web Chat"}',
        '{"text": "а", "locale": "russian"}',
        '{"text": "а", "customer": "Анна"}',
        '{"text": "а", "customer": {"attributes": []}}',
    ],
)
def test_malformed_body_is_422(client: httpx.Client, body: str) -> None:
    response = client.post(
        "/v1/messages", content=body.encode(), headers={"Content-Type": "application/json"}
    )
    is_problem(response, 422, "invalid_request")


def test_problem_names_the_field(client: httpx.Client) -> None:
    response = client.post("/v1/messages", json={"text": "а", "locale": "russian"})
    assert "locale" in is_problem(response, 422, "invalid_request")["detail"]


def test_problem_in_our_own_words_begins_with_them(client: httpx.Client) -> None:
    response = client.post("/v1/messages", json={"text": "а", "message_id": "\0"})
    detail = is_problem(response, 422, "invalid_request")["detail"]
    assert detail == "body.message_id: holds a NUL character"


class Away(DialogStore):
    """A store that does not answer."""

    def is_ready(self) -> bool:
        raise StoreError("the dialog store did not answer: /run/postgresql/.s.PGSQL.5432 refused")


def test_whoever_asks_whether_it_is_ready_does_not_learn_where_the_store_is(
    settings: Settings,
    built: tuple[Assistant, Parts],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from starlette.testclient import TestClient

    from api.app import create_app

    assistant, parts = built
    assistant.store = Away(Database(f"sqlite:///{tmp_path / 'x.db'}"))
    with TestClient(create_app(settings, (assistant, parts))) as client:
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["problems"] == ["store: the dialog store did not answer"]
    assert "/run/postgresql" in caplog.text


def post_raw(client: httpx.Client, body: str) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return client.post("/v1/messages", content=body.encode(), headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        '{"text": "спасибо \\ud83d"}',
        '{"text": "спасибо", "customer": {"name": "\\ud83d"}}',
        '{"text": "спасибо", "message_id": "\\ud83d"}',
        '{"text": "спасибо", "customer": {"id": "\\ud83d", "attributes": {"a": "\\ud83d"}}}',
        '{"text": "спасибо", "customer": {"attributes": {"a": NaN}}}',
        '{"text": "спасибо", "customer": {"attributes": {"a": Infinity}}}',
        '{"text": "спасибо", "customer": {"attributes": {"a": 1e999}}}',
        '{"text": "спасибо", "customer": {"name": "\\u0000"}}',
    ],
)
def test_values_that_json_cannot_carry_on_never_break_the_dialog(
    client: httpx.Client, body: str
) -> None:
    """Half an emoji and not-a-number: refused in words, or kept so that operators can read it."""
    dialog_id = new_id()
    response = post_raw(client, body[:-1] + f', "dialog_id": "{dialog_id}"}}')
    assert response.status_code in (200, 422), response.text
    listed = client.get("/v1/dialogs", params={"limit": 200})
    assert listed.status_code == 200
    if response.status_code == 200:
        assert client.get(f"/v1/dialogs/{dialog_id}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/suggest?q=a&limit=0",
        "/v1/suggest?q=a&limit=11",
        "/v1/suggest?limit=x",
        "/v1/dialogs?owner=nobody",
        "/v1/dialogs?limit=0",
        "/v1/dialogs?limit=201",
        "/v1/dialogs?cursor=foo",
        "/v1/dialogs?cursor=2026-03-02",
        "/v1/dialogs/d-x?after=-1",
        "/v1/texts/nowhere",
    ],
)
def test_bad_parameter_is_422(client: httpx.Client, path: str) -> None:
    is_problem(client.get(path), 422, "invalid_request")


@pytest.mark.parametrize("after", [2**31, 2**63, 10**30])
def test_number_beyond_all_messages_is_refused_or_finds_none(
    client: httpx.Client, ask: Ask, after: int
) -> None:
    dialog_id = ask()["dialog_id"]
    response = client.get(f"/v1/dialogs/{dialog_id}", params={"after": after})
    if response.status_code != 422:
        assert response.status_code == 200, response.text
        assert response.json()["messages"] == []


def test_unexpected_failure_is_a_problem_with_a_request_id(
    settings: Settings, built: tuple[Assistant, Parts]
) -> None:
    from starlette.testclient import TestClient

    from api.app import create_app

    app = create_app(settings, built)

    def fail() -> None:
        raise RuntimeError("secret detail")

    app.router.routes.insert(0, _route("/fail", fail))
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/fail")
    problem = is_problem(response, 500, "internal_error")
    assert "secret" not in problem["detail"]


def _route(path: str, call: object) -> object:
    from fastapi.routing import APIRoute

    return APIRoute(path, call)  # type: ignore[arg-type]
