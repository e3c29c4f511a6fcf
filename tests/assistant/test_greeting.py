"""Greetings: by name, by the time of day where the customer is, and not twice at length."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assistant.domain import Action, Customer
from assistant.greeting import greet
from prompts.loader import phrases
from tests.assistant.conftest import Decide, said, turn_of_bot, turn_of_customer

MOSCOW = ZoneInfo("Europe/Moscow")
RU, EN = phrases("ru"), phrases("en")


def greeted(
    hour: int = 12, minute: int = 0, lang: str = "ru", *, spoke: bool = False, **about: object
) -> str:
    """The greeting at a time in Moscow."""
    now = datetime(2026, 3, 2, hour, minute, tzinfo=MOSCOW).astimezone(UTC)
    history = [turn_of_customer("привет"), turn_of_bot("…", Action.ACKNOWLEDGE)] if spoke else []
    return greet(Customer(**about), history, now, MOSCOW, phrases(lang))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hour", "minute", "ru", "en"),
    [
        (4, 59, "Здравствуйте!", "Hello!"),
        (5, 0, "Доброе утро!", "Good morning!"),
        (11, 59, "Доброе утро!", "Good morning!"),
        (12, 0, "Добрый день!", "Good afternoon!"),
        (17, 59, "Добрый день!", "Good afternoon!"),
        (18, 0, "Добрый вечер!", "Good evening!"),
        (22, 59, "Добрый вечер!", "Good evening!"),
        (23, 0, "Здравствуйте!", "Hello!"),
        (0, 0, "Здравствуйте!", "Hello!"),
    ],
)
def test_greeting_knows_the_time_of_day(hour: int, minute: int, ru: str, en: str) -> None:
    assert greeted(hour, minute) == f"{ru} {RU.say('introduction')}"
    assert greeted(hour, minute, "en") == f"{en} {EN.say('introduction')}"


def test_greeting_knows_the_name() -> None:
    assert greeted(9, name="Анна").startswith("Доброе утро, Анна! ")
    assert greeted(9, lang="en", name="Anna").startswith("Good morning, Anna! ")


def test_time_of_day_is_the_customers() -> None:
    there = {"attributes": {"timezone": "Asia/Vladivostok"}}
    assert greeted(12, **there).startswith("Добрый вечер!"), "19:00 there"


@pytest.mark.parametrize(
    "zone", ["Moscow", "", "../../etc/passwd", "Europe", "/etc", 3, None, ["Asia/Tokyo"], "a" * 999]
)
def test_zone_that_is_none_is_that_of_the_operators(zone: object) -> None:
    assert greeted(12, attributes={"timezone": zone}).startswith("Добрый день!")


def test_second_greeting_is_short_and_still_polite() -> None:
    assert greeted(9, spoke=True, name="Анна") == "Доброе утро, Анна! Чем помочь?"
    assert greeted(9, lang="en", spoke=True) == "Good morning! How can I help?"


def test_only_what_the_bot_said_makes_a_greeting_the_second() -> None:
    history = [turn_of_customer("привет")]
    now = datetime(2026, 3, 2, 9, tzinfo=MOSCOW)
    text = greet(Customer(), history, now, MOSCOW, RU)
    assert text.endswith(RU.say("introduction"))


def test_bot_greets_back_at_length_once(decide: Decide) -> None:
    first = decide("привет", customer=Customer(name="Анна"))
    history = [turn_of_customer("привет"), turn_of_bot(said(first), first.action)]
    second = decide("добрый день", customer=Customer(name="Анна"), history=history)
    assert said(first).endswith(RU.say("introduction"))
    assert said(second).endswith(RU.say("greeting_short"))
    assert "Анна" in said(second)


def test_day_begins_where_the_customer_is_not_where_the_server_is() -> None:
    now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    tokyo = Customer(attributes={"timezone": "Asia/Tokyo"})
    assert greet(tokyo, [], now, MOSCOW, RU).startswith("Доброе утро!")
    assert greet(tokyo, [], now + timedelta(hours=4), MOSCOW, RU).startswith("Добрый день!")
