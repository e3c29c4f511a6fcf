"""What a fact is: something exact that must stand in the evidence, written so that equal facts are
equal whatever their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prompts.loader import read

BLANK = "\x1f"
"""Stands where a fact has been taken out of a text, so that its neighbours do not join."""


class FactKind(StrEnum):
    """What sort of thing a fact is; each is compared in its own way."""

    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    WEEKDAYS = "weekdays"
    PHONE = "phone"
    URL = "url"
    EMAIL = "email"
    CODE = "code"
    NAME = "name"


class Limit(StrEnum):
    """Whether a number is the most or the least of something."""

    NONE = ""
    MOST = "most"
    LEAST = "least"


@dataclass(frozen=True)
class Fact:
    """One fact and where it stands in its text."""

    kind: FactKind
    value: str
    """Normalised: an amount in the base unit, a date as year-month-day with gaps left empty, a time
    as minutes of the day, weekdays as digits from 0 (Monday), a name as its stem."""
    start: int
    end: int
    unit: str = ""
    """Of an amount: what it measures (`duration`, `rub`, `percent`…), empty for a bare count."""
    limit: Limit = Limit.NONE
    nouns: tuple[str, ...] = ()
    """Of a bare count: stems of the two words after it."""
    working: bool | None = None
    """Of days: working (True) or calendar days (False), None when not said."""
    is_denied: bool = False
    """Of a number with a limit: whether its sentence denies something."""
    has_opposite: bool = False
    """Of a number with a limit: whether its sentence goes on to what lies past it."""
    is_implied: bool = False
    """Whether the number is not written at all: «за неделю»."""


def forms() -> Mapping[str, Any]:
    """How facts are written: `prompts/lexicon/claims.yaml`."""
    return read("lexicon/claims").content


def number_as_text(value: float) -> str:
    """The shortest writing of a number, so that 2.50 and 2,5 are equal."""
    return f"{round(value, 4):.10g}"


def blanked(text: str, start: int, end: int) -> str:
    """The text with a part taken out, as long as before."""
    return text[:start] + BLANK * (end - start) + text[end:]
