"""Giving a dialog on: who then has it, what stays, and what nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import QUESTION, Ask, is_problem
from tests.conftest import Server
from tests.support.event_stream import EventStream

OLGA = {"operator_id": "op-t1", "operator_name": "Ольга"}


@pytest.fixture
def taken(client: httpx.Client, ask: Ask) -> Iterator[str]:
    """Id of a dialog that Olga has; Peter is at work."""
    dialog_id = str(ask("Привезли не тот товар, это безобразие")["dialog_id"])
    assert client.post(f"/v1/dialogs/{dialog_id}/take", json=OLGA).status_code == 200
    present(client, "op-t2", online=True)
    yield dialog_id
    for number in range(1, 5):  # other tests share the server
        present(client, f"op-t{number}", online=False)


def present(client: httpx.Client, operator_id: str, *, online: bool) -> None:
    body = {"name": "Пётр", "online": online}
    assert client.put(f"/v1/operators/{operator_id}/presence", json=body).status_code == 200


def give(client: httpx.Client, dialog_id: str, **body: Any) -> httpx.Response:
    return client.post(f"/v1/dialogs/{dialog_id}/transfer", json={"operator_id": "op-t1", **body})


def view(client: httpx.Client, dialog_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/dialogs/{dialog_id}").json()
    return found


def test_other_operator_has_it_then_and_the_first_no_longer(
    client: httpx.Client, ask: Ask, taken: str
) -> None:
    said_before = view(client, taken)["messages"]
    given = give(client, taken, to_operator_id="op-t2", note="Ждёт фото").json()
    assert given["owner"] == "human"
    assert given["operator"] == {"id": "op-t2", "name": "Пётр"}
    now = view(client, taken)
    assert [note["text"] for note in now["notes"]] == ["Ждёт фото"]
    assert now["messages"] == said_before, "the customer is told nothing"
    path = f"/v1/dialogs/{taken}/operator-messages"
    is_problem(client.post(path, json=OLGA | {"text": "да"}), 409, "dialog_not_yours")
    answer = client.post(path, json={"operator_id": "op-t2", "text": "да"})
    assert answer.json()["author"]["name"] == "Пётр"
    assert ask(QUESTION, dialog_id=taken)["action"] == "silent"


def test_queue_gets_it_back_in_its_old_place(client: httpx.Client, taken: str) -> None:
    before = view(client, taken)
    given = give(client, taken, to_queue="general").json()
    assert (given["owner"], given["queue"], given["operator"]) == ("waiting", "general", None)
    assert given["waiting_since"] == before["waiting_since"]
    assert given["handoff"]["priority"] == "high"
    assert view(client, taken)["messages"] == before["messages"]
    listed = client.get(
        "/v1/dialogs", params={"owner": "waiting", "queue": "general", "limit": 200}
    ).json()
    assert taken in [row["dialog_id"] for row in listed["dialogs"]]


def test_events_tell_of_it(open_server: Server, client: httpx.Client, taken: str) -> None:
    with EventStream(open_server.url, dialog_id=taken) as stream:
        give(client, taken, to_operator_id="op-t2", note="Ждёт фото")
        noted, given = stream.take(2)
        body = {"operator_id": "op-t2", "to_queue": "general"}
        client.post(f"/v1/dialogs/{taken}/transfer", json=body)
        released, put_back = stream.take(2)
    assert noted.name == "note.added"
    assert "Ждёт фото" not in str(noted.data), "what it says is for whoever opens the dialog"
    assert given.name == put_back.name == "dialog.transferred"
    assert given.data["data"] == {
        "operator_id": "op-t1",
        "to_operator_id": "op-t2",
        "to_operator_name": "Пётр",
        "note_id": noted.data["data"]["note_id"],
    }
    assert released.name == "dialog.released"
    assert (released.data["data"]["why"], released.data["data"]["queue"]) == (
        "transferred",
        "general",
    )
    assert put_back.data["data"] == {"operator_id": "op-t2", "to_queue": "general", "note_id": None}


def test_only_the_holder_gives_it_on(client: httpx.Client, ask: Ask, taken: str) -> None:
    body = {"operator_id": "op-t3", "to_operator_id": "op-t2"}
    stolen = client.post(f"/v1/dialogs/{taken}/transfer", json=body)
    is_problem(stolen, 409, "dialog_not_yours")
    waiting = ask("позовите оператора")["dialog_id"]
    is_problem(give(client, waiting, to_operator_id="op-t2"), 409, "dialog_not_yours")
    is_problem(give(client, "d-nowhere", to_queue="general"), 404, "not_found")


def test_nobody_gets_it_who_is_not_there(client: httpx.Client, taken: str) -> None:
    present(client, "op-t4", online=False)
    is_problem(give(client, taken, to_operator_id="op-t4"), 409, "operator_offline")
    is_problem(give(client, taken, to_operator_id="op-unknown"), 404, "not_found")
    is_problem(give(client, taken, to_operator_id="op-t1"), 409, "conflict")
    is_problem(give(client, taken, to_queue="no-such-queue"), 422, "bad_input")
    assert view(client, taken)["operator"]["id"] == "op-t1"
    assert view(client, taken)["notes"] == []
    forced = give(client, taken, to_operator_id="op-t4", force=True)
    assert forced.json()["operator"]["id"] == "op-t4"


@pytest.mark.parametrize(
    "body",
    [{}, {"to_operator_id": "op-t2", "to_queue": "general"}, {"to_queue": ""}, {"note": "x"}],
)
def test_receiver_is_one(client: httpx.Client, taken: str, body: dict[str, str]) -> None:
    is_problem(give(client, taken, **body), 422, "invalid_request")


def test_operators_are_listed_with_who_is_at_work(client: httpx.Client, taken: str) -> None:
    present(client, "op-t4", online=False)
    listed = client.get("/v1/operators").json()
    online = {row["operator_id"]: row["online"] for row in listed["operators"]}
    assert (online["op-t2"], online["op-t4"]) == (True, False)
    assert {"complaints", "general"} <= set(listed["queues"])
