"""Manners: each rule by itself, then as a customer meets them, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from assistant.care import (
    Ending,
    Manners,
    Purpose,
    is_counted,
    is_quiet,
    is_reason_allowed,
    is_within_budget,
    may_ask_survey,
    midnight_before,
    otherwise_said,
    rating_in,
    without_second_offer,
)
from assistant.domain import Action, Customer, IncomingMessage, Owner
from assistant.endings import survey_buttons
from assistant.errors import AlreadyRatedError, NotFoundError
from assistant.pipeline import Assistant
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.ticket_news import HandoffTickets, TicketNews
from assistant.unasked import Unasked
from assistant.wiring import Parts
from prompts.loader import LANGUAGES, phrases
from tests.assistant.conftest import ANNA, ask, document
from tests.conftest import Clock

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")
QUESTION = "Сколько дней хранится заказ в пункте выдачи?"
COMPLAINT = "Палатка пришла с дырой, а поддержка третий день молчит. Это безобразие!"
SURVEY = phrases("ru").say("survey")
SURVEY_AFTER_PERSON = phrases("ru").say("survey_after_person")
RATED = phrases("ru").say("survey_thanks")
GOOD = Ending(is_good=True)

# --- the rules -------------------------------------------------------------------------------


def test_survey_is_asked_after_a_good_ending() -> None:
    assert may_ask_survey(GOOD, NOW)


@pytest.mark.parametrize(
    "ending",
    [
        Ending(is_good=False),
        Ending(is_good=True, asked_here=True),
        Ending(is_good=True, is_rated=True),
        Ending(is_good=True, complaint_open=True),
        Ending(is_good=True, is_upset=True),
        Ending(is_good=True, ago=timedelta(days=2)),
    ],
)
def test_survey_is_not_asked_after_any_other(ending: Ending) -> None:
    assert not may_ask_survey(ending, NOW)


@pytest.mark.parametrize(
    ("days_ago", "may"), [(0, False), (29.9, False), (30, True), (400, True), (-3, False)]
)
def test_survey_is_not_asked_again_within_30_days(days_ago: float, may: bool) -> None:
    ending = Ending(is_good=True, asked_at=NOW - timedelta(days=days_ago))
    assert may_ask_survey(ending, NOW) is may


@pytest.mark.parametrize("text", ["1", " 5 ", "4!", "3.", "5️⃣", "5 👍"])
def test_bare_digit_is_a_rating(text: str) -> None:
    assert rating_in(text) == int(text.strip()[0])


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("на 5", 5),
        ("Оценка 5", 5),
        ("оценка: 4", 4),
        ("Оценка — 3.", 3),
        ("5 баллов", 5),
        ("1 балл", 1),
        ("5/5", 5),
        ("2 / 5", 2),
        ("5 из 5", 5),
        ("пять", 5),
        ("Пятёрка!", 5),
        ("ставлю четвёрку", 4),
        ("спасибо, 5", 5),
        ("5, спасибо большое", 5),
        ("пять из пяти", 5),
        ("5-ка", 5),
        ("five", 5),
        ("5 stars", 5),
        ("4 out of 5", 4),
        ("I'd give you a 5", 5),
    ],
)
def test_rating_may_be_said_in_a_few_words(text: str, score: int) -> None:
    assert rating_in(text) == score


@pytest.mark.parametrize(
    "text",
    [
        *("0", "6", "10", "45", "5 дней", "пять дней", "-5", "+5", "5%", "1-2", "", "№5", "5?"),
        *(
            "5 4",
            "5/10",
            "5 из 10",
            "3 из 5 заказов пришли",
            "не 5",
            "на 5 минут",
            "спасибо",
            "5.5",
        ),
    ],
)
def test_anything_else_is_no_rating(text: str) -> None:
    assert rating_in(text) is None


def test_replies_are_not_counted_and_all_unasked_messages_are() -> None:
    assert not is_counted(None)
    assert all(map(is_counted, Purpose))


def test_budget_is_so_many_messages_a_day() -> None:
    assert [is_within_budget(sent, 2) for sent in range(4)] == [True, True, False, False]
    assert not is_within_budget(0, 0)


def test_day_of_the_budget_begins_where_the_operators_are() -> None:
    late = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # half past one on the third in Moscow
    assert midnight_before(late, MOSCOW) == datetime(2026, 3, 3, tzinfo=MOSCOW)


def test_no_reason_to_write_first_is_allowed_unless_it_is_named() -> None:
    assert not is_reason_allowed("order_arrived")
    assert is_reason_allowed("order_arrived", frozenset({"order_arrived"}))


@pytest.mark.parametrize(
    ("hour", "awake", "quiet"),
    [
        (5, (time(9), time(21)), True),  # eight in Moscow
        (6, (time(9), time(21)), False),
        (17, (time(9), time(21)), False),
        (18, (time(9), time(21)), True),  # nine in the evening there
        (0, (time(22), time(4)), False),
        (12, (time(22), time(4)), True),
        (3, (time(), time()), False),
    ],
)
def test_nobody_is_written_to_first_at_night(hour: int, awake: tuple, quiet: bool) -> None:
    assert is_quiet(datetime(2026, 3, 2, hour, tzinfo=UTC), MOSCOW, awake) is quiet


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Вернуть можно за 14 дней. Остались вопросы?", "Вернуть можно за 14 дней."),
        ("Остались ещё вопросы? Вернуть можно за 14 дней.", "Вернуть можно за 14 дней."),
        ("Да. Могу ли я ещё чем-то помочь? Нет.", "Да. Нет."),
        ("Готово.\n\nЕсли появятся ещё вопросы, пишите!", "Готово."),
        ("Готово. Если возникнут вопросы, мы на связи.", "Готово."),
        ("Готово. Если будут вопросы, обращайтесь в любое время!", "Готово."),
        ("Готово. Обращайтесь к нам, если снова понадобится помощь.", "Готово."),
        ("Done. If you have any other questions, just ask!", "Done."),
        ("Done. How else can I help?", "Done."),
        ("- Первое.\n- Второе.\nМогу чем-то ещё помочь?", "- Первое.\n- Второе."),
        ("It takes 14 days. Is there anything else I can help you with?", "It takes 14 days."),
        ("Done. Let me know if you have any other questions!", "Done."),
    ],
)
def test_second_closing_offer_is_cut(text: str, kept: str) -> None:
    assert without_second_offer(text, offered_before=True) == kept
    assert without_second_offer(text, offered_before=False) == text


@pytest.mark.parametrize(
    "text",
    [
        "Могу ли я ещё чем-то помочь?",
        "Остались вопросы? Могу ещё чем-то помочь?",
        "Если нужно заменить что-то ещё, добавьте это в заявку.",
        "Есть вопросы по гарантии, звоните 8 800 555-35-35.",
        "Если остались вопросы, звоните с 9 до 21.",
        "Сколько стоит доставка?",
        "Если при получении возникнут вопросы, откройте спор.",
        "Если останутся вопросы по сборке, звоните мастеру.",
        "Обращайтесь к продавцу, если нужна замена.",
        "If you have any questions at pickup, open a dispute.",
        "Hello! How can I help?",
        "Чем могу помочь?",
        "",
    ],
)
def test_message_is_never_emptied_and_content_is_never_cut(text: str) -> None:
    assert without_second_offer(text, offered_before=True) == text


def test_two_offers_in_one_message_become_one() -> None:
    text = "Готово. Остались вопросы? Могу ли я ещё чем-нибудь помочь?"
    assert without_second_offer(text, offered_before=False) == "Готово. Остались вопросы?"


def test_quote_that_is_the_answers_only_content_is_not_touched() -> None:
    quote = "Остались вопросы?"
    text = f"Нашёл ответ только на английском языке:\n{quote}"
    assert without_second_offer(text, offered_before=True, quotes=[quote]) == text


def test_nothing_is_said_the_same_way_twice_in_a_row() -> None:
    said: list[str] = []
    for _ in range(7):
        said.append(otherwise_said("Пожалуйста!", said, ["Всегда рад.", "Не за что."]))
    assert said[:3] == ["Пожалуйста!", "Всегда рад.", "Не за что."]
    assert all(before != after for before, after in pairwise(said))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_survey_is_one_short_line_that_says_how_to_answer(lang: str) -> None:
    for key in ("survey", "survey_after_person"):
        text = phrases(lang).say(key)
        assert len(text) <= 120
        assert "1" in text
        assert "5" in text
    assert [button.label for button in survey_buttons()] == list("12345")


# --- as a customer meets them ----------------------------------------------------------------


class Shop:
    """A street with a clock, and what happens in it."""

    def __init__(
        self, parts: Parts, url: str, clock: Clock, manners: Manners, tickets: str = "never"
    ) -> None:
        self.clock = clock
        self.store = DialogStore(Database(url), clock, manners=manners)
        self.street = Assistant(
            decider=parts.decider,
            store=self.store,
            suggester=parts.suggester,
            locale="ru",
            tickets=HandoffTickets(tickets, parts.staffing),
        )
        self.unasked = Unasked(self.store, parts.library, "", TicketNews(MOSCOW))

    def says(
        self, text: str, dialog_id: str = "d", customer: Customer = ANNA, **fields: object
    ) -> dict:
        """A customer's message; returns the reply object."""
        self.clock.turn(seconds=1)
        incoming = IncomingMessage(text=text, dialog_id=dialog_id, customer=customer, **fields)  # type: ignore[arg-type]
        return self.street.reply(incoming).document

    def told(self, *texts: str, dialog_id: str = "d", customer: Customer = ANNA) -> list[str]:
        """What the bot says to several messages."""
        replies = [self.says(text, dialog_id, customer)["reply"] for text in texts]
        return [reply["text"] if reply else "" for reply in replies]

    def operator_answers(self, text: str = "Сделали, проверьте.", dialog_id: str = "d") -> None:
        """Takes the dialog and writes in it."""
        self.clock.turn(seconds=1)
        self.store.take(dialog_id, "op-1", "Ольга")
        self.store.add_operator_message(dialog_id, "op-1", None, text)

    def closes(self, dialog_id: str = "d") -> list[dict]:
        """An operator closes it; returns the surveys that were sent in it."""
        self.unasked.resolve(dialog_id, "op-1")
        return self.surveys(dialog_id)

    def surveys(self, dialog_id: str = "d") -> list[dict]:
        """Messages of the bot that ask for a rating."""
        said = self.store.view(dialog_id)["messages"]
        return [line for line in said if any(b["id"] == "csat-1" for b in line["quick_replies"])]

    def score(self, dialog_id: str = "d") -> int | None:
        """The rating of the dialog."""
        rating = self.store.view(dialog_id)["csat"]
        return rating["score"] if rating else None

    def events(self, dialog_id: str = "d") -> list[str]:
        """Types of the dialog's events."""
        from sqlalchemy import select

        from assistant.store.tables import events

        query = select(events.c.type).where(events.c.dialog_id == dialog_id).order_by(events.c.id)
        with self.store._database.reading() as connection:
            return list(connection.execute(query).scalars())


@pytest.fixture
def open_shop(parts: Parts, database_url: str, clock: Clock) -> Callable[..., Shop]:
    """Opens a shop with manners of its own: `open_shop(survey_days=7)`."""
    return lambda **manners: Shop(parts, database_url, clock, Manners(**manners))


@pytest.fixture
def shop_of_manners(open_shop: Callable[..., Shop]) -> Shop:
    """A shop with the usual manners."""
    return open_shop()


@pytest.fixture
def here(shop_of_manners: Shop) -> Shop:
    """The same, by a shorter name."""
    return shop_of_manners


def test_thanks_after_an_answer_get_the_survey_as_the_last_line_of_the_reply(here: Shop) -> None:
    answer, thanks = here.says(QUESTION), here.says("спасибо!")
    assert answer["action"] == "answer"
    assert thanks["reply"]["text"].split("\n")[-1] == SURVEY
    ids = [button["id"] for button in thanks["reply"]["quick_replies"]]
    assert ids == [f"csat-{score}" for score in range(1, 6)]
    assert [line["purpose"] for line in here.surveys()] == [None]  # a reply, no message of its own
    assert len(here.store.view("d")["messages"]) == 4


def test_survey_is_asked_once_a_dialog(here: Shop) -> None:
    here.told(QUESTION, "спасибо")
    here.clock.turn(days=60)
    here.told("Как удалить аккаунт?", "спасибо")
    assert len(here.surveys()) == 1


def test_retry_of_the_thanks_gets_the_same_survey(here: Shop) -> None:
    here.says(QUESTION)
    first = here.says("спасибо", message_id="m-1")
    assert here.says("спасибо", message_id="m-1") == first
    assert len(here.surveys()) == 1


def test_thanks_for_nothing_get_no_survey(here: Shop) -> None:
    assert SURVEY not in "".join(here.told("привет", "спасибо"))


def test_thanks_for_an_answer_before_the_last_reply_get_no_survey(here: Shop) -> None:
    assert SURVEY not in "".join(here.told(QUESTION, "ты бот?", "спасибо"))


def test_dialog_that_was_rated_is_not_asked_about(here: Shop) -> None:
    here.says(QUESTION)
    here.store.rate("d", 5, None)
    assert SURVEY not in here.told("спасибо")[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ANNA, ANNA),
        (Customer(anonymous_id="v-1"), Customer(anonymous_id="v-1")),
        (Customer(anonymous_id="v-1"), Customer(id="c-1", anonymous_id="v-1")),
    ],
)
def test_customer_is_not_asked_again_within_30_days_in_any_dialog(
    here: Shop, first: Customer, second: Customer
) -> None:
    here.told(QUESTION, "спасибо", dialog_id="d-1", customer=first)
    here.clock.turn(days=29)
    here.told(QUESTION, "спасибо", dialog_id="d-2", customer=second)
    here.clock.turn(days=1)
    here.told(QUESTION, "спасибо", dialog_id="d-3", customer=second)
    assert [len(here.surveys(one)) for one in ("d-1", "d-2", "d-3")] == [1, 0, 1]


def test_strangers_are_asked_each_for_himself(here: Shop) -> None:
    for dialog_id, customer in [("d-1", Customer()), ("d-2", Customer()), ("d-3", ANNA)]:
        here.told(QUESTION, "спасибо", dialog_id=dialog_id, customer=customer)
        assert len(here.surveys(dialog_id)) == 1


def test_clock_set_back_asks_nobody_twice(here: Shop) -> None:
    here.told(QUESTION, "спасибо", dialog_id="d-1")
    here.clock.turn(days=-90)
    here.told(QUESTION, "спасибо", dialog_id="d-2")
    assert here.surveys("d-2") == []


def test_days_between_surveys_can_be_set(open_shop: Callable[..., Shop]) -> None:
    here = open_shop(survey_days=7)
    here.told(QUESTION, "спасибо", dialog_id="d-1")
    here.clock.turn(days=8)
    here.told(QUESTION, "спасибо", dialog_id="d-2")
    assert len(here.surveys("d-2")) == 1


def test_surveys_can_be_switched_off(open_shop: Callable[..., Shop]) -> None:
    here = open_shop(surveys=False)
    here.told(QUESTION, "спасибо")
    here.operator_answers()
    assert here.closes() == []


def test_two_dialogs_of_a_customer_that_end_at_once_bring_one_survey(
    parts: Parts, database_url: str, clock: Clock
) -> None:
    shops = [Shop(parts, database_url, clock, Manners()) for _ in range(4)]
    for number, shop in enumerate(shops):
        shop.says(QUESTION, f"d-{number}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: shops[n].says("спасибо", f"d-{n}"), range(4)))
    assert sum(len(shops[0].surveys(f"d-{number}")) for number in range(4)) == 1


def test_whoever_waits_for_a_person_is_not_asked(here: Shop) -> None:
    assert SURVEY not in "".join(here.told("позовите оператора", QUESTION, "спасибо"))


def test_complaint_open_in_another_dialog_means_no_survey(here: Shop) -> None:
    here.says(COMPLAINT, "d-1")
    here.told(QUESTION, "спасибо", dialog_id="d-2")
    assert here.surveys("d-2") == []
    here.operator_answers("Заменим завтра.", "d-1")
    here.told(QUESTION, "спасибо", dialog_id="d-3")
    assert len(here.surveys("d-3")) == 1


def test_complaint_that_was_closed_without_a_word_means_no_survey_in_its_dialog(
    here: Shop,
) -> None:
    here.says(COMPLAINT)
    here.closes()
    here.told(QUESTION, "спасибо")
    assert here.surveys() == []


# --- ratings by a digit


def test_digit_after_the_survey_is_the_rating(here: Shop) -> None:
    here.told(QUESTION, "спасибо")
    reply = here.says("4")
    assert (reply["action"], reply["reply"]["text"]) == ("acknowledge", RATED)
    assert reply["intent"]["label"] == "thanks"
    assert reply["reply"]["author"]["disclosure"]
    assert reply["reply"]["quick_replies"] == []
    assert here.score() == 4
    assert here.events().count("csat.received") == 1


@pytest.mark.parametrize("second", ["4", "2"])
def test_second_digit_changes_nothing_and_calls_nobody(here: Shop, second: str) -> None:
    here.told(QUESTION, "спасибо", "4")
    reply = here.says(second)
    assert reply["action"] == "acknowledge"
    assert reply["reply"]["text"] != RATED
    assert here.score() == 4


def test_digit_after_the_button_was_pressed_is_thanked_for_and_changes_nothing(here: Shop) -> None:
    here.told(QUESTION, "спасибо")
    here.store.rate("d", 5, None)
    assert here.told("1") == [RATED]
    assert here.score() == 5


def test_digit_later_in_the_dialog_is_no_rating(here: Shop) -> None:
    here.told(QUESTION, "спасибо", "Как удалить аккаунт?", "4")
    assert here.score() is None


def test_digit_without_a_survey_is_no_rating(here: Shop) -> None:
    here.told(QUESTION, "4")
    assert here.score() is None


def test_rating_with_a_question_under_it_is_kept_and_the_question_answered(here: Shop) -> None:
    here.told(QUESTION, "спасибо")
    reply = here.says("5\nКак удалить аккаунт?")
    assert reply["action"] == "answer"
    assert here.score() == 5


def test_digit_twice_in_one_burst_is_one_rating(here: Shop) -> None:
    here.told(QUESTION, "спасибо")
    assert here.told("5\n5") == [RATED]
    assert here.score() == 5


def test_digit_to_a_person_is_no_rating(here: Shop) -> None:
    here.told(QUESTION, "спасибо")
    here.store.take("d", "op-1", "Ольга")
    assert here.says("4")["reply"] is None
    assert here.score() is None


# --- after a person


def test_survey_follows_when_a_person_answered_and_closed_the_dialog(here: Shop) -> None:
    here.says("позовите оператора")
    here.operator_answers()
    here.says("спасибо, всё работает")
    (survey,) = here.closes()
    assert survey["text"] == SURVEY_AFTER_PERSON
    assert survey["purpose"] == "survey"
    assert survey["author"]["disclosure"]
    assert here.store.dialog("d").owner is Owner.CLOSED


def test_closing_twice_asks_once(here: Shop) -> None:
    here.says("позовите оператора")
    here.operator_answers()
    assert len(here.closes()) == 1
    assert len(here.closes()) == 1


def test_digit_rates_a_closed_dialog_and_does_not_open_it(here: Shop) -> None:
    here.says("позовите оператора")
    here.operator_answers()
    here.closes()
    reply = here.says("5")
    assert (reply["reply"]["text"], reply["owner"]) == (RATED, "closed")
    here.says("5")
    assert here.store.dialog("d").owner is Owner.CLOSED
    assert here.score() == 5
    assert "dialog.reopened" not in here.events()
    assert here.says(QUESTION)["action"] == "answer"
    assert here.events().count("dialog.reopened") == 1


def test_resolved_complaint_may_be_asked_about(here: Shop) -> None:
    here.says(COMPLAINT)
    here.operator_answers("Заменим палатку завтра, курьер заберёт старую.")
    assert len(here.closes()) == 1


@pytest.mark.parametrize(
    "last_words",
    [
        "Это не решение, я жду третью неделю, безобразие!",
        "А когда приедет курьер?",
        "Да пошли вы нахуй, спасибо",
    ],
    ids=["complains on", "asks on", "swears"],
)
def test_bad_last_word_of_the_customer_means_no_survey(here: Shop, last_words: str) -> None:
    here.says(COMPLAINT)
    here.operator_answers()
    here.says(last_words)
    assert here.closes() == []


def test_whoever_swore_last_is_not_asked_though_the_operator_answered(here: Shop) -> None:
    here.says("Где мой заказ, бля, третий день жду!")
    here.operator_answers()
    assert here.closes() == []


def test_news_in_an_operators_name_is_not_his_word(here: Shop) -> None:
    here.says(COMPLAINT)
    here.store.take("d", "op-1", "Ольга")
    here.store.open_ticket(
        "d", subject="палатка", expected_at=None, operator_id="op-1", news=TicketNews(MOSCOW)
    )
    assert here.store.view("d")["messages"][-1]["author"]["kind"] == "human"
    here.told(QUESTION, "спасибо", dialog_id="d-2")
    assert here.surveys("d-2") == []
    assert here.closes() == []


def test_solved_ticket_is_told_before_the_survey(
    parts: Parts, database_url: str, clock: Clock
) -> None:
    here = Shop(parts, database_url, clock, Manners(), tickets="always")
    here.says("позовите оператора")
    here.operator_answers()
    assert len(here.closes()) == 1
    news, survey = here.store.view("d")["messages"][-2:]
    assert (news["purpose"], survey["purpose"]) == ("news", "survey")
    assert "решено" in news["text"]
    assert here.store.tell_ticket_news(TicketNews(MOSCOW)) == 0


def test_handoff_that_nobody_took_means_no_survey(here: Shop) -> None:
    here.says("позовите оператора")
    assert here.closes() == []


def test_person_who_wrote_nothing_means_no_survey(here: Shop) -> None:
    here.says("позовите оператора")
    here.store.take("d", "op-1", "Ольга")
    assert here.closes() == []


def test_words_of_a_matter_before_do_not_count(here: Shop) -> None:
    here.says("позовите оператора")
    here.operator_answers()
    here.store.resolve("d", "op-1")  # without a survey
    here.says("позовите оператора")
    here.store.take("d", "op-1", "Ольга")
    assert here.closes() == []


def test_old_dialog_that_is_only_tidied_away_means_no_survey(here: Shop) -> None:
    here.says("позовите оператора")
    here.operator_answers()
    here.clock.turn(days=3)
    assert here.closes() == []


def test_spent_budget_means_no_survey_and_leaves_it_open_for_later(
    open_shop: Callable[..., Shop],
) -> None:
    here = open_shop(contacts_per_day=0)
    here.says("позовите оператора")
    here.operator_answers()
    assert here.closes() == []
    here.told(QUESTION, "спасибо")
    assert len(here.surveys()) == 1  # a line in a reply is no contact


# --- the comment


def test_comment_can_be_added_to_a_rating_once(here: Shop) -> None:
    here.says(QUESTION)
    with pytest.raises(NotFoundError):
        here.store.comment_rating("d", "долго")
    here.store.rate("d", 2, None)
    assert here.store.comment_rating("d", "долго")["score"] == 2
    assert here.store.view("d")["csat"]["comment"] == "долго"
    with pytest.raises(AlreadyRatedError):
        here.store.comment_rating("d", "очень долго")
    assert here.store.view("d")["csat"]["comment"] == "долго"
    assert here.events()[-2:] == ["csat.received", "csat.commented"]


# --- "anything else?" and the like


def bot_says(store: DialogStore, text: str, dialog_id: str) -> str:
    """The bot answers with a text, whoever wrote it; returns what went out."""
    received = ask(store, dialog_id=dialog_id)
    turn = received.turn
    assert turn is not None
    posted = store.post_reply(
        turn,
        document(received, text=text),
        new_owner=Owner.BOT,
        handoff=None,
        silent_reply=document(received, Action.SILENT),
    )
    assert posted is not None
    kept = store.view(dialog_id)["messages"][-1]["text"]
    assert kept == posted["reply"]["text"]
    return str(kept)


def test_anything_else_is_asked_once_a_dialog_whoever_wrote_it(store: DialogStore) -> None:
    first, second = "Готово. Остались вопросы?", "Вот так. Могу ли я ещё чем-то помочь?"
    assert bot_says(store, first, "d-1") == first
    assert bot_says(store, second, "d-1") == "Вот так."
    assert bot_says(store, second, "d-2") == second


@pytest.mark.parametrize(
    "texts",
    [
        [QUESTION, *["спасибо"] * 5],
        [QUESTION, *["ок"] * 4],
        [QUESTION, *["👍"] * 4],
        ["привет", "здравствуйте", "привет", "добрый день"],
        ["ты бот?"] * 4,
        ["позовите оператора", *["ок"] * 4],
        ["позовите оператора", *["спасибо"] * 4],
        ["позовите оператора"] * 4,
        ["позовите оператора", *["ты бот?"] * 4],
        ["позовите оператора", "привет", "привет", "алло?", "👍", "👍"],
        ["How long do you keep my order at the pickup point?", *["thanks"] * 4],
        ["hi", "hello", "hi", "good morning"],
        ["ok", "ok", "ok"],
    ],
    ids=lambda texts: f"{texts[0][:12]} {texts[-1][:12]}",
)
def test_bot_does_not_repeat_itself(here: Shop, texts: list[str]) -> None:
    said = here.told(*texts)
    assert all(said)
    assert all(before != after for before, after in pairwise(said))


def test_second_thanks_get_a_minimal_answer(here: Shop) -> None:
    first, second, third = here.told("спасибо", "спасибо", "спасибо")
    assert len(second) < 25 > len(third)
    assert len(first) > 25


@pytest.mark.parametrize("text", ["хорошо", "ладно", "понятно"])
def test_fine_is_not_taken_for_a_greeting(here: Shop, text: str) -> None:
    here.says(QUESTION)
    assert here.says(text)["reply"]["text"].startswith(phrases("ru").say("thanks"))


def test_ok_calls_nobody(here: Shop) -> None:
    here.says("How long do you keep my order at the pickup point?")
    assert [here.says(text)["action"] for text in ("thanks", "ok", "ok")] == ["acknowledge"] * 3


def test_question_how_long_is_answered_every_time(here: Shop) -> None:
    said = here.told("позовите оператора", "а долго ждать?", "а долго ждать?")
    assert "очеред" in said[1]
    assert "очеред" in said[2]
