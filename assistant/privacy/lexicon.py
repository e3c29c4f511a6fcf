"""The word lists of `prompts/lexicon/personal.yaml` as patterns and sets, read once."""

from __future__ import annotations

import re
from functools import cache

from prompts.loader import read

_FILE = "lexicon/personal"


@cache
def words_of(name: str) -> frozenset[str]:
    """The list `name` as a set of lower-case words."""
    return frozenset(str(word) for word in read(_FILE).content[name])


@cache
def any_of(name: str) -> str:
    """The list `name` as one alternative for a larger pattern, longest first."""
    listed = sorted((str(word) for word in read(_FILE).content[name]), key=len, reverse=True)
    return f"(?:{'|'.join(listed)})"


def patterns_of(name: str) -> list[str]:
    """The list `name` as it stands: patterns of their own."""
    return [str(pattern) for pattern in read(_FILE).content[name]]


@cache
def pattern_of(name: str) -> re.Pattern[str]:
    """The list `name` as whole words of a text in lower case with ё as е."""
    return re.compile(rf"(?<!\w){any_of(name)}(?!\w)")


@cache
def number_words() -> dict[str, str]:
    """What a spoken number writes: digits by word."""
    return {str(word): str(digits) for word, digits in read(_FILE).content["numbers"].items()}


@cache
def repeats() -> dict[str, int]:
    """How often the next digit is written: "double five" is 55."""
    return {str(word): int(times) for word, times in read(_FILE).content["number_repeats"].items()}
