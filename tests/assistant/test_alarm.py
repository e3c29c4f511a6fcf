"""Customers who wait too long: one alarm a wait, whatever the clocks do and however many look."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from assistant.alarm import WaitingAlarm
from assistant.business_hours import BusinessHours, Desk, Span, SupportCalendar, every_day
from assistant.care import CONTACTS_PER_DAY
from assistant.contacts import Contacts
from assistant.domain import Customer, HandoffReason, IncomingMessage, Owner
from assistant.handoff import Staffing
from assistant.privacy.masker import Masker
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.tables import events
from prompts.loader import phrases
from tests.assistant.conftest import ask, handoff_to, post, waiting_dialog
from tests.conftest import Clock

MOSCOW = ZoneInfo("Europe/Moscow")
ALWAYS = every_day(None, MOSCOW)
OFFICE = BusinessHours(MOSCOW, ((Span(time(9), time(21)),),) * 5 + ((), ()))
"""The clock of the tests begins on a Monday at 15:00 in Moscow."""
SEVEN = SupportCalendar(
    Desk(ALWAYS, 420), {"complaints": Desk(ALWAYS, 300), "never": Desk(ALWAYS, 0)}
)
RU, EN = phrases("ru"), phrases("en")


@dataclass
class Machine:
    """A machine whose clock on the wall can be set, and the alarm that runs on it."""

    store: DialogStore
    clock: Clock
    calendar: SupportCalendar = SEVEN
    online: bool = True
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A process that knows nothing of the one before."""
        self.alarm = WaitingAlarm(
            self.store,
            lambda: Staffing(self.online, 5, self.clock(), self.calendar),
            Contacts(Masker()),
            now=self.clock,
            monotonic=lambda: self.seconds,
        )

    def passes(self, **span: float) -> None:
        """Time passes: every clock goes on, and a round looks every minute."""
        left = timedelta(**span)
        while left > timedelta(0):
            step = min(left, timedelta(minutes=1))
            self.clock.now += step
            self.seconds += step.total_seconds()
            left -= step
            self.alarm.look()


@pytest.fixture
def machine(store: DialogStore, clock: Clock) -> Machine:
    return Machine(store, clock)


def breaches(store: DialogStore, dialog_id: str | None = None) -> list[dict]:
    query = select(events).where(events.c.type == "sla.breached").order_by(events.c.id)
    with store._database.reading() as connection:
        rows = list(connection.execute(query))
    return [row.payload for row in rows if dialog_id in (None, row.dialog_id)]


def told(store: DialogStore, dialog_id: str) -> list[str]:
    said = store.view(dialog_id)["messages"]
    return [line["text"] for line in said if line["purpose"] == "alarm"]


def test_wait_within_the_promise_raises_nothing(store: DialogStore, machine: Machine) -> None:
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=7)
    assert breaches(store) == told(store, dialog_id) == []
    assert store.view(dialog_id)["sla_breached_at"] is None


def test_wait_past_the_promise_raises_one_alarm_and_tells_the_customer_once(
    store: DialogStore, machine: Machine
) -> None:
    dialog_id = waiting_dialog(store)
    since = store.view(dialog_id)["unanswered_since"]
    machine.passes(minutes=60)
    assert breaches(store) == [
        {
            "queue": "general",
            "priority": None,
            "owner": "waiting",
            "operator_id": None,
            "waiting_seconds": 480,
            "limit_seconds": 420,
            "since": since,
            "customer_told": True,
        }
    ]
    assert len(told(store, dialog_id)) == 1
    assert store.view(dialog_id)["sla_breached_at"] > since


def test_message_of_the_alarm_says_that_a_bot_sends_it(
    store: DialogStore, machine: Machine
) -> None:
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=10)
    message = store.view(dialog_id)["messages"][-1]
    assert message["author"]["kind"] == "bot"
    assert message["author"]["disclosure"] == RU.say("disclosure")
    assert message["purpose"] == "alarm"


def test_each_queue_has_its_own_promise(store: DialogStore, machine: Machine) -> None:
    soon, later, never = (waiting_dialog(store, q) for q in ("complaints", "general", "never"))
    machine.passes(minutes=6)
    assert [bool(breaches(store, one)) for one in (soon, later, never)] == [True, False, False]
    machine.passes(hours=5)
    assert [bool(breaches(store, one)) for one in (soon, later, never)] == [True, True, False]


def test_hours_in_which_nobody_answers_do_not_count(store: DialogStore, clock: Clock) -> None:
    machine = Machine(store, clock, SupportCalendar(Desk(OFFICE, 420)))
    clock.turn(days=4, hours=5, minutes=55)  # Friday, 20:55
    waiting_dialog(store)
    machine.passes(hours=60)  # Monday, 08:55
    assert breaches(store) == []
    machine.passes(minutes=8)
    assert [one["waiting_seconds"] for one in breaches(store)] == [480]


def test_person_who_owns_the_dialog_is_named_and_the_bot_is_silent(
    store: DialogStore, machine: Machine
) -> None:
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    machine.passes(minutes=10)
    assert [(one["owner"], one["operator_id"]) for one in breaches(store)] == [("human", "op-1")]
    assert breaches(store)[0]["customer_told"] is False
    assert told(store, dialog_id) == []


@pytest.mark.parametrize("what", ["answered", "resolved"])
def test_wait_that_ended_in_time_raises_nothing(
    store: DialogStore, machine: Machine, what: str
) -> None:
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=5)
    store.take(dialog_id, "op-1", "Ольга")
    if what == "answered":
        store.add_operator_message(dialog_id, "op-1", None, "сейчас посмотрю")
    else:
        store.resolve(dialog_id, "op-1")
    machine.passes(hours=1)
    assert breaches(store) == []


def test_same_wait_raises_no_second_alarm_whatever_happens_in_it(
    store: DialogStore, machine: Machine
) -> None:
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=10)
    ask(store, "ну что там?", dialog_id)
    machine.passes(minutes=10)
    store.take(dialog_id, "op-1", "Ольга")
    machine.passes(minutes=10)
    store.release(dialog_id, "op-1")
    machine.passes(hours=2)
    store.take(dialog_id, "op-2", "Пётр")
    machine.passes(minutes=10)
    assert len(breaches(store)) == 1
    assert len(told(store, dialog_id)) == 1


def test_new_wait_may_raise_a_new_alarm(store: DialogStore, machine: Machine) -> None:
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=10)
    store.take(dialog_id, "op-1", "Ольга")
    store.add_operator_message(dialog_id, "op-1", None, "сейчас посмотрю")
    assert store.view(dialog_id)["sla_breached_at"] is None
    machine.passes(minutes=30)
    assert len(breaches(store)) == 1, "it is the customer's turn"
    ask(store, "ну что там?", dialog_id)
    machine.passes(minutes=10)
    assert [one["owner"] for one in breaches(store)] == ["waiting", "human"]


def test_dialog_opened_anew_waits_anew(store: DialogStore, machine: Machine) -> None:
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=10)
    store.resolve(dialog_id, "op-1")
    store.reopen(dialog_id, "op-1")
    machine.passes(hours=1)
    assert len(breaches(store)) == 1
    received = ask(store, "позовите", dialog_id)
    post(store, received, owner=Owner.WAITING, handoff=handoff_to())
    machine.passes(minutes=10)
    assert len(breaches(store)) == 2


# --- many who look -------------------------------------------------------------------------------


def test_16_processes_that_look_at_once_raise_one_alarm(
    store: DialogStore, database_url: str, clock: Clock
) -> None:
    dialogs = [waiting_dialog(store) for _ in range(4)]
    clock.turn(minutes=10)
    stores = [store, *(DialogStore(Database(database_url), clock) for _ in range(3))]
    machines = [Machine(stores[n % 4], clock, seconds=600.0) for n in range(16)]
    with ThreadPoolExecutor(16) as pool:
        raised = list(pool.map(lambda machine: machine.alarm.look(), machines))
    assert sum(raised) == len(dialogs)
    for dialog_id in dialogs:
        assert len(breaches(store, dialog_id)) == len(told(store, dialog_id)) == 1


def of_a_look(machine: Machine, happens: Callable[[], object]) -> int:
    """What a round raises when something happens between its look and its alarm."""
    staffing = machine.alarm._staffing

    def meanwhile() -> Staffing:
        happens()
        return staffing()

    machine.alarm._staffing = meanwhile
    return machine.alarm.look()


@pytest.mark.parametrize("what", ["taken", "answered", "resolved", "moved"])
def test_what_happens_between_the_look_and_the_alarm_is_respected(
    store: DialogStore, machine: Machine, what: str
) -> None:
    dialog_id = waiting_dialog(store)
    machine.clock.turn(minutes=10)

    def happens() -> None:
        if what == "moved":
            received = ask(store, "горит", dialog_id)
            post(store, received, owner=Owner.WAITING, handoff=handoff_to("urgent"))
            return
        store.take(dialog_id, "op-1", "Ольга")
        if what == "answered":
            store.add_operator_message(dialog_id, "op-1", None, "здравствуйте")
        if what == "resolved":
            store.resolve(dialog_id, "op-1")

    assert of_a_look(machine, happens) == 0
    assert breaches(store) == told(store, dialog_id) == []


def test_alarm_of_a_dialog_that_is_gone_is_none(
    store: DialogStore, database_url: str, machine: Machine
) -> None:
    waiting_dialog(store)
    machine.clock.turn(minutes=10)
    [wait] = store.open_waits()
    alarm = machine.alarm._alarm(wait, 600, 420, machine.alarm._staffing())
    assert store.raise_alarm(replace(wait, dialog_id="d-gone"), alarm) is False
    assert store.raise_alarm(wait, alarm) is True
    assert store.raise_alarm(wait, alarm) is False


# --- clocks that are set -------------------------------------------------------------------------


def test_clock_set_forward_raises_no_alarms(store: DialogStore, machine: Machine) -> None:
    for _ in range(5):
        waiting_dialog(store)
    machine.passes(minutes=3)
    machine.clock.turn(hours=1)
    machine.alarm.look()
    machine.passes(minutes=4)
    assert breaches(store) == []
    machine.passes(minutes=1)
    assert len(breaches(store)) == 5, "and they are due when their minutes are over"


def test_wait_that_began_just_before_the_clock_was_set_forward_raises_none(
    store: DialogStore, machine: Machine
) -> None:
    machine.passes(minutes=1)
    waiting_dialog(store)
    machine.clock.turn(hours=1)
    machine.passes(minutes=6)
    assert breaches(store) == []
    machine.passes(minutes=3)
    assert len(breaches(store)) == 1


def test_clock_set_back_silences_no_alarm(store: DialogStore, machine: Machine) -> None:
    before = waiting_dialog(store)
    machine.passes(minutes=3)
    machine.clock.turn(hours=-1)
    after = waiting_dialog(store)
    machine.passes(minutes=5)
    assert [bool(breaches(store, one)) for one in (before, after)] == [True, False]
    machine.passes(minutes=4)
    assert [len(breaches(store, one)) for one in (before, after)] == [1, 1]


def test_clock_set_to_and_fro_raises_one_alarm(store: DialogStore, machine: Machine) -> None:
    dialog_id = waiting_dialog(store)
    for hours in (1, -1, -1, 1, 2, -3):
        machine.passes(minutes=1)
        machine.clock.turn(hours=hours)
    machine.passes(minutes=1)
    assert breaches(store) == []
    machine.passes(hours=2)
    assert len(breaches(store)) == len(told(store, dialog_id)) == 1


def test_process_that_starts_after_the_clock_was_set_back_still_raises_it(
    store: DialogStore, machine: Machine
) -> None:
    waiting_dialog(store)
    machine.passes(minutes=3)
    machine.clock.turn(hours=-1)
    machine.start()
    machine.passes(minutes=7)
    assert breaches(store) == []
    machine.passes(minutes=2)
    assert len(breaches(store)) == 1


def test_alarm_that_fell_due_while_no_process_ran_is_raised_by_the_next(
    store: DialogStore, machine: Machine
) -> None:
    waiting_dialog(store)
    machine.clock.turn(minutes=20)
    machine.start()
    assert machine.alarm.look() == 1
    assert breaches(store)[0]["waiting_seconds"] == 1200


def test_customer_who_was_forgotten_for_days_is_not_surprised_and_operators_are_told(
    store: DialogStore, machine: Machine
) -> None:
    forgotten = waiting_dialog(store)
    machine.clock.turn(hours=25)
    recent = waiting_dialog(store)
    machine.clock.turn(hours=1)
    machine.start()
    assert machine.alarm.look() == 2
    assert told(store, forgotten) == []
    assert len(told(store, recent)) == 1
    assert [one["customer_told"] for one in breaches(store)] == [False, True]


# --- what the customer is told -------------------------------------------------------------------


def test_customer_is_promised_no_minutes_that_nobody_knows(
    store: DialogStore, machine: Machine
) -> None:
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=10)
    assert told(store, dialog_id) == [f"{RU.say('late')} {RU.say('late_online')}"]


def test_customer_is_told_the_usual_wait_where_it_is_known_and_longer(
    store: DialogStore, machine: Machine
) -> None:
    seen = [waiting_dialog(store) for _ in range(3)]
    machine.passes(minutes=25)
    for one in seen:
        store.take(one, "op-1", "Ольга")
        store.add_operator_message(one, "op-1", None, "Смотрю.")
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=10)
    assert told(store, dialog_id)[0].endswith(RU.say("late_typical", minutes=25))


def test_customer_is_not_told_a_usual_wait_that_he_has_had(
    store: DialogStore, machine: Machine
) -> None:
    seen = waiting_dialog(store)
    machine.passes(minutes=2)
    store.take(seen, "op-1", "Ольга")
    dialog_id = waiting_dialog(store)
    machine.passes(minutes=10)
    assert "мин" not in told(store, dialog_id)[0]


def test_customer_whom_nobody_can_answer_is_told_when_and_asked_for_a_contact(
    store: DialogStore, clock: Clock
) -> None:
    calendar = SupportCalendar(Desk(OFFICE, 420))
    machine = Machine(store, clock, calendar, online=False)
    clock.turn(days=4, hours=5, minutes=50)  # Friday, 20:50
    dialog_id = waiting_dialog(store)
    clock.turn(minutes=15)
    machine.start()
    machine.alarm.look()
    [text] = told(store, dialog_id)
    assert "в понедельник, 9 марта, в 09:00" in text
    assert "пн–пт с 09:00 до 21:00, по Москве" in text
    assert RU.say("contact_offer") in text
    assert "мин" not in text


def test_contact_that_is_known_is_not_asked_for(store: DialogStore, machine: Machine) -> None:
    machine.online = False
    customer = Customer(attributes={"phone": "+79161234567"})
    received = store.receive(IncomingMessage("вопрос", customer=customer), "вопрос", "ru")
    post(store, received, owner=Owner.WAITING, handoff=handoff_to())
    machine.passes(minutes=10)
    [text] = told(store, received.dialog.dialog_id)
    assert RU.say("contact_offer") not in text


def test_customer_is_told_in_the_language_he_wrote_last(
    store: DialogStore, machine: Machine
) -> None:
    received = store.receive(IncomingMessage("hello"), "where is my money, please", "ru")
    post(store, received, owner=Owner.WAITING, handoff=handoff_to())
    machine.passes(minutes=10)
    [text] = told(store, received.dialog.dialog_id)
    assert text.startswith(EN.say("late"))
    [message] = [m for m in store.view(received.dialog.dialog_id)["messages"] if m["purpose"]]
    assert message["author"]["disclosure"] == EN.say("disclosure")


def test_customer_in_danger_is_told_the_emergency_number_again(
    store: DialogStore, machine: Machine
) -> None:
    machine.online = False
    received = ask(store, "пахнет газом")
    handoff = handoff_to("urgent") | {"reason": HandoffReason.UNSAFE.value}
    post(store, received, owner=Owner.WAITING, handoff=handoff)
    machine.passes(minutes=10)
    [text] = told(store, received.dialog.dialog_id)
    assert "112" in text
    assert RU.say("contact_offer") not in text


def test_customer_who_had_his_share_of_messages_is_spared_and_operators_are_not(
    store: DialogStore, machine: Machine
) -> None:
    customer = Customer(id="c-1")
    dialogs = []
    for n in range(CONTACTS_PER_DAY + 1):
        received = store.receive(IncomingMessage(f"вопрос {n}", customer=customer), "вопрос", "ru")
        post(store, received, owner=Owner.WAITING, handoff=handoff_to())
        dialogs.append(received.dialog.dialog_id)
    machine.passes(minutes=10)
    assert len(breaches(store)) == CONTACTS_PER_DAY + 1
    assert sum(len(told(store, one)) for one in dialogs) == CONTACTS_PER_DAY
    assert sum(one["customer_told"] for one in breaches(store)) == CONTACTS_PER_DAY
