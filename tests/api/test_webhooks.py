"""Webhooks and dead letters over HTTP and by command."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.signing import verify
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from tests.api.conftest import KEYS, client_of, is_problem, new_id
from tests.assistant.conftest import ask
from tests.conftest import Server
from tests.support.misbehaving_provider import refusing_url
from tests.support.receiver import Receiver

URL = "https://shop.example/hook"
SECRET = "a-secret-of-the-channels"


@pytest.fixture
def admin(guarded_server: Server) -> Iterator[httpx.Client]:
    """Whoever may set up the service; leaves no webhook behind."""
    with client_of(guarded_server, KEYS["admin"]) as client:
        yield client
        for webhook in client.get("/v1/webhooks").json()["webhooks"]:
            client.delete(f"/v1/webhooks/{webhook['id']}")


def until(found: Callable[[], Any], seconds: float = 30) -> Any:
    """The first thing found that is not empty."""
    end = time.monotonic() + seconds
    while not (value := found()):
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)
    return value


def test_webhook_is_made_listed_changed_and_deleted(admin: httpx.Client) -> None:
    made = admin.put("/v1/webhooks/crm", json={"url": URL, "event_types": ["csat.received"]})
    assert made.status_code == 201
    view = made.json()
    secret = view.pop("secret")
    assert (view["id"], view["url"], view["event_types"]) == ("crm", URL, ["csat.received"])
    assert admin.get("/v1/webhooks").json() == {"webhooks": [view]}
    changed = admin.put("/v1/webhooks/crm", json={"url": URL + "2"})
    assert (changed.status_code, changed.json()["url"]) == (200, URL + "2")
    assert changed.json()["event_types"] == []
    assert secret not in changed.text
    assert admin.delete("/v1/webhooks/crm").status_code == 204
    is_problem(admin.delete("/v1/webhooks/crm"), 404, "not_found")


def test_rotated_secret_is_shown_once_and_the_old_one_stays_a_day(admin: httpx.Client) -> None:
    old = admin.put("/v1/webhooks/crm", json={"url": URL}).json()["secret"]
    rotated = admin.post("/v1/webhooks/crm/rotate").json()
    assert rotated["secret"] not in ("", old)
    assert rotated["old_secret_valid_seconds"] == 24 * 3600
    assert len(rotated["old_secrets_until"]) == 1
    assert "whsec_" not in admin.get("/v1/webhooks").text
    is_problem(admin.post("/v1/webhooks/nobody/rotate"), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": "shop.example/hook"},
        {"url": "ftp://shop.example"},
        {"url": "https://user:password@shop.example/"},
        {"url": "https://shop.example/ /"},
        {"url": "https://" + "x" * 2000},
        {"url": "https://shop.example:99999/"},
        {"url": "https://shop.example:0/"},
        {"url": "https://shop.example:http/"},
        {"url": "https://:8443/"},
        {"url": "https://[::1/"},
        {"url": URL, "event_types": ["message.create"]},
        {"url": URL, "event_types": "csat.received"},
    ],
)
def test_webhook_that_makes_no_sense_is_refused(admin: httpx.Client, body: dict[str, Any]) -> None:
    is_problem(admin.put("/v1/webhooks/crm", json=body), 422, "invalid_request")
    assert admin.get("/v1/webhooks").json() == {"webhooks": []}


@pytest.mark.parametrize("bad", ["channel:web", "a b", "x" * 65, "é"])
def test_id_that_may_not_be_is_refused(admin: httpx.Client, bad: str) -> None:
    is_problem(admin.put(f"/v1/webhooks/{bad}", json={"url": URL}), 422, "invalid_request")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/webhooks/crm"),
        ("GET", "/v1/webhooks"),
        ("DELETE", "/v1/webhooks/crm"),
        ("POST", "/v1/webhooks/crm/rotate"),
        ("GET", "/v1/deliveries"),
        ("POST", "/v1/deliveries/1/replay"),
    ],
)
@pytest.mark.parametrize("role", ["widget", "operator"])
def test_webhooks_are_for_admins(guarded_server: Server, role: str, method: str, path: str) -> None:
    with client_of(guarded_server, KEYS[role]) as client:
        is_problem(client.request(method, path, json={"url": URL}), 403, "forbidden")


def test_server_delivers_what_happens(admin: httpx.Client, guarded_server: Server) -> None:
    with Receiver() as receiver:
        secret = admin.put("/v1/webhooks/crm", json={"url": receiver.url}).json()["secret"]
        reply = admin.post("/v1/messages", json={"text": "спасибо"}).json()
        came = until(lambda: len(receiver.posts) >= 2 and receiver.posts)
        until(lambda: not pending(admin))
    assert [each.document["data"]["author"] for each in came] == ["customer", "bot"]
    assert came[1].document["data"]["message"]["text"] == reply["reply"]["text"]
    now = datetime.now(UTC).timestamp()
    assert all(
        verify(secret, each.headers["x-souffleur-signature"], each.body, now) for each in came
    )
    assert receiver.url not in guarded_server.said(), "addresses may hold secrets"


def pending(admin: httpx.Client) -> list[dict[str, Any]]:
    """Deliveries that are not settled."""
    rows: list[dict[str, Any]] = admin.get("/v1/deliveries?state=pending").json()["deliveries"]
    return rows


def test_what_cannot_be_delivered_is_listed_and_counted(
    admin: httpx.Client, guarded_server: Server
) -> None:
    admin.put("/v1/webhooks/crm", json={"url": refusing_url()})
    dialog_id = new_id()
    admin.post("/v1/messages", json={"text": "спасибо", "dialog_id": dialog_id})
    failed = until(lambda: [row for row in pending(admin) if row["last_error"]])
    assert failed[0]["target"] == "crm"
    assert failed[0]["dialog_id"] == dialog_id
    assert "body" not in failed[0]
    waits = admin.post(f"/v1/deliveries/{failed[0]['id']}/replay")
    assert "not dead" in is_problem(waits, 409, "conflict")["detail"]
    first = admin.get("/v1/deliveries?target=crm&limit=1").json()
    rest = admin.get(f"/v1/deliveries?target=crm&cursor={first['next_cursor']}").json()
    numbers = [row["id"] for row in [*first["deliveries"], *rest["deliveries"]]]
    assert numbers == [row["id"] for row in pending(admin)]
    assert rest["next_cursor"] is None
    with client_of(guarded_server, KEYS["operator"]) as operator:
        assert 'souffleur_deliveries{state="pending"} 2.0' in operator.get("/metrics").text
    is_problem(admin.get("/v1/deliveries?state=lost"), 422, "invalid_request")
    is_problem(admin.post("/v1/deliveries/99999999/replay"), 404, "not_found")


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_dead_letters_are_listed_and_replayed_by_command_and_call(
    start_server: Callable[..., Server], run_command: Run, shop: Path
) -> None:
    url = f"sqlite:///{shop / 'souffleur.db'}"
    numbers = dead_deliveries(DialogStore(Database(url)), 3)
    at = ("--data-dir", str(shop))
    listed = json.loads(run_command("outbox", "list", "--json", *at).stdout)["deliveries"]
    assert [row["id"] for row in listed] == numbers
    assert "status 500" in run_command("outbox", "list", "--target", "crm", *at).stdout
    assert json.loads(run_command("outbox", "list", "--json", "--target", "x", *at).stdout) == {
        "deliveries": []
    }
    one = run_command("outbox", "replay", str(numbers[0]), "--json", *at)
    assert json.loads(one.stdout) == {"replayed": 1}
    assert run_command("outbox", "replay", "4711", *at).returncode == 1
    assert run_command("outbox", "replay", *at).returncode == 2
    assert run_command("outbox", "replay", "1", "--all", *at).returncode == 2
    server = start_server(shop)
    with client_of(server) as admin, Receiver() as receiver:
        admin.put("/v1/webhooks/crm", json={"url": receiver.url})
        assert admin.post(f"/v1/deliveries/{numbers[1]}/replay").json()["state"] == "pending"
        everything = run_command("outbox", "replay", "--all", "--target", "crm", *at)
        assert everything.returncode == 0, everything.stderr
        until(lambda: not admin.get("/v1/deliveries?state=dead").json()["deliveries"])
        until(lambda: not pending(admin))
        is_problem(admin.post(f"/v1/deliveries/{numbers[0]}/replay"), 409, "conflict")
    assert {came.delivery for came in receiver.posts} == {str(number) for number in numbers}


def dead_deliveries(store: DialogStore, count: int) -> list[int]:
    """So many to the webhook `crm`, at whose address nobody is; returns their numbers."""
    store.put_webhook("crm", refusing_url(), [])
    for _ in range(count):
        ask(store)
    store.enqueue_next("crm")
    lease = store.take_lease("deliver:crm")
    assert lease is not None
    found = store.due_deliveries(lease, "crm", count)
    assert found is not None
    for delivery in found:
        store.note_failed(delivery, "status 500: not taken", None)
    store.give_back_lease(lease)
    return [delivery.id for delivery in found]


def test_channel_of_the_settings_gets_what_is_said_in_it(
    start_server: Callable[..., Server], shop: Path
) -> None:
    with Receiver() as receiver:
        server = start_server(
            shop,
            SOUFFLEUR_CHANNEL_HOOKS=f"telegram={receiver.url}",
            SOUFFLEUR_CHANNEL_SECRET=SECRET,
        )
        with client_of(server) as client:
            until(lambda: client.get("/v1/webhooks").json()["webhooks"])
            for channel in ("web", "telegram"):
                client.post("/v1/messages", json={"text": "спасибо", "channel": channel})
            until(lambda: receiver.posts)
            until(lambda: not pending(client))
    (came,) = receiver.posts
    header = came.headers["x-souffleur-signature"]
    assert verify(SECRET, header, came.body, datetime.now(UTC).timestamp())
    assert came.document["channel"] == "telegram"
    assert came.document["data"]["message"]["author"]["disclosure"]
