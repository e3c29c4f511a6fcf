"""What operators are called: nobody takes another's name while signed in, nor the bot's, ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.operator_names import check_operator_name
from assistant.errors import BadInputError
from tests.api.conftest import KEYS, QUESTION, client_of, is_problem, new_id
from tests.api.test_sessions import sign_in
from tests.conftest import Server

NOBODYS = [
    "Помощник",
    "помощник 2",
    "Пoмoщник",  # with two Latin letters
    "ASSISTANT!",
    "Бот Василий",
    "Бoт",
    "Б о т",
    "Бо\u0301т",
    "чат-бот",
    "Робот",
    "Olga (bot)",
    "Виртуальный помощник",
    "Olga\u202e",
    "Иван\u200bов",
    "а\u00adб",
    "a\u0001b",
    "\u3164",
    "123",
]
PEOPLES = [
    "Ольга",
    "Zoë O'Neil",
    "ΣΊΣΥΦΟΣ",
    "💛 Ira",
    "Talbot",
    "Ботов",
    "Роботова",
    "Анна\u0301",
    "Assistant manager Olga",
    "Ai",
    "Lisa",
]


@pytest.fixture
def olga(guarded_server: Server) -> Iterator[httpx.Client]:
    """Ольга, signed in; `client.headers` has her token."""
    with client_of(guarded_server) as client:
        session = sign_in(client, "Ольга", KEYS["operator"])
        client.headers["X-Operator-Id"] = session["operator_id"]
        yield client


@pytest.fixture
def keyed(guarded_server: Server) -> Iterator[httpx.Client]:
    """Somebody with an operator's key."""
    with client_of(guarded_server, KEYS["operator"]) as client:
        yield client


def opened(client: httpx.Client) -> str:
    body = {"text": QUESTION, "dialog_id": new_id()}
    return str(client.post("/v1/messages", json=body).json()["dialog_id"])


@pytest.mark.parametrize("name", NOBODYS)
def test_names_that_hide_or_are_the_bots_are_refused(name: str) -> None:
    with pytest.raises(BadInputError, match="operator's name"):
        check_operator_name(name, "")


@pytest.mark.parametrize("name", PEOPLES)
def test_names_of_people_are_taken(name: str) -> None:
    check_operator_name(name, "Лиса")


def test_name_that_the_deployment_gave_its_bot_is_refused_too() -> None:
    check_operator_name("Лиса", "")
    with pytest.raises(BadInputError):
        check_operator_name(" лиса", "Лиса")


@pytest.mark.parametrize("name", ["Помощник", "Assistant", "Бот", "Ол\u202eьга"])
def test_nobody_signs_in_by_such_a_name(guarded_server: Server, name: str) -> None:
    with client_of(guarded_server) as client:
        response = client.post("/v1/sessions", json={"name": name, "key": KEYS["operator"]})
    problem = is_problem(response, 422, "bad_input")
    assert "operator's name" in problem["detail"]
    assert "Set-Cookie" not in response.headers


def test_bots_own_name_is_that_of_the_settings(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = start_server(tmp_path, SOUFFLEUR_BOT_NAME="Лиса")
    with client_of(server) as client:
        is_problem(client.post("/v1/sessions", json={"name": "Лиса"}), 422, "bad_input")
        assert client.post("/v1/sessions", json={"name": "Лариса"}).status_code == 201


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/v1/dialogs/{id}/take", {}),
    ("POST", "/v1/dialogs/{id}/operator-messages", {"text": "да"}),
    ("POST", "/v1/dialogs/{id}/notes", {"text": "да"}),
    ("POST", "/v1/dialogs/{id}/typing", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_key_does_not_let_one_act_by_the_bots_name(
    keyed: httpx.Client, method: str, path: str, body: dict[str, Any]
) -> None:
    dialog_id = opened(keyed)
    keyed.post(f"/v1/dialogs/{dialog_id}/take", json={"operator_id": "op-9"}).raise_for_status()
    who = {"operator_id": "op-9", "operator_name": "Помощник"}
    response = keyed.request(method, path.format(id=dialog_id), json=who | body)
    is_problem(response, 422, "bad_input")


def test_nobody_is_at_work_by_the_bots_name(keyed: httpx.Client) -> None:
    response = keyed.put("/v1/operators/op-9/presence", json={"name": "Чат-бот"})
    is_problem(response, 422, "bad_input")


def test_name_of_the_session_goes_before_the_one_of_the_call(olga: httpx.Client) -> None:
    own = olga.headers["X-Operator-Id"]
    dialog_id = opened(olga)
    who = {"operator_id": own, "operator_name": "Director Ivanov"}
    place = f"/v1/dialogs/{dialog_id}"
    taken = olga.post(f"{place}/take", json=who).json()
    said = olga.post(f"{place}/operator-messages", json=who | {"text": "да"}).json()
    note = olga.post(f"{place}/notes", json=who | {"text": "да"}).json()
    assert taken["operator"]["name"] == said["author"]["name"] == note["operator_name"] == "Ольга"
    path = f"/v1/operators/{own}/presence"
    assert olga.put(path, json={"name": "Director Ivanov"}).status_code == 200
    operators = olga.get("/v1/operators").json()["operators"]
    known = {row["operator_id"]: row["name"] for row in operators}
    assert known[own] == "Ольга"
    olga.put(path, json={"name": "Ольга", "online": False}).raise_for_status()
