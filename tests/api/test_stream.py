"""The same reply as a stream of events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest

from api.app import create_app
from assistant.pipeline import Assistant
from assistant.settings import Settings
from assistant.wiring import Parts
from tests.api.conftest import QUESTION, is_problem, new_id

STREAM = {"Accept": "text/event-stream"}


def events(response: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """Name and data of each event of a stream."""
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith("text/event-stream")
    found = []
    for block in response.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields["event"], json.loads(fields["data"])))
    return found


def stream(client: httpx.Client, text: str, **fields: object) -> list[tuple[str, dict[str, Any]]]:
    body = {"text": text, **fields}
    return events(client.post("/v1/messages", json=body, headers=STREAM))


TEXTS = [
    QUESTION,
    "How can I check a gift card balance?",
    "спасибо большое, помогло",
    "позовите оператора",
    "https://example.com",
]


@pytest.mark.parametrize("text", TEXTS)
def test_deltas_add_up_to_the_text_of_the_final_reply(client: httpx.Client, text: str) -> None:
    *deltas, (last, final) = stream(client, text)
    assert {name for name, _ in deltas} == {"delta"}
    assert last == "final"
    assert "".join(data["text"] for _, data in deltas) == final["reply"]["text"]


def test_long_reply_comes_in_several_pieces(client: httpx.Client) -> None:
    assert len(stream(client, "позовите оператора")) > 2


def test_final_event_is_the_object_that_the_plain_call_gives(client: httpx.Client) -> None:
    body = {"dialog_id": new_id(), "message_id": new_id("m")}
    _, streamed = stream(client, QUESTION, **body)[-1]
    plain = client.post("/v1/messages", json={"text": QUESTION, **body}).json()
    streamed.pop("dialog_token")
    assert plain == streamed


def test_silent_reply_streams_no_text(client: httpx.Client) -> None:
    dialog_id = stream(client, "позовите оператора")[-1][1]["dialog_id"]
    client.post(f"/v1/dialogs/{dialog_id}/take", json={"operator_id": "op-1"})
    ((name, final),) = stream(client, "вы тут?", dialog_id=dialog_id)
    assert name == "final"
    assert (final["action"], final["reply"]) == ("silent", None)


def test_error_is_a_problem_and_no_stream(client: httpx.Client) -> None:
    response = client.post("/v1/messages", json={"text": ""}, headers=STREAM)
    is_problem(response, 422, "text_empty")


def test_stream_carries_a_request_id(client: httpx.Client) -> None:
    response = client.post("/v1/messages", json={"text": QUESTION}, headers=STREAM)
    assert response.headers["X-Request-Id"]


def test_stream_that_announces_says_first_that_the_message_is_kept(client: httpx.Client) -> None:
    (first, accepted), *_, (last, final) = stream(client, QUESTION, announce=True)
    assert (first, last) == ("accepted", "final")
    assert accepted["dialog_id"] == final["dialog_id"]
    assert accepted["message_id"] == final["message_id"]
    assert accepted["dialog_token"] == final["dialog_token"]


def test_announced_stream_in_a_known_dialog_gives_no_token(client: httpx.Client) -> None:
    dialog_id = stream(client, QUESTION)[-1][1]["dialog_id"]
    (_, accepted), *_ = stream(client, "спасибо", dialog_id=dialog_id, announce=True)
    assert "dialog_token" not in accepted


def test_announced_message_is_answered_though_its_client_never_reads(
    settings: Settings, built: tuple[Assistant, Parts]
) -> None:
    """Nothing of the response can be sent; no watchdog runs here, either."""
    assistant, _ = built
    body = {"text": QUESTION, "dialog_id": "d-1", "announce": True}

    came = iter([{"type": "http.request", "body": json.dumps(body).encode()}])

    async def receive() -> MutableMapping[str, Any]:
        for message in came:
            return message
        await asyncio.Event().wait()  # nor does it say that it left
        raise AssertionError

    async def send(_message: MutableMapping[str, Any]) -> None:
        raise OSError("the line is dead")

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/messages",
        "raw_path": b"/v1/messages",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"accept", b"text/event-stream"),
            (b"content-type", b"application/json"),
        ],
    }

    async def scenario() -> list[str]:
        with pytest.raises(OSError, match="dead"):
            await create_app(settings, built)(scope, receive, send)
        said: list[str] = []
        async with asyncio.timeout(30):
            while len(said) < 2:
                await asyncio.sleep(0.02)
                messages = assistant.store.view("d-1", 0)["messages"]
                said = [message["author"]["kind"] for message in messages]
        return said

    assert asyncio.run(scenario()) == ["customer", "bot"]
