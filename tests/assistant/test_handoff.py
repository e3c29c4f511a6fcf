"""Who takes over, what the customer is told and what the operator reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from assistant.domain import (
    Action,
    Article,
    Chunk,
    HandoffReason,
    Intent,
    IntentLabel,
    Passage,
    Signal,
)
from assistant.handoff import Situation, Staffing, make_handoff, summarise, tell_customer
from prompts.loader import LANGUAGES
from tests.assistant.conftest import ANNA, turn_of_bot, turn_of_customer
from tests.assistant.test_complaints import FORBIDDEN

MOSCOW = ZoneInfo("Europe/Moscow")
DAY, NIGHT = (time(9), time(21)), (time(22), time(6))


def staffing(
    at: str = "12:00",
    hours: tuple[time, time] | None = DAY,
    *,
    online: bool = False,
    zone: ZoneInfo = MOSCOW,
) -> Staffing:
    """Staffing at a time of day in `zone`."""
    now = datetime.combine(datetime(2026, 3, 2).date(), time.fromisoformat(at), zone)
    return Staffing(online, 5, now.astimezone(UTC), hours, zone)


def situation(text: str = "Где деньги", lang: str = "ru", **around: object) -> Situation:
    """A question without anything around it."""
    plain = Situation(
        text=text,
        lang=lang,
        intent=Intent(IntentLabel.QUESTION, {}),
        signals=frozenset(),
        history=(),
        passages=(),
        customer=ANNA,
        articles={},
    )
    return replace(plain, **around)  # type: ignore[arg-type]


def complaint(text: str, lang: str = "ru") -> Situation:
    return situation(text, lang, intent=Intent(IntentLabel.COMPLAINT, {}))


def article(article_id: str, title: str) -> Article:
    return Article(article_id, title, "текст")


def passage(title: str) -> Passage:
    chunk = Chunk(title, (title,), "текст", 0, 5, 3)
    return Passage(article(title, title), chunk, 0, 5.0, 3.0, 0.5)


@pytest.mark.parametrize(
    ("at", "hours", "is_open"),
    [
        ("08:59", DAY, False),
        ("09:00", DAY, True),
        ("20:59", DAY, True),
        ("21:00", DAY, False),
        ("23:00", NIGHT, True),
        ("05:59", NIGHT, True),
        ("06:00", NIGHT, False),
        ("12:00", NIGHT, False),
        ("03:00", None, True),
    ],
)
def test_opening_hours_are_those_of_the_operators(
    at: str, hours: tuple[time, time] | None, is_open: bool
) -> None:
    assert staffing(at, hours).open_now is is_open


def test_hours_and_date_are_told_in_the_operators_zone() -> None:
    vladivostok = replace(staffing("12:00"), zone=ZoneInfo("Asia/Vladivostok"))
    midnight = replace(staffing("23:30"), zone=ZoneInfo("Asia/Vladivostok"))
    assert vladivostok.open_now, "12:00 in Moscow is 19:00 there"
    assert (midnight.today.day, staffing("23:30").today.day) == (3, 2)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", list(HandoffReason))
@pytest.mark.parametrize(
    "who_is_there",
    [staffing(online=True), staffing(), staffing("03:00"), staffing("22:00"), staffing(hours=None)],
    ids=["online", "open", "before", "after", "always"],
)
def test_customer_is_told_something_whole_at_every_handoff(
    lang: str, reason: HandoffReason, who_is_there: Staffing
) -> None:
    told = tell_customer(reason, situation(lang=lang), who_is_there)
    assert len(told) > 60
    assert not set(told) & set("{}")
    assert "None" not in told


def told_at(who_is_there: Staffing, lang: str = "ru") -> str:
    return tell_customer(HandoffReason.CUSTOMER_REQUEST, situation(lang=lang), who_is_there)


def test_customer_is_told_the_wait_when_operators_are_online() -> None:
    assert "5 мин" in told_at(staffing(online=True))
    assert "5 min" in told_at(staffing(online=True), "en")


def test_customer_is_promised_no_minutes_when_nobody_is_online() -> None:
    for at in ("12:00", "03:00", "22:00"):
        assert "мин." not in told_at(staffing(at))
        assert " min" not in told_at(staffing(at), "en")


@pytest.mark.parametrize(
    ("at", "hours", "ru", "en"),
    [
        ("07:00", DAY, "сегодня в 09:00", "today at 09:00"),
        ("22:00", DAY, "завтра в 09:00", "tomorrow at 09:00"),
        ("12:00", NIGHT, "сегодня в 22:00", "today at 22:00"),
    ],
)
def test_customer_is_told_when_operators_are_back(
    at: str, hours: tuple[time, time], ru: str, en: str
) -> None:
    assert ru in told_at(staffing(at, hours))
    assert en in told_at(staffing(at, hours), "en")


def test_hours_are_told_with_their_zone() -> None:
    assert "с 09:00 до 21:00" in told_at(staffing())
    assert "Москв" in told_at(staffing())
    assert "from 09:00 to 21:00, Moscow time" in told_at(staffing(), "en")


def test_zone_without_a_name_is_told_by_its_distance() -> None:
    assert "UTC+05:45" in told_at(staffing(zone=ZoneInfo("Asia/Kathmandu")))


@pytest.mark.parametrize(
    ("text", "lang", "about"),
    [
        ("Привезли не тот товар", "ru", "не то, что вы заказывали"),
        ("My refund still has not arrived", "en", "refund"),
        ("Это никуда не годится", "ru", "проблема"),
        ("I am furious", "en", "something went wrong"),
    ],
)
def test_complaint_is_answered_by_its_matter(text: str, lang: str, about: str) -> None:
    told = tell_customer(HandoffReason.COMPLAINT, complaint(text, lang), staffing())
    assert about in told
    assert not [word for word in FORBIDDEN[lang] if word in told.lower()]


@pytest.mark.parametrize(
    ("reason", "queue"),
    [
        (HandoffReason.COMPLAINT, "complaints"),
        (HandoffReason.UNSAFE, "urgent"),
        (HandoffReason.CUSTOMER_REQUEST, "general"),
        (HandoffReason.NO_EVIDENCE, "general"),
    ],
)
def test_queue_follows_from_the_reason(reason: HandoffReason, queue: str) -> None:
    assert make_handoff(reason, situation(), staffing(), "ru").queue == queue


def test_wait_is_unknown_while_nobody_is_online() -> None:
    reason = HandoffReason.NO_EVIDENCE
    online = make_handoff(reason, situation(), staffing(online=True), "ru")
    offline = make_handoff(reason, situation(), staffing(), "ru")
    assert (online.operators_online, online.expected_wait_minutes) == (True, 5)
    assert (offline.operators_online, offline.expected_wait_minutes) == (False, None)


def test_danger_is_told_the_emergency_number_and_marked_for_the_operator() -> None:
    for lang in LANGUAGES:
        assert "112" in tell_customer(HandoffReason.UNSAFE, situation(lang=lang), staffing())
    assert summarise(HandoffReason.UNSAFE, situation(), "ru").startswith("СРОЧНО")
    assert summarise(HandoffReason.UNSAFE, situation(), "en").startswith("URGENT")


def test_summary_names_the_customer_with_all_that_is_known() -> None:
    text = summarise(HandoffReason.NO_EVIDENCE, situation(), "ru")
    assert "Анна, vip, last_order: 10432" in text
    assert "«Где деньги»" in text


def test_summary_is_in_the_operators_language_and_quotes_the_customers() -> None:
    text = summarise(HandoffReason.COMPLAINT, complaint("You sent me the wrong size", "en"), "ru")
    assert text.startswith("Жалоба: привезли не тот товар")
    assert "You sent me the wrong size" in text


def test_summary_tells_what_was_asked_before_and_from_what_the_bot_answered() -> None:
    history = [
        turn_of_customer("сколько хранится"),
        turn_of_bot("7 дней", Action.ANSWER, "storage"),
        turn_of_customer("а можно дольше"),
        turn_of_bot("Не понял", Action.CLARIFY),
    ]
    known = {"storage": article("storage", "Хранение")}
    around = situation(history=history, articles=known, passages=[passage("Доставка")])
    text = summarise(HandoffReason.REPEATED, around, "ru")
    assert "сколько хранится / а можно дольше" in text
    assert "отвечал по статьям: Хранение" in text
    assert "Доставка" in text


def test_article_that_was_shown_is_not_listed_as_one_that_was_not() -> None:
    history = [turn_of_customer("в"), turn_of_bot("о", Action.ANSWER, "storage")]
    known = {"storage": article("storage", "Хранение")}
    around = situation(history=history, articles=known, passages=[passage("Хранение")])
    assert summarise(HandoffReason.REPEATED, around, "ru").count("Хранение") == 1


def test_summary_stays_short_for_a_long_message() -> None:
    history = [turn_of_customer("очень длинный вопрос " * 100) for _ in range(20)]
    around = situation("длинная история " * 250, history=history)
    assert len(summarise(HandoffReason.NO_EVIDENCE, around, "ru")) < 1200


def test_summary_warns_of_swearing() -> None:
    around = situation(signals=frozenset({Signal.PROFANITY}))
    assert "грубые слова" in summarise(HandoffReason.COMPLAINT, around, "ru")
    assert "грубые слова" not in summarise(HandoffReason.COMPLAINT, situation(), "ru")
