"""A customer on the shop page: asks, reads the answer and its sources, comes back later."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat, picture, words

pytestmark = pytest.mark.browser

QUESTION = "Сколько дней хранится заказ в пункте выдачи?"
ADDRESS = re.compile(r"^https?://")


@pytest.fixture
def chat(counter: Server, visit: Visit) -> Chat:
    """The chat of a customer who has just opened it."""
    return Chat(visit(counter.url)).open()


def posts_of(page: Page) -> list[Request]:
    """Requests that change something, as they will be sent from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request))
    return sent


def test_customer_reads_that_a_bot_answers_before_the_first_message(
    chat: Chat, counter: Server
) -> None:
    expect(chat.disclosure).to_be_in_viewport()
    expect(chat.disclosure).to_have_text(words(counter, "widget")["disclosure"])
    expect(chat.disclosure).to_contain_text("бот")
    expect(chat.messages).to_have_count(0)


def test_articles_are_suggested_while_the_customer_types_and_nothing_is_sent(chat: Chat) -> None:
    sent = posts_of(chat.page)

    chat.input.press_sequentially("как вернуть товар", delay=20)

    links = chat.suggestions.get_by_role("link")
    expect(links.first).to_be_visible()
    expect(links.first).to_have_attribute("href", ADDRESS)
    expect(links.filter(has_text=re.compile("возврат", re.IGNORECASE)).first).to_be_visible()
    assert [request.url for request in sent] == []
    expect(chat.messages).to_have_count(0)


def test_suggestions_leave_once_the_message_is_sent(chat: Chat) -> None:
    chat.input.fill("как вернуть товар")
    expect(chat.suggestions).to_be_visible()

    chat.input.press("Enter")

    expect(chat.suggestions).to_be_hidden()


def test_meaningless_letters_suggest_nothing(chat: Chat) -> None:
    with chat.page.expect_response("**/v1/suggest?**"):
        chat.input.fill("ыва прол джэ фыв")
    expect(chat.suggestions).to_be_hidden()


def test_answer_names_its_sources_and_says_that_a_bot_wrote_it(chat: Chat, counter: Server) -> None:
    reply = chat.ask(QUESTION)

    assert reply["action"] == "answer"
    answer = chat.said_by("bot")
    expect(answer).to_have_count(1)
    expect(answer).to_contain_text("7 дней")
    expect(answer.get_by_test_id("message-disclosure")).to_have_text(
        words(counter, "widget")["disclosure"]
    )
    source = answer.get_by_test_id("citation").first
    expect(source.get_by_role("link")).to_have_attribute("href", ADDRESS)
    expect(source.get_by_role("link")).to_have_attribute("rel", re.compile("noopener"))
    source.locator("summary").click()
    expect(source.locator("blockquote")).to_have_text(reply["reply"]["citations"][0]["quote"])
    picture(chat.page, "shop-answer")


def test_thanks_cite_nothing_and_still_say_bot(chat: Chat) -> None:
    reply = chat.ask("спасибо большое!")

    assert reply["action"] == "acknowledge"
    expect(chat.said_by("bot").get_by_test_id("message-disclosure")).to_be_visible()
    expect(chat.said_by("bot").get_by_test_id("citation")).to_have_count(0)


def test_reload_keeps_the_messages_and_the_unsent_text(chat: Chat) -> None:
    chat.ask(QUESTION)
    expect(chat.said_by("bot")).to_have_count(1)
    before = chat.messages.locator(".text").all_text_contents()
    chat.input.fill("а в постамате")

    chat.page.reload()
    chat.open()

    expect(chat.messages).to_have_count(2)
    assert chat.messages.locator(".text").all_text_contents() == before
    expect(chat.said_by("bot").get_by_test_id("message-disclosure")).to_be_visible()
    expect(chat.said_by("bot").get_by_test_id("citation").first).to_be_visible()
    expect(chat.input).to_have_value("а в постамате")


def test_dialog_goes_on_after_a_reload(chat: Chat) -> None:
    first = chat.ask(QUESTION)
    chat.page.reload()
    chat.open()
    expect(chat.messages).to_have_count(2)

    second = chat.ask("Можно ли вернуть товар без чека?")

    assert second["dialog_id"] == first["dialog_id"]
    expect(chat.messages).to_have_count(4)


def test_two_browsers_do_not_see_each_others_messages(
    chat: Chat, counter: Server, visit: Visit
) -> None:
    chat.ask(QUESTION)

    other = Chat(visit(counter.url)).open()

    expect(other.page.get_by_test_id("empty")).to_be_visible()
    expect(other.messages).to_have_count(0)


def test_shift_enter_makes_a_new_line_and_enter_sends_both(chat: Chat) -> None:
    chat.input.fill("Здравствуйте!")
    chat.input.press("Shift+Enter")
    chat.input.press_sequentially("Можно ли вернуть товар без чека?")
    expect(chat.messages).to_have_count(0)

    chat.input.press("Enter")

    expect(chat.said_by("customer").locator(".text")).to_have_text(
        "Здравствуйте!\nМожно ли вернуть товар без чека?"
    )
    expect(chat.input).to_have_value("")


def test_empty_message_is_not_sent(chat: Chat) -> None:
    sent = posts_of(chat.page)
    chat.say("   ")
    chat.send.click()
    expect(chat.messages).to_have_count(0)
    assert [request.url for request in sent] == []


def test_page_and_chat_speak_english(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/?lang=en", language="en-GB")
    english = words(counter, "widget", "en")
    chat = Chat(page).open()

    expect(page).to_have_title(words(counter, "demo", "en")["title"])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(chat.disclosure).to_have_text(english["disclosure"])
    expect(chat.handoff).to_have_text(english["handoff"])
    reply = chat.ask("When will I get my money back after a return?")
    assert reply["action"] == "answer"
    expect(chat.said_by("bot")).to_contain_text("working days")
    expect(chat.said_by("bot").get_by_test_id("message-disclosure")).to_have_text(
        english["disclosure"]
    )
    russian = re.compile("[а-яё]", re.IGNORECASE)
    expect(chat.panel).not_to_contain_text(russian)
    expect(page.locator("main")).not_to_contain_text(russian)
    picture(page, "shop-english")


def test_inline_script_added_to_the_page_does_not_run(counter: Server, visit: Visit) -> None:
    page = visit(counter.url, expecting=["Content Security Policy"])

    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }"""
    )

    assert page.evaluate("window.ran") is None


def test_long_answer_is_shown_from_its_beginning(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/?lang=en", width=360, height=560)
    chat = Chat(page).open()

    reply = chat.ask("When will I get my money back after a return?")

    answer = chat.said_by("bot")
    expect(answer.locator(".who")).to_be_in_viewport(ratio=1)
    assert answer.evaluate("node => node.offsetHeight > node.parentNode.clientHeight")
    assert reply["action"] == "answer"
