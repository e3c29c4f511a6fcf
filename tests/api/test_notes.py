"""Notes of operators: for operators only, and gone with the customer."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import KEYS, QUESTION, Ask, client_of, is_problem, new_id
from tests.api.test_sessions import sign_in
from tests.conftest import Server

OLGA = {"operator_id": "op-1", "operator_name": "Ольга"}
SECRET = "Клиент уже дважды возвращал товар"


def add(client: httpx.Client, dialog_id: str, text: str = SECRET) -> httpx.Response:
    return client.post(f"/v1/dialogs/{dialog_id}/notes", json=OLGA | {"text": text})


def test_note_is_there_for_the_next_operator(client: httpx.Client, ask: Ask) -> None:
    dialog_id = ask()["dialog_id"]
    response = add(client, dialog_id)
    assert response.status_code == 201
    note = response.json()
    assert (note["operator_id"], note["operator_name"], note["text"]) == ("op-1", "Ольга", SECRET)
    assert note["created_at"]
    second = add(client, dialog_id, "ещё").json()
    assert client.get(f"/v1/dialogs/{dialog_id}").json()["notes"] == [note, second]


def test_customer_never_sees_it(guarded_server: Server) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        reply = widget.post("/v1/messages", json={"text": QUESTION, "dialog_id": new_id()}).json()
    path, token = f"/v1/dialogs/{reply['dialog_id']}", reply["dialog_token"]
    with client_of(guarded_server, KEYS["operator"]) as operator:
        assert add(operator, reply["dialog_id"]).status_code == 201
        assert SECRET in operator.get(path).text
    with client_of(guarded_server, KEYS["widget"], token) as widget:
        seen = widget.get(path)
        assert seen.status_code == 200
        assert SECRET not in seen.text
        assert "notes" not in seen.json()
        is_problem(add(widget, reply["dialog_id"]), 403, "forbidden")
        body = {"text": "что вы обо мне записали?", "dialog_id": reply["dialog_id"]}
        assert SECRET not in widget.post("/v1/messages", json=body).text


def test_session_signs_it_with_its_own_name(guarded_server: Server) -> None:
    with client_of(guarded_server) as browser:
        own = sign_in(browser, "Пётр", KEYS["operator"])["operator_id"]
        dialog_id = browser.post("/v1/messages", json={"text": "спасибо"}).json()["dialog_id"]
        body = {"operator_id": own, "operator_name": "Самозванец", "text": "да"}
        note = browser.post(f"/v1/dialogs/{dialog_id}/notes", json=body).json()
    assert note["operator_name"] == "Пётр"


@pytest.mark.parametrize("text", ["", "  ", "a\u0000b", "я" * 4001])
def test_text_that_is_none_is_422(client: httpx.Client, ask: Ask, text: str) -> None:
    is_problem(add(client, ask()["dialog_id"], text), 422, "invalid_request")


def test_note_of_an_unknown_dialog_is_404(client: httpx.Client) -> None:
    is_problem(add(client, "d-nowhere"), 404, "not_found")


def test_notes_are_given_out_and_deleted_with_the_customer(client: httpx.Client, ask: Ask) -> None:
    customer = {"id": new_id("c"), "name": "Анна"}
    dialog_id = ask(customer=customer)["dialog_id"]
    add(client, dialog_id)
    client.post(f"/v1/dialogs/{dialog_id}/typing", json=OLGA)
    path = f"/v1/customers/{customer['id']}"
    exported = client.get(f"{path}/export").json()
    assert [note["text"] for note in exported["notes"]] == [SECRET]
    assert [row["who"] for row in exported["typing"]] == ["op-1"]
    assert client.delete(path).status_code == 200
    is_problem(client.get(f"/v1/dialogs/{dialog_id}"), 404, "not_found")
    is_problem(client.get(f"{path}/export"), 404, "not_found")
