"""Hints over HTTP: who may ask, what comes, that they are kept, settled and streamed."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import create_app
from assistant.errors import LanguageModelTimeoutError
from assistant.settings import Settings
from assistant.wiring import build_assistant
from tests.api.conftest import KEYS, Ask, client_of, is_problem
from tests.assistant.writing.scripted import Script, ScriptedModels, reply
from tests.conftest import Server
from tests.support.model_switch import ModelSwitch

OLGA = {"operator_id": "op-1", "operator_name": "Ольга"}
QUESTION = "сколько хранится заказ в пункте выдачи?"
STREAM = {"Accept": "text/event-stream"}


def taken(client: httpx.Client, ask: Ask, text: str = QUESTION, **fields: object) -> str:
    """A dialog with a question that op-1 has taken."""
    dialog_id = str(ask(text, **fields)["dialog_id"])
    client.post(f"/v1/dialogs/{dialog_id}/handoff")
    client.post(f"/v1/dialogs/{dialog_id}/take", json=OLGA)
    return dialog_id


def hints_of(client: httpx.Client, **body: object) -> dict[str, Any]:
    response = client.post("/v1/hints", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def say(client: httpx.Client, dialog_id: str, text: str, **more: object) -> httpx.Response:
    body = {"text": text, **OLGA, **more}
    return client.post(f"/v1/dialogs/{dialog_id}/operator-messages", json=body)


def parse(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream: name and data."""
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def dialog(client: httpx.Client, dialog_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/dialogs/{dialog_id}").json()
    return found


def test_hints_come_with_context_advice_and_the_message_they_answer(
    client: httpx.Client, ask: Ask
) -> None:
    dialog_id = taken(client, ask)
    found = hints_of(client, dialog_id=dialog_id)
    assert 1 <= len(found["hints"]) <= 3
    fields = {"hint_id", "kind", "text", "citations", "source", "confidence", "blanks"}
    assert all(set(hint) == fields for hint in found["hints"])
    assert {"summary", "customer", "intent", "asked_already", "previous_dialogs"} <= set(
        found["context"]
    )
    assert all(set(note) == {"code", "text"} for note in found["advice"])
    asked = dialog(client, dialog_id)["messages"][0]
    assert (asked["text"], asked["message_id"]) == (QUESTION, found["message_id"])


def test_asking_again_gives_the_same_hints(client: httpx.Client, ask: Ask) -> None:
    dialog_id = taken(client, ask)
    assert (
        hints_of(client, dialog_id=dialog_id)["hints"]
        == (hints_of(client, dialog_id=dialog_id)["hints"])
    )


def test_used_hint_shows_in_the_dialog_to_operators(client: httpx.Client, ask: Ask) -> None:
    dialog_id = taken(client, ask)
    first = hints_of(client, dialog_id=dialog_id)["hints"][0]
    assert dialog(client, dialog_id)["hints_used"] == []
    assert say(client, dialog_id, first["text"], hint_id=first["hint_id"]).status_code == 200
    used = dialog(client, dialog_id)["hints_used"]
    assert {row["outcome"] for row in used} == {"accepted", "ignored"}
    accepted = next(row for row in used if row["outcome"] == "accepted")
    assert accepted["hint_id"] == first["hint_id"]
    assert "hint_accepted" in [row["kind"] for row in dialog(client, dialog_id)["verdicts"]]


def test_hint_that_is_not_of_the_dialog_is_422_and_sends_nothing(
    client: httpx.Client, ask: Ask
) -> None:
    dialog_id, other = taken(client, ask), taken(client, ask)
    foreign = hints_of(client, dialog_id=other)["hints"][0]["hint_id"]
    problem = is_problem(say(client, dialog_id, "Да", hint_id=foreign), 422, "bad_input")
    assert "nothing was sent" in problem["detail"]
    kinds = [one["author"]["kind"] for one in dialog(client, dialog_id)["messages"]]
    assert "human" not in kinds
    assert say(client, dialog_id, "Да").status_code == 200


def test_messages_that_are_kept_elsewhere_get_hints_too(client: httpx.Client) -> None:
    messages = [
        {"author": "customer", "text": "How do I cancel my order?"},
        {"author": "operator", "text": "Hello!"},
    ]
    found = hints_of(client, messages=messages)
    assert found["message_id"] is None
    assert "en-orders-cancel-change" in [
        one["article_id"] for hint in found["hints"] for one in hint["citations"]
    ]


def test_advice_and_names_of_frames_are_in_the_operators_language(
    client: httpx.Client, ask: Ask
) -> None:
    dialog_id = taken(client, ask, "Заказ 10432 уже неделю не едет, сколько можно ждать!")
    russian = hints_of(client, dialog_id=dialog_id)
    english = hints_of(client, dialog_id=dialog_id, locale="en")
    assert [one["text"] for one in russian["hints"]] == [one["text"] for one in english["hints"]]
    assert all(note["text"].split()[0].isascii() for note in english["advice"])
    assert not any(note["text"].isascii() for note in russian["advice"])
    frames = [one["source"] for one in english["hints"] if one["source"]["kind"] == "template"]
    assert [one["title"] for one in frames] == ["A frame: fill in the blanks"]
    assert hints_of(client, dialog_id=dialog_id, locale="xx")["advice"] == russian["advice"]


def test_messages_kept_elsewhere_are_answered_in_the_customers_language(
    client: httpx.Client,
) -> None:
    said = [{"author": "customer", "text": "заказ 10432 не приехал, это безобразие, где он?!"}]
    found = hints_of(client, messages=said, locale="en")
    assert "Что дальше" in found["hints"][0]["text"]
    assert "already" in " ".join(note["text"] for note in found["advice"]).lower()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dialog_id": "d-1", "messages": [{"author": "customer", "text": "x"}]},
        {"messages": []},
        {"messages": [{"author": "nobody", "text": "x"}]},
        {"messages": [{"author": "customer", "text": "x" * 4001}]},
        {"messages": [{"author": "customer", "text": "a\0b"}]},
        {"dialog_id": ["d-1"]},
    ],
)
def test_what_is_no_request_for_hints_is_422(client: httpx.Client, body: object) -> None:
    is_problem(client.post("/v1/hints", json=body), 422, "invalid_request")


def test_unknown_dialog_is_404(client: httpx.Client) -> None:
    is_problem(client.post("/v1/hints", json={"dialog_id": "d-nobody"}), 404, "not_found")


def test_customers_see_no_hints(guarded_server: Server) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        opened = widget.post("/v1/messages", json={"text": QUESTION}).json()
        body = {"dialog_id": opened["dialog_id"]}
        is_problem(widget.post("/v1/hints", json=body), 403, "forbidden")
        shown = widget.get(
            f"/v1/dialogs/{opened['dialog_id']}", headers={"X-Dialog-Token": opened["dialog_token"]}
        )
        assert shown.json()["hints_used"] == []
    with client_of(guarded_server, KEYS["operator"]) as operator:
        assert operator.post("/v1/hints", json=body).status_code == 200


def test_stream_without_a_model_is_the_hints_and_the_end(client: httpx.Client, ask: Ask) -> None:
    dialog_id = taken(client, ask)
    response = client.post("/v1/hints", json={"dialog_id": dialog_id}, headers=STREAM)
    events = parse(response.text)
    assert [name for name, _ in events] == ["hints", "final"]
    assert events[0][1] == events[1][1]


@pytest.fixture(scope="module")
def switch() -> ModelSwitch:
    return ModelSwitch(ScriptedModels(""))


@pytest.fixture(scope="module")
def written(
    indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory, switch: ModelSwitch
) -> Iterator[httpx.Client]:
    """A real server whose models are those of the switch."""
    folder = tmp_path_factory.mktemp("hints") / "data"
    shutil.copytree(indexed_shop, folder)
    settings = Settings(data_dir=folder, support_hours="", burst_seconds=0, _env_file=None)  # type: ignore[call-arg]
    app = create_app(settings, build_assistant(settings, switch))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as one:
            yield one
    finally:
        server.should_exit = True
        thread.join()


def streamed(client: httpx.Client, switch: ModelSwitch, *scripts: Script) -> list[tuple[str, Any]]:
    """The events for a question, with a model that says so."""
    switch.models = ScriptedModels(*scripts)
    said = [
        {"author": "customer", "text": "меня зовут Анна Петрова"},
        {"author": "customer", "text": QUESTION},
    ]
    response = client.post("/v1/hints", json={"messages": said}, headers=STREAM)
    return parse(response.text)


GOOD = reply(("В пункте выдачи заказ хранится 7 дней, а в постамате 3 дня.", [1]))
INVENTED = reply(("В пункте выдачи заказ хранится 45 дней, а в постамате 3 дня.", [1]))


def test_better_hint_is_streamed_and_takes_the_place_of_the_articles(
    written: httpx.Client, switch: ModelSwitch
) -> None:
    events = streamed(written, switch, GOOD)
    names = [name for name, _ in events]
    assert (names[0], names[-1]) == ("hints", "final")
    better = [data for name, data in events if name == "hint"]
    assert better
    assert better[0]["source"]["kind"] == "model"
    assert better[0]["kind"] == "written"
    assert better[0]["citations"]
    assert "7 дней" in better[0]["text"]
    final = events[-1][1]["hints"]
    assert better[0] in final
    assert len(final) == len(events[0][1]["hints"])


def test_model_is_sent_nothing_personal_and_asked_for_an_operator(
    written: httpx.Client, switch: ModelSwitch
) -> None:
    streamed(written, switch, GOOD)
    assert "Петрова" not in switch.models.sent
    assert "для оператора" in switch.models.sent


@pytest.mark.parametrize(
    "script", [INVENTED, "no JSON", LanguageModelTimeoutError("too slow"), ["{", "}"]]
)
def test_what_a_model_fails_at_costs_no_hint(
    written: httpx.Client, switch: ModelSwitch, script: Script
) -> None:
    events = streamed(written, switch, script)
    assert [name for name, _ in events] == ["hints", "final"]
    assert events[0][1]["hints"] == events[1][1]["hints"]
    assert events[0][1]["hints"]


def test_plain_request_waits_for_no_model(written: httpx.Client, switch: ModelSwitch) -> None:
    switch.models = ScriptedModels(GOOD)
    hints_of(written, messages=[{"author": "customer", "text": QUESTION}])
    assert switch.models.requests == []
