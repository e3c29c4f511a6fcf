"""`GET /v1/events`: what happens, as it happens, resumed without a gap."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.tables import events
from tests.api.conftest import KEYS, Ask, client_of, is_problem, new_id
from tests.assistant.conftest import ask as write
from tests.assistant.conftest import post
from tests.conftest import Server
from tests.support.event_stream import EventStream
from tests.support.postgresql import PostgreSQL

OPERATOR = {"Authorization": f"Bearer {KEYS['operator']}"}
WIDGET = {"Authorization": f"Bearer {KEYS['widget']}"}


def test_stream_tells_what_happens_from_now_on(open_server: Server, ask: Ask) -> None:
    ask("спасибо")
    with EventStream(open_server.url) as stream:
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        reply = ask("спасибо")
        first, second = stream.take(2)
    assert (first.name, second.name) == ("message.created", "message.created")
    assert second.id > first.id
    assert first.data["id"] == first.id
    assert {first.data["dialog_id"], second.data["dialog_id"]} == {reply["dialog_id"]}
    assert first.data["data"]["message"]["text"] == "спасибо"
    assert second.data["data"]["message"]["text"] == reply["reply"]["text"]
    assert second.data["data"]["message"]["author"]["disclosure"]


def test_stream_goes_on_after_the_last_event_that_was_seen(open_server: Server, ask: Ask) -> None:
    dialog_id = new_id()
    ask("спасибо", dialog_id=dialog_id)
    with EventStream(open_server.url, after=0, dialog_id=dialog_id) as stream:
        first, second = stream.take(2)
    ask("спасибо", dialog_id=dialog_id)
    with EventStream(open_server.url, after=first.id, dialog_id=dialog_id) as stream:
        again, *later = stream.take(3)
    assert again == second
    assert [event.data["dialog_id"] for event in later] == [dialog_id] * 2
    query = {"dialog_id": dialog_id, "last_event_id": str(later[0].id)}
    with EventStream(open_server.url, **query) as stream:
        assert stream.take(1) == [later[1]]
    with EventStream(open_server.url, after=second.id, **query) as stream:
        assert stream.take(1) == [later[0]], "the header is newer than the address"


def test_stream_of_a_dialog_tells_of_no_other(open_server: Server, ask: Ask) -> None:
    mine, other = new_id(), new_id()
    ask("спасибо", dialog_id=mine)
    with EventStream(open_server.url, dialog_id=mine) as stream:
        ask("спасибо", dialog_id=other)
        ask("спасибо", dialog_id=mine)
        assert {event.data["dialog_id"] for event in stream.take(2)} == {mine}


@pytest.mark.parametrize("bad", ["abc", "-1", "1.5", "99999999999", "4294967296", "١", "1 2"])
def test_malformed_last_event_id_is_refused(client: httpx.Client, bad: str) -> None:
    is_problem(client.get("/v1/events", params={"last_event_id": bad}), 422, "bad_input")
    if bad.isascii():
        response = client.get("/v1/events", headers={"Last-Event-ID": bad})
        is_problem(response, 422, "bad_input")


def test_unknown_dialog_is_not_found(client: httpx.Client) -> None:
    is_problem(client.get("/v1/events", params={"dialog_id": "d-nowhere"}), 404, "not_found")


def test_number_that_was_never_given_resets_the_stream(open_server: Server, ask: Ask) -> None:
    with EventStream(open_server.url, after=2_000_000_000) as stream:
        (reset,) = stream.take(1)
        ask("спасибо")
        (next_one,) = stream.take(1)
    assert reset.name == "reset"
    assert set(reset.data) == {"oldest_id"}
    assert next_one.id > reset.id


def test_stream_from_before_the_oldest_event_is_told_so(
    start_server: Callable[..., Server], shop: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'dialogs.db'}"
    database = Database(url)
    store = DialogStore(database)
    for _ in range(4):
        write(store)
    with database.writing() as connection:
        connection.execute(delete(events).where(events.c.id <= 2))
    server = start_server(shop, SOUFFLEUR_DATABASE_URL=url)
    with EventStream(server.url, after=1) as stream:
        reset, *rest = stream.take(3)
    assert (reset.name, reset.data) == ("reset", {"oldest_id": 3})
    assert [event.id for event in rest] == [3, 4]
    with EventStream(server.url, after=2) as stream:
        assert [event.id for event in stream.take(2)] == [3, 4], "nothing is missing from here on"


def asked(server: Server, text: str = "спасибо") -> dict:
    """A new dialog of a customer, with its token."""
    with client_of(server, KEYS["widget"]) as customer:
        reply: dict = customer.post("/v1/messages", json={"text": text}).json()
        return reply


def test_operator_gets_all_and_nobody_nothing(guarded_server: Server) -> None:
    with EventStream(guarded_server.url, headers=OPERATOR) as stream:
        reply = asked(guarded_server)
        assert stream.take(1)[0].data["dialog_id"] == reply["dialog_id"]
    with client_of(guarded_server) as nobody:
        is_problem(nobody.get("/v1/events"), 401, "unauthorized")
    with client_of(guarded_server, KEYS["widget"]) as widget:
        is_problem(widget.get("/v1/events"), 403, "forbidden")


def test_customer_gets_his_dialog_by_its_token_only(guarded_server: Server) -> None:
    mine, other = asked(guarded_server), asked(guarded_server)
    token = mine["dialog_token"]
    opening = [
        ({"dialog_id": mine["dialog_id"]}, WIDGET | {"X-Dialog-Token": token}),
        ({"dialog_id": mine["dialog_id"], "token": token}, WIDGET),
        ({"dialog_id": mine["dialog_id"], "token": token}, {}),
    ]
    for query, headers in opening:
        with EventStream(guarded_server.url, after=0, headers=headers, **query) as stream:
            happened = [event for event in stream.take(2) if event.name != "reset"]
        assert {event.data["dialog_id"] for event in happened} == {mine["dialog_id"]}
    refused = [
        ({"dialog_id": other["dialog_id"], "token": token}, WIDGET),
        ({"dialog_id": other["dialog_id"], "token": token}, {}),
        ({"dialog_id": mine["dialog_id"], "token": token + "0"}, {}),
        ({"dialog_id": mine["dialog_id"]}, WIDGET),
        ({"dialog_id": "d-nowhere", "token": token}, WIDGET),
    ]
    for query, headers in refused:
        response = httpx.get(f"{guarded_server.url}/v1/events", params=query, headers=headers)
        is_problem(response, 403, "forbidden")
    unknown_key = {"Authorization": "Bearer unknown-key"}
    query = {"dialog_id": mine["dialog_id"], "token": token}
    response = httpx.get(f"{guarded_server.url}/v1/events", params=query, headers=unknown_key)
    is_problem(response, 401, "unauthorized")
    assert token not in guarded_server.said(), "what opens a dialog is in no log"


def one_by_one(stream: EventStream) -> Iterator[Any]:
    """The next five events, each as it comes."""
    for _ in range(5):
        yield from stream.take(1)


def test_customer_learns_nothing_that_is_for_operators(guarded_server: Server) -> None:
    mine = asked(guarded_server, "позовите оператора")
    query = {"dialog_id": mine["dialog_id"], "token": mine["dialog_token"]}
    # Whether a ticket comes before the handoff depends on who is online: other tests' operators.
    with EventStream(guarded_server.url, after=0, **query) as stream:
        handoff = next(event for event in one_by_one(stream) if event.name == "handoff.requested")
    with EventStream(guarded_server.url, after=0, headers=OPERATOR, **query) as stream:
        whole = next(event for event in one_by_one(stream) if event.name == "handoff.requested")
    assert handoff.data["data"]["reason"] == "customer_request"
    assert {"summary", "rule"} <= set(whole.data["data"])
    assert not {"summary", "rule", "passages", "priority"} & set(handoff.data["data"])


def test_server_ends_at_once_though_streams_are_open(
    start_server: Callable[..., Server], shop: Path
) -> None:
    server = start_server(shop)
    with EventStream(server.url) as one, EventStream(server.url) as other:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(15)
        assert list(one) == []
        assert list(other) == []


def test_stream_ends_when_the_client_goes_away(
    start_server: Callable[..., Server], shop: Path
) -> None:
    server = start_server(shop)

    def streams() -> float:
        (line,) = [
            line
            for line in httpx.get(f"{server.url}/metrics").text.splitlines()
            if line.startswith("souffleur_event_streams{")
        ]
        return float(line.rpartition(" ")[2])

    with EventStream(server.url), EventStream(server.url):
        until(lambda: streams() == 2)
    until(lambda: streams() == 0)


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def test_two_workers_tell_the_same(start_server: Callable[..., Server], shop: Path) -> None:
    """Streams and messages meet either worker; what one has written the other tells."""
    server = start_server(shop, "--workers", "2")
    dialog_ids = [new_id() for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        streams = [EventStream(server.url, after=0) for _ in range(6)]
        opened = [stream.__enter__() for stream in streams]
        taking = [pool.submit(stream.take, 24) for stream in opened]
        for dialog_id in dialog_ids:
            with client_of(server) as client:
                body = {"text": "спасибо", "dialog_id": dialog_id}
                assert client.post("/v1/messages", json=body).status_code == 200
        taken = [job.result(60) for job in taking]
        for stream in opened:
            stream.__exit__()
    told = [[(event.id, event.name) for event in happened] for happened in taken]
    assert all(each == told[0] for each in told)
    assert {event.data["dialog_id"] for event in taken[0]} == set(dialog_ids)
    server.stop()


def test_reader_who_comes_back_at_random_misses_nothing_while_many_write(
    start_server: Callable[..., Server], shop: Path, postgresql: PostgreSQL
) -> None:
    """Two servers and two more writing processes' worth of stores on one PostgreSQL."""
    url = postgresql.new_database()
    servers = [start_server(shop, SOUFFLEUR_DATABASE_URL=url) for _ in range(2)]
    stores = [DialogStore(Database(url)) for _ in range(2)]
    writers, dialogs_each = 8, 15

    def write_some(number: int) -> None:
        for at in range(dialogs_each):
            post(stores[at % 2], write(stores[number % 2], dialog_id=f"d-{number}-{at}"))

    chance = random.Random(6)
    seen: list[int] = []
    with ThreadPoolExecutor(writers) as pool:
        written = [pool.submit(write_some, number) for number in range(writers)]
        while len(seen) < writers * dialogs_each * 2:
            left = writers * dialogs_each * 2 - len(seen)
            server = chance.choice(servers)
            with EventStream(server.url, after=seen[-1] if seen else 0) as stream:
                seen += [event.id for event in stream.take(min(left, chance.randint(1, 40)))]
        for job in written:
            job.result()
    assert seen == [event.id for event in stores[0].events_after(0, 10_000)]
