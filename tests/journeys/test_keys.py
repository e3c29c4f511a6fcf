"""With keys set the pages work with the right one and ask for it without."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import Server
from tests.journeys.conftest import Visit, serving
from tests.journeys.pages import Chat, Console, words

pytestmark = pytest.mark.browser

WIDGET, OPERATOR = "widget-key-1234", "operator-key-1234"
QUESTION = "Сколько дней хранится заказ в пункте выдачи?"
REFUSED = ["401 (Unauthorized)", "403 (Forbidden)"]


@pytest.fixture(scope="module")
def guarded(indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks for keys."""
    folder = tmp_path_factory.mktemp("guarded") / "data"
    shutil.copytree(indexed_shop, folder)
    with serving(folder, SOUFFLEUR_API_KEYS=f"widget:{WIDGET},operator:{OPERATOR}") as server:
        yield server


def test_widget_with_its_key_answers_suggests_and_keeps_the_dialog(
    guarded: Server, visit: Visit
) -> None:
    chat = Chat(visit(f"{guarded.url}/?key={WIDGET}")).open()
    chat.input.fill("как вернуть товар")
    expect(chat.suggestions.get_by_role("link").first).to_be_visible()

    assert chat.ask(QUESTION)["action"] == "answer"
    chat.page.reload()
    chat.open()
    expect(chat.messages).to_have_count(2)
    chat.handoff.click()

    expect(chat.messages).to_have_count(3)


def test_key_stays_when_the_customer_changes_the_language(guarded: Server, visit: Visit) -> None:
    page = visit(f"{guarded.url}/?key={WIDGET}")
    page.get_by_role("link", name="EN").click()
    chat = Chat(page).open()

    assert chat.ask("When will I get my money back after a return?")["action"] == "answer"


def test_widget_without_a_key_says_in_plain_words_that_the_message_was_not_sent(
    guarded: Server, visit: Visit
) -> None:
    chat = Chat(visit(guarded.url, expecting=REFUSED)).open()

    chat.say(QUESTION)

    expect(chat.not_sent).to_contain_text(words(guarded, "widget")["error_server"])
    expect(chat.not_sent).not_to_contain_text("Authorization")
    expect(chat.said_by("bot")).to_have_count(0)


def test_operator_answers_a_customer_through_keys(guarded: Server, visit: Visit) -> None:
    chat = Chat(visit(f"{guarded.url}/?key={WIDGET}")).introduce("Пётр").open()
    chat.ask("позовите человека")

    console = Console(visit(f"{guarded.url}/console")).sign_in("Ольга", OPERATOR)
    console.take_over("Пётр").reply("Здравствуйте!")

    expect(chat.said_by("human")).to_contain_text("Здравствуйте!")


@pytest.mark.parametrize("key", ["", "wrong-key-1234", WIDGET], ids=["none", "wrong", "widget"])
def test_console_asks_for_the_operators_key(guarded: Server, visit: Visit, key: str) -> None:
    console = Console(visit(f"{guarded.url}/console", expecting=REFUSED))

    console.sign_in("Ольга", key)

    expect(console.signin_problem).to_have_text(words(guarded, "console")["signin_key_needed"])
    expect(console.key).to_be_focused()
    console.key.fill(OPERATOR)
    console.submit.click()
    expect(console.me).to_contain_text("Ольга")


def test_operators_key_is_forgotten_after_signing_out(guarded: Server, visit: Visit) -> None:
    page = visit(f"{guarded.url}/console")
    Console(page).sign_in("Ольга", OPERATOR)
    page.get_by_test_id("signout").click()

    expect(page.get_by_test_id("signin-submit")).to_be_visible()
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert OPERATOR not in kept


def test_session_that_ended_asks_to_sign_in_and_keeps_the_draft(
    guarded: Server, visit: Visit
) -> None:
    chat = Chat(visit(f"{guarded.url}/?key={WIDGET}")).introduce("Цветана").open()
    chat.ask("позовите человека")
    page = visit(f"{guarded.url}/console", expecting=["401 (Unauthorized)"])
    console = Console(page).sign_in("Ольга", OPERATOR).take_over("Цветана")
    console.answer.fill("Уже начал писать")
    page.context.clear_cookies()

    console.answer.press("Control+Enter")

    expect(console.signin_problem).to_have_text(words(guarded, "console")["signin_ended"])
    console.sign_in("Ольга", OPERATOR)
    expect(console.answer).to_have_value("Уже начал писать")
    expect(console.answer).to_be_enabled()
    console.answer.press("Control+Enter")
    expect(chat.said_by("human")).to_contain_text("Уже начал писать")
