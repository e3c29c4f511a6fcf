"""What Prometheus scrapes: how the service did lately, and what this process served.

The first comes from the store and is the same from every replica: the span ends at a full multiple
of SLOT_SECONDS, long enough ago that every message within it was acted on, and what came after its
end is not counted. The second is this process's own. No label holds an id or a text.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from assistant.errors import StoreError
from assistant.live import Figures, figures_of
from assistant.store.base import utc_now
from assistant.store.dialogs import CLAIM_SECONDS
from assistant.store.live import Live, Span

log = logging.getLogger(__name__)

SLOT_SECONDS = 5
SETTLED_SECONDS = CLAIM_SECONDS
"""How long ago the window ended at least. What is done on a message is kept with the message and
not with a time of its own: read sooner, a message of the window may be acted on only after one
replica looked and before another did."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One process's metrics."""

    def __init__(
        self, store: Live, window_hours: float, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Window(store, timedelta(hours=window_hours), now))
        # Workers of one address are told apart: a scrape meets any of them.
        self._process = str(os.getpid())
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


class _Window(Collector):
    """Reads the store once a slot, however often it is asked."""

    def __init__(self, store: Live, window: timedelta, now: Callable[[], datetime]) -> None:
        self._store = store
        self._window = window
        self._now = now
        self._lock = threading.Lock()
        self._known: tuple[datetime, Figures] | None = None

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing beforehand: registering must not read the store."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of the window as gauges."""
        hours = self._window.total_seconds() / 3600
        yield _gauge("window_hours", "Length of the window that the figures are of.", hours)
        try:
            figures = self._figures()
        except StoreError as error:
            log.warning("metrics without the store: %s", error)
            yield _gauge("store_up", "Whether the dialog store answers.", 0)
            return
        yield _gauge("store_up", "Whether the dialog store answers.", 1)
        yield from _families(figures)

    def _figures(self) -> Figures:
        end = _slot(self._now() - timedelta(seconds=SETTLED_SECONDS))
        with self._lock:
            if self._known is None or self._known[0] != end:
                self._known = end, figures_of(self._store, Span(end - self._window, end))
            return self._known[1]


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
