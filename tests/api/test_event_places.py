"""Places for streams: a few a dialog, a share for operators, given back in any case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import HTTPException

from api.event_places import PER_DIALOG, EventPlaces
from tests.api.conftest import API_KEYS, KEYS, client_of, is_problem, new_id
from tests.conftest import Server
from tests.support.event_stream import EventStream


def test_dialog_has_a_few_places_and_gets_them_back() -> None:
    places = EventPlaces()
    with ExitStack() as streams:
        for _ in range(PER_DIALOG):
            streams.enter_context(places.taken("d-1"))
        with pytest.raises(HTTPException, match="at most 5"), places.taken("d-1"):
            pass
        streams.enter_context(places.taken("d-2"))
        for _ in range(3 * PER_DIALOG):
            streams.enter_context(places.taken(None))
    with ExitStack() as again:
        for _ in range(PER_DIALOG):
            again.enter_context(places.taken("d-1"))


def test_customers_leave_operators_their_share() -> None:
    places = EventPlaces(most=10, for_operators=2)
    with ExitStack() as streams:
        for number in range(8):
            streams.enter_context(places.taken(f"d-{number}"))
        with pytest.raises(HTTPException, match="too many"), places.taken("d-8"):
            pass
        for _ in range(2):
            streams.enter_context(places.taken(None))
        with pytest.raises(HTTPException, match="too many"), places.taken(None):
            pass


@pytest.mark.parametrize("key", [None, KEYS["widget"]])
def test_sixth_stream_of_a_dialog_is_refused_and_operators_are_not(
    guarded_server: Server, key: str | None
) -> None:
    dialog_id = new_id()
    with client_of(guarded_server, KEYS["widget"]) as customer:
        body = {"text": "спасибо", "dialog_id": dialog_id}
        token = customer.post("/v1/messages", json=body).json()["dialog_token"]
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    query = {"dialog_id": dialog_id, "token": token}
    url = guarded_server.url
    with ExitStack() as streams:
        for _ in range(PER_DIALOG):
            stream = EventStream(url, after=0, headers=headers, **query)
            assert streams.enter_context(stream).response.status_code == 200
        with EventStream(url, headers=headers, **query) as refused:
            assert refused.response.headers["Retry-After"] == "30"
            is_problem(refused.response, 429, "too_many")
        with EventStream(url, headers={"Authorization": f"Bearer {KEYS['operator']}"}) as stream:
            assert stream.response.status_code == 200


def test_streams_that_a_token_opens_cost_the_customer_no_messages(
    start_server: Callable[..., Server], shop: Path
) -> None:
    limits = {"SOUFFLEUR_MESSAGES_PER_MINUTE_PER_DIALOG": "2"}
    server = start_server(shop, SOUFFLEUR_API_KEYS=API_KEYS, **limits)
    body = {"text": "спасибо", "dialog_id": new_id()}
    with client_of(server, KEYS["widget"]) as customer:
        token = customer.post("/v1/messages", json=body).json()["dialog_token"]
        for _ in range(4):
            with EventStream(server.url, dialog_id=body["dialog_id"], token=token) as stream:
                assert stream.response.status_code == 200
        again = customer.post("/v1/messages", json=body, headers={"X-Dialog-Token": token})
    assert again.status_code == 200, again.text


def test_stream_of_an_operator_leaves_a_line(guarded_server: Server) -> None:
    dialog_id = new_id()
    headers = {"Authorization": f"Bearer {KEYS['operator']}", "X-Operator-Id": "op-1"}
    with client_of(guarded_server, KEYS["admin"]) as admin:
        admin.post("/v1/messages", json={"text": "спасибо", "dialog_id": dialog_id})
        for query in ({}, {"dialog_id": dialog_id}, {"dialog_id": dialog_id}):
            with EventStream(guarded_server.url, headers=headers, **query):
                pass
        lines = admin.get("/v1/audit", params={"limit": 3}).json()["lines"]
    told = {(row["action"], row["caller"], row["operator_id"]) for row in lines}
    assert told == {("events.read", "operator-1", "op-1")}
    assert [row["dialog_id"] for row in lines] == [dialog_id, dialog_id, None]
