"""From a customer who needs a person to that person's answer, in browsers of both."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat, Console, picture, words

pytestmark = pytest.mark.browser

QUESTION = "Сколько дней хранится заказ в пункте выдачи?"
COMPLAINT = "Палатка пришла с дырой, а поддержка третий день молчит. Это безобразие!"
CALL = "позовите человека"


def customer(visit: Visit, server: Server) -> Chat:
    """A customer with the chat open."""
    return Chat(visit(server.url)).open()


def operator(visit: Visit, server: Server, name: str = "Ольга") -> Console:
    """An operator at work."""
    console = Console(visit(f"{server.url}/console")).sign_in(name)
    expect(console.me).to_contain_text(name)
    return console


def test_complaint_and_call_for_a_person_reach_the_console_with_summary_and_transcript(
    server: Server, visit: Visit
) -> None:
    anna, boris = customer(visit, server), customer(visit, server)
    anna.ask(QUESTION)
    assert anna.ask(COMPLAINT)["handoff"]["reason"] == "complaint"
    assert boris.ask(CALL)["handoff"]["reason"] == "customer_request"
    label = words(server, "console")

    console = operator(visit, server)

    expect(console.waiting).to_have_count(2)
    expect(console.page).to_have_title(re.compile(r"^\(2\)"))
    expect(console.waiting.first).to_contain_text(label["reason_complaint"])
    expect(console.waiting.last).to_contain_text(label["reason_customer_request"])
    console.waiting.first.click()
    expect(console.summary).to_contain_text("Палатка пришла с дырой")
    expect(console.reason).to_contain_text(label["reason_complaint"])
    expect(console.passages.get_by_role("link").first).to_be_visible()
    expect(console.messages).to_have_count(4)
    expect(console.said_by("customer").first).to_contain_text(QUESTION)
    expect(console.said_by("bot").first).to_contain_text("7 дней")
    expect(console.said_by("customer").last).to_contain_text(label["intent_complaint"])
    picture(console.page, "console-dialog")


def test_operators_answer_arrives_marked_as_a_persons_and_the_bot_is_silent_afterwards(
    server: Server, visit: Visit
) -> None:
    chat = customer(visit, server)
    chat.ask(COMPLAINT)
    expect(chat.said_by("bot")).to_have_count(1)
    console = operator(visit, server)
    console.choose("Палатка")

    console.take.click()
    expect(console.answer).to_be_enabled()
    console.reply("Здравствуйте! Заменим палатку завтра.")

    answer = chat.said_by("human")
    expect(answer).to_contain_text("Заменим палатку завтра")
    expect(answer).to_contain_text("Ольга")
    expect(answer.get_by_test_id("message-disclosure")).to_have_count(0)
    expect(answer).not_to_contain_text(re.compile(r"\bбот\b"))
    expect(chat.state).to_contain_text("Ольга")
    expect(chat.disclosure).to_be_hidden()
    picture(chat.page, "shop-operator")

    reply = chat.ask(QUESTION)
    assert (reply["action"], reply["reply"]) == ("silent", None)
    expect(console.said_by("customer").last).to_contain_text(QUESTION)
    expect(chat.said_by("bot")).to_have_count(1)
    expect(console.said_by("bot")).to_have_count(1)
    picture(console.page, "console-answering")


def test_bot_answers_again_after_the_operator_resolved_the_dialog(
    server: Server, visit: Visit
) -> None:
    chat = customer(visit, server)
    chat.ask(CALL)
    console = operator(visit, server)
    console.choose(CALL)
    console.take.click()
    console.reply("Готово, всё исправили.")
    expect(chat.said_by("human")).to_have_count(1)

    console.resolve.click()

    expect(console.owner).to_have_text(words(server, "console")["owner_closed"])
    expect(console.answer).to_be_disabled()
    expect(console.mine).to_have_count(0)
    expect(chat.state).to_have_text(words(server, "widget")["state_closed"])
    assert chat.ask(QUESTION)["action"] == "answer"
    expect(chat.said_by("bot").last).to_contain_text("7 дней")
    expect(chat.disclosure).to_be_visible()


def test_button_calls_a_person_before_anything_was_written(server: Server, visit: Visit) -> None:
    chat = customer(visit, server)

    chat.handoff.click()

    expect(chat.said_by("bot")).to_have_count(1)
    expect(chat.handoff).to_have_attribute("aria-disabled", "true")
    expect(operator(visit, server).waiting).to_have_count(1)


def test_button_under_an_answer_calls_a_person(server: Server, visit: Visit) -> None:
    chat = customer(visit, server)
    chat.ask(QUESTION)

    chat.said_by("bot").get_by_test_id("quick-reply").click()

    expect(chat.said_by("bot")).to_have_count(2)
    console = operator(visit, server)
    expect(console.waiting).to_contain_text(words(server, "console")["reason_customer_request"])


def test_customer_learns_the_expected_wait_when_an_operator_is_at_work(
    server: Server, visit: Visit
) -> None:
    operator(visit, server)
    chat = customer(visit, server)

    reply = chat.ask(CALL)

    assert reply["handoff"]["operators_online"]
    minutes = str(reply["handoff"]["expected_wait_minutes"])
    wait = words(server, "widget")["state_waiting_minutes"].replace("{minutes}", minutes)
    expect(chat.state).to_have_text(wait)


def test_dialog_that_one_operator_has_cannot_be_taken_by_another(
    server: Server, visit: Visit
) -> None:
    chat = customer(visit, server)
    chat.ask(CALL)
    olga, pavel = operator(visit, server), operator(visit, server, "Павел")
    olga.choose(CALL)
    pavel.choose(CALL)

    olga.take.click()

    expect(pavel.owner).to_contain_text("Ольга")
    expect(pavel.take).to_be_disabled()
    expect(pavel.answer).to_be_disabled()
    expect(pavel.waiting).to_have_count(0)
    expect(olga.mine).to_have_count(1)


def test_dialog_given_back_waits_for_another_operator(server: Server, visit: Visit) -> None:
    chat = customer(visit, server)
    chat.ask(CALL)
    olga, pavel = operator(visit, server), operator(visit, server, "Павел")
    olga.choose(CALL)
    olga.take.click()
    expect(olga.release).to_be_enabled()

    olga.release.click()
    pavel.choose(CALL)
    pavel.take.click()
    pavel.reply("Здравствуйте, это Павел.")

    expect(chat.said_by("human")).to_contain_text("Павел")
    expect(olga.owner).to_contain_text("Павел")


def test_text_the_operator_is_typing_survives_new_messages_and_a_reload(
    server: Server, visit: Visit
) -> None:
    chat = customer(visit, server)
    chat.ask(CALL)
    console = operator(visit, server)
    console.choose(CALL)
    console.take.click()
    console.answer.press_sequentially("Уже смотрю ваш")

    chat.say("Ну что там?")
    expect(console.said_by("customer")).to_have_count(2)
    expect(console.answer).to_be_focused()
    expect(console.answer).to_have_value("Уже смотрю ваш")
    console.page.reload()

    expect(console.dialog).to_be_visible()
    expect(console.answer).to_have_value("Уже смотрю ваш")


def test_closed_chat_shows_how_many_answers_were_not_read(server: Server, visit: Visit) -> None:
    chat = customer(visit, server)
    chat.ask(CALL)
    chat.page.keyboard.press("Escape")
    console = operator(visit, server)
    console.choose(CALL)
    console.take.click()
    console.reply("Первый ответ")
    expect(console.said_by("human")).to_have_count(1)
    console.reply("Второй ответ")

    expect(chat.page.get_by_test_id("unread")).to_have_text("2")
    chat.open()
    expect(chat.said_by("human")).to_have_count(2)
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_test_id("unread")).to_have_count(0)


def test_operator_sees_who_the_customer_is(server: Server, visit: Visit) -> None:
    page = visit(server.url)
    page.evaluate(
        """() => {
            const chat = document.querySelector("souffleur-chat");
            chat.setAttribute("customer-name", "Анна Петрова");
            chat.setAttribute("customer-id", "c-17");
        }"""
    )
    Chat(page).open().ask(CALL)

    console = operator(visit, server)

    console.choose("Анна Петрова")
    expect(console.customer).to_contain_text("c-17")


def test_console_speaks_english(server: Server, visit: Visit) -> None:
    customer(visit, server).ask(CALL)
    label = words(server, "console", "en")
    page = visit(f"{server.url}/console", language="en-GB")
    console = Console(page).sign_in("Olga")

    expect(console.waiting).to_contain_text(label["reason_customer_request"])
    console.waiting.click()
    expect(console.take).to_have_text(label["take"])
    expect(page.locator("html")).to_have_attribute("lang", "en")
