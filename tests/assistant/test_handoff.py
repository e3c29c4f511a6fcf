"""Who takes over, what the customer is told and what the operator reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from assistant.business_hours import (
    WHOLE_DAY,
    BusinessHours,
    Desk,
    Span,
    SupportCalendar,
    every_day,
)
from assistant.domain import (
    Action,
    Article,
    Chunk,
    Handoff,
    HandoffReason,
    Intent,
    IntentLabel,
    Passage,
    Priority,
    Signal,
)
from assistant.handoff import (
    Situation,
    Staffing,
    facts_of,
    make_handoff,
    summarise,
    tell_customer,
    topic_in,
)
from assistant.routing import Rule
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
    calendar = SupportCalendar(Desk(every_day(hours, zone), 420))
    return Staffing(online, 5, now.astimezone(UTC), calendar)


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


def article(article_id: str, title: str, topic: str | None = None) -> Article:
    return Article(article_id, title, "текст", topic=topic)


def passage(title: str, topic: str | None = None) -> Passage:
    chunk = Chunk(title, (title,), "текст", 0, 5, 3)
    return Passage(article(title, title, topic), chunk, 0, 5.0, 3.0, 0.5)


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
    there = staffing(zone=ZoneInfo("Asia/Vladivostok")).calendar
    vladivostok = replace(staffing("12:00"), calendar=there)
    midnight = replace(staffing("23:30"), calendar=there)
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


TO_PEOPLE = (
    Rule("paid", "money", Priority.HIGH, (("topic", frozenset(["payment"])),)),
    Rule("night", "night-shift", Priority.LOW, (("hours", frozenset(["closed"])),)),
    Rule("rest", "general", Priority.NORMAL),
)


def handed(about: Situation, who_is_there: Staffing) -> Handoff:
    return make_handoff(HandoffReason.NO_EVIDENCE, about, who_is_there, "ru", TO_PEOPLE)


def test_handoff_carries_what_the_rules_decided() -> None:
    made = handed(situation(passages=[passage("чек", topic="payment")]), staffing())
    assert (made.queue, made.priority, made.topic, made.rule) == (
        "money",
        Priority.HIGH,
        "payment",
        "paid",
    )


def test_hours_of_the_operators_decide_who_gets_it() -> None:
    assert handed(situation(), staffing("12:00")).queue == "general"
    assert handed(situation(), staffing("03:00")).queue == "night-shift"


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("оператора!", {"signals": frozenset([Signal.WANTS_HUMAN])}),
        ("не помогло", {"signals": frozenset([Signal.NOT_HELPED])}),
        ("здравствуйте", {"signals": frozenset([Signal.GREETING_ONLY])}),
        ("спасибо вам", {"intent": Intent(IntentLabel.THANKS, {})}),
    ],
)
def test_words_about_no_matter_have_the_topic_of_what_was_answered_before(
    text: str, around: dict[str, object]
) -> None:
    found_by_chance = {"passages": [passage("договор", topic="legal")], **around}
    assert topic_in(situation(text, **found_by_chance)) is None
    answered_before = {
        "history": [turn_of_bot("Чек придёт на почту.", Action.ANSWER, "чек")],
        "articles": {"чек": article("чек", "Чек", topic="payment")},
    }
    assert topic_in(situation(text, **found_by_chance, **answered_before)) == "payment"


@pytest.mark.parametrize("signal", [Signal.WANTS_HUMAN, Signal.NOT_HELPED])
def test_bare_call_for_a_person_is_no_complaint_to_the_rules(signal: Signal) -> None:
    bare = replace(complaint("оператора!"), signals=frozenset([signal]))
    with_more = replace(
        complaint("оператора! третью неделю жду возврата денег"), signals=frozenset([signal])
    )
    assert facts_of(bare, is_open=True).intent is None
    assert facts_of(with_more, is_open=True).intent is IntentLabel.COMPLAINT


def test_call_for_a_person_that_says_why_has_a_topic() -> None:
    about = situation(
        "позовите оператора, деньги за заказ списали два раза",
        signals=frozenset([Signal.WANTS_HUMAN]),
        passages=[passage("чек", topic="payment")],
    )
    assert topic_in(about) == "payment"


def test_wait_is_unknown_while_nobody_is_online() -> None:
    online = handed(situation(), staffing(online=True))
    offline = handed(situation(), staffing())
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


# --- weekends, holidays, queues ------------------------------------------------------------------

WEEKDAYS = ((Span(time(9), time(21)),),) * 5
OFFICE = BusinessHours(MOSCOW, (*WEEKDAYS, (), ()), {date(2027, 1, n): () for n in range(1, 9)})
SHOP = BusinessHours(MOSCOW, (*WEEKDAYS, *((Span(time(10), time(18)),),) * 2))
BREAK = BusinessHours(MOSCOW, ((Span(time(9), time(13)), Span(time(14), time(18))),) * 7)


def on(moment: str, hours: BusinessHours, **queues: Desk) -> Staffing:
    """Nobody online at a time in Moscow."""
    now = datetime.fromisoformat(moment).replace(tzinfo=MOSCOW).astimezone(UTC)
    return Staffing(False, 5, now, SupportCalendar(Desk(hours, 420), queues))


@pytest.mark.parametrize(
    ("moment", "ru", "en"),
    [
        ("2026-12-30 22:00", "завтра в 09:00", "tomorrow at 09:00"),
        (
            "2026-12-31 22:00",
            "в понедельник, 11 января, в 09:00",
            "on Monday, 11 January, at 09:00",
        ),
        (
            "2027-01-05 12:00",
            "в понедельник, 11 января, в 09:00",
            "on Monday, 11 January, at 09:00",
        ),
        ("2027-01-10 23:59", "завтра в 09:00", "tomorrow at 09:00"),
        ("2027-01-11 00:00", "сегодня в 09:00", "today at 09:00"),
        (
            "2027-01-15 21:00",
            "в понедельник, 18 января, в 09:00",
            "on Monday, 18 January, at 09:00",
        ),
    ],
)
def test_customer_is_told_the_day_on_which_operators_are_back(
    moment: str, ru: str, en: str
) -> None:
    assert f"{ru}." in told_at(on(moment, OFFICE))
    assert f"{en}." in told_at(on(moment, OFFICE), "en")


@pytest.mark.parametrize(
    ("hours", "ru", "en"),
    [
        (OFFICE, "пн–пт с 09:00 до 21:00, по Москве", "Mon–Fri from 09:00 to 21:00, Moscow time"),
        (
            SHOP,
            "пн–пт с 09:00 до 21:00, сб–вс с 10:00 до 18:00, по Москве",
            "Mon–Fri from 09:00 to 21:00, Sat–Sun from 10:00 to 18:00, Moscow time",
        ),
        (
            BREAK,
            "ежедневно с 09:00 до 13:00 и с 14:00 до 18:00, по Москве",
            "daily from 09:00 to 13:00 and from 14:00 to 18:00, Moscow time",
        ),
        (
            BusinessHours(MOSCOW, (*((WHOLE_DAY,),) * 4, (), (), WEEKDAYS[0])),
            "пн–чт круглосуточно, вс с 09:00 до 21:00, по Москве",
            "Mon–Thu around the clock, Sun from 09:00 to 21:00, Moscow time",
        ),
    ],
)
def test_hours_of_a_week_are_told_shortly(hours: BusinessHours, ru: str, en: str) -> None:
    friday_night = "2027-01-15 23:30"
    assert ru in told_at(on(friday_night, hours))
    assert en in told_at(on(friday_night, hours), "en")


def test_usual_hours_are_not_told_as_those_of_a_holiday() -> None:
    told = told_at(on("2027-01-05 12:00", OFFICE))
    assert "особый график (обычно они отвечают пн–пт с 09:00 до 21:00" in told
    assert "особый график" not in told_at(on("2027-01-16 12:00", OFFICE)), "a usual Saturday"


def test_nothing_is_promised_where_nobody_is_back_within_a_year() -> None:
    never = BusinessHours(MOSCOW, ((),) * 7, {date(2026, 1, 1): ()})
    for lang in LANGUAGES:
        told = told_at(on("2027-01-05 12:00", never), lang)
        assert not [char for char in told if char.isdigit()]
        assert "None" not in told


def test_hours_told_are_those_of_the_queue() -> None:
    night = Desk(BusinessHours(MOSCOW, ((Span(time(23), time(7)),),) * 7), 60)
    usual = on("2027-01-15 22:00", OFFICE, urgent=night)
    assert "понедельник" in told_at(usual)
    assert "сегодня в 23:00" in told_at(usual.of("urgent"))
    assert "понедельник" in told_at(usual.of("urgent").of("unknown"))


def test_queue_is_chosen_by_the_usual_hours_also_from_within_another() -> None:
    always = Desk(every_day(None, MOSCOW), 60)
    closed = on("2027-01-15 22:00", OFFICE, general=always).of("general")
    assert closed.open_now
    assert handed(situation(), closed).queue == "night-shift"
