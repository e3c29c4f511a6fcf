"""Dates of birth, car plates, order numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import counts_something, stands_near
from assistant.privacy.lexicon import any_of, pattern_of, words_of

_PLATE_LETTERS = "".join(words_of("plate_letters"))
_PLATE = re.compile(
    rf"(?<!\w)[{_PLATE_LETTERS}]\s?\d{{3}}\s?[{_PLATE_LETTERS}]{{2}}"
    r"(?:[\s|/]{0,2}\d{2,3}(?:\s?rus?)?)?(?!\w)"
)
_FOREIGN_PLATE = re.compile(
    r"(?<!\w)(?:[a-z]{2}\d{2}\s?[a-z]{3}|\d?[a-z]{2,3}[\s-]?\d{3,4}|\d[a-z]{3}\d{3})(?!\w)"
)
_BIRTH_REACH = 28
_YEAR = re.compile(r"(?:19[2-9]|200|201)\d|[./]\d{1,2}[./]\d{2}$")


@cache
def _date() -> re.Pattern[str]:
    month = any_of("months")
    day = r"\d{1,2}(?:st|nd|rd|th|-?го|-?ого)?"
    year = r"(?:19|20)\d{2}"
    dash = r"\s?[-./]\s?"
    numbers = (
        rf"{year}{dash}\d{{1,2}}{dash}\d{{1,2}}|\d{{1,2}}{dash}\d{{1,2}}{dash}(?:{year}|\d{{2}})"
    )
    words = rf"{day}\s(?:of\s)?{month}\.?(?:,?\s{year}|\s\d{{2}})?|{month}\.?\s{day}(?:,?\s{year})?"
    return re.compile(rf"(?<![\w.])(?:{numbers}|{words}|\d{{1,2}}\.\d{{1,2}}|{year})(?!\d)")


def birth_dates(folded: Folded, name_ends: Sequence[int] = ()) -> Iterator[Find]:
    """Dates that a word beside them calls a birth, or that come with a year right after a name."""
    low = folded.digits
    told = [match.end() for match in pattern_of("birth").finditer(low)]
    for match in _date().finditer(low):
        after = re.match(
            rf"\s?,?\s?{any_of('birth_after')}(?!\w)", low[match.end() : match.end() + 25]
        )
        before = any(
            0 <= match.start() - end <= _BIRTH_REACH
            and not re.search(r"[?!]|\d", low[end : match.start()])
            for end in told
        )
        amount = match[0].count(".") == 1 and counts_something(low, match.start(), match.end())
        named = bool(_YEAR.search(match[0])) and any(
            0 <= match.start() - end <= 3 for end in name_ends
        )
        if after or named or (before and not amount):
            yield Find("birth_date", *match.span(), 87)


def plates(folded: Folded) -> Iterator[Find]:
    """Russian plates by their form; without a region, in Latin letters or foreign, by a word."""
    low = folded.low
    for match in _PLATE.finditer(low):
        solid = re.sub(r"\W", "", match[0])
        cyrillic = bool(re.match(r"[а-я]\d{3}[а-я]{2}\d", solid))
        if cyrillic or stands_near("plate_near", low, match.start(), match.end()):
            yield Find("plate", *match.span(), 73)
    for match in _FOREIGN_PLATE.finditer(low):
        if folded.text[slice(*match.span())].isupper() and pattern_of("plate_near").search(
            low, max(0, match.start() - 22), match.start()
        ):
            yield Find("plate", *match.span(), 58)


_ORDER = 81


@cache
def _more_orders() -> re.Pattern[str]:
    """The next number of a list of orders."""
    return re.compile(
        rf"\s?{any_of('joins')}\s{{0,2}}(?:№|#)?\s?([a-zа-я]{{0,3}}-?\d{{4,12}})(?!\w)"
    )


def orders(folded: Folded, patterns: Sequence[re.Pattern[str]]) -> Iterator[Find]:
    """What the patterns call an order; the first group where a pattern has one,
    and the numbers of a list after it."""
    for pattern in patterns:
        for match in pattern.finditer(folded.text):
            group = 1 if pattern.groups and match[1] is not None else 0
            start, end = match.span(group)
            if end == start or counts_something(folded.low, start, end):
                continue
            yield Find("order", start, end, _ORDER)
            while more := _more_orders().match(folded.low, end):
                end = more.end()
                yield Find("order", *more.span(1), _ORDER)
