"""Who types: told at once to operators, in every process, and over after seconds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.errors import NotFoundError
from assistant.store.dialogs import DialogStore
from assistant.store.who_types import TYPING_SECONDS
from tests.api.conftest import API_KEYS, KEYS, QUESTION, Ask, client_of, is_problem, new_id
from tests.api.test_sessions import sign_in
from tests.assistant.conftest import ask as write
from tests.conftest import Clock, Server
from tests.support.event_stream import EventStream
from tests.support.postgresql import PostgreSQL

OLGA = {"operator_id": "op-1", "operator_name": "Ольга"}
WIDGET = {"Authorization": f"Bearer {KEYS['widget']}"}


def types(client: httpx.Client, dialog_id: str, **body: str) -> httpx.Response:
    return client.post(f"/v1/dialogs/{dialog_id}/typing", json=body)


@pytest.fixture
def opened(guarded_server: Server) -> dict[str, Any]:
    """The first reply of a customer's dialog, with its token."""
    with client_of(guarded_server, KEYS["widget"]) as widget:
        body = {"text": QUESTION, "dialog_id": new_id(), "customer": {"name": "Анна"}}
        reply: dict[str, Any] = widget.post("/v1/messages", json=body).json()
    return reply


def test_operators_see_who_else_types(client: httpx.Client, ask: Ask) -> None:
    dialog_id = ask()["dialog_id"]
    response = types(client, dialog_id, **OLGA)
    assert (response.status_code, response.content) == (204, b"")
    path = f"/v1/dialogs/{dialog_id}"
    assert client.get(path).json()["typing"] == [{"who": "op-1", "name": "Ольга"}]
    own = client.get(path, headers={"X-Operator-Id": "op-1"}).json()
    assert own["typing"] == [], "nobody is told of himself"


def test_customer_types_with_the_dialogs_token(
    guarded_server: Server, opened: dict[str, Any]
) -> None:
    dialog_id = opened["dialog_id"]
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as widget:
        assert widget.post(f"/v1/dialogs/{dialog_id}/typing").status_code == 204
        assert "typing" not in widget.get(f"/v1/dialogs/{dialog_id}").json()
    with client_of(guarded_server, KEYS["operator"]) as operator:
        seen = operator.get(f"/v1/dialogs/{dialog_id}").json()["typing"]
    assert seen == [{"who": "customer", "name": "Анна"}]


def test_nobody_types_for_others(guarded_server: Server, opened: dict[str, Any]) -> None:
    dialog_id = opened["dialog_id"]
    with client_of(guarded_server, KEYS["widget"], "0" * 64) as stranger:
        is_problem(types(stranger, dialog_id), 403, "forbidden")
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as widget:
        is_problem(types(widget, dialog_id, **OLGA), 403, "forbidden")
    with client_of(guarded_server, KEYS["operator"]) as operator:
        is_problem(types(operator, dialog_id), 422, "bad_input")
        is_problem(types(operator, "d-nowhere", **OLGA), 404, "not_found")
    with client_of(guarded_server) as browser:
        sign_in(browser, "Пётр", KEYS["operator"])
        is_problem(types(browser, dialog_id, **OLGA), 403, "not_you")
        assert types(browser, dialog_id).status_code == 204
        path = f"/v1/dialogs/{dialog_id}"
        assert browser.get(path).json()["typing"] == [], "the session says who asks"


def test_stream_tells_operators_at_once_without_a_number(open_server: Server, ask: Ask) -> None:
    dialog_id = ask()["dialog_id"]
    with EventStream(open_server.url, dialog_id=dialog_id) as stream, client_of(open_server) as c:
        types(c, dialog_id, **OLGA)
        (told,) = stream.take(1)
        types(c, dialog_id, **OLGA)
        (again,) = stream.take(1)
    assert (told.id, told.name) == (0, "typing")
    assert told.data == {"dialog_id": dialog_id, "who": "op-1", "name": "Ольга"} | {
        "until": told.data["until"]
    }
    assert again.data["until"] > told.data["until"]


def test_stream_of_a_dialog_tells_of_no_other_and_customers_are_told_nothing(
    guarded_server: Server, opened: dict[str, Any]
) -> None:
    dialog_id, token = opened["dialog_id"], opened["dialog_token"]
    with client_of(guarded_server, KEYS["operator"]) as operator:
        headers = WIDGET | {"X-Dialog-Token": token}
        with EventStream(guarded_server.url, headers=headers, dialog_id=dialog_id) as stream:
            types(operator, dialog_id, **OLGA)
            body = OLGA | {"reason": "x"}
            operator.post(f"/v1/dialogs/{dialog_id}/take", json=body)
            assert [event.name for event in stream.take(1)] == ["dialog.taken"]


def test_other_processes_tell_it_too(
    start_server: Callable[..., Server], tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_database()
    servers = [start_server(tmp_path, SOUFFLEUR_DATABASE_URL=url) for _ in range(2)]
    with client_of(servers[0]) as here:
        dialog_id = here.post("/v1/messages", json={"text": "спасибо"}).json()["dialog_id"]
        with EventStream(servers[1].url, dialog_id=dialog_id) as stream:
            types(here, dialog_id, **OLGA)
            assert [(event.name, event.data["who"]) for event in stream.take(1)] == [
                ("typing", "op-1")
            ]


def test_stream_ends_with_its_session(start_server: Callable[..., Server], tmp_path: Path) -> None:
    server = start_server(tmp_path, SOUFFLEUR_API_KEYS=API_KEYS)
    with client_of(server) as browser, client_of(server, KEYS["operator"]) as other:
        sign_in(browser, "Ольга", KEYS["operator"])
        cookie = {"Cookie": f"souffleur_session={browser.cookies['souffleur_session']}"}
        with EventStream(server.url, headers=cookie) as stream:
            other.post("/v1/messages", json={"text": "спасибо"})
            assert len(stream.take(1)) == 1
            assert browser.delete("/v1/sessions/current").status_code == 204
            heard = []
            for event in islice(stream, 500):
                heard.append(event.name)
                other.post("/v1/messages", json={"text": "спасибо"})
            assert len(heard) < 500


def test_typing_is_limited_for_each_dialog(client: httpx.Client, ask: Ask) -> None:
    dialog_id = ask()["dialog_id"]
    told = [types(client, dialog_id, **OLGA).status_code for _ in range(61)]
    assert told == [204] * 60 + [429]
    assert types(client, ask()["dialog_id"], **OLGA).status_code == 204


def test_typing_is_over_after_seconds(store: DialogStore, clock: Clock) -> None:
    dialog_id = write(store).dialog.dialog_id
    store.note_typing(dialog_id, "op-1", "Ольга")
    clock.turn(seconds=TYPING_SECONDS - 1)
    store.note_typing(dialog_id, "customer", "")
    assert [item.who for item in store.typing_now()] == ["op-1", "customer"]
    clock.turn(seconds=2)
    assert [item.who for item in store.typing_now(dialog_id)] == ["customer"]
    assert store.forget_typing() == 1
    assert [item.who for item in store.typing_now()] == ["customer"]


def test_typing_again_is_the_same_word(store: DialogStore, clock: Clock) -> None:
    dialog_id = write(store).dialog.dialog_id
    store.note_typing(dialog_id, "op-1", "Ольга")
    clock.turn(seconds=4)
    store.note_typing(dialog_id, "op-1", "Ольга Ивановна")
    clock.turn(seconds=4)
    assert [item.name for item in store.typing_now()] == ["Ольга Ивановна"]


def test_nobody_types_in_a_dialog_that_is_not_there(store: DialogStore) -> None:
    with pytest.raises(NotFoundError):
        store.note_typing("d-nowhere", "op-1", "Ольга")
