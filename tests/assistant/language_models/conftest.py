"""A chain over providers on loopback, and requests to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from assistant.language_models.asking import CallOutcome, Deadline, ModelCall, ModelRequest
from assistant.language_models.budget import Budget, Limits
from assistant.language_models.chain import ModelChain
from assistant.language_models.ledger import Ledger, MemoryLedger
from assistant.language_models.streaming import Price, StreamingModel, Streams, warm_up
from assistant.llm import LanguageModel
from tests.support.misbehaving_provider import MisbehavingProvider, Script

KEY = "very-secret-0123456789"
QUESTION = "Сколько хранится заказ?"
ANSWER = "Заказ хранится четырнадцать дней, потом мы вернём его на склад."
PRICE = Price(prompt=0.4, completion=1.6)
HUNG_SECONDS = 20.0
"""Far more than any call may take, far less than a provider hangs."""
Serve = Callable[[Script], MisbehavingProvider]


class Turned:
    """A monotonic clock that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def request(
    seconds: float = 1.0,
    *,
    stop: threading.Event | None = None,
    dialog_id: str | None = "d-1",
    schema: dict | None = None,
    max_tokens: int = 100,
) -> ModelRequest:
    """A question of a customer."""
    return ModelRequest(
        purpose="draft",
        messages=[{"role": "system", "content": "кратко"}, {"role": "user", "content": QUESTION}],
        max_tokens=max_tokens,
        deadline=Deadline(seconds),
        schema=schema,
        dialog_id=dialog_id,
        stop=stop or threading.Event(),
    )


def model_at(url: str, name: str = "openai/first", price: Price | None = PRICE) -> StreamingModel:
    """A real model behind an address."""
    return StreamingModel(LanguageModel(name, url, SecretStr(KEY)), price)


def chain_of(
    *models: Streams, limits: Limits | None = None, ledger: Ledger | None = None, **around: object
) -> ModelChain:
    """A chain without limits and with its calls in memory, unless said otherwise."""
    budget = Budget(limits or Limits(), ledger or MemoryLedger())
    return ModelChain(models, budget, **around)  # type: ignore[arg-type]


def whole(pieces: Iterator[str]) -> str:
    """The whole reply: what the simplest `use` makes of it."""
    return "".join(pieces)


def outcomes_of(calls: tuple[ModelCall, ...]) -> list[CallOutcome]:
    return [call.outcome for call in calls]


@pytest.fixture(scope="session")
def warmed_up() -> None:
    """Importing litellm takes seconds; what is tested are providers."""
    warm_up().result(60)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts providers and ends them after the test."""
    running: list[MisbehavingProvider] = []

    def start(script: Script) -> MisbehavingProvider:
        running.append(MisbehavingProvider(script).__enter__())
        return running[-1]

    yield start
    for provider in running:
        provider.close()
