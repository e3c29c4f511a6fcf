"""Ratings by customers, verdicts by operators."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import KEYS, QUESTION, Ask, client_of, is_problem, new_id
from tests.conftest import Server

OLGA = {"operator_id": "op-1"}


@pytest.fixture
def answered(ask: Ask) -> dict[str, Any]:
    """A reply that is an answer."""
    reply = ask(QUESTION)
    assert reply["action"] == "answer"
    return reply


def rate(client: httpx.Client, dialog_id: str, **body: object) -> httpx.Response:
    return client.post(f"/v1/dialogs/{dialog_id}/csat", json=body)


def judge(client: httpx.Client, reply: dict[str, Any], **body: object) -> httpx.Response:
    where = f"/v1/dialogs/{reply['dialog_id']}/verdicts"
    return client.post(where, json={"message_id": reply["message_id"], **OLGA, **body})


def dialog(client: httpx.Client, dialog_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/dialogs/{dialog_id}").json()
    return found


def test_rating_shows_in_the_dialog(client: httpx.Client, answered: dict[str, Any]) -> None:
    dialog_id = answered["dialog_id"]
    assert dialog(client, dialog_id)["csat"] is None
    given = rate(client, dialog_id, score=4, comment=" быстро ")
    assert given.status_code == 200, given.text
    shown = dialog(client, dialog_id)["csat"]
    assert shown == given.json()["csat"]
    assert (shown["score"], shown["comment"]) == (4, "быстро")


def test_second_rating_is_409_and_changes_nothing(
    client: httpx.Client, answered: dict[str, Any]
) -> None:
    rate(client, answered["dialog_id"], score=5)
    is_problem(rate(client, answered["dialog_id"], score=1), 409, "already_rated")
    assert dialog(client, answered["dialog_id"])["csat"]["score"] == 5


@pytest.mark.parametrize("score", [0, 6, 2.5, "5", True, None])
def test_rating_is_a_whole_number_from_1_to_5(
    client: httpx.Client, answered: dict[str, Any], score: object
) -> None:
    problem = is_problem(rate(client, answered["dialog_id"], score=score), 422, "invalid_request")
    assert "score" in problem["detail"]
    assert dialog(client, answered["dialog_id"])["csat"] is None


def test_rating_of_a_dialog_that_is_not_there_is_404(client: httpx.Client) -> None:
    is_problem(rate(client, "d-none", score=5), 404, "not_found")


def test_customer_rates_with_the_token_of_the_dialog_alone(guarded_server: Server) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        opened = widget.post("/v1/messages", json={"text": QUESTION}).json()
        is_problem(rate(widget, opened["dialog_id"], score=5), 403, "forbidden")
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as customer:
        assert rate(customer, opened["dialog_id"], score=5).status_code == 200
        shown = dialog(customer, opened["dialog_id"])
    assert shown["csat"]["score"] == 5
    assert "verdicts" not in shown


def test_verdict_is_an_operators(guarded_server: Server) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        opened = widget.post("/v1/messages", json={"text": QUESTION}).json()
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as customer:
        is_problem(judge(customer, opened, right=True), 403, "forbidden")
        path = f"/v1/dialogs/{opened['dialog_id']}/verdicts/1"
        is_problem(customer.delete(path), 403, "forbidden")
    with client_of(guarded_server, KEYS["operator"]) as operator:
        assert judge(operator, opened, right=True).status_code == 201


def test_verdict_is_shown_and_taken_back(client: httpx.Client, answered: dict[str, Any]) -> None:
    given = judge(client, answered, right=False, article_ids=["a-1"], reason="не о том")
    assert given.status_code == 201, given.text
    verdict = given.json()
    assert verdict | {"verdict_id": 0, "created_at": ""} == {
        "verdict_id": 0,
        "dialog_id": answered["dialog_id"],
        "message_id": answered["message_id"],
        "kind": "operator",
        "right": False,
        "article_ids": ["a-1"],
        "reason": "не о том",
        "who": "op-1",
        "created_at": "",
        "taken_back_at": None,
        "review": None,
        "reviewed_by": None,
        "reviewed_at": None,
    }
    assert dialog(client, answered["dialog_id"])["verdicts"] == [verdict]
    path = f"/v1/dialogs/{answered['dialog_id']}/verdicts/{verdict['verdict_id']}"
    taken = client.delete(path)
    assert taken.status_code == 200, taken.text
    assert taken.json()["taken_back_at"]
    assert dialog(client, answered["dialog_id"])["verdicts"] == [taken.json()]
    is_problem(client.delete(path.rsplit("/", 1)[0] + "/2147483647"), 404, "not_found")


def test_verdict_may_name_the_bots_message(client: httpx.Client, answered: dict[str, Any]) -> None:
    said = dialog(client, answered["dialog_id"])["messages"][-1]
    assert said["author"]["kind"] == "bot"
    given = judge(client, answered | {"message_id": said["message_id"]}, right=True)
    assert given.json()["message_id"] == answered["message_id"]


@pytest.mark.parametrize(
    "wrong",
    [{"right": "yes"}, {"right": None}, {"article_ids": "a-1"}, {"article_ids": [""]}],
)
def test_malformed_verdict_is_422(
    client: httpx.Client, answered: dict[str, Any], wrong: dict[str, object]
) -> None:
    is_problem(judge(client, answered, **{"right": True, **wrong}), 422, "invalid_request")
    assert dialog(client, answered["dialog_id"])["verdicts"] == []


def test_right_answer_that_no_article_answers_is_422(
    client: httpx.Client, answered: dict[str, Any]
) -> None:
    problem = is_problem(judge(client, answered, right=True, article_ids=[]), 422, "bad_input")
    assert "article_ids is empty" in problem["detail"]
    assert dialog(client, answered["dialog_id"])["verdicts"] == []
    assert judge(client, answered, right=False, article_ids=[]).status_code == 201


def test_verdict_on_a_message_that_is_not_there_is_404(
    client: httpx.Client, answered: dict[str, Any]
) -> None:
    is_problem(judge(client, answered | {"message_id": "m-none"}, right=True), 404, "not_found")


def test_customer_who_says_it_did_not_help_leaves_a_mark(client: httpx.Client, ask: Ask) -> None:
    dialog_id = new_id()
    first = ask(QUESTION, dialog_id=dialog_id)
    second = ask("это не помогло", dialog_id=dialog_id)
    assert (first["action"], second["action"]) == ("answer", "handoff")
    (mark,) = dialog(client, dialog_id)["verdicts"]
    assert (mark["kind"], mark["right"]) == ("not_helped", False)
    assert mark["message_id"] == first["message_id"]


def test_reopened_dialog_leaves_a_mark(client: httpx.Client, answered: dict[str, Any]) -> None:
    for action in ("resolve", "reopen"):
        done = client.post(f"/v1/dialogs/{answered['dialog_id']}/{action}", json=OLGA)
        assert done.status_code == 200, done.text
    (mark,) = dialog(client, answered["dialog_id"])["verdicts"]
    assert (mark["kind"], mark["who"]) == ("reopened", "op-1")
