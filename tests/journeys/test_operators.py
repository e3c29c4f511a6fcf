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


def customer(visit: Visit, server: Server, name: str) -> Chat:
    """A customer with the chat open."""
    return Chat(visit(server.url)).introduce(name).open()


def operator(visit: Visit, server: Server, name: str = "Ольга") -> Console:
    """An operator at work."""
    console = Console(visit(f"{server.url}/console")).sign_in(name)
    expect(console.me).to_contain_text(name)
    return console


def test_complaint_and_call_for_a_person_reach_the_console_with_summary_and_transcript(
    server: Server, visit: Visit
) -> None:
    anna, boris = customer(visit, server, "Анна"), customer(visit, server, "Борис")
    anna.ask(QUESTION)
    assert anna.ask(COMPLAINT)["handoff"]["reason"] == "complaint"
    assert boris.ask(CALL)["handoff"]["reason"] == "customer_request"
    label = words(server, "console")

    console = operator(visit, server)

    expect(console.waiting).to_have_count(2)
    expect(console.page).to_have_title(re.compile(r"^\(2\)"))
    expect(console.waiting.first).to_contain_text(label["reason_complaint"])
    expect(console.waiting.last).to_contain_text(label["reason_customer_request"])
    console.choose("Анна")
    expect(console.customer).to_contain_text("id of Анна")
    expect(console.summary).to_contain_text("Палатка пришла с дырой")
    expect(console.reason).to_contain_text(label["reason_complaint"])
    expect(console.passages.get_by_role("link").first).to_be_visible()
    expect(console.messages).to_have_count(4)
    expect(console.said_by("customer").first).to_contain_text(QUESTION)
    expect(console.said_by("bot").first).to_contain_text("7 дней")
    expect(console.said_by("customer").last).to_contain_text(label["intent_complaint"])
    picture(console.page, "console-dialog")


def test_operators_answer_arrives_marked_as_a_persons_and_the_bot_is_silent_afterwards(
    counter: Server, visit: Visit
) -> None:
    chat = customer(visit, counter, "Вера")
    chat.ask(COMPLAINT)
    expect(chat.said_by("bot")).to_have_count(1)
    console = operator(visit, counter).take_over("Вера")

    console.reply("Здравствуйте! Заменим палатку завтра.")

    answer = chat.said_by("human")
    expect(answer).to_contain_text("Заменим палатку завтра")
    expect(answer).to_contain_text("Ольга")
    expect(answer.get_by_test_id("message-disclosure")).to_have_count(0)
    expect(answer).not_to_contain_text("бот")
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
    counter: Server, visit: Visit
) -> None:
    chat = customer(visit, counter, "Глеб")
    chat.ask(CALL)
    console = operator(visit, counter).take_over("Глеб")
    console.reply("Готово, всё исправили.")
    expect(chat.said_by("human")).to_have_count(1)

    console.resolve.click()

    expect(console.owner).to_have_text(words(counter, "console")["owner_closed"])
    expect(console.answer).to_be_disabled()
    expect(console.mine.filter(has_text="Глеб")).to_have_count(0)
    expect(chat.state).to_have_text(words(counter, "widget")["state_closed"])
    assert chat.ask(QUESTION)["action"] == "answer"
    expect(chat.said_by("bot").last).to_contain_text("7 дней")
    expect(chat.disclosure).to_be_visible()


def test_button_calls_a_person_before_anything_was_written(counter: Server, visit: Visit) -> None:
    chat = customer(visit, counter, "Дарья")

    chat.handoff.click()

    expect(chat.said_by("bot")).to_have_count(1)
    expect(chat.handoff).to_have_attribute("aria-disabled", "true")
    expect(operator(visit, counter).waits("Дарья")).to_have_count(1)


def test_button_under_an_answer_calls_a_person(counter: Server, visit: Visit) -> None:
    chat = customer(visit, counter, "Егор")
    chat.ask(QUESTION)

    chat.said_by("bot").get_by_test_id("quick-reply").click()

    expect(chat.said_by("bot")).to_have_count(2)
    asks_for_a_person = words(counter, "console")["reason_customer_request"]
    expect(operator(visit, counter).waits("Егор")).to_contain_text(asks_for_a_person)


def test_customer_learns_the_expected_wait_when_an_operator_is_at_work(
    counter: Server, visit: Visit
) -> None:
    operator(visit, counter)

    chat = customer(visit, counter, "Жанна")
    reply = chat.ask(CALL)

    assert reply["handoff"]["operators_online"]
    minutes = str(reply["handoff"]["expected_wait_minutes"])
    wait = words(counter, "widget")["state_waiting_minutes"].replace("{minutes}", minutes)
    expect(chat.state).to_have_text(wait)


def test_dialog_that_one_operator_has_cannot_be_taken_by_another(
    counter: Server, visit: Visit
) -> None:
    customer(visit, counter, "Захар").ask(CALL)
    olga, pavel = operator(visit, counter), operator(visit, counter, "Павел")
    pavel.choose("Захар")

    olga.take_over("Захар")

    expect(pavel.owner).to_contain_text("Ольга")
    expect(pavel.take).to_be_disabled()
    expect(pavel.answer).to_be_disabled()
    expect(pavel.waits("Захар")).to_have_count(0)
    expect(olga.mine.filter(has_text="Захар")).to_have_count(1)


def test_dialog_given_back_waits_for_another_operator(counter: Server, visit: Visit) -> None:
    chat = customer(visit, counter, "Инна")
    chat.ask(CALL)
    olga, pavel = operator(visit, counter), operator(visit, counter, "Павел")
    olga.take_over("Инна")

    olga.release.click()
    pavel.take_over("Инна").reply("Здравствуйте, это Павел.")

    expect(chat.said_by("human")).to_contain_text("Павел")
    expect(olga.owner).to_contain_text("Павел")


def test_text_the_operator_is_typing_survives_new_messages_and_a_reload(
    counter: Server, visit: Visit
) -> None:
    chat = customer(visit, counter, "Кирилл")
    chat.ask(CALL)
    console = operator(visit, counter).take_over("Кирилл")
    console.answer.press_sequentially("Уже смотрю ваш")

    chat.say("Ну что там?")
    expect(console.said_by("customer")).to_have_count(2)
    expect(console.answer).to_be_focused()
    expect(console.answer).to_have_value("Уже смотрю ваш")
    console.page.reload()

    expect(console.dialog).to_be_visible()
    expect(console.answer).to_have_value("Уже смотрю ваш")


def test_closed_chat_shows_how_many_answers_were_not_read(counter: Server, visit: Visit) -> None:
    chat = customer(visit, counter, "Лидия")
    unread = chat.page.get_by_test_id("unread")
    chat.ask(CALL)
    chat.page.keyboard.press("Escape")
    console = operator(visit, counter).take_over("Лидия")
    console.reply("Первый ответ")
    expect(console.said_by("human")).to_have_count(1)
    console.reply("Второй ответ")

    expect(unread).to_have_text("2")
    chat.open()
    expect(chat.said_by("human")).to_have_count(2)
    chat.page.keyboard.press("Escape")
    expect(unread).to_have_count(0)


def test_console_speaks_english(counter: Server, visit: Visit) -> None:
    customer(visit, counter, "Mark").ask(CALL)
    label = words(counter, "console", "en")
    page = visit(f"{counter.url}/console", language="en-GB")

    console = Console(page).sign_in("Olga").choose("Mark")

    expect(console.waits("Mark")).to_contain_text(label["reason_customer_request"])
    expect(console.take).to_have_text(label["take"])
    expect(page.locator("html")).to_have_attribute("lang", "en")
