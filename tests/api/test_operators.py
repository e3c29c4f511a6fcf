"""Operators: the list, ownership, answers, presence."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import QUESTION, Ask, is_problem

OLGA = {"operator_id": "op-1", "operator_name": "Ольга"}
PETER = {"operator_id": "op-2", "operator_name": "Пётр"}


@pytest.fixture
def waiting(ask: Ask) -> str:
    """Id of a dialog that waits for a person."""
    return str(ask("позовите оператора", customer={"name": "Анна"})["dialog_id"])


def act(client: httpx.Client, dialog_id: str, action: str, **body: str) -> httpx.Response:
    return client.post(f"/v1/dialogs/{dialog_id}/{action}", json=body)


def all_pages(client: httpx.Client, **params: object) -> list[dict[str, Any]]:
    """The whole list, page by page."""
    rows: list[dict[str, Any]] = []
    while True:
        page = client.get("/v1/dialogs", params=params).json()  # type: ignore[arg-type]
        rows += page["dialogs"]
        if page["next_cursor"] is None:
            return rows
        params["cursor"] = page["next_cursor"]


def test_list_shows_the_longest_waiting_first(client: httpx.Client, ask: Ask) -> None:
    opened = [ask("позовите оператора")["dialog_id"] for _ in range(3)]
    listed = [row["dialog_id"] for row in all_pages(client, owner="waiting", limit=200)]
    assert [item for item in listed if item in opened] == opened


def test_pages_of_one_add_up_to_the_whole_list(client: httpx.Client, ask: Ask) -> None:
    for _ in range(3):
        ask("позовите оператора")
    whole = [row["dialog_id"] for row in all_pages(client, owner="waiting", limit=200)]
    paged = [row["dialog_id"] for row in all_pages(client, owner="waiting", limit=1)]
    assert paged == whole
    assert len(set(whole)) == len(whole)


def test_list_is_filtered_by_owner_and_queue(client: httpx.Client, ask: Ask) -> None:
    complaint = ask("Привезли не тот товар, это безобразие")["dialog_id"]
    rows = all_pages(client, owner="waiting", queue="complaints", limit=200)
    assert complaint in [row["dialog_id"] for row in rows]
    assert {(row["owner"], row["queue"]) for row in rows} == {("waiting", "complaints")}
    assert all_pages(client, queue="no-such-queue") == []


def test_list_tells_how_soon_somebody_should_look(client: httpx.Client, ask: Ask) -> None:
    reply = ask("Привезли не тот товар, это безобразие")
    rows = all_pages(client, owner="waiting", queue="complaints", limit=200)
    row = next(row for row in rows if row["dialog_id"] == reply["dialog_id"])
    assert row["priority"] == row["handoff"]["priority"] == reply["handoff"]["priority"] == "high"
    assert row["handoff"]["rule"] == "complaint"
    assert "rule" not in reply["handoff"]


def test_row_of_the_list_tells_what_it_is_about(client: httpx.Client, waiting: str) -> None:
    rows = all_pages(client, owner="waiting", limit=200)
    row = next(row for row in rows if row["dialog_id"] == waiting)
    assert row["reason"] == "customer_request"
    assert "позовите оператора" in row["summary"]
    assert row["waiting_since"]
    assert row["customer"]["name"] == "Анна"
    assert row["last_message"]["author_kind"] == "bot"


def test_second_operator_gets_409_and_learns_who_has_it(client: httpx.Client, waiting: str) -> None:
    assert act(client, waiting, "take", **OLGA).json()["owner"] == "human"
    problem = is_problem(act(client, waiting, "take", **PETER), 409, "dialog_taken")
    assert "Ольга" in problem["detail"]


def test_whole_flow_of_an_operator(client: httpx.Client, ask: Ask, waiting: str) -> None:
    taken = act(client, waiting, "take", **OLGA).json()
    assert (taken["owner"], taken["operator"]) == ("human", {"id": "op-1", "name": "Ольга"})
    said = act(client, waiting, "operator-messages", text="Смотрю ваш заказ", **OLGA).json()
    assert said["author"] == {
        "kind": "human",
        "id": "op-1",
        "name": "Ольга",
        "disclosure": None,
    }
    silent = ask("хорошо, жду", dialog_id=waiting)
    assert (silent["action"], silent["reply"], silent["owner"]) == ("silent", None, "human")
    assert act(client, waiting, "release", **OLGA).json()["owner"] == "waiting"
    assert act(client, waiting, "take", **PETER).json()["operator"]["id"] == "op-2"
    assert act(client, waiting, "resolve", **PETER).json()["owner"] == "closed"
    assert act(client, waiting, "reopen", **PETER).json()["owner"] == "bot"
    assert ask(QUESTION, dialog_id=waiting)["action"] == "answer"


def test_every_message_names_its_kind_of_author(
    client: httpx.Client, ask: Ask, waiting: str
) -> None:
    act(client, waiting, "take", **OLGA)
    act(client, waiting, "operator-messages", text="Здравствуйте", **OLGA)
    ask("ага", dialog_id=waiting)
    messages = client.get(f"/v1/dialogs/{waiting}").json()["messages"]
    kinds = [message["author"]["kind"] for message in messages]
    assert kinds == ["customer", "bot", "human", "customer"]
    for message in messages:
        assert bool(message["author"]["disclosure"]) is (message["author"]["kind"] == "bot")


@pytest.mark.parametrize("action", ["release", "resolve", "operator-messages"])
def test_only_the_holder_may_act(client: httpx.Client, waiting: str, action: str) -> None:
    act(client, waiting, "take", **OLGA)
    response = act(client, waiting, action, text="привет", **PETER)
    is_problem(response, 409, "dialog_not_yours")


@pytest.mark.parametrize("action", ["release", "operator-messages"])
def test_dialog_must_be_taken_first(client: httpx.Client, waiting: str, action: str) -> None:
    is_problem(act(client, waiting, action, text="привет", **OLGA), 409, "dialog_not_yours")


def test_closed_dialog_must_be_reopened_first(client: httpx.Client, waiting: str) -> None:
    act(client, waiting, "resolve", **OLGA)
    is_problem(act(client, waiting, "take", **OLGA), 409, "conflict")
    assert act(client, waiting, "reopen", **OLGA).status_code == 200
    is_problem(act(client, waiting, "reopen", **OLGA), 409, "conflict")


@pytest.mark.parametrize("action", ["take", "release", "resolve", "reopen", "operator-messages"])
def test_unknown_dialog_is_404(client: httpx.Client, action: str) -> None:
    is_problem(act(client, "d-nowhere", action, text="а", **OLGA), 404, "not_found")


@pytest.mark.parametrize("action", ["take", "release", "resolve", "reopen", "operator-messages"])
def test_operator_must_say_who_he_is(client: httpx.Client, waiting: str, action: str) -> None:
    is_problem(act(client, waiting, action, text="а"), 422, "invalid_request")


@pytest.mark.parametrize(("text", "code"), [("", "text_empty"), ("я" * 4001, "text_too_long")])
def test_operators_text_has_the_same_limits(
    client: httpx.Client, waiting: str, text: str, code: str
) -> None:
    act(client, waiting, "take", **OLGA)
    response = act(client, waiting, "operator-messages", text=text, **OLGA)
    is_problem(response, 422, code)


def test_customer_may_call_a_person_at_any_moment(client: httpx.Client, ask: Ask) -> None:
    dialog_id = ask()["dialog_id"]
    reply = client.post(f"/v1/dialogs/{dialog_id}/handoff").json()
    assert (reply["action"], reply["handoff"]["reason"]) == ("handoff", "customer_request")
    assert reply["reply"]["author"]["disclosure"]
    assert client.get(f"/v1/dialogs/{dialog_id}").json()["owner"] == "waiting"


def test_handoff_of_an_unknown_dialog_is_404(client: httpx.Client) -> None:
    is_problem(client.post("/v1/dialogs/d-nowhere/handoff"), 404, "not_found")


def test_presence_decides_what_the_customer_is_told(client: httpx.Client, ask: Ask) -> None:
    def present(*, online: bool) -> None:
        body = {"name": "Ольга", "online": online}
        for operator in ("op-1", "op-2"):
            assert client.put(f"/v1/operators/{operator}/presence", json=body).status_code == 200

    present(online=True)
    with_somebody = ask("позовите оператора")["handoff"]
    present(online=False)
    with_nobody = ask("позовите оператора")["handoff"]
    assert (with_somebody["operators_online"], with_nobody["operators_online"]) == (True, False)
    assert with_somebody["expected_wait_minutes"] >= 1
    assert with_nobody["expected_wait_minutes"] is None


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"name": "Ольга", "online": 7}])
def test_malformed_presence_is_422(client: httpx.Client, body: dict[str, Any]) -> None:
    response = client.put("/v1/operators/op-1/presence", json=body)
    is_problem(response, 422, "invalid_request")
