"""A setting that makes no sense is named in one sentence."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import load_settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("SOUFFLEUR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()
    assert settings.data_dir == Path("var")
    assert settings.keys == {}
    assert settings.database == f"sqlite:///{Path('var/souffleur.db').absolute()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPECTED_WAIT_MINUTES", "скоро"),
        ("EXPECTED_WAIT_MINUTES", "0"),
        ("LOCALE", "de"),
        ("LOCALE", ""),
        ("EMBEDDING_THREADS", "0"),
        ("SUPPORT_HOURS", "9 to 21"),
        ("PROACTIVE_HOURS", "9 to 21"),
        ("PROACTIVE_REASONS", "заказ приехал"),
        ("PROACTIVE_REASONS", "order_arrived; price_drop"),
        ("SURVEYS", "часто"),
        ("SURVEY_DAYS", "-1"),
        ("CONTACTS_PER_DAY", "-1"),
        ("CONTACTS_PER_DAY", "много"),
        ("SUPPORT_HOURS", "25:00-26:00"),
        ("SUPPORT_HOURS", "09:00"),
        ("SUPPORT_TIMEZONE", "Moscow"),
        ("SUPPORT_TIMEZONE", "../etc/passwd"),
        ("SLA_MINUTES", "-1"),
        ("SLA_MINUTES", "скоро"),
        ("SLA_MINUTES", "nan"),
        ("API_KEYS", "just-a-key"),
        ("API_KEYS", "root:12345678"),
        ("API_KEYS", "widget:short"),
        ("API_KEYS", "widget:long-enough-key,operator:"),
        ("MESSAGES_PER_MINUTE_PER_DIALOG", "0"),
        ("REQUESTS_PER_MINUTE_PER_KEY", "-1"),
        ("TARGET_RISK", "0"),
        ("TARGET_RISK", "1"),
        ("TARGET_RISK", "nan"),
        ("TARGET_RISK", "5 %"),
        ("LLM_TIMEOUT_SECONDS", "0"),
        ("LLM_TIMEOUT_SECONDS", "минута"),
        ("LLM_ANSWER_SECONDS", "0"),
        ("LLM_ANSWER_SECONDS", "nan"),
        ("LLM_TOKENS_PER_DIALOG", "-1"),
        ("LLM_USD_PER_DAY", "-0.5"),
        ("LLM_PRICE_OUT", "2"),
        ("CHANNEL_HOOKS", "https://bridge.example/"),
        ("CHANNEL_HOOKS", "telegram=bridge.example"),
        ("CHANNEL_HOOKS", "Telegram=https://bridge.example/"),
        ("CHANNEL_HOOKS", "telegram=https://user:password@bridge.example/"),
        ("CHANNEL_HOOKS", "telegram=https://a.example/,telegram=https://b.example/"),
        ("LLM_FALLBACK_PRICE_OUT", "2"),
        ("LLM_FALLBACK_API_BASE", "nowhere"),
        ("CRM_URL", "https://crm.example/customers"),
        ("CRM_URL", "https://crm.example/{customer_id}/{name}"),
        ("CRM_URL", "https://crm.example/{customer_id}/{"),
        ("CRM_URL", "https://{customer_id}.example/"),
        ("CRM_URL", "http://crm.example/{customer_id}"),
        ("CRM_URL", "https://user:password@crm.example/{customer_id}"),
        ("CRM_URL", "https://crm.example/#{customer_id}"),
        ("CRM_URL", "ftp://127.0.0.1/{customer_id}"),
        ("CRM_SECRET", "two words"),
        ("CRM_SECRET", "line\nX-Evil: 1"),
        ("CRM_SECRET", "ключ"),
        ("CRM_TIMEOUT_SECONDS", "0"),
        ("CRM_TIMEOUT_SECONDS", "nan"),
        ("CRM_CACHE_SECONDS", "-1"),
        ("CRM_FIELDS", "city"),
        ("CRM_FIELDS", "a=x, a=y"),
        ("LLM_API_BASE", "127.0.0.1:8001"),
        ("LLM_API_BASE", "ftp://127.0.0.1"),
        ("LLM_API_BASE", "http://user:secret@127.0.0.1/v1"),
    ],
)
def test_bad_setting_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SOUFFLEUR_{name}", value)
    with pytest.raises(SettingsError, match=f"^SOUFFLEUR_{name}: ") as refused:
        load_settings()
    assert "\n" not in str(refused.value)


def test_price_of_one_direction_needs_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_LLM_PRICE_IN", "0.4")
    with pytest.raises(SettingsError, match="SOUFFLEUR_LLM_PRICE_IN"):
        load_settings()
    monkeypatch.setenv("SOUFFLEUR_LLM_PRICE_OUT", "1.6")
    settings = load_settings()
    assert (settings.llm_price_in, settings.llm_price_out) == (0.4, 1.6)


def test_error_about_keys_does_not_show_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_API_KEYS", "widget:a-good-secret,root:another-secret")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "secret" not in str(refused.value)


def test_one_key_cannot_have_two_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_API_KEYS", "widget:same-secret,admin:same-secret")
    with pytest.raises(SettingsError, match=r"^SOUFFLEUR_API_KEYS: "):
        load_settings()


def test_keys_have_their_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_API_KEYS", " widget:w-key-123 , operator:o:key:456,")
    assert load_settings().keys == {"w-key-123": "widget", "o:key:456": "operator"}


def test_channels_have_addresses_and_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = "telegram=https://bridge.example/t?a=1, webim=http://127.0.0.1:9000"
    monkeypatch.setenv("SOUFFLEUR_CHANNEL_HOOKS", hooks)
    for secret in ("", "short"):
        monkeypatch.setenv("SOUFFLEUR_CHANNEL_SECRET", secret)
        with pytest.raises(SettingsError, match="SOUFFLEUR_CHANNEL_SECRET") as refused:
            load_settings()
        assert "short" not in str(refused.value)
    monkeypatch.setenv("SOUFFLEUR_CHANNEL_SECRET", "a-secret-of-the-channels")
    settings = load_settings()
    assert settings.channel_urls == {
        "telegram": "https://bridge.example/t?a=1",
        "webim": "http://127.0.0.1:9000",
    }
    assert "a-secret" not in repr(settings)


def test_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_DATA_DIR", "/from/environment")
    assert load_settings(data_dir=Path("/given")).data_dir == Path("/given")
    assert load_settings(data_dir=None).data_dir == Path("/from/environment")


def test_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SOUFFLEUR_BOT_NAME=Шурик\nOTHER=1\n", encoding="utf-8")
    assert load_settings().bot_name == "Шурик"


def test_hours_are_two_times_or_around_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_SUPPORT_HOURS", "22:00 - 06:30")
    assert load_settings().opening_hours == (time(22), time(6, 30))
    monkeypatch.setenv("SOUFFLEUR_SUPPORT_HOURS", "")
    assert load_settings().opening_hours is None


def test_origins_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    assert load_settings().origins == ["https://a.example", "https://b.example"]


def test_share_of_wrong_answers_is_unset_when_it_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_TARGET_RISK", "")
    assert load_settings().target_risk is None
    monkeypatch.setenv("SOUFFLEUR_TARGET_RISK", "0.1")
    assert load_settings().target_risk == 0.1


def test_manners_are_set_by_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = load_settings()
    assert (usual.surveys, usual.survey_days, usual.contacts_per_day) == (True, 30, 5)
    assert usual.reasons_to_write_first == frozenset()
    assert usual.hours_to_write_first == (time(9), time(21))
    monkeypatch.setenv("SOUFFLEUR_SURVEYS", "off")
    monkeypatch.setenv("SOUFFLEUR_PROACTIVE_REASONS", " order_arrived, ,price_drop ")
    monkeypatch.setenv("SOUFFLEUR_PROACTIVE_HOURS", "")
    chosen = load_settings()
    assert not chosen.surveys
    assert chosen.reasons_to_write_first == {"order_arrived", "price_drop"}
    assert chosen.hours_to_write_first == (time(), time())


def test_crm_has_an_address_with_a_place_for_the_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().crm_url == ""
    for url in (
        "https://crm.example/customers/{customer_id}",
        "https://crm.example/find?id={customer_id}&from={channel}",
        "http://127.0.0.1:9000/{customer_id}",
        "http://[::1]:9000/{customer_id}",
        "http://localhost/{customer_id}",
    ):
        monkeypatch.setenv("SOUFFLEUR_CRM_URL", url)
        assert load_settings().crm_url == url
    monkeypatch.setenv("SOUFFLEUR_CRM_FIELDS", "Город=address.city, Уровень=tier")
    assert load_settings().crm_field_paths == {"Город": "address.city", "Уровень": "tier"}


def test_secret_of_the_crm_stays_out_of_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_CRM_SECRET", "very secret key")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "very secret" not in str(refused.value)
