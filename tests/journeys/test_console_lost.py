"""What must not get lost or go astray: answers without a receipt, choices, drafts, new words."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.desk_doubles import (
    give_advice,
    give_hints,
    hint,
    hints_document,
    lose_answers,
)
from tests.journeys.pages import Console, words
from tests.journeys.test_console_answering import write_as
from tests.journeys.test_console_queue import AWAY, at_work

pytestmark = pytest.mark.browser


def said_by_people(server: Server, dialog: str) -> list[str]:
    """What operators said to the customer."""
    view = httpx.get(f"{server.url}/v1/dialogs/{dialog}").json()
    return [one["text"] for one in view["messages"] if one["author"]["kind"] == "human"]


@pytest.mark.parametrize("leave", ["another dialog", "reload"])
def test_answer_whose_receipt_was_lost_is_not_said_twice(
    counter: Server, visit: Visit, leave: str
) -> None:
    name = f"Дорофея {leave}"
    dialog = write_as(counter, name)
    write_as(counter, f"Сосед после {leave}")
    console = at_work(visit, counter, expecting=AWAY).take_over(name)
    lose_answers(console.page, "**/operator-messages")
    console.reply("Вернём деньги завтра.")
    expect(console.problem).not_to_be_empty()
    console.page.unroute("**/operator-messages")

    if leave == "reload":
        console.page.reload()
    else:
        console.choose(f"Сосед после {leave}")
        console.has(name).click()

    expect(console.said_by("human")).to_contain_text("Вернём деньги завтра.")
    expect(console.answer).to_have_value("")
    assert said_by_people(counter, dialog) == ["Вернём деньги завтра."]


def test_answer_that_never_arrived_goes_out_once_under_the_id_it_had(
    counter: Server, visit: Visit
) -> None:
    dialog = write_as(counter, "Евсей")
    console = at_work(visit, counter, expecting=AWAY).take_over("Евсей")
    ids: list[str] = []

    def drop(route: Route) -> None:
        ids.append(route.request.post_data_json["message_id"])
        route.abort()

    console.page.route("**/operator-messages", drop)
    console.reply("Проверяю.")
    expect(console.problem).not_to_be_empty()
    console.page.unroute("**/operator-messages")
    console.page.reload()
    expect(console.answer).to_have_value("Проверяю.")
    expect(console.answer).to_be_enabled()

    with console.page.expect_request("**/operator-messages") as again:
        console.answer.press("Control+Enter")

    assert again.value.post_data_json["message_id"] == ids[0]
    expect(console.said_by("human")).to_have_count(1)
    assert said_by_people(counter, dialog) == ["Проверяю."]


def test_choice_of_a_queue_outlives_the_list_of_operators(counter: Server, visit: Visit) -> None:
    dialog = write_as(counter, "Зосима")
    at_work(visit, counter, "Алла")
    console = at_work(visit, counter, "Тимур").take_over("Зосима")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    console.page.route("**/v1/operators", hold)
    console.page.keyboard.press("Alt+P")
    to = console.sheet("transfer").get_by_test_id("transfer-to")
    complaints = words(counter, "console")["queue_name_complaints"]
    to.select_option(label=complaints)

    held[0].continue_()

    expect(to.locator("option", has_text="Алла")).to_have_count(1)
    assert to.evaluate("field => field.selectedOptions[0].text") == complaints
    console.send_sheet("transfer")
    view = httpx.get(f"{counter.url}/v1/dialogs/{dialog}").json()
    assert (view["owner"], view["queue"]) == ("waiting", "complaints")


def test_dialog_is_passed_to_nobody_who_was_not_chosen(counter: Server, visit: Visit) -> None:
    dialog = write_as(counter, "Изольда")
    at_work(visit, counter, "Алла")
    console = at_work(visit, counter, "Тимур").take_over("Изольда")
    console.page.keyboard.press("Alt+P")
    to = console.sheet("transfer").get_by_test_id("transfer-to")
    expect(to.locator("option", has_text="Алла")).to_have_count(1)

    console.sheet("transfer").get_by_test_id("sheet-submit").click()

    expect(console.sheet("transfer")).to_be_visible()
    assert to.evaluate("field => field.value") == ""
    assert httpx.get(f"{counter.url}/v1/dialogs/{dialog}").json()["owner"] == "human"


def test_dialog_with_an_unsent_answer_is_resolved_at_the_second_press(
    counter: Server, visit: Visit
) -> None:
    write_as(counter, "Капитолина")
    console = at_work(visit, counter).take_over("Капитолина")
    label = words(counter, "console")
    console.answer.fill("Деньги вернём завтра")

    console.page.keyboard.press("Alt+R")

    expect(console.blanks_left).to_have_text(label["answer_unsent"])
    expect(console.owner).to_have_text(label["owner_me"])
    console.page.keyboard.press("Alt+R")
    expect(console.owner).to_have_text(label["owner_closed"])


def test_event_during_a_read_is_followed_by_another_read(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/console")

    shown = page.evaluate(
        """async () => {
          const { Rounds } = await import("/static/console/rounds.js");
          const rounds = new Rounds({ refused() {}, problem() {} });
          let truth = 0, shown = 0, reads = 0;
          return new Promise((done) => rounds.keep("lists", () => 1e6, async () => {
            const read = truth;
            reads += 1;
            if (reads === 1) { truth = 1; rounds.soon("lists", 50); }
            await new Promise((go) => setTimeout(go, 5));
            shown = read;
            if (reads === 2) done(shown);
          }));
        }"""
    )

    assert shown == 1


def test_label_of_a_message_appears_in_the_open_dialog(counter: Server, visit: Visit) -> None:
    dialog = write_as(counter, "Лавр")
    console = at_work(visit, counter).take_over("Лавр")

    write_as(counter, "Лавр", "Вы потеряли мой заказ, ужасный сервис!", dialog_id=dialog)

    last = console.said_by("customer").last
    expect(last).to_contain_text("ужасный сервис")
    expect(last.get_by_test_id("intent")).to_contain_text(
        words(counter, "console")["intent_complaint"]
    )


def test_new_words_are_marked_while_the_stream_is_broken(counter: Server, visit: Visit) -> None:
    dialog = write_as(counter, "Мирон")
    write_as(counter, "Нонна")
    page = visit(f"{counter.url}/console", expecting=AWAY)
    page.route("**/v1/events**", lambda route: route.abort())
    give_hints(page, hints_document([]))
    console = Console(page).sign_in("Фёдор").take_over("Мирон")
    console.choose("Нонна")
    expect(console.has("Мирон").get_by_test_id("unread")).to_have_count(0)

    write_as(counter, "Мирон", "Вы где?", dialog_id=dialog)

    expect(console.has("Мирон").get_by_test_id("unread")).to_have_text(
        words(counter, "console")["unread"].replace("{n}", "1")
    )


def test_dialog_that_a_colleague_passes_to_me_is_marked(counter: Server, visit: Visit) -> None:
    dialog = write_as(counter, "Октябрина")
    receiver = at_work(visit, counter, "Рената")
    giver = at_work(visit, counter, "Савва").take_over("Октябрина")
    giver.reply("Сейчас позову коллегу.")
    giver.page.keyboard.press("Alt+P")
    giver.sheet("transfer").get_by_test_id("transfer-to").select_option(label="Рената")

    giver.send_sheet("transfer")

    expect(receiver.has("Октябрина").get_by_test_id("unread")).to_have_count(1)
    assert httpx.get(f"{counter.url}/v1/dialogs/{dialog}").json()["owner"] == "human"


def test_signing_out_leaves_nothing_of_the_customers_in_the_tab(
    counter: Server, visit: Visit
) -> None:
    write_as(counter, "Пульхерия")
    console = at_work(visit, counter, "Харитон").take_over("Пульхерия")
    console.answer.fill("Ваш адрес: ул. Ленина 5")
    drafts = "JSON.stringify({...sessionStorage})"
    assert "Ленина" in console.page.evaluate(drafts)

    console.page.get_by_test_id("signout").click()

    expect(console.name).to_be_visible()
    assert console.page.evaluate(drafts) == "{}"
    expect(console.name).to_have_value("")


def test_name_and_draft_stay_when_the_session_ends_by_itself(counter: Server, visit: Visit) -> None:
    write_as(counter, "Рогнеда")
    console = at_work(visit, counter, "Харитина", expecting=["401"]).take_over("Рогнеда")
    console.answer.fill("Уже проверяю")
    console.page.route(
        "**/operator-messages", lambda route: route.fulfill(status=401, json={"code": "x"})
    )

    console.answer.press("Control+Enter")
    expect(console.name).to_have_value("Харитина")
    console.submit.click()

    expect(console.answer).to_have_value("Уже проверяю")


def test_address_that_was_cut_short_opens_no_dialog(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/console#%")

    Console(page).sign_in("Ульян")

    expect(page.get_by_text(words(counter, "console")["choose"])).to_be_visible()


def test_hint_is_not_named_once_its_text_was_replaced(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/console")
    named = give_hints(page, hints_document([hint(1, "Пришлите, пожалуйста, фото чека и бирки.")]))
    give_advice(page, lambda _draft: [])
    write_as(counter, "Серафима")
    console = Console(page).sign_in("Ольга").take_over("Серафима")
    page.keyboard.press("Alt+1")
    expect(console.answer).to_have_value(re.compile("фото чека"))

    console.answer.fill("Курьер позвонит вам сегодня вечером.")
    console.answer.press("Control+Enter")

    expect(console.said_by("human")).to_have_count(1)
    assert named == [None]


def test_session_is_renewed_by_keys_and_while_the_page_is_seen(
    counter: Server, visit: Visit
) -> None:
    page = visit(f"{counter.url}/console")
    page.evaluate(
        """async () => {
          const { watchForPeople } = await import("/static/console/presence.js");
          window.renewals = [];
          window.clock = 0;
          window.page = { hidden: true };
          window.look = watchForPeople({ page: window.page, now: () => window.clock,
            renew: async () => window.renewals.push(window.clock) });
        }"""
    )

    look_at(page, 700_000)
    page.keyboard.press("Shift")
    look_at(page, 700_030, 700_031)
    page.evaluate("window.clock = 700_032")
    page.keyboard.press("Shift")
    look_at(page, 730_000, 760_031)
    page.evaluate("window.page.hidden = false")
    look_at(page, 1_000_000, 1_360_031, 1_400_000)

    assert page.evaluate("window.renewals") == [700_030, 760_031, 1_360_031]


def look_at(page: Page, *moments: int) -> None:
    """Let the page look at each of the moments, in milliseconds, whether somebody is there."""
    for moment in moments:
        page.evaluate("async (moment) => { window.clock = moment; await window.look(); }", moment)
