"""The context of a stored dialog, on both databases, with whatever the CRM does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.domain import (
    Action,
    AuthorKind,
    Customer,
    IncomingMessage,
    Intent,
    IntentLabel,
    Owner,
)
from assistant.errors import NotFoundError
from assistant.operator_context.contexts import OperatorContexts
from assistant.operator_context.crm import Crm
from assistant.operator_context.crm_address import CrmAddress
from assistant.privacy.masker import Masker
from assistant.store.dialogs import DialogStore
from assistant.ticket_news import TicketNews
from tests.assistant.conftest import document, handoff_to, post
from tests.conftest import Clock
from tests.support.crm_server import Answer, CrmServer

MASKER = Masker()
MOSCOW = ZoneInfo("Europe/Moscow")
ANNA = Customer(id="c-17", name="Анна", segment="vip", attributes={"last_order": "10432"})
SURE = {label: float(label is IntentLabel.QUESTION) for label in IntentLabel}


def intents(texts: Any) -> list[Intent]:
    """All questions."""
    return [Intent(IntentLabel.QUESTION, SURE) for _ in texts]


def contexts_of(store: DialogStore, clock: Clock, crm: Crm | None = None) -> OperatorContexts:
    return OperatorContexts(store, intents, MASKER, MOSCOW, crm=crm, now=clock)


@pytest.fixture
def contexts(store: DialogStore, clock: Clock) -> OperatorContexts:
    return contexts_of(store, clock)


def write(
    store: DialogStore,
    text: str,
    dialog_id: str | None = None,
    customer: Customer = ANNA,
    channel: str = "web",
) -> Any:
    """A message of a customer that nobody has answered yet."""
    incoming = IncomingMessage(text, dialog_id=dialog_id, customer=customer, channel=channel)
    return store.receive(incoming, text, "ru")


def handed_over(store: DialogStore, *texts: str, **around: Any) -> str:
    """A dialog whose last message was handed over, those before answered; returns its id."""
    dialog_id: str | None = None
    for text in texts[:-1]:
        received = write(store, text, dialog_id, **around)
        dialog_id = received.dialog.dialog_id
        post(store, received)
    received = write(store, texts[-1], dialog_id, **around)
    handoff = handoff_to("returns") | {"priority": "high", "passages": []}
    post(store, received, owner=Owner.WAITING, handoff=handoff)
    return str(received.dialog.dialog_id)


def test_handed_over_dialog_is_told_whole(
    store: DialogStore, contexts: OperatorContexts, clock: Clock
) -> None:
    dialog_id = handed_over(store, "Как вернуть куртку?", "А если потерял чек, заказ 10432?")
    clock.turn(minutes=5)
    context = contexts.of_dialog(dialog_id, "ru")
    assert context["summary"].split("\n")[1] == (
        "Вопрос: «А если потерял чек, заказ 10432?» (после «Как вернуть куртку?»)"
    )
    assert context["intent"]["label"] == "question"
    assert [(one["text"], one["answered_by"], one["open"]) for one in context["asked_already"]] == [
        ("Как вернуть куртку?", "bot", False),
        ("А если потерял чек, заказ 10432?", None, True),
    ]
    assert context["asked_already"][0]["article_ids"] == ["a-1"]
    assert [(one["label"], one["value"]) for one in context["given"]] == [("номер заказа", "10432")]
    assert context["tried"][0] | {"score": None} == {
        "article_id": "a-1",
        "title": "т",
        "url": None,
        "score": None,
        "shown": True,
    }
    assert context["handoff"]["reason_in_words"] == "клиент просит человека"
    assert (context["handoff"]["queue"], context["handoff"]["priority"]) == ("returns", "high")
    assert context["handoff"]["waited_seconds"] == 300
    assert context["customer"]["told"]["name"] == "Анна"
    assert context["customer"]["channels"] == ["web"]
    assert context["customer"]["crm"]["state"] == "off"
    json.dumps(context)


def test_earlier_dialogs_of_all_channels_come_newest_first_with_their_outcome(
    store: DialogStore, contexts: OperatorContexts, clock: Clock
) -> None:
    old = handed_over(store, "Где мой заказ?", channel="telegram")
    store.take(old, "op-1", "Олег")
    store.resolve(old, "op-1")
    clock.turn(hours=30)
    received = write(store, "Как удалить аккаунт?", channel="vk")
    post(store, received)
    clock.turn(hours=1)
    now = handed_over(store, "Баллы пропали")
    handed_over(store, "Чужое", customer=Customer(id="c-99"))
    context = contexts.of_dialog(now, "ru")
    assert [
        (one["channel"], one["topic"], one["outcome_in_words"], one["day"])
        for one in context["previous_dialogs"]
    ] == [
        ("vk", "Как удалить аккаунт?", "отвечал только бот", "03.03.2026"),
        ("telegram", "Где мой заказ?", "закрыт оператором", "02.03.2026"),
    ]
    assert context["customer"]["channels"] == ["web", "vk", "telegram"]
    assert "Чужое" not in json.dumps(context, ensure_ascii=False)


def test_at_most_ten_earlier_dialogs_are_told(
    store: DialogStore, contexts: OperatorContexts
) -> None:
    for number in range(12):
        handed_over(store, f"Где заказ {number}?")
    assert len(contexts.of_dialog(handed_over(store, "Баллы?"), "ru")["previous_dialogs"]) == 10


def test_open_tickets_of_earlier_dialogs_are_told_beside_this_ones(
    store: DialogStore, contexts: OperatorContexts
) -> None:
    before, now = handed_over(store, "Где мой заказ?"), handed_over(store, "Баллы пропали")
    news = TicketNews(MOSCOW, "Бот")
    for dialog_id in (before, now):
        store.open_ticket(
            dialog_id, subject="тема", expected_at=None, operator_id="op-1", news=news
        )
    context = contexts.of_dialog(now, "ru")
    assert context["ticket"]["dialog_id"] == now
    assert [one["dialog_id"] for one in context["open_tickets"]] == [before]


def test_dialog_opened_again_tells_only_the_new_question(
    store: DialogStore, contexts: OperatorContexts
) -> None:
    dialog_id = handed_over(store, "Где мой заказ?")
    store.take(dialog_id, "op-1", "Олег")
    store.resolve(dialog_id, "op-1")
    write(store, "Как удалить аккаунт?", dialog_id)
    context = contexts.of_dialog(dialog_id, "ru")
    assert "Как удалить аккаунт?" in context["summary"]
    assert "Где мой заказ?" not in context["summary"]
    assert [one["past"] for one in context["asked_already"]] == [True, False]


def test_answer_called_wrong_by_an_operator_leaves_the_question_open(
    store: DialogStore, contexts: OperatorContexts
) -> None:
    received = write(store, "Как вернуть куртку?")
    post(store, received)
    dialog_id = received.dialog.dialog_id
    mark = store.judge(dialog_id, received.message_id, right=False, operator_id="op-1")
    assert contexts.of_dialog(dialog_id, "ru")["asked_already"][0]["open"]
    store.take_back(dialog_id, mark["verdict_id"])
    assert not contexts.of_dialog(dialog_id, "ru")["asked_already"][0]["open"]


def test_operators_words_are_told_with_his_name(
    store: DialogStore, contexts: OperatorContexts
) -> None:
    dialog_id = handed_over(store, "Где мой заказ?")
    store.take(dialog_id, "op-1", "Олег")
    store.add_operator_message(dialog_id, "op-1", "Олег", "Подскажите номер заказа?")
    context = contexts.of_dialog(dialog_id, "ru")
    assert "Олег: «Подскажите номер заказа?»" in context["summary"]
    assert [(one["by"], one["kinds"], one["answered"]) for one in context["asked_by_us"]] == [
        ("operator", ["order"], False)
    ]


def test_contact_that_he_took_back_is_told_no_longer(
    store: DialogStore, contexts: OperatorContexts
) -> None:
    dialog_id = handed_over(store, "мой телефон +7 916 123-45-67")
    before = contexts.of_dialog(dialog_id, "ru")
    assert before["customer"]["contact"] == {"kind": "phone", "value": "+7 916 123-45-67"}
    write(store, "передумал, не звоните мне", dialog_id)
    after = contexts.of_dialog(dialog_id, "ru")
    assert after["customer"]["contact"] is None
    assert after["given"] == []
    assert "916" not in after["summary"]


def test_dialog_that_is_not_there_is_an_error(contexts: OperatorContexts) -> None:
    with pytest.raises(NotFoundError, match="d-none"):
        contexts.of_dialog("d-none", "ru")


def test_lines_of_a_dialog_hold_what_was_kept_beside_them(store: DialogStore) -> None:
    received = write(store, "Как вернуть куртку?")
    looked_at = [{"article_id": "a-2", "title": "т2", "url": None, "score": 0.5}]
    turn = received.turn
    store.post_reply(
        turn,
        document(received) | {"suggested_articles": looked_at},
        new_owner=Owner.BOT,
        handoff=None,
        silent_reply=document(received, Action.SILENT),
    )
    question, answer = store.lines(received.dialog.dialog_id)
    assert (question.author, question.text) == (AuthorKind.CUSTOMER, "Как вернуть куртку?")
    assert list(question.looked_at) == looked_at
    assert (answer.author, answer.action) == (AuthorKind.BOT, Action.ANSWER)
    assert answer.citations[0]["article_id"] == "a-1"
    with pytest.raises(NotFoundError):
        store.lines("d-none")


def test_messages_that_are_kept_nowhere_have_their_context_too(
    contexts: OperatorContexts,
) -> None:
    context = contexts.of_messages(
        [
            {"author": "customer", "text": "Где заказ 10432?"},
            {"author": "bot", "text": "Передаю оператору."},
            {"author": "operator", "text": "На какую почту вам написать?"},
        ],
        "en",
    )
    assert context["summary"].split("\n")[0] == "Question: “Где заказ 10432?”"
    assert context["asked_by_us"][0]["kinds"] == ["email"]
    assert context["intent"] == {
        "label": "question",
        "probabilities": {"complaint": 0.0, "question": 1.0, "thanks": 0.0},
    }
    assert (context["handoff"], context["ticket"], context["previous_dialogs"]) == (None, None, [])
    assert set(context) == set(CONTEXT)


CONTEXT = [
    "summary",
    "customer",
    "intent",
    "asked_already",
    "given",
    "asked_by_us",
    "previous_dialogs",
    "tried",
    "handoff",
    "ticket",
    "open_tickets",
    "rating",
]


def test_context_of_a_dialog_has_the_same_parts(
    store: DialogStore, contexts: OperatorContexts
) -> None:
    assert set(contexts.of_dialog(handed_over(store, "Где мой заказ?"), "ru")) == set(CONTEXT)


def test_no_messages_have_an_empty_context(contexts: OperatorContexts) -> None:
    context = contexts.of_messages([], "ru")
    assert (context["summary"], context["intent"]) == ("", None)


@pytest.fixture
def crm_of(clock: Clock) -> Callable[[CrmServer], Crm]:
    """A CRM that is not waited for."""
    return lambda server: Crm(CrmAddress(server.url), patience_seconds=0.0, now=clock)


def test_slow_crm_holds_nothing_up_and_its_card_is_there_at_the_next_ask(
    store: DialogStore, clock: Clock, crm_of: Callable[[CrmServer], Crm]
) -> None:
    go = threading.Event()
    with CrmServer(lambda _asked: Answer(wait_for=go)) as server:
        crm = crm_of(server)
        contexts = contexts_of(store, clock, crm)
        dialog_id = handed_over(store, "Где мой заказ?")
        first = contexts.of_dialog(dialog_id, "ru")
        assert first["customer"]["crm"]["state"] == "pending"
        assert first["summary"]
        call = crm.look_up("c-17", "web").call
        go.set()
        assert call is not None
        call.result(10)
        card = contexts.of_dialog(dialog_id, "ru")["customer"]["crm"]
        assert (card["state"], card["fields"][0]) == ("cached", {"label": "tier", "value": "gold"})
        contexts.forget("c-17")
        assert contexts.of_dialog(dialog_id, "ru")["customer"]["crm"]["state"] != "cached"
        crm.close()


def test_visitor_without_an_id_is_asked_for_nowhere(
    store: DialogStore, clock: Clock, crm_of: Callable[[CrmServer], Crm]
) -> None:
    with CrmServer() as server:
        contexts = contexts_of(store, clock, crm_of(server))
        dialog_id = handed_over(store, "Где мой заказ?", customer=Customer(anonymous_id="v-1"))
        card = contexts.of_dialog(dialog_id, "ru")["customer"]["crm"]
        assert (card["state"], card["error"]) == ("off", "клиент не назван, искать в CRM некого")
        assert server.asked == []
