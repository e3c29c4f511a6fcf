"""What goes out over a real wire, and what is counted of what comes back."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.assistant.language_models.conftest import (
    ANSWER,
    KEY,
    QUESTION,
    Serve,
    chain_of,
    model_at,
    request,
    whole,
)
from tests.support.misbehaving_provider import half, says

# Not importorskip: imported before it is made quiet, litellm asks the net for prices.
pytestmark = [
    pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed"),
    pytest.mark.usefixtures("warmed_up"),
]


def test_what_is_asked_goes_out_with_the_key_and_the_schema(serve: Serve) -> None:
    schema = {"type": "object", "properties": {"action": {"type": "string"}}}
    provider = serve([says('{"action": "answer"}')])
    chain_of(model_at(provider.url)).first_good(request(10, schema=schema), whole)
    (asked,) = provider.requests
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["messages"][1]["content"] == QUESTION
    assert (asked.body["model"], asked.body["max_tokens"]) == ("first", 100)
    assert (asked.body["stream"], asked.body["stream_options"]) == (True, {"include_usage": True})
    form = asked.body["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"]["properties"] == schema["properties"]


def test_tokens_and_cost_are_the_providers(serve: Serve) -> None:
    provider = serve([says(ANSWER, usage=(1000, 100))])
    _, calls = chain_of(model_at(provider.url)).first_good(request(10), whole)
    assert (calls[0].prompt_tokens, calls[0].completion_tokens) == (1000, 100)
    assert calls[0].cost_usd == pytest.approx((1000 * 0.4 + 100 * 1.6) / 1e6)
    assert calls[0].milliseconds > 0


def test_tokens_are_counted_where_the_provider_does_not_say(serve: Serve) -> None:
    provider = serve([says(ANSWER, usage=None)])
    _, calls = chain_of(model_at(provider.url)).first_good(request(10), whole)
    assert 10 <= calls[0].prompt_tokens <= 40
    assert 10 <= calls[0].completion_tokens <= 40


def test_reply_that_was_not_finished_is_counted_as_far_as_it_came(serve: Serve) -> None:
    provider = serve([half(ANSWER, "hang")])
    _, calls = chain_of(model_at(provider.url)).first_good(request(0.5), whole)
    assert 10 <= calls[0].prompt_tokens <= 40
    assert 5 <= calls[0].completion_tokens <= 20


@pytest.mark.parametrize(
    ("name", "known"), [("openai/gpt-4.1-mini", True), ("openai/nobody-knows-it", False)]
)
def test_price_is_litellms_where_it_knows_the_model(serve: Serve, name: str, known: bool) -> None:
    provider = serve([says(ANSWER, usage=(1000, 100))])
    _, calls = chain_of(model_at(provider.url, name, None)).first_good(request(10), whole)
    assert calls[0].cost_usd == (pytest.approx(0.00056) if known else None)
