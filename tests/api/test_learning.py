"""Verdicts are reviewed over HTTP before anything is learnt from them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import KEYS, QUESTION, Ask, client_of, is_problem
from tests.conftest import Server


@pytest.fixture
def verdict(client: httpx.Client, ask: Ask) -> dict[str, Any]:
    """An operator's word on an answer."""
    return judged(client, ask("Как удалить аккаунт? Мой телефон +7 916 123-45-67"))


def judged(client: httpx.Client, reply: dict[str, Any]) -> dict[str, Any]:
    body = {
        "message_id": reply["message_id"],
        "right": False,
        "operator_id": "op-1",
        "reason": "звонить на +7 916 123-45-67",
    }
    given = client.post(f"/v1/dialogs/{reply['dialog_id']}/verdicts", json=body)
    assert given.status_code == 201, given.text
    found: dict[str, Any] = given.json()
    return found


def review(
    client: httpx.Client, verdict_id: int, decision: str, operator_id: str = "op-2"
) -> httpx.Response:
    body = {"review": decision, "operator_id": operator_id}
    return client.post(f"/v1/learning/verdicts/{verdict_id}/review", json=body)


def listed(client: httpx.Client, state: str = "pending") -> dict[int, dict[str, Any]]:
    """All verdicts of a state, page by page."""
    found, cursor = {}, 0
    while cursor is not None:
        params = {"cursor": cursor, "limit": 2, "state": state}
        page = client.get("/v1/learning", params=params).json()
        found |= {item["verdict_id"]: item for item in page[state]}
        cursor = page["next_cursor"]
    return found


def test_verdict_waits_with_what_was_asked_and_said_and_nothing_personal(
    client: httpx.Client, verdict: dict[str, Any]
) -> None:
    item = listed(client)[verdict["verdict_id"]]
    assert item["customer"].startswith("Как удалить аккаунт?")
    assert "916" not in item["customer"] + item["reason"]
    assert item["said"]
    assert (item["kind"], item["right"], item["who"]) == ("operator", False, "op-1")


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_decision_moves_it_and_may_change(
    client: httpx.Client, verdict: dict[str, Any], decision: str
) -> None:
    number = verdict["verdict_id"]
    other = "rejected" if decision == "approved" else "approved"
    assert review(client, number, other).status_code == 200
    done = review(client, number, decision)
    assert (done.json()["review"], done.json()["reviewed_by"]) == (decision, "op-2")
    assert done.json()["learnt_in"] == []
    assert number in listed(client, decision)
    assert number not in listed(client)
    assert number not in listed(client, other)


def test_ones_own_verdict_is_approved_by_another_or_an_admin(
    guarded_server: Server,
) -> None:
    with client_of(guarded_server, KEYS["operator"]) as operator:
        reply = operator.post("/v1/messages", json={"text": QUESTION}).json()
        number = judged(operator, reply)["verdict_id"]
        problem = is_problem(review(operator, number, "approved", "op-1"), 403, "forbidden")
        assert "another operator" in problem["detail"]
        assert review(operator, number, "rejected", "op-1").status_code == 200
        assert review(operator, number, "approved", "op-2").status_code == 200
    with client_of(guarded_server, KEYS["admin"]) as admin:
        assert review(admin, number, "approved", "op-1").status_code == 200


def test_customers_neither_see_nor_decide(guarded_server: Server) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        is_problem(widget.get("/v1/learning"), 403, "forbidden")
        is_problem(review(widget, 1, "approved"), 403, "forbidden")


def test_what_is_not_there_or_was_taken_back_is_not_decided_on(
    client: httpx.Client, verdict: dict[str, Any]
) -> None:
    is_problem(review(client, 2**31 - 1, "approved"), 404, "not_found")
    number = verdict["verdict_id"]
    client.delete(f"/v1/dialogs/{verdict['dialog_id']}/verdicts/{number}")
    is_problem(review(client, number, "approved"), 409, "conflict")
    assert number in listed(client, "taken_back")


@pytest.mark.parametrize(
    "body",
    [{"review": "maybe", "operator_id": "op-2"}, {"review": "approved"}, {"operator_id": "op-2"}],
)
def test_unclear_decision_is_refused(
    client: httpx.Client, verdict: dict[str, Any], body: dict[str, str]
) -> None:
    path = f"/v1/learning/verdicts/{verdict['verdict_id']}/review"
    is_problem(client.post(path, json=body), 422, "invalid_request")
    assert verdict["verdict_id"] in listed(client)


def test_counts_and_learnings_are_told(client: httpx.Client, verdict: dict[str, Any]) -> None:
    document = client.get("/v1/learning").json()
    assert document["counts"]["states"]["pending"] >= 1
    assert document["counts"]["flagged_wrong"] >= 1
    assert document["learnings"] == []
    other = client.get("/v1/learning", params={"kind": "csat"}).json()["pending"]
    assert verdict["verdict_id"] not in [item["verdict_id"] for item in other]


def test_decision_is_in_the_audit_trail(client: httpx.Client, verdict: dict[str, Any]) -> None:
    review(client, verdict["verdict_id"], "approved")
    lines = client.get("/v1/audit", params={"limit": 200}).json()
    found = [line for line in lines["lines"] if line["action"] == "verdict.review"]
    about = [(line["operator_id"], line["details"]) for line in found]
    assert ("op-2", {"verdict_id": verdict["verdict_id"]}) in about
