"""The word lists of `prompts/lexicon/review.*.yaml` as patterns and sets, read once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from prompts.loader import LANGUAGES, TextFile, fill, read


def _known(lang: str) -> str:
    return lang if lang in LANGUAGES else LANGUAGES[0]


@cache
def lists(lang: str) -> Mapping[str, Any]:
    """The lists of a language; of the first language for one there are none of."""
    return read(f"lexicon/review.{_known(lang)}").content


@cache
def pattern(lang: str, key: str) -> re.Pattern[str]:
    """The expressions of a list as whole words, for a text in lower case with ё as е."""
    joined = "|".join(f"(?:{one})" for one in lists(lang)[key])
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")


@cache
def told_pattern(lang: str, kind: str, side: str) -> re.Pattern[str]:
    """How something is asked for (`asks`) or told (`tells`) that is no personal data."""
    joined = "|".join(f"(?:{one})" for one in lists(lang)["told"][kind][side])
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")


@cache
def also_pattern(lang: str, kind: str) -> re.Pattern[str]:
    """How a kind of known data is asked for beside what `known.yaml` lists."""
    joined = "|".join(f"(?:{one})" for one in lists(lang)["asks_also"][kind])
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")


@cache
def word_set(lang: str, key: str) -> frozenset[str]:
    """A list of plain words."""
    return frozenset(str(word) for word in lists(lang)[key])


def phrases_of(lang: str) -> TextFile:
    """Reasons and better wordings in a language."""
    return read(f"review.{_known(lang)}")


def said(lang: str, key: str, **variables: str) -> str:
    """A better wording, in the draft's language."""
    return fill(phrases_of(lang), key, **variables)
