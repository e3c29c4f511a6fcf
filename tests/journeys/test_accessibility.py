"""The chat without a mouse, without sight, and on a small phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat, Console, picture, words

pytestmark = pytest.mark.browser

QUESTION = "Можно ли вернуть товар без чека?"
TABS_AT_MOST = 60


def tab_to(page: Page, is_there: Callable[[], bool]) -> None:
    """Press Tab until the keyboard is where it should be."""
    for _ in range(TABS_AT_MOST):
        if is_there():
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard never gets there")


def has_keyboard(part: Locator) -> bool:
    return bool(part.evaluate("node => node === document.activeElement"))


def test_keyboard_alone_opens_asks_reads_and_closes(counter: Server, visit: Visit) -> None:
    page = visit(counter.url)
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()

    tab_to(page, lambda: chat.focused() == "launcher")
    page.keyboard.press("Enter")
    expect(chat.input).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(chat.said_by("bot")).to_have_count(1)
    expect(chat.input).to_be_focused()
    page.keyboard.press("Escape")

    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_close_button_returns_the_keyboard_to_the_launcher(counter: Server, visit: Visit) -> None:
    chat = Chat(visit(counter.url)).open()

    chat.page.get_by_role("button", name=words(counter, "widget")["close"]).click()

    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


@pytest.mark.parametrize("there", ["handoff", "close", "log", "send"])
def test_keyboard_reaches_every_control_of_the_open_chat(
    counter: Server, visit: Visit, there: str
) -> None:
    chat = Chat(visit(counter.url)).open()
    back = "Tab" if there == "send" else "Shift+Tab"

    for _ in range(4):
        chat.page.keyboard.press(back)
        if chat.focused() == there:
            break

    assert chat.focused() == there


def test_source_of_an_answer_opens_by_keyboard(counter: Server, visit: Visit) -> None:
    chat = Chat(visit(counter.url)).open()
    chat.ask(QUESTION)
    quote = chat.said_by("bot").locator("summary").first
    quote.focus()

    chat.page.keyboard.press("Enter")

    expect(chat.said_by("bot").locator("blockquote").first).to_be_visible()


def test_screen_reader_finds_the_chat_by_roles_and_names(counter: Server, visit: Visit) -> None:
    page = visit(counter.url)
    label = words(counter, "widget")
    expect(page.get_by_role("button", name=label["launcher"], exact=True)).to_be_visible()
    Chat(page).open()
    panel = page.get_by_role("dialog", name=label["title"], exact=True)
    found: list[Locator] = [
        panel,
        panel.get_by_role("log", name=label["log"], exact=True),
        panel.get_by_role("textbox", name=label["input"], exact=True),
        panel.get_by_role("button", name=label["send"], exact=True),
        panel.get_by_role("button", name=label["handoff"], exact=True),
        panel.get_by_role("button", name=label["close"], exact=True),
        panel.get_by_role("status").filter(has_text=label["state_bot"]),
    ]
    for part in found:
        expect(part).to_be_visible()
    expect(panel.get_by_role("log")).to_have_attribute("aria-live", "polite")


def test_every_control_of_the_shop_page_has_a_name(counter: Server, visit: Visit) -> None:
    page = visit(counter.url)
    Chat(page).open()
    for role in ("button", "link", "textbox"):
        every = page.get_by_role(role)  # type: ignore[arg-type]
        named = page.get_by_role(role, name=re.compile(r"\S"))  # type: ignore[arg-type]
        assert every.count() == named.count() > 0


def test_operator_finds_the_console_by_roles_and_names(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/console")
    label = words(counter, "console")
    page.get_by_role("textbox", name=label["signin_name"]).fill("Ольга")
    page.get_by_role("button", name=label["signin_submit"]).click()
    expect(page.get_by_role("navigation", name=label["lists_label"])).to_be_visible()
    expect(page.get_by_role("heading", name=label["waiting_title"])).to_be_visible()
    expect(page.get_by_role("button", name=label["signout"])).to_be_visible()


def test_operator_takes_and_answers_by_keyboard_alone(counter: Server, visit: Visit) -> None:
    chat = Chat(visit(counter.url)).introduce("Наталья").open()
    chat.ask("позовите человека")
    page = visit(f"{counter.url}/console")
    console = Console(page)
    expect(console.name).to_be_focused()

    page.keyboard.type("Ольга")
    page.keyboard.press("Enter")
    expect(console.waits("Наталья")).to_have_count(1)
    tab_to(page, lambda: has_keyboard(console.waits("Наталья")))
    page.keyboard.press("Enter")
    expect(console.take).to_be_enabled()
    tab_to(page, lambda: has_keyboard(console.take))
    page.keyboard.press("Enter")
    expect(console.answer).to_be_focused()
    page.keyboard.type("Здравствуйте!")
    page.keyboard.press("Control+Enter")

    expect(chat.said_by("human")).to_have_count(1)


def test_chat_fills_a_phone_of_360_pixels_and_nothing_is_cut_off(
    counter: Server, visit: Visit
) -> None:
    page = visit(counter.url, width=360, height=640)
    picture(page, "phone-shop")
    chat = Chat(page).open()
    chat.ask(QUESTION)
    expect(chat.said_by("bot")).to_have_count(1)

    assert chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    for part in (chat.disclosure, chat.state, chat.handoff, chat.input, chat.send):
        expect(part).to_be_in_viewport(ratio=1)
    for message in chat.messages.all():
        box = message.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    picture(page, "phone-answer")


@pytest.mark.parametrize("address", ["/", "/?lang=en", "/console"])
def test_no_page_scrolls_sideways_on_a_phone(counter: Server, visit: Visit, address: str) -> None:
    page = visit(counter.url + address, width=360, height=640)
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") == 360


def test_fingers_find_large_enough_buttons_on_a_phone(counter: Server, visit: Visit) -> None:
    chat = Chat(visit(counter.url, width=360, height=640)).open()
    for part in (chat.send, chat.handoff, chat.input):
        box = part.bounding_box()
        assert box
        assert box["height"] >= 44
