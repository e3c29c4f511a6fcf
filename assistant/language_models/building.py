"""The language models that the settings name, in their order, with their budget."""

from __future__ import annotations

import importlib.util
from zoneinfo import ZoneInfo

from assistant.errors import SettingsError
from assistant.language_models.budget import Budget, Limits
from assistant.language_models.chain import ModelChain
from assistant.language_models.ledger import CarefulLedger, Ledger, MemoryLedger
from assistant.language_models.streaming import Price, StreamingModel
from assistant.llm import LanguageModel
from assistant.settings import Settings


def build_model_chain(settings: Settings, store: Ledger | None) -> ModelChain | None:
    """The language models that the settings name, with their budget; None where they name none.
    Without a store the budget is counted in memory. Raises SettingsError where litellm is not
    installed."""
    return _chain(settings, _models(settings), store) if settings.llm_model else None


def build_judge_chain(settings: Settings, store: Ledger | None) -> ModelChain | None:
    """The model that gives a second opinion on written sentences, on the same budget; None where
    the settings name none. Raises SettingsError where litellm is not installed."""
    if not settings.llm_model or not settings.llm_judge_model:
        return None
    judge = LanguageModel(
        settings.llm_judge_model,
        settings.llm_judge_api_base,
        settings.llm_judge_api_key,
        settings.llm_timeout_seconds,
    )
    return _chain(settings, (StreamingModel(judge, None),), store)


def _chain(
    settings: Settings, models: tuple[StreamingModel, ...], store: Ledger | None
) -> ModelChain:
    if importlib.util.find_spec("litellm") is None:
        raise SettingsError(
            "SOUFFLEUR_LLM_MODEL needs the extra packages: pip install souffleur[models]"
        )
    limits = Limits(
        settings.llm_tokens_per_dialog, settings.llm_tokens_per_day, settings.llm_usd_per_day
    )
    ledger = CarefulLedger(store) if store is not None else MemoryLedger()
    budget = Budget(limits, ledger, ZoneInfo(settings.support_timezone))
    return ModelChain(models, budget)


def _models(settings: Settings) -> tuple[StreamingModel, ...]:
    timeout = settings.llm_timeout_seconds
    first = StreamingModel(
        LanguageModel(settings.llm_model, settings.llm_api_base, settings.llm_api_key, timeout),
        _price(settings.llm_price_in, settings.llm_price_out),
    )
    name = settings.llm_fallback_model
    if not name:
        return (first,)
    second = StreamingModel(
        LanguageModel(name, settings.llm_fallback_api_base, settings.llm_fallback_api_key, timeout),
        _price(settings.llm_fallback_price_in, settings.llm_fallback_price_out),
        # The same model at another address: metrics and circuits tell the two apart.
        label=f"{name} (fallback)" if name == first.name else "",
    )
    return first, second


def _price(prompt: float | None, completion: float | None) -> Price | None:
    return Price(prompt, completion) if prompt is not None and completion is not None else None
