"""Customers, tickets, rights and the audit trail over the whole wire."""

from __future__ import annotations

import importlib
import json
import pkgutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

import api.routes
from api.app import create_app
from api.audited import doing_of
from api.looks import READ_AGAIN_SECONDS, Looks
from api.service import admin_of, operator_of
from assistant.pipeline import Assistant
from assistant.settings import Settings
from assistant.store.audit import Doing
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.wiring import Parts
from tests.api.conftest import KEYS, QUESTION, Ask, client_of, is_problem, new_id
from tests.conftest import Server

OLGA = {"operator_id": "op-1", "operator_name": "Ольга"}


@pytest.fixture
def anna() -> dict[str, Any]:
    """A customer that no other test knows."""
    return {"id": new_id("c"), "name": "Анна"}


@pytest.fixture
def operator(guarded_server: Server) -> Iterator[httpx.Client]:
    with client_of(guarded_server, KEYS["operator"]) as client:
        yield client


@pytest.fixture
def admin(guarded_server: Server) -> Iterator[httpx.Client]:
    with client_of(guarded_server, KEYS["admin"]) as client:
        yield client


@pytest.fixture
def opened(guarded_server: Server, anna: dict[str, Any]) -> dict[str, Any]:
    """The reply to Anna's first message, sent by the widget."""
    with client_of(guarded_server, KEYS["widget"]) as widget:
        message = {"text": "где мой заказ 10432?", "customer": anna}
        reply: dict[str, Any] = widget.post("/v1/messages", json=message).json()
        return reply


# --- one history ---------------------------------------------------------------------------------


def test_operator_sees_earlier_dialogs_and_what_is_known(
    client: httpx.Client, ask: Ask, anna: dict[str, Any]
) -> None:
    first = ask("где мой заказ 10432?", customer=anna, channel="telegram")["dialog_id"]
    second = ask(QUESTION, customer=anna)["dialog_id"]
    view = client.get(f"/v1/dialogs/{second}").json()
    (earlier,) = view["previous_dialogs"]
    assert (earlier["dialog_id"], earlier["channel"]) == (first, "telegram")
    assert [(item["kind"], item["value"]) for item in view["known"]] == [("order", "10432")]
    found = client.get(f"/v1/customers/{anna['id']}").json()
    assert [row["dialog_id"] for row in found["dialogs"]] == [second, first]
    assert found["known"] == view["known"]
    listed = client.get("/v1/dialogs", params={"customer_id": anna["id"]}).json()["dialogs"]
    assert {row["dialog_id"] for row in listed} == {first, second}


def test_customer_sees_nothing_of_what_is_for_operators(
    guarded_server: Server, opened: dict[str, Any], anna: dict[str, Any]
) -> None:
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as customer:
        view = customer.get(f"/v1/dialogs/{opened['dialog_id']}").json()
        assert not {"known", "previous_dialogs"} & set(view)
        is_problem(customer.get(f"/v1/customers/{anna['id']}"), 403, "forbidden")
        is_problem(customer.get("/v1/tickets"), 403, "forbidden")


def test_message_of_another_customer_in_the_dialog_is_409(
    client: httpx.Client, ask: Ask, anna: dict[str, Any]
) -> None:
    dialog_id = ask(QUESTION, customer=anna)["dialog_id"]
    sent = {"text": "чужое", "dialog_id": dialog_id, "customer": {"id": new_id("c")}}
    is_problem(client.post("/v1/messages", json=sent), 409, "dialog_of_another_customer")
    streamed = client.post("/v1/messages", json=sent, headers={"Accept": "text/event-stream"})
    is_problem(streamed, 409, "dialog_of_another_customer")
    assert len(client.get(f"/v1/dialogs/{dialog_id}").json()["messages"]) == 2


def test_visitor_who_signs_in_keeps_his_dialogs(
    client: httpx.Client, ask: Ask, anna: dict[str, Any]
) -> None:
    visitor = new_id("v")
    before = ask(QUESTION, customer={"anonymous_id": visitor})["dialog_id"]
    ask(QUESTION, customer={**anna, "anonymous_id": visitor})
    found = client.get(f"/v1/customers/{anna['id']}").json()
    assert before in [row["dialog_id"] for row in found["dialogs"]]
    assert found["anonymous_ids"] == [visitor]


def test_unknown_customer_is_404(client: httpx.Client) -> None:
    for path in ("/v1/customers/c-nobody", "/v1/customers/c-nobody/export"):
        is_problem(client.get(path), 404, "not_found")
    is_problem(client.delete("/v1/customers/c-nobody"), 404, "not_found")


# --- tickets -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nobody_online")
def test_handoff_that_nobody_is_there_for_names_a_ticket(client: httpx.Client, ask: Ask) -> None:
    reply = ask("позовите оператора", dialog_id=new_id())
    ticket = client.get(f"/v1/dialogs/{reply['dialog_id']}").json()["ticket"]
    assert ticket["number"] == reply["handoff"]["ticket_number"]
    assert f"Номер вашего обращения — {ticket['number']}." in reply["reply"]["text"]
    assert client.get(f"/v1/tickets/{ticket['number']}").json()["ticket_id"] == ticket["ticket_id"]
    pressed = client.post(f"/v1/dialogs/{reply['dialog_id']}/handoff").json()
    assert pressed["handoff"] is None


@pytest.mark.usefixtures("nobody_online")
def test_button_opens_a_ticket_too(client: httpx.Client, ask: Ask) -> None:
    dialog_id = ask(QUESTION)["dialog_id"]
    pressed = client.post(f"/v1/dialogs/{dialog_id}/handoff").json()
    ticket = client.get(f"/v1/dialogs/{dialog_id}").json()["ticket"]
    assert str(ticket["number"]) in pressed["reply"]["text"]
    assert ticket["subject"] == QUESTION


@pytest.mark.parametrize(
    ("when", "online", "expected"),
    [("never", False, False), ("offline", True, False), ("always", True, True)],
)
def test_setting_says_which_handoffs_open_a_ticket(
    start_server: Callable[..., Server], shop: Path, when: str, online: bool, expected: bool
) -> None:
    server = start_server(shop, SOUFFLEUR_TICKETS_ON_HANDOFF=when)
    with client_of(server) as client:
        if online:
            client.put("/v1/operators/op-1/presence", json={"name": "Ольга"})
        reply = client.post("/v1/messages", json={"text": "позовите оператора"}).json()
        assert ("ticket_number" in reply["handoff"]) is expected


def test_ticket_is_opened_changed_and_told(client: httpx.Client, ask: Ask) -> None:
    dialog_id = ask(QUESTION)["dialog_id"]
    body = {"operator_id": "op-1", "expected_at": "2099-12-02T14:00:00+03:00"}
    opened = client.post(f"/v1/dialogs/{dialog_id}/ticket", json=body)
    assert opened.status_code == 201, opened.text
    ticket = opened.json()
    assert (ticket["status"], ticket["subject"]) == ("open", QUESTION)
    again = client.post(f"/v1/dialogs/{dialog_id}/ticket", json=body)
    is_problem(again, 409, "ticket_already_open")
    path = f"/v1/tickets/{ticket['ticket_id']}"
    for _ in range(2):
        changed = client.patch(path, json={"status": "in_progress", "operator_id": "op-1"})
        assert changed.status_code == 200, changed.text
    assert changed.json()["expected_at"] == ticket["expected_at"]
    told = [
        line["text"]
        for line in client.get(f"/v1/dialogs/{dialog_id}").json()["messages"]
        if line["purpose"] == "news"
    ]
    number = ticket["number"]
    until = "Ожидаемый срок — до 14:00 по Москве, 2 декабря."
    assert told == [f"Обращение № {number}: {state}. {until}" for state in ("принято", "в работе")]
    taken_back = client.patch(path, json={"expected_at": None})
    assert taken_back.json()["expected_at"] is None
    client.patch(path, json={"status": "closed"})
    is_problem(client.patch(path, json={"status": "open"}), 409, "ticket_move_not_allowed")


def test_expected_time_that_has_passed_is_422(client: httpx.Client, ask: Ask) -> None:
    dialog_id = ask(QUESTION)["dialog_id"]
    body = {"operator_id": "op-1", "expected_at": "2020-12-02T14:00:00+03:00"}
    refused = client.post(f"/v1/dialogs/{dialog_id}/ticket", json=body)
    is_problem(refused, 422, "bad_input")
    assert "expected_at: 2020-12-02T14:00:00+03:00 has passed" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"status": "done"},
        {"expected_at": "2026-12-02T14:00:00"},
        {"expected_at": "x"},
        {"note": ""},
    ],
)
def test_malformed_change_is_422(client: httpx.Client, ask: Ask, body: dict[str, Any]) -> None:
    dialog_id = ask(QUESTION)["dialog_id"]
    opened = client.post(f"/v1/dialogs/{dialog_id}/ticket", json={"operator_id": "op-1"}).json()
    path = f"/v1/tickets/{opened['number']}"
    is_problem(client.patch(path, json=body), 422, "invalid_request")
    assert len(client.get(path).json()["changes"]) == 1


def test_ticket_of_an_unknown_dialog_and_unknown_ticket_are_404(client: httpx.Client) -> None:
    body = {"operator_id": "op-1"}
    is_problem(client.post("/v1/dialogs/d-none/ticket", json=body), 404, "not_found")
    is_problem(client.get("/v1/tickets/999999"), 404, "not_found")
    is_problem(client.patch("/v1/tickets/t-none", json={"status": "open"}), 404, "not_found")


def test_tickets_are_listed_in_pages(client: httpx.Client, ask: Ask) -> None:
    for _ in range(3):
        ask("позовите оператора")
    whole = client.get("/v1/tickets", params={"limit": 200}).json()["tickets"]
    first = client.get("/v1/tickets", params={"limit": 1}).json()
    assert first["tickets"] == whole[:1]
    after = client.get("/v1/tickets", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert after["tickets"] == whole[1:2]
    opened = client.get("/v1/tickets", params={"status": "open", "limit": 200}).json()["tickets"]
    assert {row["status"] for row in opened} == {"open"}


# --- rights --------------------------------------------------------------------------------------


def test_customer_is_exported_and_deleted_by_admins_alone(
    operator: httpx.Client, admin: httpx.Client, opened: dict[str, Any], anna: dict[str, Any]
) -> None:
    path = f"/v1/customers/{anna['id']}"
    is_problem(operator.get(f"{path}/export"), 403, "forbidden")
    is_problem(operator.delete(path), 403, "forbidden")
    is_problem(operator.delete(f"/v1/dialogs/{opened['dialog_id']}"), 403, "forbidden")
    exported = admin.get(f"{path}/export").json()
    assert exported["messages"][0]["text"] == "где мой заказ 10432?"
    deleted = admin.delete(path)
    told = deleted.json()
    assert len(told.pop("digest")) == 64
    assert told == {"deleted": True, "dialogs": 1, "unreadable": True}
    is_problem(admin.get(path), 404, "not_found")
    is_problem(admin.get(f"/v1/dialogs/{opened['dialog_id']}"), 404, "not_found")
    line = admin.get("/v1/audit", params={"limit": 1}).json()["lines"][0]
    assert (line["caller"], line["action"]) == ("admin-2", "customer.delete")
    assert anna["id"] not in json.dumps(line)


def test_dialog_is_deleted_by_itself(
    admin: httpx.Client, opened: dict[str, Any], anna: dict[str, Any]
) -> None:
    path = f"/v1/dialogs/{opened['dialog_id']}"
    assert admin.delete(path).json()["deleted"] is True
    is_problem(admin.delete(path), 404, "not_found")
    is_problem(admin.get(f"/v1/customers/{anna['id']}"), 404, "not_found")


def test_commands_export_and_delete(
    run_command: Callable[..., Any], tmp_path: Path, database_url: str
) -> None:
    store = DialogStore(Database(database_url))
    from tests.assistant.test_store_customers import write

    write(store, "секретное слово", id="c-1")
    environment = {"SOUFFLEUR_DATABASE_URL": database_url}
    printed = run_command("customer", "export", "c-1", **environment)
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout)["messages"][0]["text"] == "секретное слово"
    out = tmp_path / "anna.json"
    assert (
        run_command("customer", "export", "c-1", "--out", str(out), **environment).returncode == 0
    )
    assert json.loads(out.read_text())["customer_id"] == "c-1"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    unsure = run_command("customer", "delete", "c-1", **environment)
    assert (unsure.returncode, "--yes" in unsure.stderr) == (2, True)
    done = run_command("customer", "delete", "c-1", "--yes", "--json", **environment)
    told = json.loads(done.stdout)
    assert len(told.pop("digest")) == 64
    assert told == {"dialogs": 1, "unreadable": True}
    again = run_command("customer", "delete", "c-1", "--yes", **environment)
    assert (again.returncode, again.stdout) == (1, "")
    assert "there is no customer" in again.stderr
    assert [row["action"] for row in store.trail()] == ["customer.delete"]


# --- audit ---------------------------------------------------------------------------------------


def lines_of(admin: httpx.Client, **which: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.get("/v1/audit", params=which).json()["lines"]  # type: ignore[arg-type]
    return found


def test_reads_and_changes_of_operators_are_written_down(
    operator: httpx.Client, admin: httpx.Client, opened: dict[str, Any], anna: dict[str, Any]
) -> None:
    path = f"/v1/dialogs/{opened['dialog_id']}"
    as_olga = {"X-Operator-Id": "op-1"}
    for _ in range(3):
        operator.get(path, headers=as_olga)
    operator.get(path, headers={"X-Operator-Id": "op-2"})
    operator.post(f"{path}/take", json=OLGA)
    refused = operator.post(f"{path}/take", json={"operator_id": "op-2"})
    is_problem(refused, 409, "dialog_taken")
    operator.post(f"{path}/operator-messages", json={**OLGA, "text": "вижу заказ"})
    is_problem(
        operator.post(f"{path}/operator-messages", json={"text": "x"}), 422, "invalid_request"
    )
    operator.post(f"{path}/release", json=OLGA)
    operator.post(f"{path}/resolve", json=OLGA)
    lines = lines_of(admin, dialog_id=opened["dialog_id"])[::-1]
    assert [(row["action"], row["operator_id"]) for row in lines] == [
        ("dialog.read", "op-1"),
        ("dialog.read", "op-2"),
        ("dialog.take", "op-1"),
        ("dialog.take", "op-2"),
        ("dialog.message", "op-1"),
        ("dialog.release", "op-1"),
        ("dialog.resolve", "op-1"),
    ]
    ticket = operator.post(f"{path}/ticket", json={"operator_id": "op-1"}).json()
    operator.patch(f"/v1/tickets/{ticket['number']}", json={"note": "склад"}, headers=as_olga)
    changed = lines_of(admin, dialog_id=opened["dialog_id"])[0]
    assert (changed["action"], changed["operator_id"]) == ("ticket.change", "op-1")
    assert {row["caller"] for row in lines} == {"operator-1"}
    assert lines[3]["details"] == {"refused": "dialog_taken"}
    assert "вижу заказ" not in json.dumps(lines, ensure_ascii=False)
    operator.get(f"/v1/customers/{anna['id']}", headers=as_olga)
    of_anna = lines_of(admin, customer_id=anna["id"])
    assert (of_anna[0]["action"], of_anna[0]["operator_id"]) == ("customer.read", "op-1")
    assert of_anna[1:] == lines_of(admin, dialog_id=opened["dialog_id"]), "and of her dialogs"
    assert {row["caller"] for row in of_anna} == {"operator-1"}
    early = {"to": lines[0]["at"], "dialog_id": opened["dialog_id"]}
    assert lines_of(admin, **early) == []


def test_customer_who_reads_his_own_dialog_is_not_written_down(
    guarded_server: Server, admin: httpx.Client, opened: dict[str, Any]
) -> None:
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as customer:
        customer.get(f"/v1/dialogs/{opened['dialog_id']}")
    assert lines_of(admin, dialog_id=opened["dialog_id"]) == []


def test_what_customers_see_of_a_ticket_is_not_in_operators_words(
    guarded_server: Server, operator: httpx.Client, opened: dict[str, Any]
) -> None:
    path = f"/v1/dialogs/{opened['dialog_id']}"
    operator.post(f"{path}/ticket", json={"operator_id": "op-1", "subject": "опять скандалит"})
    assert operator.get(path).json()["ticket"]["subject"] == "опять скандалит"
    with client_of(guarded_server, KEYS["widget"], opened["dialog_token"]) as customer:
        seen = customer.get(path)
    assert set(seen.json()["ticket"]) == {"ticket_id", "number", "status", "expected_at"}
    assert "op-1" not in seen.text


def test_changes_of_webhooks_and_notices_are_in_the_trail(
    operator: httpx.Client, admin: httpx.Client
) -> None:
    before = lines_of(admin, limit=1)[0]["id"] if lines_of(admin, limit=1) else 0
    hook = new_id("hook")
    admin.put(f"/v1/webhooks/{hook}", json={"url": "https://shop.example/hook"})
    admin.post(f"/v1/webhooks/{hook}/rotate")
    admin.delete(f"/v1/webhooks/{hook}")
    admin.post("/v1/deliveries/99999999/replay")
    customer_id = new_id("c")
    notice = {"reason": "unknown", "text": "Здравствуйте!"}
    operator.post(f"/v1/customers/{customer_id}/notices", json=notice)
    lines = [row for row in lines_of(admin)[::-1] if row["id"] > before]
    assert [row["action"] for row in lines] == [
        "webhook.put",
        "webhook.rotate",
        "webhook.delete",
        "delivery.replay",
        "customer.notice",
    ]
    assert lines[0]["details"] == {"webhook_id": hook}
    assert lines[3]["details"] == {"delivery_id": 99999999, "refused": "not_found"}
    assert (lines[4]["customer_id"], lines[4]["caller"]) == (customer_id, "operator-1")
    assert "secret" not in json.dumps(lines)


def test_trail_is_for_admins_and_comes_in_pages(
    operator: httpx.Client, admin: httpx.Client, opened: dict[str, Any]
) -> None:
    is_problem(operator.get("/v1/audit"), 403, "forbidden")
    is_problem(admin.get("/v1/audit", params={"from": "yesterday"}), 422, "invalid_request")
    for number in range(3):
        path = f"/v1/dialogs/{opened['dialog_id']}"
        operator.get(path, headers={"X-Operator-Id": f"op-{number}"})
    whole = lines_of(admin, dialog_id=opened["dialog_id"])
    page = admin.get("/v1/audit", params={"dialog_id": opened["dialog_id"], "limit": 2}).json()
    rest = lines_of(admin, dialog_id=opened["dialog_id"], cursor=page["next_cursor"])
    assert page["lines"] + rest == whole
    assert len(whole) == 3


@pytest.mark.parametrize("operator_id", ["", "a b", "x" * 65])
def test_operators_id_that_is_none_is_422(operator: httpx.Client, operator_id: str) -> None:
    response = operator.get("/v1/dialogs", headers={"X-Operator-Id": operator_id})
    assert response.status_code == 422


def routes() -> Iterator[APIRoute]:
    """Every route of every module."""
    for module in pkgutil.iter_modules(api.routes.__path__, "api.routes."):
        router = importlib.import_module(module.name).router
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def test_every_change_of_an_operator_is_marked_for_the_trail() -> None:
    unseen = {
        ("PUT", "/v1/operators/{operator_id}/presence"),  # of nobody's dialog
        ("DELETE", "/v1/dialogs/{dialog_id}"),  # written in the transaction that deletes
        ("DELETE", "/v1/customers/{customer_id}"),
    }
    found = set()
    for route in routes():
        needs = {sub.call for sub in route.dependant.dependencies}
        if needs & {operator_of, admin_of} and not hasattr(route.endpoint, "audited_as"):
            found |= {(method, route.path) for method in route.methods - {"GET", "HEAD"}}
    assert found == unseen


class Unwritable(DialogStore):
    """A store whose trail cannot be written."""

    def note(self, doing: Doing) -> int:
        from assistant.errors import StoreError

        raise StoreError("the dialog store did not answer: cannot open var/secret.db")


def test_change_that_cannot_be_written_down_is_refused(
    built: tuple[Assistant, Parts],
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from fastapi.testclient import TestClient

    assistant, parts = built
    assistant.store = Unwritable(Database(f"sqlite:///{tmp_path / 'x.db'}"))
    with TestClient(create_app(settings, (assistant, parts))) as client:
        dialog_id = client.post("/v1/messages", json={"text": QUESTION}).json()["dialog_id"]
        is_problem(
            client.post(f"/v1/dialogs/{dialog_id}/take", json=OLGA), 503, "store_unavailable"
        )
        refused = client.get(f"/v1/dialogs/{dialog_id}")
        problem = is_problem(refused, 503, "store_unavailable")
        assert "var/secret.db" not in refused.text, "where the store lives is for the log"
        assert "send it again" in problem["detail"]
        assert refused.headers["Retry-After"] == "2"
    assert "var/secret.db" in caplog.text
    assert assistant.store.dialog(dialog_id).owner == "bot"


def test_look_is_new_again_after_five_minutes() -> None:
    now = [0.0]
    looks = Looks(lambda: now[0])
    doing = Doing("key", "dialog.read", "op-1", "d-1")
    assert looks.is_new(doing)
    looks.remember(doing)
    assert not looks.is_new(doing)
    assert looks.is_new(Doing("key", "dialog.read", "op-2", "d-1"))
    now[0] = READ_AGAIN_SECONDS
    assert looks.is_new(doing)


def test_only_so_many_looks_are_remembered() -> None:
    looks = Looks(lambda: 0.0)
    for number in range(10_001):
        looks.remember(Doing("key", "dialog.read", None, f"d-{number}"))
    assert looks.is_new(Doing("key", "dialog.read", None, "d-0"))
    assert not looks.is_new(Doing("key", "dialog.read", None, "d-1"))


def test_doing_needs_somebody_who_does_it() -> None:
    with pytest.raises(StopIteration):
        doing_of("dialog.take", {"dialog_id": "d-1"})
