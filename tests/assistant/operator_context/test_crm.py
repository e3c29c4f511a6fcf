"""The CRM is asked over real HTTP: however it fails, an operator sees why and nobody waits."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from assistant.operator_context.crm import FAILURE_SECONDS, MOST_KEPT, Crm
from assistant.operator_context.crm_address import CrmAddress
from assistant.operator_context.crm_call import MOST_BYTES
from assistant.operator_context.words import ContextWords
from tests.support.crm_server import Answer, Asked, CrmServer
from tests.support.misbehaving_provider import deaf_url, refusing_url

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "crm-key-0123456789"


class Hands:
    """Monotonic seconds that the test turns."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def connect(hands: Hands) -> Iterator[Callable[..., Crm]]:
    """Builds CRMs that are waited for as long as it takes, and ends them after the test."""
    built: list[Crm] = []

    def make(url: str, **options: Any) -> Crm:
        options = {"patience_seconds": 20.0, "timeout_seconds": 10.0} | options
        crm = Crm(CrmAddress(url), secret=SECRET, now=lambda: NOW, clock=hands, **options)
        built.append(crm)
        return crm

    yield make
    for crm in built:
        crm.close()


def shown(crm: Crm, customer_id: str | None = "c-17", lang: str = "ru") -> dict[str, Any]:
    """What the operator sees."""
    return crm.look_up(customer_id, "web").document(ContextWords(lang, UTC, NOW))


def test_card_is_shown_with_its_plain_values_and_when_they_came(
    connect: Callable[..., Crm],
) -> None:
    with CrmServer() as server:
        document = shown(connect(server.url))
    assert document["state"] == "ok"
    assert document["found"]
    assert document["error"] is None
    assert document["fetched_at"] == "2026-03-02T12:00:00.000000Z"
    assert document["fields"] == [
        {"label": "tier", "value": "gold"},
        {"label": "city", "value": "Казань"},
        {"label": "since", "value": "2019"},
        {"label": "blocked", "value": "нет"},
    ]


def test_secret_goes_in_the_header_and_nowhere_else(
    connect: Callable[..., Crm], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with CrmServer(lambda _asked: Answer(500, b"gold")) as server:
        document = shown(connect(server.url))
        asked = server.asked[0]
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in asked.path
    assert SECRET not in caplog.text
    assert SECRET not in json.dumps(document)


@pytest.mark.parametrize(
    ("customer_id", "path"),
    [
        ("c/17", "/customers/c%2F17"),
        ("a b?x=1&y#z", "/customers/a%20b%3Fx%3D1%26y%23z"),
        ("Анна", "/customers/%D0%90%D0%BD%D0%BD%D0%B0"),
        ("../admin", "/customers/..%2Fadmin"),
        ("100%", "/customers/100%25"),
        ("{channel}", "/customers/%7Bchannel%7D"),
    ],
)
def test_customer_id_stays_one_step_of_the_path(
    connect: Callable[..., Crm], customer_id: str, path: str
) -> None:
    with CrmServer() as server:
        assert shown(connect(server.url), customer_id)["state"] == "ok"
        assert [asked.path for asked in server.asked] == [path]


@pytest.mark.parametrize("customer_id", [".", "..", "a\x00b", "\ud800", " "])
def test_id_that_no_address_can_hold_is_not_asked_for(
    connect: Callable[..., Crm], customer_id: str
) -> None:
    with CrmServer() as server:
        document = shown(connect(server.url), customer_id)
        assert server.asked == []
    assert document["state"] == "failed"
    assert document["error"] == "такой идентификатор клиента нельзя передать в CRM"


def test_visitor_without_an_id_is_not_looked_up(connect: Callable[..., Crm]) -> None:
    with CrmServer() as server:
        assert shown(connect(server.url), None)["state"] == "off"
        assert server.asked == []


def test_channel_stands_in_the_address_where_it_has_a_place(connect: Callable[..., Crm]) -> None:
    with CrmServer() as server:
        crm = connect(f"{server.root}/{{channel}}/{{customer_id}}")
        words = ContextWords("ru", UTC, NOW)
        for channel in ("web", "telegram", "web"):
            crm.look_up("c-17", channel).document(words)
        assert [asked.path for asked in server.asked] == ["/web/c-17", "/telegram/c-17"]


BAD = {
    "refused": (Answer(401), "CRM не приняла ключ (код 401)"),
    "forbidden": (Answer(403), "CRM не приняла ключ (код 403)"),
    "broken": (Answer(500), "CRM ответила ошибкой (код 500)"),
    "busy": (Answer(429), "CRM ответила ошибкой (код 429)"),
    "html": (Answer(200, b"<html>", content_type="text/html"), "CRM ответила не в формате JSON"),
    "no json": (Answer(200, b"{"), "CRM ответила не в формате JSON"),
    "empty": (Answer(200, b""), "CRM ответила не в формате JSON"),
    "no utf-8": (Answer(200, b'{"a": "\xff"}'), "CRM ответила не в формате JSON"),
    "deep": (Answer(200, b"[" * 100_000), "CRM ответила не в формате JSON"),
    "long number": (Answer(200, b'{"a": ' + b"9" * 5000 + b"}"), "CRM ответила не в формате JSON"),
    "list": (Answer(200, b"[]"), "CRM ответила не карточкой клиента"),
    "null": (Answer(200, b"null"), "CRM ответила не карточкой клиента"),
    "large": (
        Answer(200, b'{"a": "' + b"x" * MOST_BYTES + b'"}'),
        "ответ CRM слишком большой",
    ),
    "packed": (
        Answer(200, gzip.compress(b"{}"), {"Content-Encoding": "gzip"}),
        "CRM ответила не в формате JSON",
    ),
    "reset": (Answer(resets=True), "до CRM не удалось дозвониться"),
    "no http": (Answer(is_plain_text=True), "до CRM не удалось дозвониться"),
    "elsewhere": (
        Answer(302, b"", {"Location": "http://localhost:9/steal"}),
        "CRM перенаправляет запрос, дальше он не пошёл",
    ),
    "in a circle": (
        Answer(302, b"", {"Location": "/customers/c-17"}),
        "CRM перенаправляет запрос, дальше он не пошёл",
    ),
    "no place": (
        Answer(302, b"", {"Location": "http://["}),
        "CRM перенаправляет запрос, дальше он не пошёл",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_failure_is_shown_with_its_reason_and_no_field(
    connect: Callable[..., Crm], kind: str
) -> None:
    answer, reason = BAD[kind]
    with CrmServer(lambda _asked: answer) as server:
        document = shown(connect(server.url))
    assert (document["state"], document["error"]) == ("failed", reason)
    assert document["fields"] == []
    assert document["fetched_at"] is not None


@pytest.mark.parametrize("status", [404, 410])
def test_customer_whom_the_crm_does_not_know_is_no_failure(
    connect: Callable[..., Crm], status: int
) -> None:
    with CrmServer(lambda _asked: Answer(status, b"")) as server:
        crm = connect(server.url)
        documents = [shown(crm) for _ in range(5)]
        assert len(server.asked) == 1
    assert [one["state"] for one in documents] == ["ok", *["cached"] * 4]
    assert not documents[0]["found"]
    assert documents[0]["error"] == "такого клиента в CRM нет"


def test_redirect_on_the_same_host_is_followed(connect: Callable[..., Crm]) -> None:
    def behave(asked: Asked) -> Answer:
        if asked.path.endswith("/"):
            return Answer()
        return Answer(301, b"", {"Location": f"{asked.path}/"})

    with CrmServer(behave) as server:
        assert shown(connect(server.url))["state"] == "ok"
        assert server.asked[-1].headers["authorization"] == f"Bearer {SECRET}"


def test_nobody_listens(connect: Callable[..., Crm]) -> None:
    document = shown(connect(f"{refusing_url()}/{{customer_id}}"))
    assert document["error"] == "до CRM не удалось дозвониться"


@pytest.mark.parametrize(
    "answer",
    [Answer(trickles=True), Answer(trickles_head=True), Answer(wait_for=threading.Event())],
    ids=["body trickles", "head trickles", "says nothing"],
)
def test_whole_call_has_one_limit_however_slowly_bytes_come(
    connect: Callable[..., Crm], answer: Answer
) -> None:
    with CrmServer(lambda _asked: answer) as server:
        document = shown(connect(server.url, timeout_seconds=0.2))
    assert (document["state"], document["error"]) == ("timeout", "CRM не ответила за 0.2 с")


def test_connection_that_hangs_has_the_same_limit(connect: Callable[..., Crm]) -> None:
    with deaf_url() as url:
        document = shown(connect(f"{url}/{{customer_id}}", timeout_seconds=0.2))
    assert document["state"] == "timeout"


def test_slow_crm_is_pending_first_and_in_memory_for_the_next_look(
    connect: Callable[..., Crm],
) -> None:
    go = threading.Event()
    with CrmServer(lambda _asked: Answer(wait_for=go)) as server:
        crm = connect(server.url, patience_seconds=0.0)
        first = shown(crm)
        call = crm.look_up("c-17", "web").call
        assert call is not None
        go.set()
        call.result(10)
        second = shown(crm)
        assert len(server.asked) == 1
    assert (first["state"], first["error"]) == ("pending", "CRM ещё отвечает")
    assert first["fields"] == []
    assert second["state"] == "cached"
    assert second["fields"][0] == {"label": "tier", "value": "gold"}


def test_concurrent_looks_at_one_customer_make_one_call(connect: Callable[..., Crm]) -> None:
    go = threading.Event()
    with CrmServer(lambda _asked: Answer(wait_for=go)) as server:
        crm = connect(server.url)
        looks = [crm.look_up("c-17", "web") for _ in range(10)]
        go.set()
        states = {look.document(ContextWords("ru", UTC, NOW))["state"] for look in looks}
        assert states == {"ok"}
        assert len(server.asked) == 1


def test_card_is_asked_for_anew_after_its_time(connect: Callable[..., Crm], hands: Hands) -> None:
    with CrmServer() as server:
        crm = connect(server.url, cache_seconds=300.0)
        states = []
        for seconds in (0, 299, 301):
            hands.seconds = seconds
            states.append(shown(crm)["state"])
        assert states == ["ok", "cached", "ok"]
        assert len(server.asked) == 2


def test_failure_is_remembered_for_a_moment_only(connect: Callable[..., Crm], hands: Hands) -> None:
    with CrmServer(lambda _asked: Answer(500)) as server:
        crm = connect(server.url)
        assert shown(crm)["state"] == shown(crm)["state"] == "failed"
        assert len(server.asked) == 1
        server.behave = lambda _asked: Answer()
        hands.seconds = FAILURE_SECONDS + 1
        assert shown(crm)["state"] == "ok"


def test_crm_that_fails_again_and_again_is_left_alone_and_tried_later(
    connect: Callable[..., Crm], hands: Hands
) -> None:
    with CrmServer(lambda _asked: Answer(503)) as server:
        crm = connect(server.url)
        for number in range(3):
            shown(crm, f"c-{number}")
        document = shown(crm, "c-9")
        assert len(server.asked) == 3
        assert document["state"] == "failed"
        assert document["error"] == "CRM не отвечает, пока не спрашиваем"
        server.behave = lambda _asked: Answer()
        hands.seconds = 60
        assert shown(crm, "c-9")["state"] == "ok"


def test_unknown_customers_do_not_make_the_crm_look_dead(connect: Callable[..., Crm]) -> None:
    with CrmServer(lambda _asked: Answer(404)) as server:
        crm = connect(server.url)
        for number in range(10):
            shown(crm, f"c-{number}")
        assert len(server.asked) == 10


def test_memory_is_bounded(connect: Callable[..., Crm]) -> None:
    with CrmServer() as server:
        crm = connect(server.url)
        for number in range(MOST_KEPT + 5):
            shown(crm, f"c-{number}")
        assert shown(crm, f"c-{MOST_KEPT + 4}")["state"] == "cached"
        assert shown(crm, "c-0")["state"] == "ok"


def test_deleted_customer_is_forgotten_also_while_he_is_asked_for(
    connect: Callable[..., Crm],
) -> None:
    go = threading.Event()
    with CrmServer() as server:
        crm = connect(server.url)
        shown(crm)
        crm.forget("c-17")
        assert shown(crm)["state"] == "ok"
        crm.forget("c-17")
        server.behave = lambda _asked: Answer(wait_for=go)
        call = crm.look_up("c-17", "web").call
        crm.forget("c-17")
        go.set()
        assert call is not None
        call.result(10)
        assert shown(crm)["state"] == "ok"
        assert len(server.asked) == 4


def test_cookies_of_the_crm_are_not_sent_back(connect: Callable[..., Crm]) -> None:
    with CrmServer(lambda _asked: Answer(headers={"Set-Cookie": "who=c-1; Path=/"})) as server:
        crm = connect(server.url)
        shown(crm, "c-1")
        shown(crm, "c-2")
        assert "cookie" not in server.asked[1].headers


def test_reasons_are_in_the_operators_language(connect: Callable[..., Crm]) -> None:
    with CrmServer(lambda _asked: Answer(401)) as server:
        document = shown(connect(server.url), lang="en")
    assert document["error"] == "the CRM did not take the key (status 401)"
