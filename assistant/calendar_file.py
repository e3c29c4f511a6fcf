"""Reads when operators answer from the file that SOUFFLEUR_SUPPORT_CALENDAR names; its shape is
described in `prompts/support_calendar.yaml`. People who run the support edit it, so whatever is
wrong in it is told by file, field and value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from assistant.business_hours import (
    WHOLE_DAY,
    BusinessHours,
    Desk,
    Span,
    Spans,
    SupportCalendar,
)
from assistant.errors import CalendarError
from assistant.own_yaml import read_own
from assistant.text import known_zone

ALWAYS, CLOSED = "always", "closed"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_FIELDS = (
    "version",
    "timezone",
    "hours",
    "holidays",
    "other_hours",
    "answer_within_minutes",
    "queues",
)
_QUEUE_FIELDS = ("hours", "answer_within_minutes")
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_MOST_MINUTES = 7 * 24 * 60
_MOST_DAYS = 366
"""Of one span of holidays."""


def load_calendar(path: Path, zone: ZoneInfo, answer_within_minutes: float) -> SupportCalendar:
    """The calendar of a file; zone and minutes are used where it names none.

    Raises CalendarError naming file, field and value.
    """
    return _File(path, read_own(path, CalendarError), zone).calendar(answer_within_minutes)


class _File:
    """One file; every complaint names it."""

    def __init__(self, path: Path, document: object, zone: ZoneInfo) -> None:
        self._path = path
        self._document = self._mapping("the file", document, _FIELDS)
        self._zone = self._own_zone() or zone

    def calendar(self, answer_within_minutes: float) -> SupportCalendar:
        if "hours" not in self._document:
            raise self._error("hours", "is missing; write 'hours: 09:00-21:00'")
        dates = self._dates()
        minutes = self._minutes("", self._document, answer_within_minutes)
        usual = Desk(self._hours("hours", self._document["hours"], dates), minutes * 60)
        queues = self._document.get("queues") or {}
        if not isinstance(queues, dict):
            raise self._error("queues", f"is {queues!r}, which names no queues with their fields")
        return SupportCalendar(
            usual, {str(name): self._queue(name, row, usual) for name, row in queues.items()}
        )

    def _queue(self, name: object, row: object, usual: Desk) -> Desk:
        where = f"queues.{name}"
        fields = self._mapping(where, row, _QUEUE_FIELDS)
        minutes = self._minutes(f"{where}.", fields, usual.answer_within_seconds / 60)
        hours = usual.hours
        if "hours" in fields:
            hours = self._hours(f"{where}.hours", fields["hours"], self._dates())
        return replace(usual, hours=hours, answer_within_seconds=minutes * 60)

    def _own_zone(self) -> ZoneInfo | None:
        if "timezone" not in self._document:
            return None
        value = self._document["timezone"]
        zone = known_zone(value)
        if zone is None:
            raise self._error("timezone", f"{value!r} is not a time zone; write it as Asia/Almaty")
        return zone

    def _minutes(self, where: str, fields: dict[object, object], default: float) -> float:
        value = fields.get("answer_within_minutes", default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        minutes = float(str(value)) if is_number else -1.0
        if not 0 <= minutes <= _MOST_MINUTES:
            raise self._error(
                f"{where}answer_within_minutes",
                f"{value!r} is no number of minutes from 0 (no alarm) to {_MOST_MINUTES}",
            )
        return minutes

    # --- hours -------------------------------------------------------------------------------

    def _hours(self, where: str, given: object, dates: dict[date, Spans]) -> BusinessHours:
        """`always` is every day of the year; anything else is closed on holidays."""
        if given == ALWAYS:
            return BusinessHours(self._zone)
        week = self._week(where, given) if isinstance(given, dict) else self._daily(where, given)
        if not any(week):
            raise self._error(where, "leaves no weekday on which anybody answers")
        return BusinessHours(self._zone, week, dates)

    def _daily(self, where: str, given: object) -> tuple[Spans, ...]:
        return (self._spans(where, given),) * len(WEEKDAYS)

    def _week(self, where: str, given: dict[object, object]) -> tuple[Spans, ...]:
        week: dict[int, Spans] = {}
        for name, spans in given.items():
            for day in self._weekdays(where, name):
                if day in week:
                    raise self._error(f"{where}.{name}", f"{WEEKDAYS[day]} has its hours already")
                week[day] = self._spans(f"{where}.{name}", spans)
        return tuple(week.get(day, ()) for day in range(len(WEEKDAYS)))

    def _weekdays(self, where: str, name: object) -> list[int]:
        """Of `monday`, or of `monday-friday`; a span may run over Sunday."""
        ends = [part.strip().lower() for part in str(name).split("-")]
        if len(ends) > 2 or not set(ends) <= set(WEEKDAYS):
            raise self._error(
                f"{where}.{name}", "is no day; write monday, or monday-friday for several"
            )
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        return [(first + step) % 7 for step in range((last - first) % 7 + 1)]

    def _spans(self, where: str, given: object) -> Spans:
        if given == CLOSED:
            return ()
        if given == ALWAYS:
            return (WHOLE_DAY,)
        values = given if isinstance(given, list) else [given]
        spans = tuple(sorted((self._span(where, value) for value in values), key=_start))
        if not spans:
            raise self._error(where, f"is an empty list; write {CLOSED!r}")
        for earlier, later in pairwise(spans):
            # An end that is not after its start lies on the next day.
            if earlier.end <= earlier.start or earlier.end > later.start:
                raise self._error(where, f"{_shown(earlier)} and {_shown(later)} overlap")
        return spans

    def _span(self, where: str, value: object) -> Span:
        match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
        try:
            span = Span(_time(match[1]), _time(match[2])) if match is not None else None
        except ValueError:
            span = None
        if match is None or span is None:
            raise self._error(
                where,
                f"{value!r} is not a span of hours; write it as 09:00-21:00, or {CLOSED}, "
                f"or {ALWAYS}",
            )
        if span.start == span.end and match[2] != "24:00":
            raise self._error(
                where, f"{value!r} is empty; the whole day is 00:00-24:00, none of it {CLOSED}"
            )
        return span

    # --- dates -------------------------------------------------------------------------------

    def _dates(self) -> dict[date, Spans]:
        """What the holidays and the days with other hours say."""
        found: dict[date, Spans] = {}
        holidays = self._document.get("holidays") or []
        if not isinstance(holidays, list):
            raise self._error("holidays", f"is {holidays!r}, not a list of dates")
        for value in holidays:
            for day in self._days("holidays", value):
                found[day] = ()
        other = self._document.get("other_hours") or {}
        if not isinstance(other, dict):
            raise self._error("other_hours", f"is {other!r}; write '2026-12-31: 09:00-15:00'")
        for value, spans in other.items():
            for day in self._days("other_hours", value):
                if day in found:
                    raise self._error("other_hours", f"{day} stands twice, here or in holidays")
                found[day] = self._spans(f"other_hours.{day}", spans)
        return found

    def _days(self, where: str, value: object) -> Iterator[date]:
        """Of `2026-01-01`, or of `2026-01-01..2026-01-08`."""
        parts = str(value).split("..") if not isinstance(value, date) else [value]
        try:
            ends = [self._date(part) for part in parts]
        except ValueError as error:
            raise self._error(
                where, f"{str(value)!r} is not a date; write it as 2026-12-31"
            ) from error
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or not first <= last <= first + timedelta(days=_MOST_DAYS):
            raise self._error(where, f"{value!r} is no span of at most {_MOST_DAYS} days")
        return (first + timedelta(days=step) for step in range((last - first).days + 1))

    @staticmethod
    def _date(value: object) -> date:
        if isinstance(value, datetime):
            raise ValueError("it has a time of day")  # noqa: TRY004 - told as a date that is none
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip())

    # --- complaints --------------------------------------------------------------------------

    def _mapping(self, where: str, value: object, known: tuple[str, ...]) -> dict[object, object]:
        if not isinstance(value, dict):
            raise self._error(where, "holds no fields like 'hours: 09:00-21:00'")
        unknown = next((name for name in value if name not in known), None)
        if unknown is not None:
            raise self._error(where, f"has no field {unknown!r}; it can have {', '.join(known)}")
        return value

    def _error(self, where: str, what: str) -> CalendarError:
        return CalendarError(f"{self._path}: {where}: {what}")


def _time(value: str) -> time:
    """24:00 is the midnight at which a day ends."""
    return time(0) if value == "24:00" else time.fromisoformat(value.zfill(5))


def _shown(span: Span) -> str:
    return f"{span.start:%H:%M}-{span.end:%H:%M}"


def _start(span: Span) -> time:
    return span.start
