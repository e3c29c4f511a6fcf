"""What Prometheus scrapes: how the service did lately, and what this process served.

The first comes from the store and is the same from every replica: the span ends at a full multiple
of SLOT_SECONDS, long enough ago that every message within it was acted on, and what came after its
end is not counted. The second is this process's own. No label holds an id or a text.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from assistant.errors import StoreError
from assistant.language_models.breaker import Circuit
from assistant.language_models.ledger import known_cost
from assistant.live import Figures, figures_of
from assistant.settings import ANSWER_SECONDS
from assistant.store.base import utc_now
from assistant.store.deliveries import Deliveries
from assistant.store.live import Live, Span
from assistant.store.model_calls import CallCount, DialogSpending, ModelCalls

log = logging.getLogger(__name__)

SLOT_SECONDS = 5
SETTLED_SECONDS = ANSWER_SECONDS
"""How long ago the window ended at least. What is done on a message is kept with the message and
not with a time of its own: read sooner, a message of the window may be acted on only after one
replica looked and before another did."""
_CALL_LABELS = ("model", "purpose", "outcome")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One process's metrics."""

    def __init__(
        self,
        store: Live,
        window_hours: float,
        now: Callable[[], datetime] = utc_now,
        *,
        model_calls: ModelCalls | None = None,
        circuits: Callable[[], Mapping[str, Circuit]] = dict,
        settled_seconds: float = SETTLED_SECONDS,
        deliveries: Deliveries | None = None,
        streams: Callable[[], int] = int,
    ) -> None:
        """`circuits`: by name of the language model; empty where there is none. `streams`: how many
        streams of events this process has open.
        `settled_seconds`: how long ago the window ended at least."""
        self._registry = CollectorRegistry()
        window = timedelta(hours=window_hours)
        settled = timedelta(seconds=settled_seconds)
        self._registry.register(_Window(store, window, lambda: now() - settled, model_calls))
        # Workers of one address are told apart: a scrape meets any of them.
        self._process = str(os.getpid())
        self._registry.register(_Circuits(self._process, circuits))
        if deliveries is not None:
            self._registry.register(_Outbox(deliveries))
        open_streams = Gauge(
            "souffleur_event_streams",
            "Streams of events that this process has open.",
            ("process",),
            registry=self._registry,
        )
        open_streams.labels(self._process).set_function(streams)
        self._requests = Counter(
            "souffleur_http_requests",
            "Requests this process answered.",
            ("process", "method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "souffleur_http_request_seconds",
            "How long they took, from the first byte in to the last byte out.",
            ("process", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note a request. `route` is the pattern of the path, never the path."""
        known = method if method in _METHODS else "other"
        self._requests.labels(self._process, known, route, str(status)).inc()
        self._seconds.labels(self._process, route).observe(seconds)

    def text(self) -> bytes:
        """All of it in Prometheus' text format. When the store does not answer, what comes from it
        is left out and souffleur_store_up is 0."""
        return generate_latest(self._registry)


_Spending = tuple[list[CallCount], DialogSpending]


class _Window(Collector):
    """Reads the store once a slot, however often it is asked."""

    def __init__(
        self,
        store: Live,
        window: timedelta,
        settled: Callable[[], datetime],
        model_calls: ModelCalls | None,
    ) -> None:
        """`settled`: until when all that came has been acted on."""
        self._store = store
        self._model_calls = model_calls
        self._window = window
        self._settled = settled
        self._lock = threading.Lock()
        self._known: tuple[datetime, Figures, _Spending | None] | None = None

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing beforehand: registering must not read the store."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of the window as gauges."""
        hours = self._window.total_seconds() / 3600
        yield _gauge("window_hours", "Length of the window that the figures are of.", hours)
        try:
            figures, spending = self._figures()
        except StoreError as error:
            log.warning("metrics without the store: %s", error)
            yield _gauge("store_up", "Whether the dialog store answers.", 0)
            return
        yield _gauge("store_up", "Whether the dialog store answers.", 1)
        yield from _families(figures)
        if spending is not None:
            yield from _spending_families(*spending)

    def _figures(self) -> tuple[Figures, _Spending | None]:
        end = _slot(self._settled())
        with self._lock:
            if self._known is None or self._known[0] != end:
                span = Span(end - self._window, end)
                self._known = end, figures_of(self._store, span), self._spending(span)
            return self._known[1:]

    def _spending(self, span: Span) -> _Spending | None:
        calls = self._model_calls
        if calls is None:
            return None
        return calls.call_counts(span), calls.dialog_spending(span)


class _Circuits(Collector):
    """How the breakers of this process stand."""

    def __init__(self, process: str, circuits: Callable[[], Mapping[str, Circuit]]) -> None:
        self._process = process
        self._circuits = circuits

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing beforehand: which models there are may change."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """1 for the state that each model's circuit is in, 0 for the others."""
        family = _family(
            "model_circuit",
            "1: the state that the model's circuit is in; open: it is not asked for a while.",
            ("process", "model", "state"),
        )
        for model, circuit in self._circuits().items():
            for state in Circuit:
                family.add_metric([self._process, model, state.value], float(state is circuit))
        yield family


class _Outbox(Collector):
    """What webhooks and channels have not got."""

    def __init__(self, store: Deliveries) -> None:
        self._store = store

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing beforehand: registering must not read the store."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Counts by state; nothing when the store does not answer, which `_Window` tells."""
        try:
            counts = self._store.delivery_counts()
        except StoreError as error:
            log.warning("metrics without the outbox: %s", error)
            return
        yield _labelled(
            "deliveries", "Deliveries that are pending, and dead ones.", "state", {**counts}
        )


def _slot(moment: datetime) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // SLOT_SECONDS * SLOT_SECONDS, UTC)


def _families(figures: Figures) -> Iterator[GaugeMetricFamily]:
    """What is unknown has no sample: it is not 0."""
    yield _gauge("messages", "Messages (and calls for a person) that were acted on.", figures.acts)
    yield _gauge("answer_rate", "Share of them that the bot answered.", figures.answer_rate)
    yield _labelled(
        "handoff_rate",
        "Share of them handed to a person, by reason.",
        "reason",
        {reason.value: figures.handoff_rate(reason) for reason in figures.handoffs},
    )
    yield _labelled(
        "verdicts",
        "Answers that were judged, by whether they were right.",
        "right",
        {"true": figures.right, "false": figures.wrong},
    )
    yield _gauge(
        "calibration_error",
        "Mean distance of confidence from the share of right answers; absent below 30 verdicts.",
        figures.calibration_error,
    )
    yield _gauge("calibration_verdicts", "Verdicts that error is over.", figures.judged)
    yield _gauge("csat_mean", "Mean rating by customers, 1 to 5.", figures.csat_mean)
    yield _gauge("csat_ratings", "Ratings that mean is over.", figures.ratings)
    yield _labelled(
        "hints",
        "Operators' messages before which hints were shown, by what became of those.",
        "outcome",
        {outcome.value: count for outcome, count in figures.hints.items()},
    )


def _gauge(name: str, meaning: str, value: float | None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"souffleur_{name}", meaning)
    if value is not None:
        family.add_metric([], value)
    return family


def _labelled(
    name: str, meaning: str, label: str, values: dict[str, float | None]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"souffleur_{name}", meaning, labels=[label])
    for key, value in values.items():
        if value is not None:
            family.add_metric([key], value)
    return family


def _spending_families(
    counts: Sequence[CallCount], dialogs: DialogSpending
) -> Iterator[GaugeMetricFamily]:
    calls = _family(
        "model_calls", "Calls of language models, also those passed over.", _CALL_LABELS
    )
    tokens: defaultdict[tuple[str, str], int] = defaultdict(int)
    costs: defaultdict[str, list[tuple[int, float | None]]] = defaultdict(list)
    for row in counts:
        calls.add_metric([row.model, row.purpose, row.outcome.value], row.count)
        tokens[row.model, "prompt"] += row.prompt_tokens
        tokens[row.model, "completion"] += row.completion_tokens
        costs[row.model].append((row.prompt_tokens + row.completion_tokens, row.cost_usd))
    yield calls
    taken = _family("model_tokens", "Tokens that they took.", ("model", "direction"))
    for labels, count in tokens.items():
        taken.add_metric(labels, count)
    yield taken
    known = {model: known_cost(taken) for model, taken in costs.items()}
    yield _labelled("model_cost_usd", "What they cost, as far as prices are known.", "model", known)
    yield from _per_dialog(dialogs)


def _per_dialog(dialogs: DialogSpending) -> Iterator[GaugeMetricFamily]:
    count, cost = dialogs.dialogs, dialogs.cost_usd
    yield _gauge("model_dialogs", "Dialogs that they were wanted for.", count)
    yield _gauge(
        "model_tokens_per_dialog",
        "Tokens a dialog of those.",
        dialogs.tokens / count if count else None,
    )
    yield _gauge(
        "model_cost_usd_per_dialog",
        "USD a dialog of those, as far as prices are known.",
        cost / count if count and cost is not None else None,
    )


def _family(name: str, meaning: str, labels: Sequence[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"souffleur_{name}", meaning, labels=labels)
