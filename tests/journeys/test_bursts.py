"""Somebody who writes in bursts gets one answer, in the browser too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def patient(indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the window that ships."""
    folder = tmp_path_factory.mktemp("patient") / "data"
    shutil.copytree(indexed_shop, folder)
    server = Server(folder, {"SOUFFLEUR_BURST_SECONDS": "1.5"})
    try:
        yield server.wait()
    finally:
        server.stop()


def test_burst_typed_into_the_widget_is_answered_once_and_in_order(
    patient: Server, visit: Visit
) -> None:
    chat = Chat(visit(patient.url)).open()
    burst = ["Здравствуйте", "у меня вопрос", "Сколько дней хранится заказ в пункте выдачи?"]
    for text in burst:
        chat.say(text)
    expect(chat.said_by("customer")).to_have_count(3)
    expect(chat.said_by("bot")).to_have_count(1)
    expect(chat.said_by("bot")).to_contain_text("7 дней")
    assert [message.get_attribute("data-author") for message in chat.messages.all()] == [
        *(["customer"] * 3),
        "bot",
    ]
    (dialog,) = httpx.get(f"{patient.url}/v1/dialogs").json()["dialogs"]
    lines = httpx.get(f"{patient.url}/v1/dialogs/{dialog['dialog_id']}").json()["messages"]
    said = [(line["author"]["kind"], line["text"]) for line in lines]
    assert said[:3] == [("customer", text) for text in burst]
    assert [kind for kind, _ in said] == ["customer"] * 3 + ["bot"]
    chat.page.reload()
    chat.open()
    expect(chat.messages).to_have_count(4)


def test_button_waits_for_nothing_that_may_follow(patient: Server, visit: Visit) -> None:
    chat = Chat(visit(patient.url)).open()
    with chat.page.expect_request("**/v1/messages") as asked:
        chat.handoff.click()
    assert asked.value.post_data_json["ends_turn"] is True
    expect(chat.said_by("bot")).to_have_count(1)
