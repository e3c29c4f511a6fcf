"""The chain that the settings describe."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from assistant.language_models.streaming import Price, warn_of_unknown
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.wiring import build_model_chain
from tests.assistant.language_models.conftest import ANSWER, KEY, Serve, request, whole
from tests.conftest import Clock
from tests.support.misbehaving_provider import says, status

pytestmark = pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[call-arg,arg-type]


def test_without_a_model_there_is_no_chain() -> None:
    assert build_model_chain(settings(llm_fallback_model="openai/second"), None) is None


def test_models_are_asked_in_order_and_calls_are_kept_in_the_store(
    serve: Serve, database_url: str, clock: Clock
) -> None:
    first, second = serve([status(500)]), serve([says(ANSWER, usage=(1000, 100))])
    store = DialogStore(Database(database_url), clock)
    chain = build_model_chain(
        settings(
            llm_model="openai/first",
            llm_api_base=first.url,
            llm_api_key=KEY,
            llm_fallback_model="openai/second",
            llm_fallback_api_base=second.url,
            llm_fallback_api_key="another-key-0123",
            llm_fallback_price_in=1.0,
            llm_fallback_price_out=10.0,
        ),
        store,
    )
    assert chain is not None
    made, calls = chain.first_good(request(30), whole)
    assert made == ANSWER
    assert [call.outcome.value for call in calls] == ["failed", "ok"]
    assert second.requests[0].headers["authorization"] == "Bearer another-key-0123"
    assert store.spent("d-1").tokens == 1100
    assert store.spent("d-1").usd == pytest.approx(0.002)
    assert KEY not in repr(chain)


def test_same_model_at_two_addresses_has_two_names() -> None:
    chain = build_model_chain(settings(llm_model="openai/m", llm_fallback_model="openai/m"), None)
    assert chain is not None
    assert chain.names == ("openai/m", "openai/m (fallback)")


def test_price_of_the_settings_is_that_of_the_model() -> None:
    def price(**given: object) -> Price | None:
        chain = build_model_chain(settings(llm_model="openai/m", **given), None)
        assert chain is not None
        found: Price | None = chain.models[0].price  # type: ignore[attr-defined]
        return found

    assert price(llm_price_in=0.0, llm_price_out=0.0) == Price(0, 0)
    assert price(llm_price_in="", llm_price_out="") is None


def test_limits_are_those_of_the_settings() -> None:
    chain = build_model_chain(settings(llm_model="openai/m"), None)
    assert chain is not None
    assert chain.budget.limits.tokens_per_dialog == 60_000
    assert (chain.budget.limits.tokens_per_day, chain.budget.limits.usd_per_day) == (0, 0)


def test_model_of_no_provider_is_told_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    warn_of_unknown(["openai/anything", "nosuchmodel", "ollama_chat/qwen3"])
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["nosuchmodel"]
