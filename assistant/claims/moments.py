"""Dates, times of the day and days of the week in a text in lower case with numbers as digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from assistant.claims.fact import Fact, FactKind, forms

_NUMERIC = re.compile(
    r"(?<![\w.,])(?:(?P<y1>(?:19|20)\d\d)-(?P<m1>\d\d)-(?P<d1>\d\d)"
    r"|(?P<d2>\d{1,2})[./](?P<m2>\d{1,2})[./](?P<y2>(?:19|20)?\d\d)"
    r"|(?P<d3>[0-3]\d)\.(?P<m3>0[1-9]|1[0-2]))(?![\w]|[.,]\d)"
)
_BARE_YEAR = re.compile(r"(?<![\w.,:/-])(?:19|20)\d\d(?![\w]|[.,:]\d)")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class _Patterns:
    days_of_month: re.Pattern[str]
    month_then_day: re.Pattern[str]
    month_alone: re.Pattern[str]
    day_alone: re.Pattern[str]
    months: tuple[re.Pattern[str], ...]
    clock: re.Pattern[str]
    all_day: re.Pattern[str]
    half_past: re.Pattern[str]
    named_hours: re.Pattern[str]
    week: re.Pattern[str]
    weekdays: tuple[re.Pattern[str], ...]


def dates_of(text: str) -> Iterator[Fact]:
    """Every date, as precise as it is written: «12 марта», 12.03.2025, "in March", "2024"."""
    taken: list[tuple[int, int]] = []
    for fact in (*_numeric(text), *_named(text)):
        if not _overlaps(fact, taken):
            taken.append((fact.start, fact.end))
            yield fact
    for match in _patterns().day_alone.finditer(text):
        fact = Fact(FactKind.DATE, f"--{int(match['day'])}", match.start(), match.end())
        if not _overlaps(fact, taken):
            yield fact
    for match in _BARE_YEAR.finditer(text):
        fact = Fact(FactKind.DATE, f"{match[0]}--", match.start(), match.end())
        if not _overlaps(fact, taken) and not _has_unit(text, match.end()):
            yield fact


def _overlaps(fact: Fact, taken: list[tuple[int, int]]) -> bool:
    return any(start < fact.end and fact.start < end for start, end in taken)


def _has_unit(text: str, at: int) -> bool:
    """Whether «2000» at a place is an amount: something is counted in it."""
    return any(
        re.match(rf"\s?(?:{shape})(?!\w)", text[at : at + 20])
        for what, size, shape in forms()["units"]
        if (what, size) != ("duration", 8640)
    )


def _numeric(text: str) -> Iterator[Fact]:
    for match in _NUMERIC.finditer(text):
        year, month, day = (
            next((match[f"{part}{n}"] for n in "123" if match.groupdict().get(f"{part}{n}")), "")
            for part in "ymd"
        )
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            yield Fact(FactKind.DATE, _date(year, int(month), day), match.start(), match.end())


def _named(text: str) -> Iterator[Fact]:
    shapes = _patterns()
    for match in shapes.days_of_month.finditer(text):
        month = _month(match["month"])
        for day in (match["first"], match["last"]):
            if day:
                yield from _one(match, match["year"], month, day)
    for match in shapes.month_then_day.finditer(text):
        for day in (match["first"], match["last"]):
            if day:
                yield from _one(match, match["year"], _month(match["month"]), day)
    for match in shapes.month_alone.finditer(text):
        start = match.start("month")
        value = _date(match["year"], _month(match["month"]), "")
        yield Fact(FactKind.DATE, value, start, match.end())


def _one(match: re.Match[str], year: str | None, month: int, day: str) -> Iterator[Fact]:
    if 1 <= int(day) <= 31:
        both = match["first"] and match["last"]
        start, end = match.span()
        # Two days of one month are two facts over halves of the same words.
        if both and day == match["first"]:
            end = match.end("first")
        elif both:
            start = match.start("last")
        yield Fact(FactKind.DATE, _date(year, month, day), start, end)


def _date(year: str | None, month: int, day: str) -> str:
    full = f"20{year}" if year and len(year) == 2 else (year or "")
    return f"{full}-{month}-{int(day) if day else ''}"


def _month(word: str) -> int:
    return next(n for n, shape in enumerate(_patterns().months, 1) if shape.fullmatch(word))


def times_of(text: str) -> Iterator[Fact]:
    """Every time of the day, in minutes; `always` for «круглосуточно»."""
    shapes = _patterns()
    for match in shapes.all_day.finditer(text):
        yield Fact(FactKind.TIME, "always", match.start(), match.end())
    for match in shapes.clock.finditer(text):
        half = match["half"] or match["half_of_hour"] or ""
        if not match["minutes"] and not half:
            continue
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        noon = 12 * 60
        if half and re.fullmatch(f"{forms()['evening']}|{forms()['afternoon']}", half):
            minutes += noon if minutes < noon else 0
        elif half and minutes // 60 == 12:
            minutes -= noon
        yield Fact(FactKind.TIME, str(minutes % _MINUTES_A_DAY), match.start(), match.end())
    for match in shapes.half_past.finditer(text):
        hours = int(match["after"] or match["to"]) - (1 if match["to"] else 0)
        yield Fact(FactKind.TIME, str(hours * 60 + 30), match.start(), match.end())
    for match in shapes.named_hours.finditer(text):
        value = str(12 * 60) if match["noon"] else "0"
        yield Fact(FactKind.TIME, value, match.start(), match.end())


def weekdays_of(text: str) -> Iterator[Fact]:
    """Days of the week as digits from 0 (Monday): «пн–пт» and «по будням» are both 01234."""
    for match in _patterns().week.finditer(text):
        yield Fact(FactKind.WEEKDAYS, _days(match), match.start(), match.end())


def _days(match: re.Match[str]) -> str:
    for name, days in (("every_day", "0123456"), ("workweek", "01234"), ("weekend", "56")):
        if match[name]:
            return days
    first = _weekday(match["from"])
    if not match["to"]:
        return str(first)
    last = _weekday(match["to"])
    count = (last - first) % 7 + 1
    return "".join(sorted(str((first + step) % 7) for step in range(count)))


def _weekday(word: str) -> int:
    return next(n for n, shape in enumerate(_patterns().weekdays) if shape.fullmatch(word))


@cache
def _patterns() -> _Patterns:
    known = forms()
    month = f"(?P<month>{'|'.join(known['months'][1:])})"
    year = rf"(?:,?\s+(?P<year>(?:19|20)\d\d)(?:\s?{known['year_word']}(?!\w))?)?"
    to = known["to_word"]
    ending = f"{known['day_ending']}?"
    day = "|".join(known["weekdays"])
    halves = f"{known['morning']}|{known['evening']}|{known['night']}"
    hour = known["hour_word"]
    return _Patterns(
        days_of_month=re.compile(
            rf"(?<![\w.,])(?:(?P<first>\d{{1,2}}){ending}(?:{to}|\s+(?:и|and)\s+))?"
            rf"(?P<last>\d{{1,2}}){ending}\s+(?:of\s+)?{month}(?!\w){year}"
        ),
        month_then_day=re.compile(
            rf"(?<!\w){month}\.?\s+(?P<first>\d{{1,2}}){ending}(?:{to}(?P<last>\d{{1,2}}))?"
            rf"(?![\w:]){year}"
        ),
        month_alone=re.compile(rf"(?<!\w){known['month_words']}\s+{month}(?!\w){year}"),
        day_alone=re.compile(
            rf"(?<![\w.,])(?P<day>[0-3]?\d){known['day_ending']}(?:\s+{known['day_word']})?(?!\w)"
        ),
        months=tuple(re.compile(shape) for shape in known["months"][1:]),
        clock=re.compile(
            r"(?<![\w.,:])(?P<hours>[01]?\d|2[0-4])(?:[:.](?P<minutes>[0-5]\d))?"
            rf"(?:\s?(?P<half>{halves})(?!\w)|\s?(?:{hour})\s(?P<half_of_hour>"
            rf"{halves}|{known['afternoon']})(?!\w))?(?![\w%]|[.,:]\d)"
        ),
        all_day=re.compile(rf"(?<!\w)(?:{known['around_the_clock']})(?!\w)"),
        half_past=re.compile(
            rf"(?<!\w)(?:half past (?P<after>\d{{1,2}})|{known['half_to']}\s+"
            r"(?P<to>\d{1,2}))(?!\w)"
        ),
        named_hours=re.compile(rf"(?<!\w)(?:(?P<noon>{known['noon']})|{known['midnight']})(?!\w)"),
        week=re.compile(
            rf"(?<![\w])(?:(?P<every_day>{known['every_day']})|(?P<workweek>{known['workweek']})"
            rf"|(?P<weekend>{known['weekend']})|(?P<from>{day})(?:{to}(?P<to>{day}))?)(?!\w)"
        ),
        weekdays=tuple(re.compile(shape) for shape in known["weekdays"]),
    )
