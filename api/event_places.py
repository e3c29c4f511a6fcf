"""How many streams of events one process serves, so that nobody shuts the others out.

The key of the widget is public: whoever has it and a dialog of his own could open stream after
stream. A dialog has a few, and a share of all places is kept for operators.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from fastapi import HTTPException

MOST_STREAMS = 2000
FOR_OPERATORS = 200
"""So many of them customers never get."""
PER_DIALOG = 5
"""A customer's pages that are open at once."""
_RETRY_SECONDS = "30"


class EventPlaces:
    """Counts the streams of one process; used from its event loop only."""

    def __init__(self, most: int = MOST_STREAMS, for_operators: int = FOR_OPERATORS) -> None:
        self._most = most
        self._for_operators = for_operators
        self._open = 0
        self._of_dialogs: Counter[str] = Counter()

    @contextlib.contextmanager
    def taken(self, customers_dialog: str | None) -> Iterator[None]:
        """A place for one stream; None: an operator's. Raises 429 when there is none."""
        most = self._most if customers_dialog is None else self._most - self._for_operators
        if self._open >= most:
            raise _too_many("too many streams of events are open")
        if customers_dialog is not None and self._of_dialogs[customers_dialog] >= PER_DIALOG:
            raise _too_many(f"a dialog has at most {PER_DIALOG} streams of events")
        self._open += 1
        if customers_dialog is not None:
            self._of_dialogs[customers_dialog] += 1
        try:
            yield
        finally:
            self._open -= 1
            if customers_dialog is not None:
                self._of_dialogs[customers_dialog] -= 1
                if not self._of_dialogs[customers_dialog]:
                    del self._of_dialogs[customers_dialog]


def _too_many(detail: str) -> HTTPException:
    return HTTPException(429, detail, {"Retry-After": _RETRY_SECONDS})
