"""The lists of the console: who waits, live, for several operators at once."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.desk_doubles import give_advice, give_hints, hints_document
from tests.journeys.pages import Console, words
from tests.journeys.test_console_answering import write_as

pytestmark = pytest.mark.browser

COMPLAINT = "Палатка пришла с дырой, а поддержка третий день молчит. Это безобразие!"
AWAY = ["net::ERR_", "Failed to load resource"]


def at_work(visit: Visit, server: Server, name: str = "Ольга", **window: object) -> Console:
    """An operator at work, with no hints and no advice."""
    page = visit(f"{server.url}/console", **window)
    give_hints(page, hints_document([]))
    give_advice(page, lambda _draft: [])
    console = Console(page).sign_in(name)
    expect(console.me).to_contain_text(name)
    return console


def without_polling(page: Page) -> None:
    """What the page learns from now on it learns by the stream: timers of over a second rest."""
    page.add_init_script(
        "const plan = window.setTimeout;"
        "window.setTimeout = (work, pause, ...rest) =>"
        " plan(work, pause > 1000 ? 1e9 : pause, ...rest);"
    )


def test_most_urgent_stands_first_whoever_came_before(server: Server, visit: Visit) -> None:
    write_as(server, "Спокойная")
    write_as(server, "Сердитый", COMPLAINT, customer={"name": "Сердитый", "segment": "vip"})

    console = at_work(visit, server)

    expect(console.waiting).to_have_count(2)
    expect(console.waiting.first).to_contain_text("Сердитый")
    expect(console.waiting.first).to_contain_text(words(server, "console")["priority_urgent"])


def test_lists_follow_the_stream_without_polling(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/console")
    without_polling(page)
    page.reload()
    give_hints(page, hints_document([]))
    olga = Console(page).sign_in("Ольга")
    expect(page.get_by_test_id("line")).to_be_empty()
    expect(olga.waiting).to_have_count(0)

    write_as(server, "Римма")
    expect(olga.waits("Римма")).to_have_count(1)
    at_work(visit, server, "Павел").take_over("Римма")

    expect(olga.waits("Римма")).to_have_count(0)
    expect(olga.elsewhere("Римма")).to_contain_text("Павел")
    expect(page).to_have_title(re.compile(r"^Souffleur"))


def test_page_says_that_it_polls_while_the_stream_is_broken(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/console", expecting=AWAY)
    page.route("**/v1/events**", lambda route: route.abort())
    give_hints(page, hints_document([]))
    console = Console(page).sign_in("Ольга")
    polling = words(server, "console")["line_polling"]
    expect(page.get_by_test_id("line")).to_have_text(polling)

    write_as(server, "Стелла")
    expect(console.waits("Стелла")).to_have_count(1)
    page.unroute("**/v1/events**")

    expect(page.get_by_test_id("line")).to_be_empty()


def test_new_words_in_another_dialog_of_mine_are_marked_until_it_is_opened(
    server: Server, visit: Visit
) -> None:
    dialog = write_as(server, "Таисия")
    console = at_work(visit, server).take_over("Таисия")
    write_as(server, "Ульяна")
    console.choose("Ульяна")

    write_as(server, "Таисия", "Вы ещё здесь?", dialog_id=dialog)

    expect(console.has("Таисия").get_by_test_id("unread")).to_have_text(
        words(server, "console")["unread"].replace("{n}", "1")
    )
    console.has("Таисия").click()
    expect(console.has("Таисия").get_by_test_id("unread")).to_have_count(0)
    expect(console.said_by("customer").last).to_contain_text("Вы ещё здесь?")


def test_two_hundred_who_wait_are_updated_without_being_built_anew(
    server: Server, visit: Visit
) -> None:
    page = visit(f"{server.url}/console")
    rows = [row(number) for number in range(200)]
    page.route(
        "**/v1/dialogs?owner=waiting**",
        lambda route: route.fulfill(json={"dialogs": rows, "next_cursor": None}),
    )
    console = Console(page).sign_in("Ольга")
    expect(console.waiting).to_have_count(200)
    page.evaluate("document.querySelectorAll('.item').forEach((item) => { item.isOld = true; })")

    rows[:] = [*rows[1:], row(200)]
    write_as(server, "Фаина")

    expect(console.waits("Ждёт 200 ")).to_have_count(1)
    expect(console.waits("Ждёт 0 ")).to_have_count(0)
    kept = page.evaluate(
        "[...document.querySelectorAll('.item')].filter((item) => item.isOld).length"
    )
    assert kept == 199


def row(number: int) -> dict[str, object]:
    """A dialog as the list of those who wait tells it."""
    return {
        "dialog_id": f"d-{number}",
        "owner": "waiting",
        "customer": {"name": f"Ждёт {number} ."},
        "waiting_since": "2026-01-01T00:00:00.000000Z",
        "priority": "normal",
    }


def test_dialog_of_three_hundred_messages_shows_them_all_and_stands_at_the_end(
    server: Server, visit: Visit
) -> None:
    dialog = write_as(server, "Харитон")
    console = at_work(visit, server).take_over("Харитон")
    by = {"operator_id": httpx_operator(server, dialog)}
    for number in range(300):
        body = by | {"text": f"Сообщение {number}"}
        answer = httpx.post(f"{server.url}/v1/dialogs/{dialog}/operator-messages", json=body)
        answer.raise_for_status()
    console.page.reload()

    expect(console.messages).to_have_count(302)
    expect(console.messages.last).to_be_in_viewport()


def httpx_operator(server: Server, dialog: str) -> str:
    """Id of the operator who has the dialog."""
    view = httpx.get(f"{server.url}/v1/dialogs/{dialog}").json()
    return str(view["operator"]["id"])


def test_page_keeps_no_key_and_no_token_where_scripts_could_find_them(
    server: Server, visit: Visit
) -> None:
    console = at_work(visit, server)
    page = console.page

    kept = page.evaluate(
        "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
    )

    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["value"] not in kept
    assert "csrf" not in kept


def test_bot_answer_is_flagged_with_a_reason_and_taken_back(server: Server, visit: Visit) -> None:
    dialog = write_as(server, "Чеслав", "Сколько дней хранится заказ в пункте выдачи?")
    write_as(server, "Чеслав", "позовите человека", dialog_id=dialog)
    console = at_work(visit, server).choose("Чеслав")
    answer = console.said_by("bot").first
    answer.get_by_test_id("wrong").click()
    console.page.keyboard.press("Escape")
    expect(answer.get_by_test_id("reasons")).to_have_count(0)
    expect(answer.get_by_test_id("wrong")).to_be_focused()

    console.page.keyboard.press("Enter")
    console.page.keyboard.press("Tab")
    console.page.keyboard.press("Enter")

    label = words(server, "console")
    expect(answer.get_by_test_id("flagged")).to_contain_text(label["wrong_false"])
    console.page.reload()
    expect(answer.get_by_test_id("flagged")).to_contain_text(label["wrong_false"])
    (mark,) = httpx.get(f"{server.url}/v1/dialogs/{dialog}").json()["verdicts"]
    assert (mark["right"], mark["reason"]) == (False, label["wrong_false"])
    answer.get_by_test_id("wrong-back").click()
    expect(answer.get_by_test_id("wrong")).to_be_visible()
    (mark,) = httpx.get(f"{server.url}/v1/dialogs/{dialog}").json()["verdicts"]
    assert mark["taken_back_at"]
