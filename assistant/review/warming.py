"""Reads what the review needs before an operator types, beside other work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread

log = logging.getLogger(__name__)


def warm_up_beside(*steps: Callable[[], None]) -> Thread:
    """Take the steps one after the other in a thread that nobody need wait for; a step that fails
    is logged, and what it should have read is read when it is needed."""

    def take() -> None:
        for step in steps:
            try:
                step()
            except Exception:
                log.exception("the review of drafts could not be warmed up")

    thread = Thread(target=take, name="review-warm-up", daemon=True)
    thread.start()
    return thread
