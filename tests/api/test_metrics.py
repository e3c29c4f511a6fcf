"""`/metrics`, read as Prometheus reads it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.metrics import SETTLED_SECONDS, SLOT_SECONDS, Metrics
from assistant.domain import HandoffReason, IncomingMessage, Owner
from assistant.errors import StoreError
from assistant.live import LEAST_JUDGED
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.live import Live, Span
from assistant.store.posting import Considered
from tests.api.conftest import KEYS, QUESTION, Ask, client_of, is_problem, new_id
from tests.assistant.conftest import ask, document, post
from tests.conftest import Clock, Server

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Samples:
    """Every sample by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((f"souffleur_{name}", tuple(sorted(labels.items()))))


def handoff_rates(samples: Samples) -> dict[str, float]:
    return {
        dict(labels)["reason"]: rate
        for (name, labels), rate in samples.items()
        if name == "souffleur_handoff_rate"
    }


def seen(store: Live, clock: Clock, hours: float = 24) -> Samples:
    """What a replica shows as soon as what is in the store now must show."""
    clock.turn(seconds=SETTLED_SECONDS + SLOT_SECONDS)
    return read(Metrics(store, hours, clock).text().decode())


def hand_over(store: DialogStore, reason: HandoffReason) -> None:
    handoff = {"reason": reason.value, "queue": "general", "summary": "…"}
    post(store, ask(store), owner=Owner.WAITING, handoff=handoff)


def test_nothing_happened_is_unknown_and_not_zero(store: DialogStore, clock: Clock) -> None:
    samples = seen(store, clock)
    assert value(samples, "messages") == 0
    assert value(samples, "store_up") == 1
    for name in ("answer_rate", "calibration_error", "csat_mean"):
        assert value(samples, name) is None
    assert handoff_rates(samples) == {}


def test_rates_are_shares_of_all_that_was_acted_on(store: DialogStore, clock: Clock) -> None:
    for _ in range(2):
        post(store, ask(store))
    hand_over(store, HandoffReason.LOW_CONFIDENCE)
    hand_over(store, HandoffReason.COMPLAINT)
    samples = seen(store, clock)
    assert value(samples, "messages") == 4
    assert value(samples, "answer_rate") == 0.5
    rates = handoff_rates(samples)
    assert set(rates) == set(HandoffReason)
    assert rates["low_confidence"] == rates["complaint"] == 0.25
    assert sum(rates.values()) == 0.5


def test_button_that_calls_a_person_counts_as_a_handoff(store: DialogStore, clock: Clock) -> None:
    received = ask(store)
    post(store, received)
    handoff = {"reason": "customer_request", "queue": "general", "summary": "…"}
    pressed = document(received) | {"action": "handoff", "handoff": handoff}
    for _ in range(3):  # an impatient customer: who waits already is not handed over again
        store.post_handoff(received.dialog.dialog_id, pressed, handoff)
    samples = seen(store, clock)
    assert value(samples, "messages") == 2
    assert handoff_rates(samples)["customer_request"] == 0.5


def test_window_ends_and_leaves_out_what_is_older(store: DialogStore, clock: Clock) -> None:
    post(store, ask(store))
    assert value(seen(store, clock, hours=2), "messages") == 1
    clock.turn(hours=2)
    assert value(seen(store, clock, hours=2), "messages") == 0


def test_evaluations_are_not_counted(store: DialogStore, clock: Clock) -> None:
    message = IncomingMessage(text="вопрос", channel="eval")
    post(store, store.receive(message, "вопрос", "ru"))
    assert value(seen(store, clock), "messages") == 0


def test_verdicts_and_ratings_are_counted(store: DialogStore, clock: Clock) -> None:
    for score in (5, 5, 1, 3):
        received = ask(store)
        post(store, received)
        store.rate(received.dialog.dialog_id, score, None)
    samples = seen(store, clock)
    assert value(samples, "verdicts", right="true") == 2
    assert value(samples, "verdicts", right="false") == 1
    assert value(samples, "csat_mean") == 3.5
    assert value(samples, "csat_ratings") == 4


def test_calibration_error_waits_for_enough_verdicts(store: DialogStore, clock: Clock) -> None:
    def judge(count: int) -> None:
        for number in range(count):
            received = ask(store)
            post(store, received, considered=Considered(0.9))
            where = received.dialog.dialog_id, received.message_id
            store.judge(*where, right=number % 2 == 0, operator_id="op-1")

    judge(LEAST_JUDGED - 2)
    samples = seen(store, clock)
    assert value(samples, "calibration_error") is None
    assert value(samples, "calibration_verdicts") == LEAST_JUDGED - 2
    judge(2)
    samples = seen(store, clock)
    assert value(samples, "calibration_verdicts") == LEAST_JUDGED
    assert value(samples, "calibration_error") == pytest.approx(0.4)  # 0.9 said, 0.5 right


def test_two_replicas_show_the_same_though_more_happened_between(
    database_url: str, store: DialogStore, clock: Clock
) -> None:
    received = ask(store)
    post(store, received)
    verdict = store.judge(
        received.dialog.dialog_id, received.message_id, right=True, operator_id="op-1"
    )
    first = seen(store, clock)
    clock.turn(seconds=SLOT_SECONDS - 1)  # still the same slot
    store.take_back(received.dialog.dialog_id, verdict["verdict_id"])
    store.rate(received.dialog.dialog_id, 1, None)
    post(store, ask(store))
    other = DialogStore(Database(database_url), clock)
    assert read(Metrics(other, 24, clock).text().decode()) == first
    later = seen(other, clock)
    assert (value(first, "messages"), value(later, "messages")) == (1, 2)
    assert value(later, "verdicts", right="false") == 1


def test_replicas_show_the_same_though_a_message_was_answered_between(
    database_url: str, store: DialogStore, clock: Clock
) -> None:
    """A reply takes seconds: the message is older than the slot, what was done on it is not."""
    clock.turn(seconds=SLOT_SECONDS - 1)
    received = ask(store)
    clock.turn(seconds=1)  # a new slot
    first = read(Metrics(store, 24, clock).text().decode())
    clock.turn(seconds=1)
    post(store, received)
    other = DialogStore(Database(database_url), clock)
    assert read(Metrics(other, 24, clock).text().decode()) == first
    assert value(seen(other, clock), "messages") == 1


class Counting(Live):
    """Counts how often it is asked, and refuses when told to."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.asked = 0
        self.broken = False

    def act_counts(self, span: Span) -> list:
        self.asked += 1
        if self.broken:
            raise StoreError("the dialog store did not answer: gone")
        return super().act_counts(span)


def test_store_is_read_once_a_slot(database_url: str, clock: Clock) -> None:
    store = Counting(Database(database_url), clock)
    metrics = Metrics(store, 24, clock)
    for _ in range(3):
        metrics.text()
    assert store.asked == 1
    clock.turn(seconds=SLOT_SECONDS)
    metrics.text()
    assert store.asked == 2


def test_store_that_does_not_answer_is_said_and_the_rest_is_there(
    database_url: str, clock: Clock
) -> None:
    store = Counting(Database(database_url), clock)
    metrics = Metrics(store, 24, clock)
    metrics.count_request("GET", "/healthz", 200, 0.01)
    store.broken = True
    samples = read(metrics.text().decode())
    assert value(samples, "store_up") == 0
    assert value(samples, "messages") is None
    assert any(name == "souffleur_http_requests_total" for name, _ in samples)


# --- the real server ------------------------------------------------------------------------------


def scrape(client: httpx.Client) -> Samples:
    response = client.get("/metrics")
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith("text/plain")
    return read(response.text)


def eventually(
    client: httpx.Client,
    condition: Callable[[Samples], bool],
    seconds: float = SETTLED_SECONDS + 4 * SLOT_SECONDS,
) -> Samples:
    until = time.monotonic() + seconds
    while True:
        samples = scrape(client)
        if condition(samples) or time.monotonic() > until:
            return samples
        time.sleep(0.5)


def test_server_shows_what_it_did(start_server: Callable[..., Server], shop: Path) -> None:
    with client_of(start_server(shop)) as client:
        for text in (QUESTION, "позовите оператора"):
            client.post("/v1/messages", json={"text": text})
        samples = eventually(client, lambda found: value(found, "messages") == 2)
    assert (value(samples, "messages"), value(samples, "answer_rate")) == (2, 0.5)
    assert handoff_rates(samples)["customer_request"] == 0.5
    assert value(samples, "window_hours") == 24


def test_requests_are_counted_by_pattern_and_no_id_or_text_is_shown(
    client: httpx.Client, ask: Ask
) -> None:
    dialog_id = new_id("d-secret")
    ask("Иван Тайный, где мой заказ", dialog_id=dialog_id)
    client.get(f"/v1/dialogs/{dialog_id}")
    client.get(f"/v1/no-such-page/{dialog_id}")
    client.request("BREW", "/healthz")
    text = client.get("/metrics").text
    assert dialog_id not in text
    assert "BREW" not in text
    assert "Тайный" not in text
    routes = {
        (dict(labels)["method"], dict(labels)["route"], dict(labels)["status"])
        for (name, labels) in read(text)
        if name == "souffleur_http_requests_total"
    }
    assert ("POST", "/v1/messages", "200") in routes
    assert ("GET", "/v1/dialogs/{dialog_id}", "200") in routes
    assert ("GET", "other", "404") in routes
    counted = [
        count
        for (name, labels), count in read(text).items()
        if name == "souffleur_http_request_seconds_count"
        and dict(labels)["route"] == "/v1/messages"
    ]
    assert counted
    assert counted[0] >= 1


def test_with_keys_only_operators_may_scrape(guarded_server: Server) -> None:
    with client_of(guarded_server) as nobody:
        is_problem(nobody.get("/metrics"), 401, "unauthorized")
    with client_of(guarded_server, KEYS["widget"]) as widget:
        is_problem(widget.get("/metrics"), 403, "forbidden")
    for role in ("operator", "admin"):
        with client_of(guarded_server, KEYS[role]) as prometheus:
            assert value(scrape(prometheus), "store_up") == 1


def test_workers_show_the_same_window_and_are_told_apart(
    start_server: Callable[..., Server], shop: Path
) -> None:
    server = start_server(shop, "--workers", "2")
    with client_of(server) as client:
        client.post("/v1/messages", json={"text": QUESTION})
        eventually(client, lambda found: value(found, "messages") == 1)
    processes: set[str] = set()
    shown: set[tuple[float | None, float | None]] = set()
    until = time.monotonic() + 30
    while len(processes) < 2 and time.monotonic() < until:
        with client_of(server) as client:  # a connection of its own meets either worker
            client.get("/healthz")
            samples = scrape(client)
        shown.add((value(samples, "messages"), value(samples, "answer_rate")))
        processes |= {
            dict(labels)["process"]
            for name, labels in samples
            if name == "souffleur_http_requests_total"
        }
    assert len(processes) == 2
    assert shown == {(1.0, 1.0)}
