"""A day at the desk: two operators, three customers, one of them angry, one who comes back on
another channel. Everything is real: the server, its hints, its advice, two browsers."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from playwright.sync_api import expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat, Console, picture, words

pytestmark = pytest.mark.browser

QUESTION = "Сколько дней хранится заказ в пункте выдачи?"
COMPLAINT = "Палатка пришла с дырой, а поддержка третий день молчит. Это безобразие! Заказ 10432."
CALL = "позовите человека"
HOLLOW = "Ваш звонок очень важен для нас."
WIDTHS = [(1280, 800), (768, 1024)]
_BLANK = re.compile(r"^(«[^»]*»|\[[^\]]+\])$")


def writes(server: Server, text: str, channel: str = "web", **customer: object) -> str:
    """A customer's message on a channel; returns the id of its dialog, a new one."""
    body = {
        "text": text,
        "channel": channel,
        "dialog_id": f"d-{uuid.uuid4().hex}",
        "customer": customer,
    }
    httpx.post(f"{server.url}/v1/messages", json=body, timeout=60).raise_for_status()
    return str(body["dialog_id"])


def at_work(visit: Visit, server: Server, name: str, width: int, height: int) -> Console:
    """An operator who has signed in."""
    page = visit(f"{server.url}/console", width=width, height=height)
    console = Console(page).sign_in(name)
    expect(console.me).to_contain_text(name)
    return console


def answer_by_hint(console: Console) -> str:
    """Put the first hint in by its key, fill in what it leaves open, send it; returns the text."""
    expect(console.hints.first).to_be_enabled()
    console.page.keyboard.press("Alt+1")
    expect(console.answer).not_to_have_value("")
    while _BLANK.search(console.selected_text()):
        console.page.keyboard.type("завтра до 18:00")
        console.page.keyboard.press("Tab")
        if not console.answer.evaluate("field => field === document.activeElement"):
            break
    text = console.answer.input_value().strip()
    console.answer.press("Control+Enter")
    expect(console.said_by("human").last).to_contain_text(text.splitlines()[0])
    return text


@dataclass(frozen=True)
class Day:
    """Who is there: two operators and two of the customers; the words of the console, its width."""

    olga: Console
    pavel: Console
    anna: Chat
    boris: Chat
    label: dict[str, str]
    width: int


def see_who_waits(day: Day) -> None:
    """Both see the three, the angry one first."""
    for console in (day.olga, day.pavel):
        expect(console.waiting).to_have_count(3)
        expect(console.waiting.first).to_contain_text("Анна")
    expect(day.olga.page).to_have_title(re.compile(r"^\(3\)"))


def take_the_angry_one(day: Day) -> None:
    """One takes her; the other sees with whom she is."""
    day.olga.take_over("Анна")
    expect(day.pavel.waits("Анна")).to_have_count(0)
    expect(day.pavel.elsewhere("Анна")).to_contain_text("Ольга")
    expect(day.olga.said_by("customer")).to_contain_text(day.label["intent_complaint"])
    picture(day.olga.page, f"day-{day.width}-taken")


def answer_her(day: Day) -> None:
    """A hint by its key, what it leaves open filled in; then own words, with advice."""
    text = answer_by_hint(day.olga)
    expect(day.anna.said_by("human")).to_contain_text(text.splitlines()[0])

    # Advice while typing, applied by its key; it reaches the customer without the hollow phrase.
    day.olga.answer.fill(f"{HOLLOW} Мастер позвонит вам сегодня до 18:00.")
    expect(day.olga.advice.first).to_be_visible()
    picture(day.olga.page, f"day-{day.width}-advice")
    day.olga.page.keyboard.press("Alt+W")
    expect(day.olga.answer).not_to_have_value(re.compile("очень важен для нас"))
    day.olga.answer.press("Control+Enter")
    expect(day.anna.said_by("human").last).to_contain_text("Мастер позвонит вам сегодня")


def open_a_ticket(day: Day) -> None:
    """A ticket with a term; its change is told to the customer."""
    day.olga.page.keyboard.press("Alt+K")
    sheet = day.olga.sheet("ticket")
    if sheet.get_by_test_id("ticket-subject").count():
        sheet.get_by_test_id("ticket-subject").fill("Заменить палатку")
        until = (datetime.now() + timedelta(days=2)).strftime("%Y-%m-%dT18:00")
        sheet.get_by_test_id("ticket-until").fill(until)
        day.olga.send_sheet("ticket")
        expect(day.anna.said_by("bot").last).to_contain_text(re.compile(r"\d{4}"))
        day.olga.page.keyboard.press("Alt+K")
    sheet.get_by_test_id("ticket-status").select_option("in_progress")
    sheet.get_by_test_id("ticket-note").fill("Палатка заказана")
    day.olga.send_sheet("ticket")
    in_progress = day.label["ticket_status_in_progress"]
    expect(day.olga.page.get_by_test_id("ticket-facts")).to_contain_text(in_progress)


def flag_and_pass_on(day: Day) -> None:
    """A wrong answer of the bot gets a reason; the dialog goes on, with a note for operators."""
    day.pavel.take_over("Борис")
    first = day.pavel.said_by("bot").first
    first.get_by_test_id("wrong").click()
    first.get_by_test_id("wrong-reason").first.click()
    expect(first.get_by_test_id("flagged")).to_contain_text(day.label["wrong_other_question"])

    # He passes the dialog on, with a note that the customer does not see.
    day.pavel.reply("Сейчас позову коллегу.")
    expect(day.boris.said_by("human")).to_contain_text("Сейчас позову коллегу.")
    day.pavel.page.keyboard.press("Alt+P")
    day.pavel.sheet("transfer").get_by_test_id("transfer-to").select_option(label="Ольга")
    day.pavel.sheet("transfer").get_by_test_id("transfer-note").fill("Просит скидку, решай ты")
    day.pavel.send_sheet("transfer")
    expect(day.olga.has("Борис")).to_have_count(1)
    day.olga.has("Борис").click()
    expect(day.olga.notes).to_contain_text("Просит скидку, решай ты")
    expect(day.boris.messages.filter(has_text="Просит скидку")).to_have_count(0)
    picture(day.olga.page, f"day-{day.width}-note")


def read_the_other_channel(day: Day) -> None:
    """What he wrote on the other channel is there to be read."""
    day.pavel.take_over("Виктор")
    if day.width < 1100:
        day.pavel.page.keyboard.press("Alt+C")
    earlier = day.pavel.page.get_by_test_id("previous-item")
    expect(earlier).to_have_count(1)
    picture(day.pavel.page, f"day-{day.width}-card")
    earlier.click()
    expect(day.pavel.said_by("customer").first).to_contain_text(QUESTION)
    expect(day.pavel.answer).to_be_disabled()
    day.pavel.has("Виктор").click()
    day.pavel.reply("Да, вижу ваш вопрос с сайта: семь дней.")
    expect(day.pavel.said_by("human")).to_have_count(1)


def end_the_day(day: Day, state_closed: str) -> None:
    """Both lists come to the same."""
    for console, name in ((day.olga, "Борис"), (day.olga, "Анна"), (day.pavel, "Виктор")):
        console.has(name).click()
        expect(console.dialog.get_by_role("heading", name=name)).to_be_visible()
        console.page.keyboard.press("Alt+R")
        expect(console.owner).to_have_text(day.label["owner_closed"])
    for console in (day.olga, day.pavel):
        for items in (console.waiting, console.mine, console.others):
            expect(items).to_have_count(0)
    expect(day.anna.state).to_have_text(state_closed)


@pytest.mark.parametrize(("width", "height"), WIDTHS, ids=["1280", "768"])
def test_day_of_two_operators_and_three_customers(
    server: Server, visit: Visit, width: int, height: int
) -> None:
    anna = Chat(visit(server.url)).introduce("Анна").open()
    assert anna.ask(COMPLAINT)["handoff"]["reason"] == "complaint"
    boris = Chat(visit(server.url)).introduce("Борис").open()
    boris.ask(QUESTION)
    boris.ask(CALL)
    writes(server, QUESTION, id="v-3", name="Виктор")
    writes(server, f"Я уже писал на сайте. {CALL}", "telegram", id="v-3", name="Виктор")
    olga = at_work(visit, server, "Ольга", width, height)
    pavel = at_work(visit, server, "Павел", width, height)
    day = Day(olga, pavel, anna, boris, words(server, "console"), width)

    see_who_waits(day)
    take_the_angry_one(day)
    answer_her(day)
    open_a_ticket(day)
    flag_and_pass_on(day)
    read_the_other_channel(day)

    end_the_day(day, words(server, "widget")["state_closed"])
