"""Answers that a language model writes, over the whole wire: a real provider, a real server.

The provider misbehaves by script; whatever it does the customer gets a useful reply in time.
"""

from __future__ import annotations

import json
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import create_app
from assistant.language_models.chain import ModelChain
from assistant.language_models.streaming import warm_up
from assistant.settings import Settings
from assistant.wiring import build_assistant
from tests.api.conftest import new_id
from tests.assistant.language_models.conftest import KEY, chain_of, model_at
from tests.assistant.writing.scripted import reply
from tests.support.misbehaving_provider import (
    Behaviour,
    MisbehavingProvider,
    body,
    endless,
    events,
    flood,
    half,
    hang,
    hang_after_head,
    refusing_url,
    reset,
    says,
    says_and_waits,
    status,
    trickle,
)
from tests.support.model_switch import ModelSwitch

QUESTION = "Как удалить аккаунт?"
FIRST = "Откройте «Профиль → Настройки → Удалить аккаунт» и подтвердите кодом из SMS."
SECOND = "Ещё 30 дней аккаунт можно восстановить."
GOOD = reply((FIRST, [1]), (SECOND, [1]))
INVENTED = reply(("Аккаунт удалится через 5 минут, и восстановить его нельзя.", [1]))
QUOTED = "Аккаунт сразу скроется"
ANSWER_SECONDS = 1.5
USEFUL_WITHIN_SECONDS = 3.0
"""What the customer is promised; the models get half of it."""
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def switch() -> ModelSwitch:
    warm_up().result()
    return ModelSwitch(ModelChain((), chain_of().budget))


@pytest.fixture(scope="module")
def service(
    indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory, switch: ModelSwitch
) -> Iterator[httpx.Client]:
    """A real HTTP server over the sample shop, whose models are those of the switch."""
    folder = tmp_path_factory.mktemp("written") / "data"
    shutil.copytree(indexed_shop, folder)
    settings = Settings(
        data_dir=folder,
        support_hours="",
        burst_seconds=0,  # what is measured here is the wait for a provider
        llm_answer_seconds=ANSWER_SECONDS,
        _env_file=None,
    )
    app = create_app(settings, build_assistant(settings, switch))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False
        ) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


Provide = Callable[..., MisbehavingProvider]


@pytest.fixture
def provide(switch: ModelSwitch) -> Iterator[Provide]:
    """Puts a provider in place that behaves so, one request after another."""
    running: list[MisbehavingProvider] = []

    def start(*behaviours: Behaviour) -> MisbehavingProvider:
        running.append(MisbehavingProvider(behaviours).__enter__())
        switch.models = chain_of(model_at(running[-1].url))
        return running[-1]

    yield start
    for provider in running:
        provider.close()


def unasked(question: str = QUESTION) -> str:
    """The question in words that nobody has asked before: nothing is remembered of it."""
    return f"{question[:-1]} {'?' * int(new_id().rsplit('-', 1)[1])}"


def ask(service: httpx.Client, text: str | None = None, **fields: object) -> dict[str, Any]:
    response = service.post("/v1/messages", json={"text": text or unasked(), **fields})
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def calls_of(document: dict[str, Any]) -> list[str]:
    return [call["outcome"] for call in document["trace"]["model"]["calls"]]


def test_model_writes_the_answer_and_the_service_names_its_sources(
    service: httpx.Client, provide: Provide
) -> None:
    provide(says(GOOD))
    document = ask(service)
    said = document["reply"]
    assert said["text"].startswith(f"{FIRST} {SECOND}")
    assert {item["article_id"] for item in said["citations"]} == {"account-delete"}
    assert all(item["url"] for item in said["citations"])
    assert "бот" in said["author"]["disclosure"].lower()
    assert document["trace"]["prompt_versions"]["drafting/ru"].startswith("drafting/ru@")
    model = document["trace"]["model"]
    assert model["wrote_the_answer"]
    assert (model["prompt_tokens"], model["completion_tokens"]) == (11, 7)
    assert model["cost_usd"] == pytest.approx((11 * 0.4 + 7 * 1.6) / 1e6, abs=1e-6)


def test_invented_answer_never_reaches_the_customer(
    service: httpx.Client, provide: Provide
) -> None:
    provide(says(INVENTED))
    document = ask(service)
    assert document["action"] == "answer"
    assert "5 минут" not in json.dumps(document, ensure_ascii=False)
    assert QUOTED in document["reply"]["text"]
    assert document["trace"]["model"]["refused_sentences"] == {"unsupported": 1}


FAULTS = {
    "hangs": hang(),
    "hangs after the head": hang_after_head(),
    "half a stream, then hangs": half(GOOD, "hang"),
    "half a stream, then closes": half(GOOD, "close"),
    "half a stream, then resets": half(GOOD, "reset"),
    "resets": reset(),
    "401": status(401),
    "404": status(404),
    "429": status(429),
    "429 with a long wait": status(429, headers={"Retry-After": "60"}),
    "500": status(500),
    "503": status(503),
    "garbage": body(b"\x00\xff\xfe garbage"),
    "a page": body(b"<html><body>Bad gateway</body></html>", "text/html"),
    "broken JSON": body(b'{"choices": [{"mess'),
    "JSON of another shape": body(b'{"answer": "yes"}'),
    "broken events": events(b"{not json", b"null"),
    "nothing in the stream": events(),
    "words instead of JSON": says("Конечно! Аккаунт удаляется сам через 5 минут."),
    "JSON of another form": says('{"answer": "Аккаунт удаляется сам через 5 минут."}'),
    "half of the JSON": says(GOOD[: len(GOOD) // 2]),
    "an empty reply": says(""),
    "a byte a second": trickle(),
    "an endless stream": endless(),
    "five megabytes": flood(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_customer_has_a_useful_reply_in_time_whatever_the_provider_does(
    service: httpx.Client, provide: Provide, counted: Callable[..., None], fault: str
) -> None:
    provide(FAULTS[fault])
    started = time.monotonic()
    document = ask(service)
    assert time.monotonic() - started < USEFUL_WITHIN_SECONDS
    assert document["action"] == "answer"
    assert QUOTED in document["reply"]["text"]
    assert "5 минут" not in document["reply"]["text"]
    model = document["trace"]["model"]
    assert not model["wrote_the_answer"]
    assert "ok" not in calls_of(document)
    assert all(call["detail"] for call in model["calls"])
    assert KEY not in json.dumps(document)
    counted("faults: the customer had a useful reply within 3 s over HTTP")


def test_port_where_nobody_listens_costs_no_answer(
    service: httpx.Client, switch: ModelSwitch
) -> None:
    switch.models = chain_of(model_at(refusing_url()))
    document = ask(service)
    assert QUOTED in document["reply"]["text"]
    assert set(calls_of(document)) == {"failed"}


def test_second_model_answers_where_the_first_fails(
    service: httpx.Client, provide: Provide, switch: ModelSwitch
) -> None:
    first, second = provide(status(500)), provide(says(GOOD))
    switch.models = chain_of(model_at(first.url), model_at(second.url, "openai/second"))
    document = ask(service)
    assert document["reply"]["text"].startswith(FIRST)
    assert calls_of(document)[-1] == "ok"


def streamed(
    service: httpx.Client, text: str, **fields: object
) -> Iterator[tuple[str, dict[str, Any]]]:
    sent = {"text": text, **fields}
    with service.stream("POST", "/v1/messages", json=sent, headers=STREAM) as response:
        assert response.status_code == 200
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def test_sentence_is_sent_before_the_model_has_ended(
    service: httpx.Client, provide: Provide
) -> None:
    first_came = threading.Event()
    provide(says_and_waits(GOOD, GOOD.index(SECOND) + 5, first_came))
    heard = []
    for name, data in streamed(service, unasked()):
        if name == "delta" and not heard:
            first_came.set()
        heard.append((name, data))
    *deltas, (last, final) = heard
    assert deltas[0][1]["text"] == FIRST
    assert last == "final"
    assert "".join(data["text"] for _, data in deltas) == final["reply"]["text"]
    assert SECOND in final["reply"]["text"], calls_of(final)


def test_what_did_not_pass_is_not_in_the_stream(service: httpx.Client, provide: Provide) -> None:
    provide(says(reply((FIRST, [1]), ("Мы вернём вам 500 рублей.", [1]), (SECOND, [1]))))
    heard = list(streamed(service, unasked()))
    assert "500 рублей" not in json.dumps(heard, ensure_ascii=False)
    assert heard[-1][1]["reply"]["text"].startswith(f"{FIRST} {SECOND}")


@pytest.mark.parametrize("then", ["hang", "close", "reset"])
def test_half_a_stream_leaves_the_sentence_that_was_heard(
    service: httpx.Client, provide: Provide, then: str
) -> None:
    long = reply((FIRST, [1]), *[(SECOND, [1])] * 4)
    provide(half(long, then))
    *deltas, (_, final) = list(streamed(service, unasked()))
    assert deltas[0][1]["text"] == FIRST
    assert final["reply"]["text"] == "".join(data["text"] for _, data in deltas)
    # A stream that ends too early is told from a whole one by its content only.
    assert calls_of(final) in ([["timeout"]] if then == "hang" else [["failed"], ["malformed"]])


def test_client_who_leaves_ends_the_call_and_loses_nothing(
    service: httpx.Client, provide: Provide
) -> None:
    long = reply((FIRST, [1]), *[(SECOND, [1])] * 40)
    provider = provide(says(long, pieces=200, pause_seconds=0.05))
    ids = {"dialog_id": new_id(), "message_id": new_id("m")}
    text = unasked()
    for name, _data in streamed(service, text, **ids):
        assert name == "delta"
        break
    assert provider.requests[0].was_left()
    document = ask(service, text, **ids)
    assert document["reply"]["text"].startswith(FIRST)
    assert len(provider.requests) == 1


def test_refused_message_has_its_status_in_a_stream_too(service: httpx.Client) -> None:
    response = service.post("/v1/messages", json={"text": " "}, headers=STREAM)
    assert response.status_code == 422
    assert response.headers["Content-Type"].startswith("application/problem+json")


def test_same_question_is_asked_of_the_model_once(service: httpx.Client, provide: Provide) -> None:
    provider = provide(says(GOOD))
    text = unasked()
    first, second = ask(service, text), ask(service, text)
    assert first["reply"]["text"] == second["reply"]["text"]
    assert len(provider.requests) == 1
    assert calls_of(second) == ["cached"]
    assert second["trace"]["model"]["cost_usd"] == 0


def test_reply_of_which_nothing_could_be_said_is_asked_for_anew(
    service: httpx.Client, provide: Provide
) -> None:
    provider = provide(says(INVENTED), says(GOOD))
    text = unasked()
    assert not ask(service, text)["trace"]["model"]["wrote_the_answer"]
    assert ask(service, text)["reply"]["text"].startswith(FIRST)
    assert len(provider.requests) == 2


def test_answer_to_a_personal_question_is_no_other_customers(
    service: httpx.Client, provide: Provide
) -> None:
    provider = provide(says(GOOD))
    text = f"Меня зовут Анна Иванова. {unasked()}"
    ask(service, text)
    ask(service, text)
    assert len(provider.requests) == 2


PERSONAL = {
    "Анна Петровна Иванова": "меня зовут Анна Петровна Иванова",
    "Ивановой": "заказ на имя Ивановой Анны",
    "123-45-67": "мой телефон +7 (916) 123-45-67",
    "anna.ivanova": "почта anna.ivanova@mail.example",
    "4111": "карта 4111 1111 1111 1111",
    "4509": "паспорт 4509 123456",
    "112-233": "снилс 112-233-445 95",
    "7707083893": "ИНН 7707083893",
    "Ленина": "живу на ул. Ленина, д. 5, кв. 12",
}


@pytest.mark.parametrize("secret", PERSONAL)
def test_nothing_personal_is_in_any_request_or_log(
    service: httpx.Client,
    provide: Provide,
    counted: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    secret: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    provider = provide(says(GOOD), status(500))
    dialog_id = new_id()
    customer = {"id": "c-1", "name": "Анна Петровна Иванова", "attributes": {"tel": "9161234567"}}
    ask(service, f"{PERSONAL[secret]}. {unasked()}", dialog_id=dialog_id, customer=customer)
    ask(service, unasked("Как восстановить аккаунт?"), dialog_id=dialog_id, customer=customer)
    assert provider.requests
    sent = json.dumps([request.body for request in provider.requests], ensure_ascii=False)
    assert secret not in sent
    assert "9161234567" not in sent
    ours = [record for record in caplog.records if not record.name.startswith("httpcore")]
    assert secret not in "\n".join(record.getMessage() for record in ours)
    counted(
        "privacy: requests to a model recorded, nothing personal in them", len(provider.requests)
    )


def test_what_models_did_and_took_is_in_the_metrics(
    service: httpx.Client, provide: Provide
) -> None:
    provide(says(GOOD))
    ask(service)
    text = service.get("/metrics").text
    assert "souffleur_model_circuit" in text
    assert unasked()[:-3] not in text
