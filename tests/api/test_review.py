"""`POST /v1/hints/review` as the console calls it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import KEYS, Ask, client_of, is_problem, new_id
from tests.conftest import Server


def review(client: httpx.Client, draft: str, **fields: object) -> list[dict[str, Any]]:
    response = client.post("/v1/hints/review", json={"draft": draft, **fields})
    assert response.status_code == 200, response.text
    advice: list[dict[str, Any]] = response.json()["advice"]
    return advice


def test_advice_has_the_fields_of_the_contract(client: httpx.Client) -> None:
    draft = "Мы ценим ваш выбор! Доставка завтра."
    (advice,) = review(client, draft, intent="question")
    assert set(advice) == {"code", "severity", "span", "text", "suggestion"}
    assert advice["code"] == "hollow"
    assert advice["severity"] == "medium"
    assert draft[slice(*advice["span"])] == "Мы ценим ваш выбор!"


def test_a_fine_draft_gets_an_empty_list(client: httpx.Client) -> None:
    assert review(client, "Заказ уже в пункте, забрать можно до пятницы.") == []
    assert review(client, "") == []


def test_a_dialog_gives_what_the_customer_said(client: httpx.Client, ask: Ask) -> None:
    reply = ask("Где мой заказ 10432?", dialog_id=new_id())
    (advice,) = review(client, "Назовите номер заказа?", dialog_id=reply["dialog_id"])
    assert advice["code"] == "already_answered"
    assert "10432" in advice["text"]


def test_a_dialog_gives_the_intent_of_its_latest_message(client: httpx.Client, ask: Ask) -> None:
    reply = ask(
        "Отвратительный сервис, курьер нахамил и бросил коробку под дождём!", dialog_id=new_id()
    )
    assert reply["intent"]["label"] == "complaint"
    told = {"dialog_id": reply["dialog_id"]}
    assert [one["code"] for one in review(client, "Понимаю вас.", **told)] == ["no_next_step"]
    assert review(client, "Понимаю вас.", **told, intent="question") == []


def test_history_of_the_call_goes_before_the_dialogs(client: httpx.Client, ask: Ask) -> None:
    reply = ask("Как удалить аккаунт?", dialog_id=new_id())
    history = [{"author": "customer", "text": "мой номер 8 921 333-44-55"}]
    (advice,) = review(client, "Ваш номер телефона?", dialog_id=reply["dialog_id"], history=history)
    assert advice["code"] == "already_answered"


def test_without_an_intent_the_history_tells_it(client: httpx.Client) -> None:
    history = [{"author": "customer", "text": "Ужасно, третий раз привозите битую посуду!"}]
    assert [one["code"] for one in review(client, "Понимаю вас.", history=history)] == [
        "no_next_step"
    ]


def test_articles_of_the_knowledge_base_are_compared(client: httpx.Client) -> None:
    history = [{"author": "customer", "text": "Сколько действуют баллы?"}]
    (advice,) = review(client, "Баллы действуют 30 дней с даты начисления.", history=history)
    assert advice["code"] == "contradicts_article"
    assert advice["suggestion"] == "180 дней"


def test_reasons_follow_the_locale(client: httpx.Client) -> None:
    (english,) = review(client, "Мы ценим ваш выбор! Доставка завтра.", locale="en")
    assert english["text"].startswith("An empty phrase")


def test_an_unknown_dialog_is_not_found(client: httpx.Client) -> None:
    body = {"draft": "Да.", "dialog_id": "no-such-dialog"}
    is_problem(client.post("/v1/hints/review", json=body), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"draft": "а" * 4001},
        {"draft": "Да.", "intent": "praise"},
        {"draft": "Да.", "history": [{"author": "nobody", "text": "а"}]},
        {"draft": "Да.", "history": [{"author": "bot"}]},
        {"draft": "Да.", "history": [{"author": "human", "text": "а"}]},
    ],
)
def test_bad_bodies_are_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    assert client.post("/v1/hints/review", json=body).status_code == 422


def test_a_look_at_a_dialog_through_its_advice_is_in_the_audit_trail_once(
    client: httpx.Client, ask: Ask
) -> None:
    dialog_id = ask("Где заказ? Мой телефон +7 916 123-45-67", dialog_id=new_id())["dialog_id"]
    for draft in ("Подскажите ваш номер телефона", "Подскажите ваш номер телефона?"):
        review(client, draft, dialog_id=dialog_id)
    lines = client.get("/v1/audit", params={"limit": 200}).json()["lines"]
    found = [line["action"] for line in lines if line["dialog_id"] == dialog_id]
    assert found.count("hints.review") == 1


def test_authors_are_called_the_same_as_where_hints_are_asked_for(client: httpx.Client) -> None:
    said = [{"author": "human", "text": "Назовите номер заказа"}]
    for path, body in (
        ("/v1/hints", {"messages": said}),
        ("/v1/hints/review", {"draft": "Да.", "history": said}),
    ):
        assert client.post(path, json=body).status_code == 422


def test_half_a_character_is_refused(client: httpx.Client) -> None:
    response = client.post(
        "/v1/hints/review",
        content=b'{"draft": "half \\ud83d"}',
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 422


def test_only_operators_may_ask(guarded_server: Server) -> None:
    body = {"draft": "Да."}
    with client_of(guarded_server, KEYS["widget"]) as widget:
        assert widget.post("/v1/hints/review", json=body).status_code == 403
    with client_of(guarded_server, KEYS["operator"]) as operator:
        assert operator.post("/v1/hints/review", json=body).status_code == 200
