"""Passports and other papers, and numbers that the words before them name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import counts_something, label_before
from assistant.privacy.lexicon import any_of

_ALONE = r"(?<![\w.])(?<!\d,)"
_END = r"(?![\w]|[.,]\d)"
_NUMBER_SIGN = any_of("number_sign")
_SERIES_WORD = any_of("series")

_RUN = re.compile(r"(?<![\d])\d(?:[\s.\-/]{0,3}\d){3,24}(?!\d)")
_SOLID_RUN = re.compile(r"(?<!\d)\d{4,24}(?!\d)")
_PASSPORT = re.compile(
    rf"{_ALONE}(?:\d{{2}}\s\d{{2}}|\d{{4}})(?:\s|\s?[,-]?\s?{_NUMBER_SIGN}\.?\s{{0,2}})"
    rf"\d{{3}}\s?\d{{3}}{_END}"
)
_SERIES_AND_NUMBER = re.compile(
    rf"{_SERIES_WORD}[\s:]{{0,3}}(\d{{2}}\s?\d{{2}}[\s,;]{{0,3}}(?:и\s)?"
    rf"{_NUMBER_SIGN}?[\s.:№]{{0,4}}\d{{3}}\s?\d{{3}})(?!\d)"
)
_FOREIGN_PASSPORT = re.compile(
    rf"{any_of('passport_word')}[^\d\n]{{0,25}}?"
    r"((?:\b[a-zа-я]{1,3}[\s-]?)?\d{2}\s?№?\s?\d{5,7})(?!\d)"
)
_DIVISION = re.compile(rf"{any_of('division')}[\s:.]{{0,3}}(\d{{3}}\s?-\s?\d{{3}})(?!\d)")
_SERIES = re.compile(rf"{_SERIES_WORD}(?:\s\w+)?[\s:]{{0,3}}(\d{{2}}\s?\d{{2}})(?!\s?\d)")
_BIRTH_PAPER = re.compile(r"(?<!\w)([ivxl]{1,5}\s?-\s?[а-я]{2}\s?(?:№\s?)?\d{6})(?!\d)")
_BY_FORM = (
    (_SERIES_AND_NUMBER, 84),
    (_FOREIGN_PASSPORT, 82),
    (_DIVISION, 84),
    (_SERIES, 83),
    (_BIRTH_PAPER, 84),
)
_LETTERED = re.compile(r"(?<!\w)(?=(?:[a-z]*\d){4})(?=\w*[a-z])[a-z\d]{7,16}(?!\w)")
_SSN = re.compile(rf"{_ALONE}\d{{3}}-\d{{2}}-\d{{4}}{_END}")
_NINO = re.compile(r"(?<!\w)[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d](?!\w)")

_LENGTHS: dict[str, Callable[[int], bool]] = {
    "card": lambda n: 13 <= n <= 20,
    "passport": lambda n: n in {6, 9, 10},
    "snils": lambda n: 10 <= n <= 12,
    "inn": lambda n: 9 <= n <= 13,
    "account": lambda n: n in {8, 9, 10, 12} or 17 <= n <= 23,
    "ssn": lambda n: n == 9,
}
"""How many digits a number may have that a word calls so: people drop and double digits."""


def documents(folded: Folded) -> Iterator[Find]:
    """Russian and foreign passports, licences, birth papers, social security numbers."""
    low = folded.digits
    yield from _labelled(low)
    for pattern, rank in _BY_FORM:
        for match in pattern.finditer(low):
            yield Find("passport", *match.span(1), rank)
    for match in _PASSPORT.finditer(low):
        label, _ = label_before(low, match.start())
        if label in {"passport", ""} and not counts_something(low, *match.span()):
            yield Find("passport", *match.span(), 83 if label else 68)
    by_label = (
        (_LETTERED, "passport", {"passport"}, 80),
        (_SSN, "ssn", {"", "ssn"}, 84),
        (_NINO, "ssn", {"ssn"}, 88),
    )
    for pattern, kind, labels, rank in by_label:
        for match in pattern.finditer(low):
            if label_before(low, match.start())[0] in labels:
                yield Find(kind, *match.span(), rank)


def _labelled(low: str) -> Iterator[Find]:
    """Runs of digits of about the length that the word before them asks for."""
    for pattern in (_RUN, _SOLID_RUN):
        for match in pattern.finditer(low):
            label, _ = label_before(low, match.start())
            fits = _LENGTHS.get(label)
            digits = sum(char.isdigit() for char in match[0])
            if fits and fits(digits) and not counts_something(low, *match.span()):
                yield Find(label, *match.span(), 78)
