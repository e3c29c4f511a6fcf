"""People write in bursts: what comes within a short window of each other gets one reply."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from tests.api.conftest import QUESTION, client_of, new_id
from tests.conftest import Server

WINDOW = "0.8"


@pytest.fixture(scope="module")
def patient(indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for the rest of a burst."""
    folder = tmp_path_factory.mktemp("patient") / "data"
    shutil.copytree(indexed_shop, folder)
    server = Server(folder, {"SOUFFLEUR_BURST_SECONDS": WINDOW})
    try:
        yield server.wait()
    finally:
        server.stop()


@pytest.fixture
def client(patient: Server) -> Iterator[httpx.Client]:
    with client_of(patient) as everybody:
        yield everybody


Send = Callable[..., Future[dict[str, Any]]]


@pytest.fixture
def send(client: httpx.Client) -> Iterator[Send]:
    """Sends a message without waiting for its reply, but until it is kept."""
    with ThreadPoolExecutor(8) as pool:

        def start(text: str, dialog_id: str, **fields: object) -> Future[dict[str, Any]]:
            message_id = new_id("m")
            body = {"text": text, "dialog_id": dialog_id, "message_id": message_id, **fields}
            sending = pool.submit(client.post, "/v1/messages", json=body)
            pause = Event()
            while message_id not in kept(client, dialog_id):
                pause.wait(0.02)
            return pool.submit(lambda: sending.result().json())

        yield start


def kept(client: httpx.Client, dialog_id: str) -> list[str]:
    found = client.get(f"/v1/dialogs/{dialog_id}")
    return [line["message_id"] for line in found.json().get("messages", ())]


def authors(client: httpx.Client, dialog_id: str) -> list[str]:
    found = client.get(f"/v1/dialogs/{dialog_id}").json()["messages"]
    return [line["author"]["kind"] for line in found]


def test_burst_gets_one_reply_to_all_of_it(client: httpx.Client, send: Send) -> None:
    dialog_id = new_id()
    sent = [send(text, dialog_id) for text in ("Здравствуйте", "у меня вопрос", QUESTION)]
    *earlier, last = [future.result() for future in sent]
    assert authors(client, dialog_id) == ["customer"] * 3 + ["bot"]
    assert last["action"] == "answer"
    for reply in earlier:
        assert (reply["action"], reply["reply"], reply["owner"]) == ("silent", None, "bot")
        assert reply["answered_with"] == last["message_id"]


def test_retry_of_any_message_of_a_burst_gets_what_it_got(client: httpx.Client, send: Send) -> None:
    dialog_id = new_id()
    sent = [send(text, dialog_id) for text in ("добрый день", QUESTION)]
    replies = [future.result() for future in sent]
    for reply, text in zip(replies, ("добрый день", QUESTION), strict=True):
        body = {"text": text, "dialog_id": dialog_id, "message_id": reply["message_id"]}
        again = client.post("/v1/messages", json=body).json()
        again.pop("dialog_token", None)
        reply.pop("dialog_token", None)
        assert again == reply
    assert authors(client, dialog_id) == ["customer", "customer", "bot"]


def test_call_for_a_person_in_a_burst_hands_it_over_once(client: httpx.Client, send: Send) -> None:
    dialog_id = new_id()
    send(QUESTION, dialog_id)
    last = send("позовите оператора", dialog_id).result()
    assert (last["action"], last["owner"]) == ("handoff", "waiting")
    assert authors(client, dialog_id) == ["customer", "customer", "bot"]


def test_message_that_ends_its_turn_answers_the_burst_with_it(
    client: httpx.Client, send: Send
) -> None:
    dialog_id = new_id()
    first = send("здравствуйте", dialog_id)
    last = send(QUESTION, dialog_id, ends_turn=True).result()
    assert last["action"] == "answer"
    assert first.result()["answered_with"] == last["message_id"]


def test_messages_with_a_pause_between_them_are_answered_each(client: httpx.Client) -> None:
    dialog_id = new_id()
    for text in ("привет", QUESTION):
        body = {"text": text, "dialog_id": dialog_id}
        assert client.post("/v1/messages", json=body).json()["reply"]
    assert authors(client, dialog_id) == ["customer", "bot"] * 2


def test_person_who_takes_the_dialog_within_the_window_is_not_talked_over(
    client: httpx.Client, send: Send
) -> None:
    dialog_id = new_id()
    waiting = send(QUESTION, dialog_id)
    client.post(f"/v1/dialogs/{dialog_id}/take", json={"operator_id": "op-1"})
    assert waiting.result()["action"] == "silent"
    assert authors(client, dialog_id) == ["customer"]


def test_bursts_of_different_dialogs_do_not_wait_for_each_other(
    client: httpx.Client, send: Send
) -> None:
    dialogs = [new_id() for _ in range(4)]
    sent = [send(QUESTION, dialog_id) for dialog_id in dialogs]
    assert [future.result()["action"] for future in sent] == ["answer"] * 4
