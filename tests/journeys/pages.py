"""The pages as a person meets them: what can be seen and done there."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Server


def words(server: Server, page: str, language: str = "ru") -> dict[str, str]:
    """The labels of a page, and the bot's name and disclosure under `bot_name`, `disclosure`."""
    answer: dict[str, Any] = httpx.get(
        f"{server.url}/v1/texts/{page}", params={"locale": language}
    ).json()
    bot = {"bot_name": answer["bot"]["name"], "disclosure": answer["bot"]["disclosure"]}
    return answer["texts"] | bot


def picture(page: Page, name: str) -> None:
    """Keep a screenshot for a person to look at, where one asked for them."""
    folder = os.environ.get("SOUFFLEUR_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


class Chat:
    """The widget on the shop page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.get_by_test_id("launcher")
        self.panel = page.get_by_test_id("panel")
        self.disclosure = page.get_by_test_id("disclosure")
        self.state = page.get_by_test_id("state")
        self.log = page.get_by_test_id("log")
        self.input = page.get_by_test_id("input")
        self.send = page.get_by_test_id("send")
        self.handoff = page.get_by_test_id("handoff")
        self.suggestions = page.get_by_test_id("suggestions")
        self.messages = page.get_by_test_id("message")
        self.not_sent = page.get_by_test_id("not-sent")

    def introduce(self, name: str) -> Chat:
        """What a shop's page does for a customer who has signed in there."""
        chat = self.page.locator("souffleur-chat")
        chat.evaluate("(chat, name) => chat.setAttribute('customer-name', name)", name)
        chat.evaluate("(chat, name) => chat.setAttribute('customer-id', name)", f"id of {name}")
        return self

    def open(self) -> Chat:
        """Press the button in the corner."""
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def say(self, text: str) -> None:
        """Type a message and press Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    def ask(self, text: str) -> dict[str, Any]:
        """Say it and wait for the server's reply object."""
        with self.page.expect_response("**/v1/messages") as answered:
            self.say(text)
        return final_of(answered.value.text())

    def said_by(self, author: str) -> Locator:
        """The messages of the `customer`, the `bot` or a `human`."""
        return self.page.locator(f'[data-testid="message"][data-author="{author}"]')

    def focused(self) -> str | None:
        """The test id of what has the keyboard inside the widget."""
        focused: str | None = self.page.evaluate(
            "document.querySelector('souffleur-chat').shadowRoot.activeElement?.dataset.testid"
        )
        return focused


def final_of(stream: str) -> dict[str, Any]:
    """The reply object at the end of a stream."""
    (line,) = re.findall(r"^event: final\ndata: (.*)$", stream, re.MULTILINE)
    reply: dict[str, Any] = json.loads(line)
    return reply


class Console:
    """The operators' page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.name = page.get_by_test_id("signin-name")
        self.key = page.get_by_test_id("signin-key")
        self.submit = page.get_by_test_id("signin-submit")
        self.signin_problem = page.get_by_test_id("signin-problem")
        self.me = page.get_by_test_id("me")
        self.waiting = page.get_by_test_id("waiting-item")
        self.mine = page.get_by_test_id("mine-item")
        self.others = page.get_by_test_id("others-item")
        self.dialog = page.get_by_test_id("dialog")
        self.name_of_dialog = page.locator("#dialog-title")
        self.owner = page.get_by_test_id("owner")
        self.summary = page.get_by_test_id("summary")
        self.reason = page.get_by_test_id("reason")
        self.passages = page.get_by_test_id("passages")
        self.customer = page.get_by_test_id("customer")
        self.take = page.get_by_test_id("take")
        self.release = page.get_by_test_id("release")
        self.reopen = page.get_by_test_id("reopen")
        self.resolve = page.get_by_test_id("resolve")
        self.answer = page.get_by_test_id("answer")
        self.send = page.get_by_test_id("answer-send")
        self.messages = page.get_by_test_id("message")
        self.notes = page.get_by_test_id("note-line")
        self.hints = page.get_by_test_id("hint")
        self.advice = page.get_by_test_id("advice-item")
        self.blanks_left = page.get_by_test_id("answer-blanks")
        self.typing = page.get_by_test_id("typing")
        self.problem = page.get_by_test_id("problem")

    def sign_in(self, name: str, key: str = "") -> Console:
        """Fill in the form and press the button."""
        self.name.fill(name)
        if key:
            self.key.fill(key)
        self.submit.click()
        return self

    def waits(self, customer: str) -> Locator:
        """The customer in the list of those who wait."""
        return self.waiting.filter(has_text=customer)

    def choose(self, customer: str) -> Console:
        """Open the dialog of a customer who waits."""
        self.waits(customer).click()
        expect(self.dialog.get_by_role("heading", name=customer)).to_be_visible()
        return self

    def take_over(self, customer: str) -> Console:
        """Open the dialog of a customer who waits, and take it."""
        self.choose(customer).take.click()
        expect(self.answer).to_be_enabled()
        return self

    def reply(self, text: str) -> None:
        """Answer the customer."""
        self.answer.fill(text)
        self.answer.press("Control+Enter")

    def said_by(self, author: str) -> Locator:
        """The messages of the `customer`, the `bot` or a `human`."""
        return self.page.locator(f'[data-testid="message"][data-author="{author}"]')

    def has(self, customer: str) -> Locator:
        """The customer in the list of those whom this operator answers."""
        return self.mine.filter(has_text=customer)

    def elsewhere(self, customer: str) -> Locator:
        """The customer in the list of those whom others answer."""
        return self.others.filter(has_text=customer)

    def selected_text(self) -> str:
        """What is selected in the answer."""
        selected: str = self.answer.evaluate(
            "field => field.value.slice(field.selectionStart, field.selectionEnd)"
        )
        return selected

    def sheet(self, name: str) -> Locator:
        """The sheet over the page: `note`, `transfer`, `ticket`, `search`, `help`."""
        return self.page.get_by_test_id(f"sheet-{name}")

    def send_sheet(self, name: str) -> None:
        """Press the sheet's button and see it close."""
        self.sheet(name).get_by_test_id("sheet-submit").click()
        expect(self.sheet(name)).to_have_count(0)
