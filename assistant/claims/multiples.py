"""How many times as much: «вдвое», "double the price". A fact like any other number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.claims.fact import Fact, FactKind
from assistant.text import lower_plain
from prompts.loader import read

UNIT = "times"


def multiples_of(text: str) -> Iterator[Fact]:
    """Every multiple in a text."""
    plain = lower_plain(text)
    for number, shape in _shapes():
        for match in shape.finditer(plain):
            yield Fact(FactKind.AMOUNT, number, match.start(), match.end(), unit=UNIT)


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = read("lexicon/multiples").content.items()
    return tuple(
        (str(number), re.compile("|".join(rf"\b(?:{way})\b" for way in ways)))
        for number, ways in found
    )
