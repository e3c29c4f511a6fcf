"""Hints, blanks, advice, passages of articles: what helps an operator to write, and its keys."""

from __future__ import annotations

import uuid

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.desk_doubles import (
    advice,
    give_advice,
    give_articles,
    give_hints,
    hint,
    hints_document,
)
from tests.journeys.pages import Console, words

pytestmark = pytest.mark.browser

CALL = "позовите человека"
TERM, NUMBER = "«[укажите срок]»", "«[номер возврата]»"
WITH_BLANKS = hint(1, f"Заменим 😊 палатку до {TERM}, возврат {NUMBER}.", [TERM, NUMBER])
PLAIN = hint(2, "Пришлите, пожалуйста, фото.")


def write_as(server: Server, name: str, text: str = CALL, **fields: object) -> str:
    """A customer's message; returns the dialog's id."""
    body = {"text": text, "dialog_id": f"d-{uuid.uuid4().hex}", "customer": {"name": name}}
    answer = httpx.post(f"{server.url}/v1/messages", json=body | fields, timeout=60)
    return str(answer.raise_for_status().json()["dialog_id"])


@pytest.fixture
def desk(counter: Server, visit: Visit) -> Page:
    """The console's page, with two hints and no advice unless a test gives others."""
    page = visit(f"{counter.url}/console")
    give_hints(page, hints_document([WITH_BLANKS, PLAIN]))
    give_advice(page, lambda _draft: [])
    return page


def answering(server: Server, page: Page, name: str) -> Console:
    """An operator who has taken the dialog of a new customer."""
    write_as(server, name)
    return Console(page).sign_in("Ольга").take_over(name)


def test_hint_goes_in_by_its_key_and_tab_leads_through_its_blanks(
    counter: Server, desk: Page
) -> None:
    console = answering(counter, desk, "Аглая")
    expect(console.hints).to_have_count(2)
    expect(console.hints.first).to_contain_text("Alt+1")

    desk.keyboard.press("Alt+1")

    expect(console.answer).to_have_value(WITH_BLANKS["text"])
    expect(console.answer).to_be_focused()
    assert console.selected_text() == TERM
    desk.keyboard.press("Tab")
    assert console.selected_text() == NUMBER
    desk.keyboard.type("17")
    desk.keyboard.press("Tab")
    assert console.selected_text() == TERM
    desk.keyboard.type("пятницы")
    expect(console.answer).to_have_value("Заменим 😊 палатку до пятницы, возврат 17.")
    desk.keyboard.press("Tab")
    expect(console.answer).not_to_be_focused()


def test_answer_with_blanks_is_held_back_once(counter: Server, desk: Page) -> None:
    console = answering(counter, desk, "Белла")
    desk.keyboard.press("Alt+1")

    desk.keyboard.press("Control+Enter")

    expect(console.blanks_left).to_have_text(words(counter, "console")["blanks_left"])
    expect(console.said_by("human")).to_have_count(0)
    desk.keyboard.press("Control+Enter")
    expect(console.said_by("human")).to_contain_text("палатку до")
    expect(console.answer).to_have_value("")


def test_message_names_the_hint_that_it_came_from_and_the_next_one_does_not(
    counter: Server, desk: Page
) -> None:
    named = give_hints(desk, hints_document([WITH_BLANKS, PLAIN]))
    console = answering(counter, desk, "Вилен")
    desk.keyboard.press("Alt+2")
    expect(console.answer).to_have_value(PLAIN["text"])

    desk.keyboard.press("Control+Enter")
    expect(console.said_by("human")).to_have_count(1)
    console.reply("Своими словами")

    expect(console.said_by("human")).to_have_count(2)
    assert named == ["hint-2", None]


def test_hint_that_was_wiped_out_is_not_named(counter: Server, desk: Page) -> None:
    named = give_hints(desk, hints_document([WITH_BLANKS, PLAIN]))
    console = answering(counter, desk, "Глафира")
    desk.keyboard.press("Alt+2")
    console.answer.fill("")

    console.reply("Своими словами")

    expect(console.said_by("human")).to_have_count(1)
    assert named == [None]


def test_hint_can_be_taken_out_again_by_undo(counter: Server, desk: Page) -> None:
    console = answering(counter, desk, "Дарина")
    console.answer.press_sequentially("Да")

    desk.keyboard.press("Alt+2")
    expect(console.answer).to_have_value("Да" + PLAIN["text"])
    desk.keyboard.press("Control+z")

    expect(console.answer).to_have_value("Да")


def test_better_hint_comes_after_those_that_are_shown(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/console")
    better = hint(9, "Составленный ответ.", kind="written")
    give_hints(page, hints_document([WITH_BLANKS, PLAIN]), later=[better])
    give_advice(page, lambda _draft: [])

    console = answering(counter, page, "Ева")

    expect(console.hints).to_have_count(3)
    expect(console.hints.first).to_contain_text("Заменим")
    expect(console.hints.last).to_contain_text("Составленный ответ.")
    page.keyboard.press("Alt+3")
    expect(console.answer).to_have_value("Составленный ответ.")


def test_hints_are_asked_anew_when_the_customer_writes(counter: Server, desk: Page) -> None:
    dialog = write_as(counter, "Жанетта")
    console = Console(desk).sign_in("Ольга").take_over("Жанетта")
    expect(console.hints).to_have_count(2)
    give_hints(desk, hints_document([hint(5, "Другой ответ.")], message_id="m-2"))

    write_as(counter, "Жанетта", "А где мой заказ?", dialog_id=dialog)

    expect(console.hints).to_have_count(1)
    expect(console.hints).to_contain_text("Другой ответ.")


def test_hints_that_fail_leave_the_operator_to_write(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/console", expecting=["503 (Service Unavailable)"])
    page.route("**/v1/hints", lambda route: route.fulfill(status=503, json={"code": "x"}))
    give_advice(page, lambda _draft: [])

    console = answering(counter, page, "Зинаида")

    failed = words(counter, "console")["hints_failed"]
    expect(page.get_by_test_id("hints-state")).to_have_text(failed)
    console.reply("Здравствуйте!")
    expect(console.said_by("human")).to_have_count(1)


def test_advice_marks_its_place_behind_an_emoji_and_is_applied_by_its_key(
    counter: Server, desk: Page
) -> None:
    give_advice(desk, lambda draft: advice(draft, "ваш звонок важен", "перезвоню до 18:00"))
    console = answering(counter, desk, "Изабелла")

    console.answer.fill("Здравствуйте 😊, ваш звонок важен!")

    expect(console.advice).to_have_count(1)
    expect(console.advice).to_contain_text(words(counter, "console")["severity_high"])
    expect(desk.locator(".behind mark")).to_have_text("ваш звонок важен")
    console.advice.get_by_test_id("advice-where").click()
    assert console.selected_text() == "ваш звонок важен"
    desk.keyboard.press("Alt+W")
    expect(console.answer).to_have_value("Здравствуйте 😊, перезвоню до 18:00!")
    expect(console.advice).to_have_count(0)


def test_advice_never_holds_a_message_back(counter: Server, desk: Page) -> None:
    give_advice(desk, lambda draft: advice(draft, "важен", None))
    console = answering(counter, desk, "Клавдия")
    console.answer.fill("Ваш звонок важен")
    expect(console.advice).to_have_count(1)

    console.answer.press("Control+Enter")

    expect(console.said_by("human")).to_contain_text("Ваш звонок важен")
    expect(console.advice).to_have_count(0)


def test_late_answer_on_an_older_draft_is_dropped(counter: Server, desk: Page) -> None:
    held = []

    def hold_the_first(route: object) -> None:
        draft = route.request.post_data_json["draft"]  # type: ignore[attr-defined]
        if draft == "старый":
            held.append(route)
        else:
            route.fulfill(json={"advice": advice(draft, "новый", None)})  # type: ignore[attr-defined]

    desk.route("**/v1/hints/review", hold_the_first)
    console = answering(counter, desk, "Лукерья")
    with desk.expect_request("**/v1/hints/review"):
        console.answer.fill("старый")
    console.answer.fill("новый")
    expect(desk.locator(".behind mark")).to_have_text("новый")

    held[0].fulfill(json={"advice": advice("старый", "старый", None)})

    console.answer.press("End")
    expect(desk.locator(".behind mark")).to_have_text("новый")
    expect(console.advice).to_have_count(1)


def test_advice_is_asked_once_for_a_word_that_was_typed_in_one_go(
    counter: Server, desk: Page
) -> None:
    asked = give_advice(desk, lambda draft: advice(draft, "важен", None))
    console = answering(counter, desk, "Мелания")

    console.answer.press_sequentially("важен")

    expect(console.advice).to_have_count(1)
    assert asked[-1] == "важен"
    assert len(asked) < len("важен")


def test_passage_of_an_article_goes_into_the_answer_by_keys_with_title_and_address(
    counter: Server, desk: Page
) -> None:
    give_articles(
        desk,
        [
            {
                "article_id": "returns",
                "title": "Возвраты",
                "url": "https://tropinka.example/help/returns",
                "score": 1,
                "passages": [{"text": "Вернуть можно за 14 дней."}, {"text": "Деньги за 10 дней."}],
            }
        ],
    )
    console = answering(counter, desk, "Нинель")

    desk.keyboard.press("Alt+S")
    desk.keyboard.type("возврат")
    expect(desk.get_by_test_id("search-passage")).to_have_count(2)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")

    expect(console.answer).to_have_value(
        "«Деньги за 10 дней.» (Возвраты)\nhttps://tropinka.example/help/returns"
    )
    expect(console.answer).to_be_focused()
