"""Writing to a customer first: for named reasons, by day, within the budget, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.care import Manners
from assistant.domain import Customer, IncomingMessage
from assistant.errors import (
    ContactBudgetSpentError,
    DialogTakenError,
    MessageIdReusedError,
    NotFoundError,
    QuietHoursError,
    ReasonNotAllowedError,
    TextRejectedError,
    WordingRefusedError,
)
from assistant.pipeline import Assistant
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.ticket_news import TicketNews
from assistant.unasked import Unasked
from assistant.wiring import Parts
from tests.assistant.conftest import ANNA
from tests.conftest import Clock

REASON = "order_arrived"
TEXT = "Заказ 10432 приехал в пункт выдачи. Он хранится до 5 марта."
REASONS = frozenset({REASON})
COMPLAINT = "Палатка пришла с дырой, а поддержка третий день молчит. Это безобразие!"


class Sender:
    """A store and what writes first in it."""

    def __init__(self, parts: Parts, url: str, clock: Clock, **manners: object) -> None:
        given = Manners(**{"proactive_reasons": REASONS, **manners})  # type: ignore[arg-type]
        self.store = DialogStore(Database(url), clock, manners=given)
        self.street = Assistant(
            decider=parts.decider, store=self.store, suggester=parts.suggester, locale="ru"
        )
        self.unasked = Unasked(self.store, parts.library, "", TicketNews(ZoneInfo("Europe/Moscow")))

    def opens(self, dialog_id: str = "d-1", customer: Customer = ANNA, text: str = "привет") -> str:
        """A dialog of a customer, answered."""
        self.street.reply(IncomingMessage(text=text, dialog_id=dialog_id, customer=customer))
        return dialog_id

    def notice(self, text: str = TEXT, **fields: object) -> dict:
        """The message that was sent to Anna."""
        given = {"reason": REASON, "text": text, **fields}
        return self.unasked.notice("c-17", **given)[0]  # type: ignore[arg-type]

    def said(self, dialog_id: str = "d-1") -> list[str | None]:
        """Purposes of the bot's messages."""
        lines = self.store.view(dialog_id)["messages"]
        return [line["purpose"] for line in lines if line["author"]["kind"] == "bot"]


@pytest.fixture
def sender(parts: Parts, database_url: str, clock: Clock) -> Sender:
    """One with a reason; it is noon."""
    return Sender(parts, database_url, clock)


def test_notice_goes_signed_into_the_customers_latest_dialog(sender: Sender, clock: Clock) -> None:
    sender.opens("d-1")
    clock.turn(hours=1)
    sender.opens("d-2")
    notice = sender.notice()
    assert notice["dialog_id"] == "d-2"
    assert notice["message"]["text"] == TEXT
    assert notice["message"]["author"]["kind"] == "bot"
    assert notice["message"]["author"]["disclosure"]
    assert notice["message"]["purpose"] == "proactive"
    assert sender.said("d-1") == [None]


def test_notice_goes_where_it_is_told_to(sender: Sender, clock: Clock) -> None:
    sender.opens("d-1")
    clock.turn(hours=1)
    sender.opens("d-2")
    assert sender.notice(dialog_id="d-1")["dialog_id"] == "d-1"


@pytest.mark.parametrize("dialog_id", [None, "d-nowhere", "d-of-boris"])
def test_dialog_of_nobody_or_of_another_is_not_found(sender: Sender, dialog_id: str | None) -> None:
    sender.opens("d-of-boris", Customer(id="c-2"))
    with pytest.raises(NotFoundError):
        sender.notice(dialog_id=dialog_id)


def test_notice_neither_opens_nor_moves_the_dialog(sender: Sender) -> None:
    sender.opens()
    sender.store.resolve("d-1", "op-1")
    sender.notice()
    view = sender.store.view("d-1")
    assert view["owner"] == "closed"
    sender.opens("d-1", text="позовите оператора")
    before = sender.store.dialog("d-1")
    sender.notice()
    assert sender.store.dialog("d-1") == before


def test_reason_that_was_not_named_is_refused(sender: Sender) -> None:
    sender.opens()
    with pytest.raises(ReasonNotAllowedError, match="sale"):
        sender.notice(reason="sale")
    assert sender.said() == [None]


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("Заказ задержался. Мы вернём вам деньги сегодня.", "false_promise", "вернём"),
        ("Смотрите https://evil.example/sale", "link", "https://evil.example/sale"),
        ("Назовите код из SMS, и мы всё сделаем.", "asks_for_secret", "Назовите код из SMS"),
        ("Заказ приехал. Могу ли я ещё чем-то помочь?", "chatter", "Могу ли я"),
        ("# Мы вернём вам деньги", "false_promise", "вернём"),
        ("Я не бот, а живой оператор Анна.", "denies_bot", ""),
    ],
)
def test_text_that_the_bot_must_not_say_is_refused_with_what_and_where(
    sender: Sender, text: str, what: str, where: str
) -> None:
    sender.opens()
    with pytest.raises(WordingRefusedError) as refused:
        sender.notice(text)
    assert what in str(refused.value)
    assert where in str(refused.value)
    assert sender.said() == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Заказ 10432 передан в доставку, он приедет завтра.",
        "Заказ 10432 задерживается на два дня. Приносим извинения.",
        "Дарим вам скидку 20% на палатки до воскресенья.",
        "К оплате 500 рублей до пятницы.",
        "Your order 10432 has arrived at the pickup point.",
    ],
)
def test_plain_news_may_go_out(sender: Sender, text: str) -> None:
    sender.opens()
    assert sender.notice(text)["message"]["text"] == text


def test_address_of_an_article_may_be_sent(sender: Sender, parts: Parts) -> None:
    sender.opens()
    knowledge = parts.library.current()
    assert knowledge is not None
    url = next(article.url for article in knowledge.articles.values() if article.url)
    assert url in sender.notice(f"Правила изменились: {url}")["message"]["text"]


def test_nothing_is_offered_to_somebody_whose_complaint_is_open(sender: Sender) -> None:
    offer = "Дарим вам скидку 20% на палатки до воскресенья."
    sender.opens(text=COMPLAINT)
    with pytest.raises(WordingRefusedError, match="complaint is open"):
        sender.notice(offer)
    sender.notice("К оплате 500 рублей до пятницы.")
    sender.store.take("d-1", "op-1", "Ольга")
    sender.store.add_operator_message("d-1", "op-1", None, "Заменили.")
    sender.store.resolve("d-1", "op-1")
    assert sender.notice(offer)["message"]["text"] == offer


@pytest.mark.parametrize(("text", "buttons"), [("привет", ["handoff"]), ("позовите оператора", [])])
def test_person_who_is_called_already_is_not_offered(
    sender: Sender, text: str, buttons: list[str]
) -> None:
    sender.opens(text=text)
    offered = sender.notice()["message"]["quick_replies"]
    assert [button["id"] for button in offered] == buttons


@pytest.mark.parametrize("text", ["", "  ", "а" * 4001])
def test_empty_or_endless_text_is_refused(sender: Sender, text: str) -> None:
    sender.opens()
    with pytest.raises(TextRejectedError):
        sender.notice(text)


def test_person_who_has_the_dialog_is_not_talked_over(sender: Sender) -> None:
    sender.opens()
    sender.store.take("d-1", "op-1", "Ольга")
    with pytest.raises(DialogTakenError, match="Ольга"):
        sender.notice()


def test_budget_counts_all_dialogs_of_the_day_and_no_replies(
    parts: Parts, database_url: str, clock: Clock
) -> None:
    sender = Sender(parts, database_url, clock, contacts_per_day=2)
    for dialog_id in ("d-1", "d-2", "d-3"):
        sender.opens(dialog_id)
    sender.notice(dialog_id="d-1")
    sender.notice(dialog_id="d-2")
    with pytest.raises(ContactBudgetSpentError):
        sender.notice(dialog_id="d-3")
    sender.opens("d-other", Customer(id="c-2"))
    sender.unasked.notice("c-2", reason=REASON, text=TEXT)
    assert sender.opens("d-3", text="спасибо") == "d-3"  # replies go on
    clock.turn(hours=24)
    sender.notice(dialog_id="d-3")


def test_day_begins_at_midnight_where_the_operators_are(
    parts: Parts, database_url: str, clock: Clock
) -> None:
    always = Manners().awake[0], Manners().awake[0]
    zone = ZoneInfo("Asia/Vladivostok")  # ten hours ahead: its day begins at 14:00 UTC
    sender = Sender(parts, database_url, clock, contacts_per_day=1, zone=zone, awake=always)
    sender.opens()
    clock.now = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    sender.notice()
    with pytest.raises(ContactBudgetSpentError):
        sender.notice()
    clock.turn(minutes=31)
    sender.notice()


@pytest.mark.parametrize(
    ("zone", "hour", "quiet"),
    [
        (None, 12, False),
        (None, 20, True),  # eleven in the evening in Moscow
        ("Asia/Vladivostok", 12, True),
        ("Asia/Vladivostok", 0, False),
        ("nowhere/at-all", 12, False),
        (7, 12, False),
        ("../../etc/passwd", 12, False),
    ],
)
def test_it_is_night_by_the_customers_clock_or_else_by_the_operators(
    parts: Parts, database_url: str, clock: Clock, zone: object, hour: int, quiet: bool
) -> None:
    sender = Sender(parts, database_url, clock, zone=ZoneInfo("Europe/Moscow"))
    attributes = {} if zone is None else {"timezone": zone}
    clock.now = datetime(2026, 3, 2, hour, tzinfo=UTC)
    sender.opens(customer=Customer(id="c-17", attributes=attributes))
    if quiet:
        with pytest.raises(QuietHoursError, match="09:00"):
            sender.notice()
    else:
        sender.notice()


def test_dialog_that_became_another_customers_meanwhile_is_not_found(sender: Sender) -> None:
    sender.opens("d-2", Customer(id="c-2"))
    with pytest.raises(NotFoundError):
        sender.store.post_notice("c-17", "d-2", {"text": TEXT}, None)


def test_same_notice_id_sends_nothing_twice(sender: Sender, clock: Clock) -> None:
    sender.opens("d-1")
    first, is_new = sender.unasked.notice("c-17", reason=REASON, text=TEXT, notice_id="n-1")
    clock.turn(hours=1)
    sender.opens("d-2")
    clock.turn(hours=14)  # by night too: it is there already
    again, is_new_again = sender.unasked.notice("c-17", reason=REASON, text=TEXT, notice_id="n-1")
    assert (is_new, is_new_again) == (True, False)
    assert again == first
    assert sender.said("d-2") == [None]
    with pytest.raises(MessageIdReusedError):
        sender.notice("Заказ приехал.", notice_id="n-1")


def test_ids_of_different_customers_do_not_meet(sender: Sender) -> None:
    sender.opens("d-1")
    sender.opens("d-2", Customer(id="c-2"))
    sender.notice(notice_id="n-1")
    _, is_new = sender.unasked.notice("c-2", reason=REASON, text=TEXT, notice_id="n-1")
    assert is_new


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_same_notice_sent_eight_times_at_once_goes_out_once(
    parts: Parts, database_url: str, clock: Clock
) -> None:
    senders = [Sender(parts, database_url, clock) for _ in range(4)]
    senders[0].opens()
    sent = at_once(8, lambda n: senders[n % 4].notice(notice_id="n-1"))
    assert all(one == sent[0] for one in sent)
    assert senders[0].said() == [None, "proactive"]


def test_budget_holds_when_many_dialogs_are_written_to_at_once(
    parts: Parts, database_url: str, clock: Clock
) -> None:
    senders = [Sender(parts, database_url, clock, contacts_per_day=3) for _ in range(4)]
    for number in range(8):
        senders[0].opens(f"d-{number}")

    def try_it(number: int) -> bool:
        try:
            senders[number % 4].notice(dialog_id=f"d-{number}")
        except ContactBudgetSpentError:
            return False
        return True

    assert sum(map(bool, at_once(8, try_it))) == 3
    purposes = [sender for n in range(8) for sender in senders[0].said(f"d-{n}")]
    assert purposes.count("proactive") == 3


def test_notice_between_a_question_back_and_its_answer_is_no_part_of_them(
    sender: Sender, clock: Clock
) -> None:
    dialog_id = sender.opens(text="https://example.com")  # the bot asks for words
    sender.notice()
    reply = sender.street.reply(IncomingMessage(text="https://example.com", dialog_id=dialog_id))
    assert reply.document["action"] == "handoff", "asked once, not a second time"
