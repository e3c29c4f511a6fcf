"""The question for a rating as a customer meets it: one click, a word of thanks, gone."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat, picture, words

pytestmark = pytest.mark.browser

QUESTION = "Сколько дней хранится заказ в пункте выдачи?"


def asked(visit: Visit, server: Server, name: str, **window: object) -> Chat:
    """A customer who was answered, thanked and is asked for a rating."""
    chat = Chat(visit(server.url, **window)).introduce(name).open()
    chat.ask(QUESTION)
    chat.ask("спасибо")
    expect(survey(chat).get_by_role("button")).to_have_count(5)
    return chat


def survey(chat: Chat) -> Locator:
    """The row of buttons and what comes after."""
    return chat.page.get_by_test_id("survey")


def score_button(chat: Chat, server: Server, score: int) -> Locator:
    """By the name that a screen reader says."""
    name = words(server, "widget")["survey_score"].replace("{n}", str(score))
    return survey(chat).get_by_role("button", name=name, exact=True)


def rating(chat: Chat, server: Server) -> dict | None:
    """What the server has."""
    saved = chat.page.evaluate(
        "Object.entries(localStorage).filter(([key]) => key.includes('id of'))"
        ".map(([, value]) => JSON.parse(value)).find(({ dialog }) => dialog)"
    )
    headers = {"X-Dialog-Token": saved["token"]}
    found = httpx.get(f"{server.url}/v1/dialogs/{saved['dialog']}", headers=headers).json()
    given: dict | None = found["csat"]
    return given


def test_one_click_rates_and_the_buttons_go_away(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Зоя")
    picture(chat.page, "shop-survey")
    score_button(chat, counter, 5).click()
    expect(survey(chat)).to_have_text(words(counter, "widget")["survey_thanks"])
    expect(survey(chat).get_by_role("button")).to_have_count(0)
    given = rating(chat, counter)
    assert given is not None
    assert given["score"] == 5
    expect(chat.said_by("bot")).to_have_count(2)


def test_keyboard_rates_too(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Инна")
    score_button(chat, counter, 3).focus()
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Enter")
    expect(survey(chat)).to_have_text(words(counter, "widget")["survey_thanks"])
    given = rating(chat, counter)
    assert given is not None
    assert given["score"] == 4


def test_low_score_may_be_explained(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Клара")
    score_button(chat, counter, 2).click()
    comment = survey(chat).get_by_test_id("survey-comment")
    expect(comment).to_be_focused()
    comment.fill("Долго искал ответ")
    room, message = comment.bounding_box(), chat.said_by("bot").last.bounding_box()
    assert room is not None
    assert message is not None
    assert room["width"] > 0.8 * message["width"]
    picture(chat.page, "shop-survey-comment")
    survey(chat).get_by_role("button", name=words(counter, "widget")["send"]).click()
    expect(comment).to_have_count(0)
    given = rating(chat, counter)
    assert given is not None
    assert (given["score"], given["comment"]) == (2, "Долго искал ответ")


def test_explanation_can_be_skipped_and_the_score_stays(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Лада")
    score_button(chat, counter, 1).click()
    survey(chat).get_by_role("button", name=words(counter, "widget")["skip"]).click()
    expect(survey(chat)).to_have_text(words(counter, "widget")["survey_thanks"])
    given = rating(chat, counter)
    assert given is not None
    assert (given["score"], given["comment"]) == (1, None)


def test_question_goes_away_when_the_customer_writes_on_and_does_not_come_back(
    counter: Server, visit: Visit
) -> None:
    chat = asked(visit, counter, "Майя")
    chat.ask("Как удалить аккаунт?")
    expect(survey(chat)).to_have_count(0)


def test_rated_elsewhere_the_buttons_go_away_without_a_word(counter: Server, visit: Visit) -> None:
    conflict = "409"
    chat = asked(visit, counter, "Нина", expecting=[conflict])
    chat.page.route(
        re.compile("/csat$"),
        lambda route: route.fulfill(status=409, json={"code": "already_rated"}),
    )
    score_button(chat, counter, 4).click()
    expect(survey(chat)).to_have_count(0)
    expect(chat.page.get_by_test_id("error")).to_be_hidden()


def test_no_connection_is_told_and_the_next_click_rates(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Ольга К.", expecting=["ERR_FAILED"])
    chat.page.route(re.compile("/csat$"), lambda route: route.abort())
    score_button(chat, counter, 4).click()
    expect(survey(chat).get_by_test_id("survey-note")).to_have_text(
        words(counter, "widget")["error"]
    )
    chat.page.unroute(re.compile("/csat$"))
    score_button(chat, counter, 4).click()
    expect(survey(chat)).to_have_text(words(counter, "widget")["survey_thanks"])


def test_reloaded_page_does_not_ask_again_once_rated(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Полина")
    score_button(chat, counter, 5).click()
    expect(survey(chat)).to_have_text(words(counter, "widget")["survey_thanks"])
    chat.page.reload()
    again = Chat(chat.page).introduce("Полина").open()
    expect(again.said_by("bot")).to_have_count(2)
    expect(survey(again)).to_have_count(0)


def test_digit_in_the_chat_rates_as_well(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Раиса")
    chat.ask("4")
    expect(survey(chat)).to_have_count(0)
    given = rating(chat, counter)
    assert given is not None
    assert given["score"] == 4


def test_five_buttons_fit_a_phone(counter: Server, visit: Visit) -> None:
    chat = asked(visit, counter, "Софья", width=360, height=640)
    boxes = [button.bounding_box() for button in survey(chat).get_by_role("button").all()]
    tops = {round(box["y"]) for box in boxes if box}
    assert len(tops) == 1
    picture(chat.page, "phone-survey")


def test_customer_of_an_operator_is_asked_when_the_dialog_is_closed(
    counter: Server, visit: Visit
) -> None:
    chat = Chat(visit(counter.url)).introduce("Тина").open()
    dialog_id = chat.ask("позовите оператора")["dialog_id"]
    olga = {"operator_id": "op-9", "operator_name": "Ольга"}
    for action, body in [
        ("take", olga),
        ("operator-messages", {**olga, "text": "Готово, проверьте."}),
        ("resolve", olga),
    ]:
        httpx.post(f"{counter.url}/v1/dialogs/{dialog_id}/{action}", json=body).raise_for_status()
    score_button(chat, counter, 5).click()
    expect(survey(chat)).to_have_text(words(counter, "widget")["survey_thanks"])
    expect(chat.state).to_have_text(words(counter, "widget")["state_closed"])
    given = rating(chat, counter)
    assert given is not None
    assert given["score"] == 5
