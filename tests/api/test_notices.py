"""Notices and the survey over HTTP, against a real server with keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import API_KEYS, KEYS, QUESTION, client_of, is_problem, new_id
from tests.conftest import Server

TEXT = "Заказ 10432 приехал в пункт выдачи. Он хранится до 5 марта."
OLGA = {"operator_id": "op-1", "operator_name": "Ольга"}


@pytest.fixture(scope="module")
def server(indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may write first for one reason, twice a day."""
    folder = tmp_path_factory.mktemp("notices") / "data"
    shutil.copytree(indexed_shop, folder)
    environment = {
        "SOUFFLEUR_API_KEYS": API_KEYS,
        "SOUFFLEUR_PROACTIVE_REASONS": "order_arrived, price_drop",
        "SOUFFLEUR_CONTACTS_PER_DAY": "2",
    }
    running = Server(folder, environment)
    try:
        yield running.wait()
    finally:
        running.stop()


@pytest.fixture
def shop(server: Server) -> Iterator[httpx.Client]:
    """The shop's own systems, with the operators' key."""
    with client_of(server, KEYS["operator"]) as client:
        yield client


def where_it_is(hour: int) -> str:
    """A time zone in which it is that hour now."""
    ahead = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def opened(client: httpx.Client, hour: int = 12) -> str:
    """A customer with a dialog, where it is that hour; returns his id."""
    customer = {"id": new_id("c"), "attributes": {"timezone": where_it_is(hour)}}
    reply = client.post("/v1/messages", json={"text": QUESTION, "customer": customer})
    assert reply.status_code == 200, reply.text
    return customer["id"]


def notice(client: httpx.Client, customer: str, **body: object) -> httpx.Response:
    given = {"reason": "order_arrived", "text": TEXT, **body}
    return client.post(f"/v1/customers/{customer}/notices", json=given)


def test_notice_is_told_once_and_shows_in_the_dialog(shop: httpx.Client) -> None:
    customer = opened(shop)
    first = notice(shop, customer, notice_id="n-1")
    assert first.status_code == 201, first.text
    again = notice(shop, customer, notice_id="n-1")
    assert (again.status_code, again.json()) == (200, first.json())
    dialog = shop.get(f"/v1/dialogs/{first.json()['dialog_id']}").json()
    told = [line for line in dialog["messages"] if line["purpose"] == "proactive"]
    assert [line["text"] for line in told] == [TEXT]
    assert told[0]["author"]["kind"] == "bot"
    assert told[0]["author"]["disclosure"]
    is_problem(notice(shop, customer, notice_id="n-1", text="Другое."), 409, "message_id_reused")


def test_refusals_have_codes_of_their_own(shop: httpx.Client) -> None:
    customer = opened(shop)
    problem = is_problem(notice(shop, customer, reason="sale"), 422, "reason_not_allowed")
    assert "sale" in problem["detail"]
    promise = "Мы вернём вам деньги сегодня."
    problem = is_problem(notice(shop, customer, text=promise), 422, "wording_refused")
    assert "false_promise" in problem["detail"]
    assert "text[3:9]" in problem["detail"]
    is_problem(notice(shop, customer, text=" "), 422, "text_empty")
    is_problem(notice(shop, "c-unknown"), 404, "not_found")
    is_problem(notice(shop, customer, dialog_id="d-unknown"), 404, "not_found")


def test_third_notice_of_the_day_is_409(shop: httpx.Client) -> None:
    customer = opened(shop)
    assert [notice(shop, customer).status_code for _ in range(2)] == [201, 201]
    is_problem(notice(shop, customer), 409, "contact_budget_spent")


@pytest.mark.parametrize("hour", [3, 22])
def test_notice_at_night_is_409(shop: httpx.Client, hour: int) -> None:
    is_problem(notice(shop, opened(shop, hour)), 409, "quiet_hours")


def test_notice_into_a_persons_dialog_is_409(shop: httpx.Client) -> None:
    customer = opened(shop)
    dialog_id = notice(shop, customer).json()["dialog_id"]
    assert shop.post(f"/v1/dialogs/{dialog_id}/take", json=OLGA).status_code == 200
    is_problem(notice(shop, customer), 409, "dialog_taken")


def test_widgets_key_writes_to_nobody(server: Server) -> None:
    with client_of(server, KEYS["widget"]) as widget:
        is_problem(notice(widget, "c-17"), 403, "forbidden")


def test_no_reason_is_allowed_by_default(client: httpx.Client) -> None:
    is_problem(notice(client, "c-17"), 422, "reason_not_allowed")


# --- the survey


def test_survey_after_thanks_is_answered_with_one_post_and_a_comment(server: Server) -> None:
    with client_of(server, KEYS["widget"]) as widget:
        first = widget.post("/v1/messages", json={"text": QUESTION}).json()
        dialog_id, widget.headers["X-Dialog-Token"] = first["dialog_id"], first["dialog_token"]
        thanks = widget.post("/v1/messages", json={"text": "спасибо", "dialog_id": dialog_id})
        buttons = [button["id"] for button in thanks.json()["reply"]["quick_replies"]]
        assert buttons == ["csat-1", "csat-2", "csat-3", "csat-4", "csat-5"]
        where = f"/v1/dialogs/{dialog_id}/csat"
        is_problem(widget.post(f"{where}/comment", json={"comment": "а"}), 404, "not_found")
        assert widget.post(where, json={"score": 2}).status_code == 200
        commented = widget.post(f"{where}/comment", json={"comment": " долго искал "})
        assert commented.json()["csat"]["comment"] == "долго искал"
        is_problem(widget.post(f"{where}/comment", json={"comment": "б"}), 409, "already_rated")
        is_problem(widget.post(f"{where}/comment", json={"comment": " "}), 422, "invalid_request")
        del widget.headers["X-Dialog-Token"]
        is_problem(widget.post(f"{where}/comment", json={"comment": "в"}), 403, "forbidden")


def test_streamed_thanks_carry_the_survey(shop: httpx.Client) -> None:
    dialog_id = shop.post("/v1/messages", json={"text": QUESTION}).json()["dialog_id"]
    streamed = shop.post(
        "/v1/messages",
        json={"text": "спасибо", "dialog_id": dialog_id},
        headers={"Accept": "text/event-stream"},
    ).text
    assert "csat-5" in streamed.split("event: final")[1]


def test_resolving_by_an_operator_asks_and_a_digit_rates(shop: httpx.Client) -> None:
    call = {"text": "позовите оператора"}
    dialog_id = shop.post("/v1/messages", json=call).json()["dialog_id"]
    for action, body in [
        ("take", OLGA),
        ("operator-messages", {**OLGA, "text": "Готово, проверьте."}),
        ("resolve", OLGA),
    ]:
        done = shop.post(f"/v1/dialogs/{dialog_id}/{action}", json=body)
        assert done.status_code == 200, done.text
    asked = shop.get(f"/v1/dialogs/{dialog_id}").json()["messages"][-1]
    assert asked["purpose"] == "survey"
    rated = shop.post("/v1/messages", json={"text": "5", "dialog_id": dialog_id}).json()
    assert (rated["owner"], rated["action"]) == ("closed", "acknowledge")
    assert shop.get(f"/v1/dialogs/{dialog_id}").json()["csat"]["score"] == 5
