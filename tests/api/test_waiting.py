"""What operators and customers see of a wait: the alarm, the contact, the hours."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import KEYS, client_of
from tests.conftest import Server

CALL = "позовите оператора"
CONTACT = {"kind": "phone", "value": "+7 916 123-45-67"}
A_MOMENT = "0.005"
"""Minutes: shorter than the pause between two rounds."""


def say(client: httpx.Client, text: str, **fields: object) -> dict[str, Any]:
    response = client.post("/v1/messages", json={"text": text, **fields})
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


def once_late(client: httpx.Client, dialog_id: str) -> dict[str, Any]:
    """The dialog as soon as its alarm was raised."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        view: dict[str, Any] = client.get(f"/v1/dialogs/{dialog_id}").json()
        if view["sla_breached_at"]:
            return view
        time.sleep(0.1)
    raise TimeoutError("no alarm was raised")


def test_alarm_of_two_servers_on_one_database_is_seen_and_told_once(
    shop: Path, start_server: Callable[..., Server]
) -> None:
    servers = [start_server(shop, SOUFFLEUR_SLA_MINUTES=A_MOMENT) for _ in range(2)]
    with client_of(servers[0]) as client, client_of(servers[1]) as other:
        dialog_id = say(client, CALL)["dialog_id"]
        view = once_late(client, dialog_id)
        assert view["unanswered_since"] < view["sla_breached_at"]
        [row] = other.get("/v1/dialogs", params={"owner": "waiting"}).json()["dialogs"]
        assert row["sla_breached_at"] == view["sla_breached_at"]
        # A second dialog's alarm: by then both have looked again at the first.
        once_late(other, say(other, CALL)["dialog_id"])
        messages = client.get(f"/v1/dialogs/{dialog_id}").json()["messages"]
        alarms = [line for line in messages if line["purpose"] == "alarm"]
        assert len(alarms) == 1
        assert alarms[0]["author"]["kind"] == "bot"
        assert alarms[0]["author"]["disclosure"]


def test_operators_word_ends_the_wait(client: httpx.Client) -> None:
    dialog_id = say(client, CALL)["dialog_id"]
    who = {"operator_id": "op-w", "operator_name": "Ольга"}
    assert client.get(f"/v1/dialogs/{dialog_id}").json()["unanswered_since"]
    client.post(f"/v1/dialogs/{dialog_id}/take", json=who)
    assert client.get(f"/v1/dialogs/{dialog_id}").json()["unanswered_since"]
    client.post(f"/v1/dialogs/{dialog_id}/operator-messages", json=who | {"text": "Здравствуйте"})
    view = client.get(f"/v1/dialogs/{dialog_id}").json()
    assert (view["unanswered_since"], view["sla_breached_at"]) == (None, None)
    client.put("/v1/operators/op-w/presence", json={"name": "Ольга", "online": False})


def test_contact_is_shown_to_operators_and_to_nobody_else(guarded_server: Server) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        opened = say(widget, CALL)
        dialog_id, token = opened["dialog_id"], opened["dialog_token"]
    with client_of(guarded_server, KEYS["widget"], token) as widget:
        noted = say(widget, CONTACT["value"], dialog_id=dialog_id)
        view = widget.get(f"/v1/dialogs/{dialog_id}").json()
    with client_of(guarded_server, KEYS["operator"]) as operator:
        shown = operator.get(f"/v1/dialogs/{dialog_id}").json()
        rows = operator.get("/v1/dialogs", params={"owner": "waiting", "limit": 200}).json()
    assert "•••• 45-67" in noted["reply"]["text"]
    assert "contact" not in view["handoff"]
    assert "contact" not in opened["handoff"]
    assert shown["handoff"]["contact"] == CONTACT
    [row] = [row for row in rows["dialogs"] if row["dialog_id"] == dialog_id]
    assert row["handoff"]["contact"] == CONTACT


def test_customer_is_told_the_hours_of_the_calendar_file(
    shop: Path, tmp_path: Path, start_server: Callable[..., Server]
) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(f"hours: always\nqueues: {{general: {{hours: {closed_now()}}}}}")
    server = start_server(shop, SOUFFLEUR_SUPPORT_CALENDAR=str(path))
    with client_of(server) as client:
        told = say(client, CALL)["reply"]["text"]
    assert "Сейчас операторы не работают" in told
    assert "телефон или почту" in told


def closed_now() -> str:
    """An hour of the day in Moscow that begins in twelve, whenever the test runs."""
    hour = (time.gmtime().tm_hour + 3 + 12) % 24
    return f"{hour:02}:00-{hour:02}:59"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hours: 9 to 5", "calendar.yaml: hours: '9 to 5' is not a span of hours"),
        ("hours: always\nqueues: {vip: {hurry: 1}}", "calendar.yaml: queues.vip: has no field"),
    ],
)
def test_server_does_not_start_with_a_wrong_calendar_and_names_what_is_wrong(
    run_command: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    text: str,
    told: str,
) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(text, encoding="utf-8")
    done = run_command("serve", SOUFFLEUR_SUPPORT_CALENDAR=str(path))
    assert done.returncode == 1
    assert told in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("hours", ["open", "closed"])
def test_route_is_tried_at_hours_of_any_calendar(
    run_command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, hours: str
) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(f"hours: {'00:00-24:00' if hours == 'open' else closed_now()}")
    calendar = {"SOUFFLEUR_SUPPORT_CALENDAR": str(path)}
    now = run_command("route", "оператора", "--json", **calendar)
    forced = run_command("route", "оператора", "--json", "--hours", "open", **calendar)
    assert json.loads(now.stdout)["hours"] == hours
    assert json.loads(forced.stdout)["hours"] == "open"
