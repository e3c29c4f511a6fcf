"""The only reader of the environment: each setting is `SOUFFLEUR_NAME` there or in `.env`."""

from __future__ import annotations

import os
import re
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError
from assistant.settings_checks import (
    check_crm_address,
    is_header_text,
    parse_crm_fields,
    parse_hooks,
    parse_hours,
    parse_keys,
    split_list,
    split_patterns,
)

ANSWER_SECONDS = 10.0
"""How long the work on a message that no language model answers may take at most."""
BURST_FACTOR = 4
"""A customer who goes on writing is answered after so many times `burst_seconds` at the latest."""
RENEWALS = 8
"""So many times LLM_ANSWER_SECONDS are reckoned with for one answer: each sentence that the
customer hears begins them anew."""


class Settings(BaseSettings):
    """What a deployment chooses; see the table in the README."""

    model_config = SettingsConfigDict(
        env_prefix="SOUFFLEUR_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Path("var")
    model_cache: Path | None = None
    database_url: str = ""
    embedding_model: str = "builtin/multilingual-e5-small"
    embedding_threads: int = Field(2, ge=1, le=64)
    target_risk: float | None = Field(None, gt=0, lt=1)
    llm_model: str = ""
    """Any litellm name, e.g. `openai/gpt-4.1-mini`; empty: no language model."""
    llm_api_base: str = ""
    """Address of the API where it is not the provider's own, e.g. `http://127.0.0.1:8001/v1`."""
    llm_api_key: SecretStr = SecretStr("")
    llm_timeout_seconds: float = Field(60, gt=0, le=3600)
    llm_answer_seconds: float = Field(2.5, gt=0, le=600)
    """How long a customer's message may wait for the language models, all of them together."""
    llm_price_in: float | None = Field(None, ge=0)
    """USD per million tokens of the prompt; unset: litellm's price list."""
    llm_price_out: float | None = Field(None, ge=0, validate_default=True)
    llm_fallback_model: str = ""
    """Asked where the first model gives nothing usable; empty: none."""
    llm_fallback_api_base: str = ""
    llm_fallback_api_key: SecretStr = SecretStr("")
    llm_fallback_price_in: float | None = Field(None, ge=0)
    llm_fallback_price_out: float | None = Field(None, ge=0, validate_default=True)
    llm_judge_model: str = ""
    """Looks at each written sentence after the rules have; empty: none."""
    llm_judge_api_base: str = ""
    llm_judge_api_key: SecretStr = SecretStr("")
    llm_tokens_per_dialog: int = Field(60_000, ge=0)
    """Past it a dialog is answered without a language model; 0: no limit, here and below."""
    llm_tokens_per_day: int = Field(0, ge=0)
    llm_usd_per_day: float = Field(0, ge=0)
    bot_name: str = ""
    locale: str = Field("ru", pattern="^(ru|en)$")
    api_keys: str = ""
    allowed_origins: str = ""
    session_hours: float = Field(12, gt=0, le=24 * 30)
    """How long an operator stays signed in at most."""
    session_idle_minutes: float = Field(60, gt=0, le=24 * 60)
    """After so long without a sign of him he has to sign in again."""
    trusted_proxies: str = ""
    """Addresses of proxies whose word on a caller's address and scheme is taken, separated by
    commas, or `*`; empty: nobody's."""
    support_hours: str = "09:00-21:00"
    support_timezone: str = "Europe/Moscow"
    support_calendar: str = ""
    """File of the hours, holidays and promises of queues; empty: SUPPORT_HOURS, every day."""
    sla_minutes: float = Field(7, ge=0, le=7 * 24 * 60)
    """After so many minutes of opening hours without a person's word an alarm is raised; 0: never.
    """
    expected_wait_minutes: int = Field(5, ge=1)
    burst_seconds: float = Field(1.5, ge=0, le=30)
    """Messages of a customer that come within so many seconds of each other are answered as one;
    0: each at once."""
    order_patterns: str = ""
    """Regular expressions of your order numbers, one a line or separated by ` ; `; the first group
    where there is one. Empty: the usual ones of `prompts/lexicon/personal.yaml`."""
    routing_rules: str = ""
    tickets_on_handoff: Literal["never", "offline", "always"] = "offline"
    """When a handoff opens a ticket, so that the customer has a number: `offline` is when nobody is
    online or operators are not at work at this hour."""
    retention_days: int = Field(365, ge=0, le=36_500)
    """Dialogs that were silent for so long are deleted with all that belongs to them; 0: never."""
    surveys: bool = True
    """Whether customers are asked for a rating after a good ending."""
    survey_days: float = Field(30, ge=0, le=3660)
    """For so many days a customer who was asked once is not asked again."""
    contacts_per_day: int = Field(5, ge=0, le=1000)
    """How many messages that answer none of his a customer gets a day at most."""
    proactive_reasons: str = ""
    """Reasons for which your systems may write to a customer first, separated by commas; empty:
    none."""
    proactive_hours: str = "09:00-21:00"
    """When they may, by the customer's clock; empty: at any hour."""
    channel_hooks: str = ""
    """Where what the bot and people say in a channel is sent: `telegram=https://…,webim=https://…`;
    empty: nowhere."""
    channel_secret: SecretStr = Field(SecretStr(""), validate_default=True)
    """Signs it."""
    crm_url: str = ""
    """Where a customer's card is read: `https://crm.example/customers/{customer_id}`; `{channel}`
    may stand in it too. Empty: no CRM."""
    crm_secret: SecretStr = SecretStr("")
    """Sent as `Authorization: Bearer`."""
    crm_timeout_seconds: float = Field(1.0, gt=0, le=30)
    """How long one call may take, all of it."""
    crm_cache_seconds: float = Field(300, ge=0, le=24 * 3600)
    """How long a card is kept in memory."""
    crm_fields: str = ""
    """What is shown of it: `City=address.city, Tier=loyalty.tier`; empty: the plain values of its
    top level."""
    messages_per_minute_per_dialog: int = Field(120, ge=1)
    requests_per_minute_per_key: int = Field(1200, ge=1)
    workers: int = Field(1, ge=1, le=64)
    """Server processes on this machine; `serve --workers` sets it."""
    metrics_window_hours: float = Field(24.0, gt=0, le=24 * 366)

    @field_validator(
        "target_risk",
        "llm_price_in",
        "llm_price_out",
        "llm_fallback_price_in",
        "llm_fallback_price_out",
        mode="before",
    )
    @classmethod
    def _unset_when_empty(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("llm_price_out", "llm_fallback_price_out")
    @classmethod
    def _both_or_none(cls, value: float | None, info: ValidationInfo) -> float | None:
        other = str(info.field_name).replace("_out", "_in")
        if (value is None) is not (info.data.get(other) is None):
            raise ValueError(f"set it and SOUFFLEUR_{other.upper()} together, or neither")
        return value

    @field_validator("support_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone; write it as Europe/Moscow") from error
        return value

    @field_validator("proactive_reasons")
    @classmethod
    def _reasons(cls, value: str) -> str:
        for reason in split_list(value):
            if not re.fullmatch(r"[a-z0-9_.-]{1,64}", reason):
                raise ValueError(
                    f"{reason!r} is no name of a reason; write names like order_arrived, with "
                    "small Latin letters, digits and _ . -"
                )
        return value

    @field_validator("support_hours", "proactive_hours")
    @classmethod
    def _two_times(cls, value: str) -> str:
        if value:
            parse_hours(value)
        return value

    @field_validator("order_patterns")
    @classmethod
    def _patterns(cls, value: str) -> str:
        for pattern in split_patterns(value):
            try:
                matches_nothing = re.compile(pattern).search("") is not None
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
            if matches_nothing:
                raise ValueError(f"{pattern!r} matches an empty text, so every place in a message")
        return value

    @field_validator("api_keys")
    @classmethod
    def _roles_and_keys(cls, value: str) -> str:
        parse_keys(value)
        return value

    @field_validator("channel_hooks")
    @classmethod
    def _channels_and_addresses(cls, value: str) -> str:
        parse_hooks(value)
        return value

    @field_validator("channel_secret")
    @classmethod
    def _signs_what_is_sent(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("channel_hooks") and len(value.get_secret_value()) < 16:
            raise ValueError("SOUFFLEUR_CHANNEL_HOOKS needs it: a secret of at least 16 characters")
        return value

    @field_validator("crm_url")
    @classmethod
    def _crm_address(cls, value: str) -> str:
        return check_crm_address(value) if value else value

    @field_validator("crm_secret")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        if not is_header_text(value.get_secret_value()):
            raise ValueError("a key is printable ASCII without spaces")
        return value

    @field_validator("crm_fields")
    @classmethod
    def _labels_and_paths(cls, value: str) -> str:
        parse_crm_fields(value)
        return value

    @field_validator("llm_api_base", "llm_fallback_api_base", "llm_judge_api_base")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", value):
            raise ValueError(
                "it is no address; write it as http://HOST:PORT/v1, without a password"
            )
        return value.rstrip("/")

    @property
    def database(self) -> str:
        """SQLAlchemy's address of the dialog store."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'souffleur.db').absolute()}"

    @property
    def is_one_of_several(self) -> bool:
        """Whether other processes may serve the same dialogs."""
        return self.workers > 1 or not self.database.startswith("sqlite")

    @property
    def patience_seconds(self) -> float:
        """How long whoever sent a message waits for its reply at most: longer than any takes, also
        one that a model writes sentence by sentence, though the worker at it died twice."""
        return 20.0 + 2 * self.settled_seconds

    @property
    def settled_seconds(self) -> float:
        """After how long a message is usually acted on."""
        writing = RENEWALS * self.llm_answer_seconds if self.llm_model else 0.0
        return ANSWER_SECONDS + BURST_FACTOR * self.burst_seconds + writing

    @property
    def models(self) -> Path:
        """Folder of unpacked embedders, shared by all data folders of a user."""
        if self.model_cache:
            return self.model_cache
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(root) / "souffleur" / "models"

    @property
    def rules_file(self) -> Path | None:
        """The deployment's own routing rules; None for those that are shipped."""
        return Path(self.routing_rules) if self.routing_rules else None

    @property
    def calendar_file(self) -> Path | None:
        """The deployment's own calendar; None where SUPPORT_HOURS says all."""
        return Path(self.support_calendar) if self.support_calendar else None

    @property
    def order_number_patterns(self) -> tuple[str, ...]:
        """The deployment's own patterns of order numbers; empty for those that are shipped."""
        return split_patterns(self.order_patterns)

    @property
    def opening_hours(self) -> tuple[time, time] | None:
        """From when to when operators answer, every day; None around the clock."""
        return parse_hours(self.support_hours) if self.support_hours else None

    @cached_property
    def keys(self) -> dict[str, str]:
        """Role by key."""
        return parse_keys(self.api_keys)

    @property
    def channel_urls(self) -> dict[str, str]:
        """Where what is said in a channel is sent, by the channel's name."""
        return parse_hooks(self.channel_hooks)

    @property
    def crm_field_paths(self) -> dict[str, str]:
        """Where each shown field stands in a customer's card, by its label."""
        return parse_crm_fields(self.crm_fields)

    @property
    def origins(self) -> list[str]:
        """Web origins whose pages may call the service."""
        return split_list(self.allowed_origins)

    @property
    def reasons_to_write_first(self) -> frozenset[str]:
        """The names of PROACTIVE_REASONS."""
        return frozenset(split_list(self.proactive_reasons))

    @property
    def hours_to_write_first(self) -> tuple[time, time]:
        """From when to when; two equal times: at any hour."""
        return parse_hours(self.proactive_hours) if self.proactive_hours else (time(), time())


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment. Raises SettingsError naming the variable that is wrong."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except UnicodeDecodeError as error:
        raise SettingsError("the file .env is not UTF-8") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = "SOUFFLEUR_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error
