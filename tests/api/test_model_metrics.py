"""What language models took, in `/metrics`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from api.metrics import SETTLED_SECONDS, SLOT_SECONDS, Metrics
from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.language_models.breaker import Circuit
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from tests.api.conftest import client_of
from tests.api.test_metrics import Samples, read, scrape, value
from tests.conftest import Clock, Server
from tests.support.misbehaving_provider import refusing_url


def shown(store: DialogStore, clock: Clock, circuits: dict[str, Circuit] | None = None) -> Samples:
    metrics = Metrics(store, 24, clock, model_calls=store, circuits=lambda: circuits or {})
    return read(metrics.text().decode())


def seen(store: DialogStore, clock: Clock, circuits: dict[str, Circuit] | None = None) -> Samples:
    """What is shown as soon as what is in the store now must be."""
    clock.turn(seconds=SETTLED_SECONDS + SLOT_SECONDS)
    return shown(store, clock, circuits)


def call(model: str, outcome: CallOutcome, cost: float | None = 0.5) -> ModelCall:
    return ModelCall(model, outcome, "draft", 100, 10, cost, 12.5, "secret detail")


def test_calls_tokens_and_cost_are_shown_by_model(store: DialogStore, clock: Clock) -> None:
    store.add_calls([call("a", CallOutcome.TIMEOUT), call("b", CallOutcome.OK)], "d-1")
    store.add_calls([call("b", CallOutcome.OK)], "d-2")
    samples = seen(store, clock)
    assert value(samples, "model_calls", model="a", purpose="draft", outcome="timeout") == 1
    assert value(samples, "model_calls", model="b", purpose="draft", outcome="ok") == 2
    assert value(samples, "model_tokens", model="b", direction="prompt") == 200
    assert value(samples, "model_tokens", model="b", direction="completion") == 20
    assert value(samples, "model_cost_usd", model="b") == 1.0
    assert value(samples, "model_dialogs") == 2
    assert value(samples, "model_tokens_per_dialog") == 165
    assert value(samples, "model_cost_usd_per_dialog") == 0.75


def test_nothing_asked_is_unknown_and_not_zero(store: DialogStore, clock: Clock) -> None:
    samples = seen(store, clock)
    assert value(samples, "model_dialogs") == 0
    assert value(samples, "model_tokens_per_dialog") is None
    assert value(samples, "model_cost_usd_per_dialog") is None
    assert not [name for name, _ in samples if name == "souffleur_model_calls"]


def test_cost_of_an_unknown_price_is_absent(store: DialogStore, clock: Clock) -> None:
    store.add_calls([call("a", CallOutcome.OK, cost=None)], "d-1")
    samples = seen(store, clock)
    assert value(samples, "model_cost_usd", model="a") is None
    assert value(samples, "model_cost_usd_per_dialog") is None
    assert value(samples, "model_tokens", model="a", direction="prompt") == 100


def test_calls_that_took_nothing_do_not_make_an_unknown_price_zero(
    store: DialogStore, clock: Clock
) -> None:
    for outcome in (CallOutcome.NOT_ASKED, CallOutcome.CACHED, CallOutcome.FAILED):
        store.add_calls([ModelCall("a", outcome, "draft", cost_usd=0.0)], "d-1")
    assert value(seen(store, clock), "model_cost_usd", model="a") == 0
    store.add_calls([call("a", CallOutcome.OK, cost=None)], "d-1")
    store.add_calls([call("a", CallOutcome.FAILED, cost=None)], "d-1")
    samples = seen(store, clock)
    assert value(samples, "model_cost_usd", model="a") is None
    assert value(samples, "model_cost_usd_per_dialog") is None
    store.add_calls([call("a", CallOutcome.OK, cost=0.5)], "d-1")
    samples = seen(store, clock)
    assert value(samples, "model_cost_usd", model="a") == 0.5
    assert value(samples, "model_cost_usd_per_dialog") == 0.5


def test_replicas_show_the_same_though_more_was_asked_between(
    database_url: str, store: DialogStore, clock: Clock
) -> None:
    store.add_calls([call("a", CallOutcome.OK)], "d-1")
    first = seen(store, clock)
    clock.turn(seconds=SLOT_SECONDS - 1)  # still the same slot
    store.add_calls([call("a", CallOutcome.OK)], "d-2")
    other = DialogStore(Database(database_url), clock)
    assert shown(other, clock) == first
    assert value(seen(other, clock), "model_dialogs") == 2


def test_circuits_are_this_processs_own_state(store: DialogStore, clock: Clock) -> None:
    samples = seen(store, clock, {"a": Circuit.OPEN})
    states = {
        dict(labels)["state"]: number
        for (name, labels), number in samples.items()
        if name == "souffleur_model_circuit" and dict(labels)["model"] == "a"
    }
    assert states == {"open": 1, "half_open": 0, "closed": 0}


def test_no_label_holds_an_id_or_a_detail(store: DialogStore, clock: Clock) -> None:
    store.add_calls([call("a", CallOutcome.FAILED)], "d-secret")
    clock.turn(seconds=SETTLED_SECONDS + SLOT_SECONDS)
    text = Metrics(store, 24, clock, model_calls=store).text().decode()
    assert "souffleur_model_calls" in text
    assert "secret" not in text


@pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")
def test_server_shows_the_circuits_of_its_models(
    start_server: Callable[..., Server], shop: Path
) -> None:
    models = {
        "SOUFFLEUR_LLM_MODEL": "openai/first",
        "SOUFFLEUR_LLM_API_BASE": refusing_url(),
        "SOUFFLEUR_LLM_FALLBACK_MODEL": "openai/second",
        "SOUFFLEUR_LLM_FALLBACK_API_BASE": refusing_url(),
    }
    with client_of(start_server(shop, **models)) as client:
        samples = scrape(client)
    circuits = {
        (dict(labels)["model"], dict(labels)["state"]): number
        for (name, labels), number in samples.items()
        if name == "souffleur_model_circuit"
    }
    assert circuits["openai/first", "closed"] == circuits["openai/second", "closed"] == 1
