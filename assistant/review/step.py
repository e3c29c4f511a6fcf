"""Something that is said to happen next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """Whose turn it is after it."""

    CUSTOMERS = "customers"
    """He is asked or told to do something."""
    DONE = "done"
    """It has been done, or is done by saying so; nobody waits."""
    AWAITED = "awaited"
    """We, or somebody for us, will do it: he waits."""


@dataclass(frozen=True)
class Step:
    """Where in the sentence's own text it is said."""

    start: int
    end: int
    kind: StepKind
