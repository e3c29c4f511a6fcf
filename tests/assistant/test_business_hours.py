"""When people answer: weekdays, holidays, nights, clocks that are set for summer."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.business_hours import (
    WHOLE_DAY,
    BusinessHours,
    Desk,
    Span,
    Spans,
    SupportCalendar,
    every_day,
)

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
DAY = Span(time(9), time(21))
NIGHT = Span(time(22), time(6))
OFFICE: tuple[Spans, ...] = ((DAY,),) * 5 + ((), ())
NEW_YEAR = {date(2027, 1, day): () for day in range(1, 9)}


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    """A time on the wall of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def opening(hours: BusinessHours, moment: str) -> str | None:
    found = hours.next_opening(at(moment, hours.zone))
    return found.strftime("%Y-%m-%d %H:%M") if found else None


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-12-31 20:59", True),  # a Thursday
        ("2026-12-31 21:00", False),
        ("2027-01-04 12:00", False),  # a Monday among the holidays
        ("2027-01-09 12:00", False),  # a Saturday
        ("2027-01-11 08:59", False),
        ("2027-01-11 09:00", True),
    ],
)
def test_weekends_and_holidays_are_closed(moment: str, is_open: bool) -> None:
    assert BusinessHours(MOSCOW, OFFICE, NEW_YEAR).is_open(at(moment)) is is_open


def test_moment_may_be_given_in_any_zone() -> None:
    hours = BusinessHours(MOSCOW, OFFICE)
    assert hours.is_open(datetime(2026, 12, 31, 6, tzinfo=UTC)), "09:00 in Moscow"
    assert not hours.is_open(datetime(2026, 12, 31, 18, tzinfo=UTC))


def test_next_opening_is_the_first_day_after_the_holidays() -> None:
    assert opening(BusinessHours(MOSCOW, OFFICE, NEW_YEAR), "2026-12-31 22:00") == (
        "2027-01-11 09:00"
    )


def test_next_opening_of_a_day_that_is_still_to_begin_is_the_same_day() -> None:
    assert opening(BusinessHours(MOSCOW, OFFICE), "2026-12-31 03:00") == "2026-12-31 09:00"


def test_while_people_answer_the_next_opening_is_now() -> None:
    assert opening(BusinessHours(MOSCOW, OFFICE), "2026-12-31 10:17") == "2026-12-31 10:17"


def test_break_at_noon_ends_the_same_day() -> None:
    with_break = (Span(time(9), time(13)), Span(time(14), time(18)))
    hours = BusinessHours(MOSCOW, (with_break,) * 7)
    assert not hours.is_open(at("2026-12-31 13:30"))
    assert opening(hours, "2026-12-31 13:30") == "2026-12-31 14:00"


@pytest.mark.parametrize("weekdays", [((),) * 7, ()])
def test_nobody_ever_answers_where_no_day_has_hours(weekdays: tuple[Spans, ...]) -> None:
    hours = BusinessHours(MOSCOW, weekdays or ((),) * 7, {date(2026, 12, 31): ()})
    assert opening(hours, "2026-12-30 12:00") is None
    assert hours.business_seconds(at("2026-12-01 00:00"), at("2027-12-01 00:00")) == 0


def test_opening_of_next_year_is_found_and_one_beyond_it_is_not() -> None:
    only = {date(2027, 12, 30): (DAY,)}
    hours = BusinessHours(MOSCOW, ((),) * 7, only)
    assert opening(hours, "2026-12-30 12:00") == "2027-12-30 09:00"
    assert opening(hours, "2026-12-20 12:00") is None


def test_date_with_hours_of_its_own_is_not_as_its_weekday() -> None:
    short = {date(2026, 12, 31): (Span(time(9), time(15)),)}
    hours = BusinessHours(MOSCOW, OFFICE, short)
    assert hours.is_open(at("2026-12-31 14:59"))
    assert not hours.is_open(at("2026-12-31 15:00"))


def test_night_before_a_holiday_ends_on_the_holiday() -> None:
    hours = BusinessHours(MOSCOW, ((NIGHT,),) * 7, {date(2027, 1, 1): ()})
    assert hours.is_open(at("2027-01-01 05:59"))
    assert not hours.is_open(at("2027-01-01 06:00"))
    assert not hours.is_open(at("2027-01-01 23:00"))
    assert not hours.is_open(at("2027-01-02 05:00")), "the holiday's own night is closed"


def test_equal_times_are_a_whole_day() -> None:
    hours = BusinessHours(MOSCOW, ((WHOLE_DAY,),) * 7, {date(2027, 1, 1): ()})
    assert not hours.is_always
    assert hours.is_open(at("2026-12-31 23:59"))
    assert not hours.is_open(at("2027-01-01 00:00"))
    assert hours.business_seconds(at("2026-12-31 00:00"), at("2027-01-03 00:00")) == 2 * 86400


def test_without_hours_people_answer_always() -> None:
    hours = every_day(None, MOSCOW)
    assert hours.is_always
    assert hours.is_open(at("2027-01-01 03:00"))
    assert hours.business_seconds(at("2026-01-01 00:00"), at("2026-01-01 00:01")) == 60


def test_wait_over_a_weekend_counts_only_the_hours() -> None:
    hours = BusinessHours(MOSCOW, OFFICE)
    friday, monday = at("2026-12-25 20:58"), at("2026-12-28 09:03")
    assert hours.business_seconds(friday, monday) == 5 * 60


@pytest.mark.parametrize("minutes", [0, -1, -100_000])
def test_end_that_is_not_after_the_start_is_no_time_at_all(minutes: int) -> None:
    noon = at("2026-12-25 12:00")
    later = noon + timedelta(minutes=minutes)
    assert BusinessHours(MOSCOW, OFFICE).business_seconds(noon, later) == 0
    assert every_day(None, MOSCOW).business_seconds(noon, later) == 0


def test_hours_that_overlap_are_counted_once() -> None:
    both = BusinessHours(MOSCOW, ((Span(time(22), time(10)), DAY),) * 7)
    whole = both.business_seconds(at("2026-12-01 00:00"), at("2026-12-02 00:00"))
    assert whole == 23 * 3600, "all but 21:00 to 22:00"


@pytest.mark.parametrize(
    ("day", "hours_open"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_day_on_which_the_clock_is_set_is_as_long_as_it_is(day: str, hours_open: int) -> None:
    whole = BusinessHours(BERLIN, ((WHOLE_DAY,),) * 7, {date(2020, 1, 1): ()})
    start = at(f"{day} 00:00", BERLIN)
    end = at(f"{date.fromisoformat(day) + timedelta(days=1)} 00:00", BERLIN)
    assert whole.business_seconds(start, end) == hours_open * 3600


def test_hours_that_the_clock_jumps_over_are_no_opening() -> None:
    gone = BusinessHours(BERLIN, ((Span(time(2, 30), time(3, 0)),),) * 7)
    before = at("2026-03-29 01:00", BERLIN)
    assert gone.business_seconds(before, before + timedelta(hours=12)) == 0
    assert opening(gone, "2026-03-29 01:00") == "2026-03-30 02:30"


def test_queue_without_hours_of_its_own_has_those_of_all() -> None:
    usual, own = Desk(every_day(None, MOSCOW), 420), Desk(BusinessHours(MOSCOW, OFFICE), 300)
    calendar = SupportCalendar(usual, {"complaints": own})
    assert calendar.desk("complaints") is own
    assert calendar.desk("general") is calendar.desk(None) is usual


# --- against a brute force, minute by minute -----------------------------------------------------

# Not between 01:00 and 03:59, where a clock on the wall shows a time twice or not at all.
quarters = st.builds(time, st.sampled_from([0, *range(4, 24)]), st.sampled_from([0, 15, 30, 45]))
spans = st.lists(st.builds(Span, quarters, quarters), max_size=2).map(tuple)
ZONES = [ZoneInfo(name) for name in ("Europe/Moscow", "Europe/Berlin", "America/New_York")]
# Around the days on which Berlin and New York set their clocks.
STARTS = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 27), (10, 23))]


@st.composite
def calendars(draw: st.DrawFn) -> BusinessHours:
    days = st.sampled_from([start.date() + timedelta(days=n) for start in STARTS for n in range(5)])
    return BusinessHours(
        draw(st.sampled_from(ZONES)),
        tuple(draw(spans) for _ in range(7)),
        draw(st.dictionaries(days, spans, max_size=3)),
    )


def is_open_by_the_wall(hours: BusinessHours, moment: datetime) -> bool:
    """What somebody with the calendar and a clock on the wall would say."""
    wall = moment.astimezone(hours.zone)
    for span in hours.spans_on(wall.date()):
        over_midnight = span.end <= span.start
        if wall.time() >= span.start and (over_midnight or wall.time() < span.end):
            return True
    return any(
        span.end <= span.start and wall.time() < span.end
        for span in hours.spans_on(wall.date() - timedelta(days=1))
    )


@settings(deadline=None, max_examples=60)
@given(
    calendars(),
    st.sampled_from(STARTS),
    st.integers(0, 2 * 1440),
    st.integers(-60, 2 * 1440),
)
def test_business_seconds_are_what_counting_minutes_gives(
    hours: BusinessHours, start: datetime, offset: int, minutes: int
) -> None:
    begin = start + timedelta(minutes=offset)
    counted = sum(
        is_open_by_the_wall(hours, begin + timedelta(minutes=minute)) for minute in range(minutes)
    )
    end = begin + timedelta(minutes=minutes)
    assert hours.business_seconds(begin, end) == counted * 60
    assert hours.is_open(begin) is is_open_by_the_wall(hours, begin)


@settings(deadline=None, max_examples=60)
@given(calendars(), st.sampled_from(STARTS), st.integers(0, 2 * 1440))
def test_next_opening_is_open_and_nothing_before_it_is(
    hours: BusinessHours, start: datetime, offset: int
) -> None:
    moment = start + timedelta(minutes=offset)
    opens = hours.next_opening(moment)
    if opens is None:
        assert hours.business_seconds(moment, moment + timedelta(days=366)) == 0
    else:
        assert hours.is_open(opens)
        assert hours.business_seconds(moment, opens) == 0
