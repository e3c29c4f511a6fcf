"""The file of hours, holidays and promises: what it says, and what is told of a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assistant.business_hours import WHOLE_DAY, Span, SupportCalendar
from assistant.calendar_file import load_calendar
from assistant.errors import CalendarError
from assistant.settings import Settings
from assistant.wiring import build_calendar
from prompts import loader

CalendarOf = Callable[[str], SupportCalendar]
MOSCOW = ZoneInfo("Europe/Moscow")
SHIPPED = Path(loader.__file__).parent / "support_calendar.yaml"
DAY = Span(time(9), time(21))


@pytest.fixture
def calendar_of(tmp_path: Path) -> CalendarOf:
    """Reads a text as the file `calendar.yaml`."""

    def load(text: str) -> SupportCalendar:
        path = tmp_path / "calendar.yaml"
        path.write_text(text, encoding="utf-8")
        return load_calendar(path, MOSCOW, 7)

    return load


def test_shipped_example_is_read_whole() -> None:
    calendar = load_calendar(SHIPPED, ZoneInfo("UTC"), 7)
    hours = calendar.usual.hours
    assert hours.zone == MOSCOW
    assert hours.weekdays == ((DAY,),) * 5 + ((Span(time(10), time(18)),),) * 2
    assert hours.dates[date(2027, 1, 8)] == ()
    assert hours.dates[date(2026, 4, 30)] == (Span(time(9), time(20)),)
    assert calendar.usual.answer_within_seconds == 420
    urgent, complaints = calendar.desk("urgent"), calendar.desk("complaints")
    assert (urgent.hours.is_always, urgent.answer_within_seconds) == (True, 180)
    assert (complaints.hours, complaints.answer_within_seconds) == (hours, 300)


@pytest.mark.parametrize("year", [2026, 2027])
def test_shipped_example_has_the_public_holidays_of_russia(year: int) -> None:
    dates = load_calendar(SHIPPED, MOSCOW, 7).usual.hours.dates
    named = [(1, day) for day in range(1, 9)]
    named += [(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)]
    assert [day for day in named if dates.get(date(year, *day)) != ()] == []


def test_shipped_example_is_back_on_monday_after_the_new_year() -> None:
    hours = load_calendar(SHIPPED, MOSCOW, 7).desk("complaints").hours
    eve = datetime(2027, 1, 3, 12, tzinfo=MOSCOW)
    opens = hours.next_opening(eve)
    assert opens is not None
    assert (opens.date(), opens.time()) == (date(2027, 1, 9), time(10))


def test_one_span_holds_for_every_day(calendar_of: CalendarOf) -> None:
    calendar = calendar_of("hours: 09:00-21:00")
    assert calendar.usual.hours.weekdays == ((DAY,),) * 7
    assert calendar.usual.hours.zone == MOSCOW
    assert calendar.usual.answer_within_seconds == 420


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("9:00 - 21:00", (DAY,)),
        ("22:00-06:00", (Span(time(22), time(6)),)),
        ("09:00-24:00", (Span(time(9), time(0)),)),
        ("00:00-24:00", (WHOLE_DAY,)),
        ("[14:00-18:00, 09:00-13:00]", (Span(time(9), time(13)), Span(time(14), time(18)))),
        ("always", (WHOLE_DAY,)),
    ],
)
def test_span_is_read_as_people_write_it(
    calendar_of: CalendarOf,
    text: str,
    spans: tuple[Span, ...],
) -> None:
    assert calendar_of(f"hours: {text}").usual.hours.weekdays[0] == spans


def test_days_that_are_not_named_are_closed(calendar_of: CalendarOf) -> None:
    week = calendar_of("hours: {saturday-monday: 09:00-21:00, friday: closed}").usual.hours.weekdays
    assert [bool(spans) for spans in week] == [True, False, False, False, False, True, True]


def test_queue_with_own_hours_keeps_the_holidays(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(
        "hours: 09:00-21:00\nholidays: [2027-01-01]\n"
        "queues: {late: {hours: 12:00-23:00}, urgent: {hours: always, answer_within_minutes: 0.5}}"
    )
    assert calendar.desk("late").hours.dates == {date(2027, 1, 1): ()}
    assert calendar.desk("late").answer_within_seconds == 420
    assert calendar.desk("urgent").hours.is_always
    assert calendar.desk("urgent").answer_within_seconds == 30


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("timezone: Europe/Moscow", "hours", "missing"),
        ("hours: 09:00", "hours", "'09:00'|540"),
        ("hours: 25:00-26:00", "hours", "25:00-26:00"),
        ("hours: 09:00-24:30", "hours", "09:00-24:30"),
        ("hours: []", "hours", "empty list"),
        ("hours: {caturday: 09:00-21:00}", "hours.caturday", "no day"),
        ("hours: {monday: 9 to 5}", "hours.monday", "9 to 5"),
        ("hours: {monday-friday: closed, friday: always}", "hours.friday", "already"),
        ("hours: closed", "hours", "anybody"),
        ("hours: always\ntimezone: Moscow", "timezone", "'Moscow'"),
        ("hours: always\ntimezone: 3", "timezone", "3"),
        ("hours: always\nholidays: 2027-01-01", "holidays", "list"),
        ("hours: always\nholidays: [soon]", "holidays", "'soon'"),
        ("hours: always\nholidays: [2027-13-01]", "holidays", "'2027-13-01'"),
        ("hours: always\nholidays: [2027-02-30]", "holidays", "'2027-02-30'"),
        ("hours: always\nother_hours: {2027-13-01: closed}", "other_hours", "'2027-13-01'"),
        ("hours: 09:00-09:00", "hours", "'09:00-09:00' is empty"),
        ("hours: [09:00-13:00, 12:00-18:00]", "hours", "09:00-13:00 and 12:00-18:00 overlap"),
        ("hours: [22:00-06:00, 23:00-23:30]", "hours", "overlap"),
        ("hours: [00:00-24:00, 09:00-10:00]", "hours", "overlap"),
        ("hours: always\nholidays: [2027-01-08..2027-01-01]", "holidays", "2027-01-08"),
        ("hours: always\nholidays: [2027-01-01..2029-01-01]", "holidays", "366 days"),
        ("hours: always\nholidays: [2027-01-01 10:00:00]", "holidays", "2027"),
        ("hours: always\nother_hours: [2027-01-01]", "other_hours", "2027"),
        (
            "hours: always\nholidays: [2027-01-01]\nother_hours: {2027-01-01: 09:00-10:00}",
            "other_hours",
            "twice",
        ),
        ("hours: always\nanswer_within_minutes: soon", "answer_within_minutes", "'soon'"),
        ("hours: always\nanswer_within_minutes: -1", "answer_within_minutes", "-1"),
        ("hours: always\nanswer_within_minutes: true", "answer_within_minutes", "True"),
        ("hours: always\nanswer_within_minutes: .nan", "answer_within_minutes", "nan"),
        ("hours: always\nqueues: [a]", "queues", "a"),
        ("hours: always\nqueues: {a: 5}", "queues.a", "fields"),
        ("hours: always\nqueues: {a: {hours: 5}}", "queues.a.hours", "5"),
        ("hours: always\nqueues: {a: {minutes: 5}}", "queues.a", "'minutes'"),
        ("hours: always\nholiday: []", "the file", "'holiday'"),
        ("- hours", "the file", "fields"),
    ],
)
def test_what_is_wrong_is_told_by_file_field_and_value(
    calendar_of: CalendarOf,
    text: str,
    field: str,
    value: str,
) -> None:
    with pytest.raises(CalendarError, match=rf"calendar\.yaml: {field}: .*(?:{value})"):
        calendar_of(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hours: always\nhours: always", "second time"),
        ("hours: [", "not YAML"),
        (f"answer_within_minutes: {'9' * 5000}", "makes no sense"),
    ],
)
def test_what_is_no_yaml_is_told_by_file(calendar_of: CalendarOf, text: str, told: str) -> None:
    with pytest.raises(CalendarError, match=rf"calendar\.yaml.*{told}"):
        calendar_of(text)


def test_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match=r"nowhere\.yaml cannot be read"):
        load_calendar(tmp_path / "nowhere.yaml", MOSCOW, 7)


def test_settings_without_a_file_mean_the_same_hours_every_day() -> None:
    calendar = build_calendar(Settings(sla_minutes=3, _env_file=None))  # type: ignore[call-arg]
    assert calendar.desk("any").hours.weekdays == ((DAY,),) * 7
    assert calendar.desk("any").answer_within_seconds == 180


def test_settings_with_a_file_take_zone_and_minutes_from_it_first(tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text("hours: 10:00-11:00\nqueues: {quick: {answer_within_minutes: 1}}")
    fields = {"support_calendar": str(path), "support_timezone": "Asia/Almaty", "sla_minutes": 9}
    calendar = build_calendar(Settings(**fields, _env_file=None))  # type: ignore[arg-type]
    assert calendar.usual.hours.zone == ZoneInfo("Asia/Almaty")
    assert calendar.usual.answer_within_seconds == 540
    assert calendar.desk("quick").answer_within_seconds == 60
