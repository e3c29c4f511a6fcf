"""Several people in one dialog: notes, passing on, who is writing; all of it by keys."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Console, words
from tests.journeys.test_console_answering import write_as
from tests.journeys.test_console_queue import at_work

pytestmark = pytest.mark.browser


def test_note_stands_between_the_messages_and_says_that_it_is_internal(
    counter: Server, visit: Visit
) -> None:
    dialog = write_as(counter, "Юлиана")
    console = at_work(visit, counter).take_over("Юлиана")

    console.page.keyboard.press("Alt+N")
    console.page.keyboard.type("Постоянный покупатель")
    console.send_sheet("note")

    label = words(counter, "console")
    expect(console.notes).to_contain_text("Постоянный покупатель")
    expect(console.notes).to_contain_text(label["note_internal"])
    write_as(counter, "Юлиана", "Ну что?", dialog_id=dialog)
    expect(console.said_by("customer")).to_have_count(2)
    order = console.page.locator(".log > .message, .log > .note")
    expect(order.nth(2)).to_contain_text("Постоянный покупатель")
    expect(order.nth(3)).to_contain_text("Ну что?")


def test_dialog_is_passed_to_a_queue_by_keys(counter: Server, visit: Visit) -> None:
    write_as(counter, "Ядвига")
    console = at_work(visit, counter).take_over("Ядвига")

    console.page.keyboard.press("Alt+P")
    console.sheet("transfer").get_by_test_id("transfer-to").select_option(
        label=words(counter, "console")["queue_name_complaints"]
    )
    console.sheet("transfer").get_by_test_id("transfer-note").fill("Нужен старший")
    console.send_sheet("transfer")

    expect(console.waits("Ядвига")).to_contain_text(
        words(counter, "console")["queue_name_complaints"]
    )
    expect(console.has("Ядвига")).to_have_count(0)
    expect(console.answer).to_be_disabled()


def test_customer_and_other_operators_who_write_are_shown(counter: Server, visit: Visit) -> None:
    dialog = write_as(counter, "Ярослава")
    olga, pavel = at_work(visit, counter), at_work(visit, counter, "Павел")
    olga.take_over("Ярослава")
    pavel.elsewhere("Ярослава").click()
    expect(pavel.owner).to_contain_text("Ольга")
    label = words(counter, "console")

    olga.answer.press_sequentially("Сейчас")
    expect(pavel.typing).to_have_text(label["typing_operator"].replace("{name}", "Ольга"))
    pavel.page.keyboard.press("Alt+N")
    pavel.page.keyboard.type("Смотри")

    expect(olga.typing).to_have_text(label["typing_operator"].replace("{name}", "Павел"))
    expect(olga.typing).to_be_empty()
    assert httpx.get(f"{counter.url}/v1/dialogs/{dialog}").json()["owner"] == "human"


def test_message_of_a_colleague_with_the_same_name_is_not_called_ones_own(
    counter: Server, visit: Visit
) -> None:
    dialog = write_as(counter, "Евлампия")
    other = {"operator_id": "op-77", "operator_name": "Ольга"}
    for path, said in (("take", {}), ("operator-messages", {"text": "Смотрю ваш заказ"})):
        url = f"{counter.url}/v1/dialogs/{dialog}/{path}"
        httpx.post(url, json=other | said).raise_for_status()
    olga = at_work(visit, counter)
    olga.elsewhere("Евлампия").click()

    label = words(counter, "console")
    name = olga.said_by("human").first.locator("strong").first
    expect(name).to_have_text(label["author_human"].replace("{name}", "Ольга"))
    assert label["author_human"] != label["author_me"]


def test_dialog_is_resolved_and_opened_again_by_keys(counter: Server, visit: Visit) -> None:
    write_as(counter, "Аполлинария")
    console: Console = at_work(visit, counter).take_over("Аполлинария")
    label = words(counter, "console")

    console.page.keyboard.press("Alt+R")
    expect(console.owner).to_have_text(label["owner_closed"])
    console.page.keyboard.press("Alt+O")

    expect(console.owner).to_have_text(label["owner_bot"])
    expect(console.resolve).to_be_visible()


def test_first_who_waits_is_opened_and_taken_by_keys_alone(server: Server, visit: Visit) -> None:
    write_as(server, "Первая")
    write_as(server, "Вторая")
    console = at_work(visit, server)
    expect(console.waiting).to_have_count(2)

    console.page.keyboard.press("Alt+G")
    expect(console.dialog.get_by_role("heading", name="Первая")).to_be_visible()
    expect(console.take).to_be_enabled()
    console.page.keyboard.press("Alt+T")
    expect(console.answer).to_be_focused()
    console.page.keyboard.type("Здравствуйте!")
    console.page.keyboard.press("Control+Enter")

    expect(console.said_by("human")).to_contain_text("Здравствуйте!")


def test_question_mark_opens_the_sheet_of_keys_but_not_while_typing(
    counter: Server, visit: Visit
) -> None:
    write_as(counter, "Евлампия")
    console = at_work(visit, counter).take_over("Евлампия")
    console.answer.press_sequentially("Как вы?")
    expect(console.answer).to_have_value("Как вы?")
    expect(console.sheet("help")).to_have_count(0)

    console.name_of_dialog.focus()
    console.page.keyboard.press("?")

    expect(console.sheet("help")).to_contain_text("Alt+T")
    console.page.keyboard.press("Escape")
    expect(console.name_of_dialog).to_be_focused()
