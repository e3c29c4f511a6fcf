"""Finds what fell through: messages that were accepted and that nobody works on, because the
process that did was killed or the client that would have asked again is gone."""

from __future__ import annotations

import logging

from assistant.errors import NotFoundError
from assistant.pipeline import Assistant

log = logging.getLogger(__name__)

_AT_A_TIME = 50


class Watchdog:
    """Answers them; in each process one, which leave each other alone by the dialogs' leases."""

    def __init__(self, assistant: Assistant, grace_seconds: float) -> None:
        self._assistant = assistant
        self._grace_seconds = grace_seconds

    def look(self) -> int:
        """Answer what was left unanswered; returns how many turns."""
        answered = 0
        store = self._assistant.store
        for dialog_id in store.left_unanswered(self._grace_seconds, _AT_A_TIME):
            try:
                turn = store.take_turn(dialog_id)
            except NotFoundError:  # deleted since
                continue
            if turn is None:
                continue
            document = self._assistant.answer(turn)
            if document is not None:
                answered += 1
                log.warning("dialog %s had fallen through and was answered", dialog_id)
        return answered
