"""What the words before a number say it is."""

from __future__ import annotations

import re
from functools import cache

from assistant.privacy.lexicon import any_of, pattern_of

LABELLED = ("phone", "card", "passport", "snils", "inn", "account", "ssn", "other")

REACH = 40
"""How many characters before a number may hold the word that names it."""


@cache
def _labels() -> re.Pattern[str]:
    parts = (rf"(?P<{kind}>{any_of(f'label_{kind}')})" for kind in LABELLED)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def label_before(low: str, start: int, reach: int = REACH) -> tuple[str, int]:
    """The kind that the nearest label before `start` names, and how far before it ends.

    Kind "" when there is none; `other` for numbers that are nobody's (an order, an article).
    """
    left = max(0, start - reach)
    nearest = ("", reach)
    for match in _labels().finditer(low, left, start):
        gap = low[match.end() : start]
        if not any(char.isdigit() for char in gap) and not re.search(r"[!?;]|\.\s+\S", gap):
            nearest = (match.lastgroup or "", start - match.end())
    return nearest


def stands_near(name: str, low: str, start: int, end: int, reach: int = REACH) -> bool:
    """Whether a word of the list `name` stands within `reach` characters of the span."""
    return stands_before(name, low, start, reach) or bool(
        pattern_of(name).search(low, end, min(len(low), end + reach))
    )


def stands_before(name: str, low: str, start: int, reach: int = REACH) -> bool:
    """Whether a word of the list `name` stands within `reach` characters before `start`."""
    return bool(pattern_of(name).search(low, max(0, start - reach), start))


@cache
def _unit() -> re.Pattern[str]:
    return re.compile(rf"\s{{0,2}}{any_of('currency_after')}(?!\w)")


def counts_something(low: str, start: int, end: int) -> bool:
    """Whether the number is an amount: a currency or a unit beside it."""
    return bool(_unit().match(low, end)) or low[max(0, start - 2) : start].strip() in {
        "$", "€", "£", "₽",
    }  # fmt: skip
