"""The server goes away and comes back while people talk."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.conftest import Server, clean_environment
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat, Console, final_of, words

pytestmark = pytest.mark.browser

QUESTION = "Сколько дней хранится заказ в пункте выдачи?"
SECOND = "Можно ли вернуть товар без чека?"
AWAY = ["ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE"]


def start_again(server: Server, data_dir: Path) -> None:
    """The same server at the same address over the same data."""
    server.process = subprocess.Popen(
        server.process.args,
        env={**clean_environment(), "SOUFFLEUR_DATA_DIR": str(data_dir)},
        cwd=data_dir,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server.wait()


def texts_of(server: Server, dialog_id: str) -> list[tuple[str, str]]:
    """Who said what, as the server has it."""
    dialog = httpx.get(f"{server.url}/v1/dialogs/{dialog_id}").json()
    return [(message["author"]["kind"], message["text"]) for message in dialog["messages"]]


def test_message_sent_while_the_server_was_down_is_retried_and_answered_once(
    server: Server, shop: Path, visit: Visit
) -> None:
    chat = Chat(visit(server.url, expecting=AWAY)).open()
    first = chat.ask(QUESTION)
    server.stop()

    chat.say(SECOND)
    expect(chat.not_sent).to_have_count(1)
    start_again(server, shop)
    with chat.page.expect_response("**/v1/messages") as answered:
        chat.not_sent.get_by_role("button").click()

    second = final_of(answered.value.text())
    assert second["dialog_id"] == first["dialog_id"]
    expect(chat.not_sent).to_have_count(0)
    expect(chat.messages).to_have_count(4)
    assert texts_of(server, first["dialog_id"]) == [
        ("customer", QUESTION),
        ("bot", first["reply"]["text"]),
        ("customer", SECOND),
        ("bot", second["reply"]["text"]),
    ]


@pytest.fixture
def broken_off(
    shop: Path, visit: Visit, start_server: Callable[..., Server]
) -> tuple[Chat, Server]:
    """A server that was killed after it had taken a message and before it answered."""
    server = start_server(shop, SOUFFLEUR_BURST_SECONDS="10")
    chat = Chat(visit(server.url, expecting=[*AWAY, "ERR_INCOMPLETE_CHUNKED", "ERR_FAILED"])).open()
    chat.say(QUESTION)
    saved = "JSON.parse(localStorage[`souffleur:${location.origin}:`] || '{}').dialog"
    while not chat.page.evaluate(saved):  # until the widget knows that it was taken
        chat.page.wait_for_timeout(50)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(20)
    expect(chat.not_sent).to_have_count(1)
    return chat, server


def test_message_whose_stream_broke_off_is_sent_again_and_answered_once(
    broken_off: tuple[Chat, Server], shop: Path
) -> None:
    chat, server = broken_off
    chat.page.route("**/v1/dialogs/**", lambda route: route.abort())  # it learns by retrying only
    start_again(server, shop)
    with chat.page.expect_response("**/v1/messages") as answered:
        chat.not_sent.get_by_role("button").click()

    reply = final_of(answered.value.text())
    expect(chat.not_sent).to_have_count(0)
    expect(chat.messages).to_have_count(2)
    assert texts_of(server, reply["dialog_id"]) == [
        ("customer", QUESTION),
        ("bot", reply["reply"]["text"]),
    ]


def test_message_whose_stream_broke_off_is_answered_by_itself(
    broken_off: tuple[Chat, Server], shop: Path
) -> None:
    chat, server = broken_off
    start_again(server, shop)
    expect(chat.said_by("bot")).to_have_count(1)
    expect(chat.not_sent).to_have_count(0)

    sent: list[str] = []
    chat.page.on("request", lambda request: sent.append(request.post_data or ""))
    chat.ask(SECOND)
    expect(chat.messages).to_have_count(4)
    assert len([body for body in sent if "message_id" in body]) == 1, "what is answered stays so"


def test_first_message_that_was_not_sent_survives_a_reload(
    server: Server, shop: Path, visit: Visit
) -> None:
    chat = Chat(visit(server.url, expecting=AWAY)).open()
    server.stop()
    chat.say(QUESTION)
    expect(chat.not_sent).to_have_count(1)
    start_again(server, shop)

    chat.page.reload()
    chat.open()
    expect(chat.said_by("customer")).to_have_text(re.compile(re.escape(QUESTION)))
    chat.not_sent.get_by_role("button").click()

    expect(chat.said_by("bot")).to_contain_text("7 дней")
    expect(chat.said_by("customer")).to_have_count(1)


def test_message_whose_answer_was_lost_on_the_way_is_answered_once(
    counter: Server, visit: Visit
) -> None:
    chat = Chat(visit(counter.url, expecting=["ERR_FAILED"])).open()
    replies: list[dict[str, str]] = []

    def lose(route: Route) -> None:
        replies.append(final_of(route.fetch().text()))
        route.abort()

    chat.page.route("**/v1/messages", lose)
    chat.say(QUESTION)
    expect(chat.not_sent).to_have_count(1)
    chat.page.unroute("**/v1/messages")

    with chat.page.expect_response("**/v1/messages") as answered:
        chat.not_sent.get_by_role("button").click()

    reply = final_of(answered.value.text())
    assert reply["dialog_id"] == replies[0]["dialog_id"]
    expect(chat.messages).to_have_count(2)
    assert len(texts_of(counter, reply["dialog_id"])) == 2
    chat.page.reload()
    chat.open()
    expect(chat.messages).to_have_count(2)


def test_operator_and_customer_go_on_after_a_restart(
    server: Server, shop: Path, visit: Visit
) -> None:
    chat = Chat(visit(server.url, expecting=AWAY)).introduce("Роман").open()
    chat.ask("позовите человека")
    console = Console(visit(f"{server.url}/console", expecting=AWAY)).sign_in("Ольга")
    console.take_over("Роман").reply("Первый ответ")
    expect(chat.said_by("human")).to_have_count(1)
    offline = console.page.get_by_test_id("offline")
    warning = words(server, "console")["offline"]

    server.stop()
    expect(offline).to_have_text(warning)
    start_again(server, shop)
    expect(offline).to_have_text("")
    console.reply("Второй ответ")

    expect(chat.said_by("human")).to_have_count(2)
    expect(console.said_by("human")).to_have_count(2)
