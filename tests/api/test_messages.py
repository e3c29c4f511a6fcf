"""The reply object of the contract, field by field, from a real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.conftest import QUESTION, Ask, is_problem, new_id

FIELDS = {
    "dialog_id",
    "message_id",
    "owner",
    "intent",
    "action",
    "confidence",
    "reply",
    "handoff",
    "suggested_articles",
    "trace",
}
REASONS = {
    "low_confidence",
    "no_evidence",
    "complaint",
    "customer_request",
    "repeated",
    "not_grounded",
    "unsafe",
    "outage",
    "out_of_scope",
}
EACH_ACTION = {
    "answer": QUESTION,
    "clarify": "https://example.com/page",
    "acknowledge": "спасибо большое, помогло",
    "handoff": "позовите оператора",
}


@pytest.fixture(params=EACH_ACTION.items(), ids=EACH_ACTION)
def reply(request: pytest.FixtureRequest, ask: Ask) -> dict[str, Any]:
    """A reply of each action that the bot may take by itself."""
    action, text = request.param
    document = ask(text)
    assert document["action"] == action
    return document


def test_reply_holds_every_field_of_the_contract(reply: dict[str, Any]) -> None:
    assert set(reply) >= FIELDS


def test_ids_are_given(reply: dict[str, Any]) -> None:
    for name in ("dialog_id", "message_id"):
        assert isinstance(reply[name], str)
        assert reply[name]


def test_owner_follows_from_the_action(reply: dict[str, Any]) -> None:
    assert reply["owner"] == ("waiting" if reply["action"] == "handoff" else "bot")


def test_intent_has_three_probabilities_that_sum_to_one(reply: dict[str, Any]) -> None:
    shares = reply["intent"]["probabilities"]
    assert sorted(shares) == ["complaint", "question", "thanks"]
    assert sum(shares.values()) == pytest.approx(1, abs=0.001)
    assert reply["intent"]["label"] == max(shares, key=shares.__getitem__)


def test_confidence_is_given_with_an_answer_only(reply: dict[str, Any]) -> None:
    if reply["action"] == "answer":
        assert 0 <= reply["confidence"] <= 1
    else:
        assert reply["confidence"] is None


def test_bot_signs_and_discloses(reply: dict[str, Any]) -> None:
    author = reply["reply"]["author"]
    assert author["kind"] == "bot"
    assert author["name"]
    assert "бот" in author["disclosure"].lower()
    assert reply["reply"]["text"]


def test_only_answers_cite(reply: dict[str, Any]) -> None:
    citations = reply["reply"]["citations"]
    assert bool(citations) is (reply["action"] == "answer")
    for citation in citations:
        assert set(citation) >= {"article_id", "title", "url", "quote"}


def test_button_to_a_person_is_offered_while_it_makes_sense(reply: dict[str, Any]) -> None:
    buttons = reply["reply"]["quick_replies"]
    offered = [button["id"] for button in buttons]
    assert offered == (["handoff"] if reply["action"] in ("answer", "clarify") else [])
    assert all(button["label"] for button in buttons)


def test_handoff_is_given_with_that_action_only(reply: dict[str, Any]) -> None:
    handoff = reply["handoff"]
    assert (handoff is not None) is (reply["action"] == "handoff")
    if handoff:
        assert handoff["reason"] in REASONS
        assert handoff["queue"]
        assert handoff["summary"]
        assert isinstance(handoff["operators_online"], bool)
        assert "expected_wait_minutes" in handoff


def test_suggested_articles_are_scored_best_first(reply: dict[str, Any]) -> None:
    articles = reply["suggested_articles"]
    assert len(articles) <= 3
    scores = [article["score"] for article in articles]
    assert scores == sorted(scores, reverse=True)
    for article in articles:
        assert set(article) >= {"article_id", "title", "url", "score"}
        assert 0 <= article["score"] <= 1


def test_trace_names_what_was_used(reply: dict[str, Any]) -> None:
    trace = reply["trace"]
    assert trace["id"]
    assert trace["index_snapshot"]
    assert trace["prompt_versions"]
    assert all(spent >= 0 for spent in trace["timings_ms"].values())


def test_quote_stands_word_for_word_in_its_article(ask: Ask, built: tuple) -> None:
    knowledge = built[1].library.current()
    for citation in ask()["reply"]["citations"]:
        article = knowledge.articles[citation["article_id"]]
        assert citation["quote"] in article.text
        assert (citation["title"], citation["url"]) == (article.title, article.url)


def test_client_ids_are_kept(ask: Ask) -> None:
    dialog_id, message_id = new_id(), new_id("m")
    document = ask(dialog_id=dialog_id, message_id=message_id)
    assert (document["dialog_id"], document["message_id"]) == (dialog_id, message_id)


def test_token_comes_with_the_first_reply_only(ask: Ask) -> None:
    first = ask()
    assert first["dialog_token"]
    assert "dialog_token" not in ask("спасибо", dialog_id=first["dialog_id"])


def test_repeated_first_message_brings_reply_and_token_again(ask: Ask) -> None:
    message_id = new_id("m")
    assert ask(message_id=message_id) == ask(message_id=message_id)


def test_equal_messages_at_once_get_one_reply(ask: Ask, client: httpx.Client) -> None:
    dialog_id, message_id = new_id(), new_id("m")
    with ThreadPoolExecutor(8) as pool:
        replies = list(
            pool.map(lambda _: ask(dialog_id=dialog_id, message_id=message_id), range(8))
        )
    traces = {reply["trace"]["id"] for reply in replies}
    messages = client.get(f"/v1/dialogs/{dialog_id}").json()["messages"]
    assert len(traces) == 1
    assert [message["author"]["kind"] for message in messages] == ["customer", "bot"]


def test_equal_first_messages_at_once_open_one_dialog(ask: Ask) -> None:
    message_id = new_id("m")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: ask(message_id=message_id), range(8)))
    assert all(reply == replies[0] for reply in replies)


def test_message_id_with_another_text_is_409(ask: Ask, client: httpx.Client) -> None:
    body = {"dialog_id": new_id(), "message_id": "m-1"}
    ask(**body)
    response = client.post("/v1/messages", json={"text": "другое", **body})
    is_problem(response, 409, "message_id_reused")


def test_customer_is_kept_with_the_dialog(ask: Ask, client: httpx.Client) -> None:
    customer = {
        "id": "c-17",
        "name": "Анна",
        "segment": "vip",
        "attributes": {"last_order": "10432", "deep": {"list": [1, None, True]}},
    }
    dialog_id = ask(customer=customer)["dialog_id"]
    assert client.get(f"/v1/dialogs/{dialog_id}").json()["customer"] == {
        **customer,
        "anonymous_id": None,
    }


@pytest.mark.parametrize(("locale", "word"), [("ru", "бот"), ("en", "bot"), ("en-US", "bot")])
def test_locale_decides_where_the_text_has_no_letters(ask: Ask, locale: str, word: str) -> None:
    assert word in ask("???", locale=locale)["reply"]["author"]["disclosure"].lower()


def test_unknown_fields_are_let_through(ask: Ask) -> None:
    assert ask(widget_version="9", customer={"id": "c", "shoe_size": 43})["action"] == "answer"


def test_null_means_not_given(ask: Ask) -> None:
    fields = ("dialog_id", "message_id", "locale", "customer")
    assert ask(**dict.fromkeys(fields))["dialog_id"]


def test_dialog_shows_messages_with_author_and_intent(ask: Ask, client: httpx.Client) -> None:
    dialog_id = ask()["dialog_id"]
    view = client.get(f"/v1/dialogs/{dialog_id}").json()
    customer, bot = view["messages"]
    assert set(view) >= {"owner", "handoff", "ticket", "csat", "hints_used"}
    assert customer["intent"]["label"] == "question"
    assert customer["author"]["disclosure"] is None
    assert "бот" in bot["author"]["disclosure"].lower()
    assert bot["citations"]


def test_dialog_after_a_number_shows_only_what_came_later(ask: Ask, client: httpx.Client) -> None:
    dialog_id = ask()["dialog_id"]
    seen = client.get(f"/v1/dialogs/{dialog_id}").json()["messages"][0]["seq"]
    later = client.get(f"/v1/dialogs/{dialog_id}", params={"after": seen}).json()["messages"]
    assert [message["author"]["kind"] for message in later] == ["bot"]


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        '"><script>alert(document.cookie)</script>',
        "</textarea><svg onload=alert(1)>",
    ],
)
def test_markup_comes_back_as_the_text_it_was_in_json(
    ask: Ask, client: httpx.Client, text: str
) -> None:
    dialog_id = ask(text, customer={"name": text})["dialog_id"]
    response = client.get(f"/v1/dialogs/{dialog_id}")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json()["messages"][0]["text"] == text
    assert text not in response.json()["messages"][1]["text"]
