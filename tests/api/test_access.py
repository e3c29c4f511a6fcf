"""Keys with roles, and a secret token a dialog."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.conftest import KEYS, QUESTION, client_of, is_problem, new_id
from tests.conftest import Server

FOR_CUSTOMERS = [("POST", "/v1/messages"), ("GET", "/v1/suggest?q=a")]
FOR_OPERATORS = [
    ("GET", "/v1/dialogs"),
    ("POST", "/v1/dialogs/{id}/take"),
    ("POST", "/v1/dialogs/{id}/release"),
    ("POST", "/v1/dialogs/{id}/resolve"),
    ("POST", "/v1/dialogs/{id}/reopen"),
    ("POST", "/v1/dialogs/{id}/operator-messages"),
    ("PUT", "/v1/operators/op-1/presence"),
]
OF_A_DIALOG = [("GET", "/v1/dialogs/{id}"), ("POST", "/v1/dialogs/{id}/handoff")]
BODY = {"text": "спасибо", "operator_id": "op-1", "operator_name": "Ольга", "name": "Ольга"}


def call(
    server: Server, method: str, path: str, key: str | None = None, token: str | None = None
) -> httpx.Response:
    with client_of(server, key, token) as client:
        body = BODY if method in ("POST", "PUT") else None
        return client.request(method, path, json=body)


@pytest.fixture
def opened(guarded_server: Server) -> dict[str, Any]:
    """The first reply of a customer's dialog, with its token."""
    with client_of(guarded_server, KEYS["widget"]) as widget:
        response = widget.post("/v1/messages", json={"text": QUESTION, "dialog_id": new_id()})
    assert response.status_code == 200
    reply: dict[str, Any] = response.json()
    return reply


@pytest.mark.parametrize(("method", "path"), FOR_CUSTOMERS + FOR_OPERATORS + OF_A_DIALOG)
def test_call_without_a_key_is_401(
    guarded_server: Server, opened: dict[str, Any], method: str, path: str
) -> None:
    response = call(guarded_server, method, path.format(id=opened["dialog_id"]))
    is_problem(response, 401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer wrong-key",
        "Bearer",
        "Basic d2lkZ2V0",
        "widget-key-1",
        "Bearer widget-key-",
    ],
)
def test_unknown_key_is_401(guarded_server: Server, header: str) -> None:
    with client_of(guarded_server) as client:
        response = client.get("/v1/suggest?q=a", headers={"Authorization": header})
    is_problem(response, 401, "unauthorized")


def test_token_of_a_dialog_is_no_key(guarded_server: Server, opened: dict[str, Any]) -> None:
    path = f"/v1/dialogs/{opened['dialog_id']}"
    is_problem(call(guarded_server, "GET", path, None, opened["dialog_token"]), 401, "unauthorized")


@pytest.mark.parametrize(("method", "path"), FOR_OPERATORS)
def test_widget_key_may_not_act_as_an_operator(
    guarded_server: Server, opened: dict[str, Any], method: str, path: str
) -> None:
    place = path.format(id=opened["dialog_id"])
    response = call(guarded_server, method, place, KEYS["widget"], opened["dialog_token"])
    is_problem(response, 403, "forbidden")


@pytest.mark.parametrize("role", list(KEYS))
@pytest.mark.parametrize(("method", "path"), FOR_CUSTOMERS)
def test_every_role_may_do_what_customers_do(
    guarded_server: Server, role: str, method: str, path: str
) -> None:
    assert call(guarded_server, method, path, KEYS[role]).status_code == 200


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_operators_and_admins_read_any_dialog_without_its_token(
    guarded_server: Server, opened: dict[str, Any], role: str
) -> None:
    path = f"/v1/dialogs/{opened['dialog_id']}"
    assert call(guarded_server, "GET", path, KEYS[role]).status_code == 200
    assert call(guarded_server, "GET", "/v1/dialogs", KEYS[role]).status_code == 200


@pytest.mark.parametrize(("method", "path"), OF_A_DIALOG)
def test_widget_key_opens_a_dialog_with_its_own_token(
    guarded_server: Server, opened: dict[str, Any], method: str, path: str
) -> None:
    place = path.format(id=opened["dialog_id"])
    response = call(guarded_server, method, place, KEYS["widget"], opened["dialog_token"])
    assert response.status_code == 200


@pytest.mark.parametrize(("method", "path"), OF_A_DIALOG)
@pytest.mark.parametrize("token", [None, "wrong", "0" * 64])
def test_dialog_id_alone_opens_nothing(
    guarded_server: Server, opened: dict[str, Any], method: str, path: str, token: str | None
) -> None:
    place = path.format(id=opened["dialog_id"])
    response = call(guarded_server, method, place, KEYS["widget"], token)
    is_problem(response, 403, "forbidden")


def test_token_of_one_dialog_does_not_open_another(
    guarded_server: Server, opened: dict[str, Any]
) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        other = widget.post("/v1/messages", json={"text": QUESTION}).json()
    path = f"/v1/dialogs/{opened['dialog_id']}"
    response = call(guarded_server, "GET", path, KEYS["widget"], other["dialog_token"])
    is_problem(response, 403, "forbidden")


def test_widget_key_does_not_learn_which_dialogs_exist(
    guarded_server: Server, opened: dict[str, Any]
) -> None:
    known = call(guarded_server, "GET", f"/v1/dialogs/{opened['dialog_id']}", KEYS["widget"])
    unknown = call(guarded_server, "GET", "/v1/dialogs/d-nowhere", KEYS["widget"])
    assert known.status_code == unknown.status_code == 403
    assert known.json() == unknown.json()


def test_nobody_writes_into_a_dialog_without_its_token(
    guarded_server: Server, opened: dict[str, Any]
) -> None:
    body = {"text": "позовите оператора", "dialog_id": opened["dialog_id"]}
    with client_of(guarded_server, KEYS["widget"]) as widget:
        is_problem(widget.post("/v1/messages", json=body), 403, "forbidden")
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as widget:
        assert widget.post("/v1/messages", json=body).json()["action"] == "handoff"


def test_customer_does_not_see_what_is_written_for_operators(
    guarded_server: Server, opened: dict[str, Any]
) -> None:
    path, token = f"/v1/dialogs/{opened['dialog_id']}", opened["dialog_token"]
    call(guarded_server, "POST", f"{path}/handoff", KEYS["widget"], token)
    customers = call(guarded_server, "GET", path, KEYS["widget"], token).json()["handoff"]
    operators = call(guarded_server, "GET", path, KEYS["operator"]).json()["handoff"]
    assert {"summary", "passages", "rule"} <= set(operators)
    assert not {"summary", "passages", "rule"} & set(customers)
    assert customers["reason"] == "customer_request"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/console",
        "/healthz",
        "/readyz",
        "/v1/texts/widget",
        "/static/widget/souffleur-chat.js",
    ],
)
def test_pages_and_health_need_no_key(guarded_server: Server, path: str) -> None:
    assert call(guarded_server, "GET", path).status_code == 200


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com", ""])
def test_service_without_keys_refuses_to_listen_beyond_this_machine(
    run_command: Run, host: str
) -> None:
    done = run_command("serve", "--host", host, "--port", "0")
    assert done.returncode == 1
    assert "SOUFFLEUR_API_KEYS" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_service_without_keys_says_so(start_server: Callable[..., Server], shop) -> None:
    server = start_server(shop)
    server.process.terminate()
    server.process.wait(20)
    assert "every caller may do everything" in server.said()


def test_service_with_keys_may_listen_everywhere(start_server: Callable[..., Server], shop) -> None:
    server = start_server(shop, "--host", "0.0.0.0", SOUFFLEUR_API_KEYS="widget:widget-key-1")
    assert call(server, "GET", "/v1/suggest?q=a", "widget-key-1").status_code == 200
