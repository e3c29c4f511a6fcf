"""The operators' list: urgent ones first, what each row shows, and two who take at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.api.conftest import Ask, client_of, is_problem
from tests.api.test_operators import all_pages
from tests.conftest import Server
from tests.support.event_stream import EventStream
from tests.support.postgresql import PostgreSQL

COMPLAINT = "Привезли не тот товар, это безобразие"


@pytest.fixture(params=["sqlite", "postgresql"])
def queue(
    request: pytest.FixtureRequest, start_server: Callable[..., Server], shop: Path
) -> Iterator[httpx.Client]:
    """A server of the test's own, where nobody waits yet."""
    if request.param == "sqlite":
        server = start_server(shop)
    else:
        postgresql: PostgreSQL = request.getfixturevalue("postgresql")
        server = start_server(shop, SOUFFLEUR_DATABASE_URL=postgresql.new_database())
    with client_of(server) as client:
        yield client


def open_dialog(client: httpx.Client, text: str) -> str:
    return str(client.post("/v1/messages", json={"text": text}).json()["dialog_id"])


def test_urgent_ones_come_first_and_the_oldest_among_equals(queue: httpx.Client) -> None:
    texts = ["позовите оператора", COMPLAINT, "позовите оператора", COMPLAINT]
    opened = [open_dialog(queue, text) for text in texts]
    expected = [opened[1], opened[3], opened[0], opened[2]]
    rows = all_pages(queue, owner="waiting", order="priority")
    assert [row["priority"] for row in rows] == ["high", "high", "normal", "normal"]
    assert [row["dialog_id"] for row in rows] == expected
    paged = all_pages(queue, owner="waiting", order="priority", limit=1)
    assert [row["dialog_id"] for row in paged] == expected
    plain = all_pages(queue, owner="waiting", limit=3)
    assert [row["dialog_id"] for row in plain] == opened, "the order as it was"


def test_complaint_of_somebody_who_waits_makes_it_more_urgent(queue: httpx.Client) -> None:
    first, second = (open_dialog(queue, "позовите оператора") for _ in range(2))
    with EventStream(str(queue.base_url).rstrip("/"), dialog_id=second) as stream:
        reply = queue.post("/v1/messages", json={"text": COMPLAINT, "dialog_id": second}).json()
        told = next(event for event in stream if event.name == "priority.raised")
    assert reply["handoff"] is None, "he is not handed over twice"
    assert told.data["data"] == {"priority": "high", "previous_priority": "normal"}
    rows = all_pages(queue, owner="waiting", order="priority")
    assert [(row["dialog_id"], row["priority"]) for row in rows] == [
        (second, "high"),
        (first, "normal"),
    ]
    queue.post("/v1/messages", json={"text": "позовите оператора", "dialog_id": second})
    assert queue.get(f"/v1/dialogs/{second}").json()["priority"] == "high", "never less"


def test_dialog_that_an_operator_took_from_the_bot_becomes_urgent_too(queue: httpx.Client) -> None:
    olga = {"operator_id": "op-1", "operator_name": "Ольга"}
    first = open_dialog(queue, "позовите оператора")
    second = open_dialog(queue, "Как удалить аккаунт?")
    place = f"/v1/dialogs/{second}"
    queue.post(f"{place}/take", json=olga).raise_for_status()
    queue.post(f"{place}/transfer", json=olga | {"to_queue": "general"}).raise_for_status()
    assert queue.get(place).json()["priority"] is None
    queue.post("/v1/messages", json={"text": COMPLAINT, "dialog_id": second}).raise_for_status()
    rows = all_pages(queue, owner="waiting", order="priority")
    assert [(row["dialog_id"], row["priority"]) for row in rows] == [
        (second, "high"),
        (first, "normal"),
    ]
    shown = queue.get(place).json()
    assert (shown["priority"], shown["handoff"], shown["owner"]) == ("high", None, "waiting")
    assert queue.post("/v1/hints", json={"dialog_id": second}).status_code == 200


@pytest.mark.parametrize("owner", [None, "human", "bot", "closed"])
def test_only_who_waits_is_listed_by_priority(client: httpx.Client, owner: str | None) -> None:
    params = {"order": "priority"} | ({"owner": owner} if owner else {})
    problem = is_problem(client.get("/v1/dialogs", params=params), 422, "bad_input")
    assert "owner=waiting" in problem["detail"]


@pytest.mark.parametrize(("made_in", "used_in"), [("waiting", "priority"), ("priority", "waiting")])
def test_cursor_of_the_other_order_is_refused(
    client: httpx.Client, ask: Ask, made_in: str, used_in: str
) -> None:
    for _ in range(2):
        ask("позовите оператора")
    params: dict[str, Any] = {"owner": "waiting", "limit": 1}
    page = client.get("/v1/dialogs", params=params | {"order": made_in}).json()
    again = params | {"order": used_in, "cursor": page["next_cursor"]}
    is_problem(client.get("/v1/dialogs", params=again), 422, "bad_input")
    odd = client.get("/v1/dialogs", params=params | {"order": "sideways"})
    is_problem(odd, 422, "invalid_request")


def test_row_shows_what_the_queue_needs(queue: httpx.Client) -> None:
    dialog_id = open_dialog(queue, COMPLAINT)
    who = {"operator_id": "op-1", "operator_name": "Ольга"}
    path = f"/v1/dialogs/{dialog_id}"
    number = queue.get(path).json()["ticket"]["number"]  # nobody is at work: a ticket was opened
    (row,) = all_pages(queue)
    assert row["intent"]["label"] == "complaint"
    assert row["ticket_number"] == number
    assert row["unread"] == 1
    assert row["last_message"]["author_kind"] == "bot"
    queue.post(f"{path}/take", json=who)
    queue.post(f"{path}/operator-messages", json=who | {"text": "Смотрю"})
    (row,) = all_pages(queue)
    assert (row["unread"], row["operator"]["name"]) == (0, "Ольга")
    assert row["last_message"]["author_name"] == "Ольга"
    assert row["last_message"]["created_at"] >= row["waiting_since"]
    for text in ("ну что там?", "алло"):
        queue.post("/v1/messages", json={"text": text, "dialog_id": dialog_id})
    (row,) = all_pages(queue)
    assert row["unread"] == 2
    assert row["last_message"]["text"] == "алло"


def test_of_two_who_take_at_once_one_has_it_and_the_other_sees_it(queue: httpx.Client) -> None:
    url, rounds = str(queue.base_url), 10

    def take(operator_id: str, dialog_id: str, start: Barrier) -> httpx.Response:
        body = {"operator_id": operator_id, "operator_name": operator_id}
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            start.wait(30)
            return client.post(f"/v1/dialogs/{dialog_id}/take", json=body)

    dialogs = [open_dialog(queue, "позовите оператора") for _ in range(rounds)]
    with EventStream(url.rstrip("/")) as stream, ThreadPoolExecutor(2) as pool:
        for dialog_id in dialogs:
            start = Barrier(2)
            both = [pool.submit(take, who, dialog_id, start) for who in ("op-a", "op-b")]
            answers = {who: it.result() for who, it in zip(("op-a", "op-b"), both, strict=True)}
            assert sorted(it.status_code for it in answers.values()) == [200, 409]
            winner = next(who for who, it in answers.items() if it.status_code == 200)
            loser = next(it for it in answers.values() if it.status_code == 409)
            assert winner in is_problem(loser, 409, "dialog_taken")["detail"]
            (told,) = stream.take(1)
            assert (told.name, told.data["dialog_id"]) == ("dialog.taken", dialog_id)
            assert told.data["data"]["operator_id"] == winner
