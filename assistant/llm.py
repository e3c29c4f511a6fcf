"""The one door to a language model: any that litellm knows, asked once for one reply.

litellm is in the optional packages `souffleur[models]` and is imported with the first question. It
is kept from fetching its price list, from printing, and from asking again by itself: whoever asks
decides whether to ask again. Keys stand in no error, no log and no repr.
"""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import httpx
from pydantic import SecretStr

from assistant.errors import (
    LanguageModelBusyError,
    LanguageModelError,
    LanguageModelRefusedError,
    LanguageModelTimeoutError,
    SettingsError,
)
from assistant.settings import Settings

Message = Mapping[str, str]
"""`role` (system, user or assistant) and `content`."""

_ENVIRONMENT = {
    # The price list would be fetched from the net.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    # Else it reads `.env` into the environment by itself.
    "LITELLM_MODE": "PRODUCTION",
}
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx", "httpcore")
"""Those of litellm itself, and of what it asks with: they log prompts, and addresses with keys."""
_LOOKS_LIKE_A_KEY = re.compile(r"\bsk-[\w*.-]+|(?<=Bearer )\S+", re.IGNORECASE)
_QUERY = re.compile(r"(://[^\s?'\"<>]*)?\?(?(1)|(?=[\w.~%-]+=))[^\s'\"<>]+")
"""The query string of an address, also of one without its host: Gemini has the key in it."""
_KEY_VARIABLES = ("_KEY", "_TOKEN", "_SECRET")
"""How the names of environment variables end that hold keys of providers."""
_SHORTEST_KEY = 6
"""A shorter value is no key, and would be found in words."""
_LONGEST_REASON = 300
_REFUSALS = (401, 402, 403, 404)
"""The key, the account, the right, or the model's name."""
_GATEWAY_FAILURES = (502, 503)
_BROKEN_CONNECTIONS = (ConnectionError, httpx.NetworkError, httpx.RemoteProtocolError)
"""Refused, reset, closed too early; not a time-out."""
_LONGEST_CHAIN = 20


class Completes(Protocol):
    """What answers a list of messages: a LanguageModel, or a double in tests."""

    @property
    def model(self) -> str:
        """Its name."""

    def complete(
        self, messages: Sequence[Message], max_tokens: int, temperature: float = 0, seed: int = 0
    ) -> str:
        """The reply. Raises LanguageModelError when there is none."""


@dataclass(frozen=True)
class LanguageModel:
    """A model by its litellm name, e.g. `openai/gpt-4.1-mini` or `ollama_chat/qwen3`. Safe to use
    from several threads."""

    model: str
    api_base: str = ""
    """Empty: the provider's own address."""
    api_key: SecretStr = field(default_factory=lambda: SecretStr(""))
    """Empty: the provider's own environment variable, e.g. OPENAI_API_KEY."""
    timeout_seconds: float = 60.0
    """How long to wait for the connection, and for each piece of the reply."""

    def complete(
        self, messages: Sequence[Message], max_tokens: int, temperature: float = 0, seed: int = 0
    ) -> str:
        """The model's reply to `messages`, of at most `max_tokens` tokens; asked once.

        `temperature` and `seed` are left out for models that do not take them. Raises SettingsError
        where litellm is not installed, LanguageModelBusyError, LanguageModelTimeoutError,
        LanguageModelRefusedError, or LanguageModelError for any other failure and an empty reply.
        """
        litellm = library()
        try:
            arguments = self.arguments(messages, max_tokens, temperature, seed)
            said = litellm.completion(**arguments).choices[0].message.content
        except Exception as error:  # noqa: BLE001 - raised again under a name of ours
            # Not chained: the words of what litellm raised may hold the key.
            raise self.named(error) from None
        if not isinstance(said, str) or not said.strip():
            raise LanguageModelError(f"{self.model}: the reply is empty (max_tokens {max_tokens})")
        return said

    def arguments(
        self, messages: Sequence[Message], max_tokens: int, temperature: float = 0, seed: int = 0
    ) -> dict[str, Any]:
        """What litellm's `completion` and `acompletion` are called with; holds the key."""
        return {
            "model": self.model,
            "messages": [dict(message) for message in messages],
            "api_base": self.api_base or None,
            "api_key": self.api_key.get_secret_value() or None,
            "timeout": self.timeout_seconds,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "seed": seed,
            "drop_params": True,
            "num_retries": 0,
            "max_retries": 0,
        }

    def named(self, error: Exception) -> LanguageModelError:
        """What litellm raised under a name of ours, in one line that holds no key. Its `brief` has
        no word of the server's; it knows whether asking again may help. Raise it `from None`: the
        original's words may hold the key."""
        ours = _named(library(), error)(f"{self.model}: {self._reason(error)}")
        ours.brief = f"{self.model}: {_kind(error)}"
        ours.may_ask_again = _may_ask_again(error)
        ours.retry_after_seconds = _retry_after(error)
        return ours

    def _reason(self, error: Exception) -> str:
        """What went wrong in one line that holds no key."""
        said = " ".join(str(error).split()) or type(error).__name__
        for key in _keys(self.api_key.get_secret_value()):
            said = said.replace(key, "***")
        said = _QUERY.sub(r"\1?***", said)
        return _LOOKS_LIKE_A_KEY.sub("***", said)[:_LONGEST_REASON]


def _keys(ours: str) -> list[str]:
    """Every key that may stand in an error, the longest first: one may begin with another."""
    found = {
        " ".join(value.split())
        for name, value in os.environ.items()
        if name.upper().endswith(_KEY_VARIABLES)
    }
    found = {key for key in found if len(key) >= _SHORTEST_KEY} | ({ours} if ours else set())
    return sorted(found, key=len, reverse=True)


def language_model_of(settings: Settings) -> LanguageModel:
    """The model that the settings name. Raises SettingsError when they name none."""
    if not settings.llm_model:
        raise SettingsError(
            "SOUFFLEUR_LLM_MODEL is not set: name a model as litellm does, e.g. openai/gpt-4.1-mini"
        )
    return LanguageModel(
        settings.llm_model,
        settings.llm_api_base,
        settings.llm_api_key,
        settings.llm_timeout_seconds,
    )


def library() -> Any:
    """litellm, made quiet; the first call takes seconds. Raises SettingsError when it is not
    installed."""
    return _litellm()


def is_loaded() -> bool:
    """Whether `library` returns at once."""
    return _litellm.cache_info().currsize > 0


@cache
def _litellm() -> Any:
    """The library, made quiet. Raises SettingsError when it is not installed."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import litellm  # noqa: PLC0415 - takes seconds, and is optional
    except ImportError as error:
        raise SettingsError(
            "SOUFFLEUR_LLM_MODEL needs the extra packages: pip install souffleur[models]"
        ) from error
    litellm.telemetry = False
    # aiohttp complains on standard error of every connection that is left when the service ends.
    litellm.disable_aiohttp_transport = True
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return litellm


def _named(litellm: Any, error: Exception) -> type[LanguageModelError]:
    """Our name for what litellm raised."""
    # A stream that breaks off is wrapped once more.
    error = getattr(error, "original_exception", None) or error
    if isinstance(error, litellm.Timeout):
        return LanguageModelTimeoutError
    if isinstance(error, litellm.RateLimitError):
        return LanguageModelBusyError
    # Some of these come as a general error that only knows its status.
    if getattr(error, "status_code", None) in _REFUSALS:
        return LanguageModelRefusedError
    return LanguageModelError


def _kind(error: Exception) -> str:
    """litellm's name of an error, and the status where the server gave one."""
    original = getattr(error, "original_exception", None) or error
    status = getattr(original, "status_code", None)
    return f"{type(original).__name__} ({status})" if status else type(original).__name__


def _may_ask_again(error: Exception) -> bool:
    if getattr(error, "status_code", None) in _GATEWAY_FAILURES:
        return True
    return any(isinstance(cause, _BROKEN_CONNECTIONS) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the latest first."""
    link: BaseException | None = error
    for _step in range(_LONGEST_CHAIN):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _retry_after(error: Exception) -> float | None:
    """The header `Retry-After` in seconds. Dates are not read: APIs of models send seconds."""
    headers = getattr(error, "litellm_response_headers", None) or {}
    try:
        seconds = float(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < math.inf else None
