"""Opening hours as people say them: «пн–пт с 09:00 до 21:00, по Москве», "tomorrow at 09:00"."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from assistant.business_hours import WHOLE_DAY, BusinessHours, Spans
from prompts.loader import Phrases, read


def hours_in_words(hours: BusinessHours, now: datetime, say: Phrases) -> str:
    """When people usually answer, holidays left out, with the name of the zone."""
    zone = zone_name(hours.zone, now, say.lang)
    week = hours.weekdays
    if all(spans == week[0] for spans in week) and len(week[0]) == 1 and week[0] != (WHOLE_DAY,):
        span = week[0][0]
        return say.say(
            "hours_daily", start=f"{span.start:%H:%M}", end=f"{span.end:%H:%M}", zone=zone
        )
    return say.say("hours_by_days", days=", ".join(_by_days(week, say)), zone=zone)


def opening_in_words(opens: datetime, now: datetime, say: Phrases) -> str:
    """When people are back: `opens` is in their zone."""
    today = now.astimezone(opens.tzinfo).date()
    clock = f"{opens:%H:%M}"
    if opens.date() == today:
        return say.say("opens_today", time=clock)
    if opens.date() == today + timedelta(days=1):
        return say.say("opens_tomorrow", time=clock)
    days = _days(say)
    return say.say(
        "opens_on",
        weekday=days["weekday"][opens.weekday()],
        day=opens.day,
        month=days["month"][opens.month - 1],
        time=clock,
    )


def _by_days(week: tuple[Spans, ...], say: Phrases) -> list[str]:
    """Days in a row with the same hours are told together; closed ones are left out."""
    days, told = _days(say), []
    for spans, group in groupby(range(len(week)), key=lambda day: week[day]):
        if not spans:
            continue
        row = list(group)
        ends = [days["short"][day] for day in dict.fromkeys((row[0], row[-1]))]
        named = days["daily"] if len(row) == len(week) else "–".join(ends)
        told.append(f"{named} {_spans(spans, say)}")
    return told


def _spans(spans: Spans, say: Phrases) -> str:
    days: dict[str, Any] = _days(say)
    if WHOLE_DAY in spans:
        return str(days["around_the_clock"])
    joined: str = days["and"].join(
        say.say("hours_span", start=f"{span.start:%H:%M}", end=f"{span.end:%H:%M}")
        for span in spans
    )
    return joined


def _days(say: Phrases) -> dict[str, Any]:
    words: dict[str, Any] = read("days").content[say.lang]
    return words


def zone_name(zone: ZoneInfo, now: datetime, lang: str) -> str:
    """What people call a zone, its distance from UTC at that moment where they have no name."""
    known: dict[str, str] = read("zones").content[lang]
    return known.get(zone.key) or _distance_from_utc(zone, now)


def _distance_from_utc(zone: ZoneInfo, now: datetime) -> str:
    offset = f"{now.astimezone(zone):%z}"
    return f"UTC{offset[:3]}:{offset[3:]}"
