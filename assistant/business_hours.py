"""When people answer: hours of each weekday, holidays, days with hours of their own, in one zone.

No state and no errors: a moment is any time with a zone, and every question has an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_LOOKED_AHEAD = 366
"""How far `next_opening` looks."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, by the clock on the wall; an end that is not after the start lies on the
    next day, so that equal times are a whole day."""

    start: time
    end: time


WHOLE_DAY = Span(time(0), time(0))
Spans = tuple[Span, ...]


@dataclass(frozen=True)
class BusinessHours:
    """Spans by weekday, and by date where a date has its own.

    A span belongs to the day on which it begins: the one from 22:00 to 06:00 before a holiday ends
    on the holiday. A time that the clock shows twice when it is set back means the first of the
    two; one that it leaves out when it is set forward means as long after the gap began.
    """

    zone: ZoneInfo
    weekdays: tuple[Spans, ...] = ((WHOLE_DAY,),) * 7
    """Monday first."""
    dates: Mapping[date, Spans] = field(default_factory=dict)
    """Of days that are not as their weekday is; no spans: closed."""

    @property
    def is_always(self) -> bool:
        """Around the clock, every day."""
        return not self.dates and all(spans == (WHOLE_DAY,) for spans in self.weekdays)

    def today(self, moment: datetime) -> date:
        """The date on the spot."""
        return moment.astimezone(self.zone).date()

    def is_open(self, moment: datetime) -> bool:
        """Whether people answer then."""
        return any(start <= moment < end for start, end in self._around(moment, moment))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When people begin to answer, in their zone: the moment itself while they do. None where
        they do not within `DAYS_LOOKED_AHEAD`."""
        if self.is_open(moment):
            return moment.astimezone(self.zone)
        until = moment.astimezone(UTC) + DAYS_LOOKED_AHEAD * _DAY
        starts = (start for start, _end in self._around(moment, until) if start > moment)
        found = next(starts, None)
        return found.astimezone(self.zone) if found else None

    def business_seconds(self, start: datetime, end: datetime) -> float:
        """How many seconds from `start` to `end` people answer; 0 where `end` is not after it."""
        # Python subtracts two times of one zone by the clock on the wall, as if it were never set.
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return 0.0
        if self.is_always:
            return (end - start).total_seconds()
        return sum(
            max(0.0, (min(end, closes) - max(start, opens)).total_seconds())
            for opens, closes in self._around(start, end)
        )

    def spans_on(self, day: date) -> Spans:
        """When people answer on a day."""
        own = self.dates.get(day)
        return self.weekdays[day.weekday()] if own is None else own

    def _around(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is open from the day before `start` to the day of `end`, in UTC, in order, without
        overlaps: a night's span may run into the next morning's."""
        last: tuple[datetime, datetime] | None = None
        day, until = self.today(start) - _DAY, self.today(end)
        while day <= until:
            for opens, closes in sorted(self._on(day, span) for span in self.spans_on(day)):
                if closes <= opens:  # the clock was set forward over it
                    continue
                if last is not None and opens <= last[1]:
                    last = (last[0], max(last[1], closes))
                    continue
                if last is not None:
                    yield last
                last = (opens, closes)
            day += _DAY
        if last is not None:
            yield last

    def _on(self, day: date, span: Span) -> tuple[datetime, datetime]:
        last_day = day if span.start < span.end else day + _DAY
        opens = datetime.combine(day, span.start, self.zone)
        closes = datetime.combine(last_day, span.end, self.zone)
        return opens.astimezone(UTC), closes.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a queue promises: when people answer, and how soon."""

    hours: BusinessHours
    answer_within_seconds: float
    """Of its hours; 0: nothing is promised."""


@dataclass(frozen=True)
class SupportCalendar:
    """What every queue promises."""

    usual: Desk
    queues: Mapping[str, Desk] = field(default_factory=dict)

    def desk(self, queue: str | None) -> Desk:
        """Of a queue, of all others where it has nothing of its own."""
        return self.usual if queue is None else self.queues.get(queue, self.usual)


def every_day(opening_hours: tuple[time, time] | None, zone: ZoneInfo) -> BusinessHours:
    """The same hours each day of the year; None: around the clock."""
    spans: Sequence[Span] = (Span(*opening_hours),) if opening_hours else (WHOLE_DAY,)
    return BusinessHours(zone, (tuple(spans),) * 7)
