"""The door to a language model, over a real wire to a server on loopback."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest
from pydantic import SecretStr

from assistant import llm
from assistant.errors import (
    LanguageModelBusyError,
    LanguageModelError,
    LanguageModelRefusedError,
    LanguageModelTimeoutError,
    SettingsError,
)
from assistant.llm import LanguageModel, language_model_of
from assistant.settings import Settings
from tests.chat_server import HANG, Answer, ChatServer, Script

# Not importorskip: imported before it is made quiet, litellm asks the net for prices.
pytestmark = pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")

KEY = "very-secret-0123456789"
MESSAGES = [{"role": "system", "content": "кратко"}, {"role": "user", "content": "привет"}]
Serve = Callable[[Script], ChatServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ChatServer] = []

    def start(script: Script) -> ChatServer:
        servers.append(ChatServer(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def model_at(server: ChatServer, timeout_seconds: float = 20) -> LanguageModel:
    return LanguageModel("openai/judge-1", server.url, SecretStr(KEY), timeout_seconds)


def test_reply_comes_back_and_what_was_asked_went_out(serve: Serve) -> None:
    server = serve(lambda _: Answer("здравствуйте"))
    assert model_at(server).complete(MESSAGES, 50, seed=7) == "здравствуйте"
    (body,) = server.bodies
    assert body["messages"] == MESSAGES
    assert (body["model"], body["max_tokens"], body["temperature"], body["seed"]) == (
        "judge-1",
        50,
        0,
        7,
    )
    assert server.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, LanguageModelBusyError),
        (500, LanguageModelError),
        (503, LanguageModelError),
        (401, LanguageModelRefusedError),
        (402, LanguageModelRefusedError),
        (403, LanguageModelRefusedError),
        (404, LanguageModelRefusedError),
        (400, LanguageModelError),
        (408, LanguageModelTimeoutError),
    ],
)
def test_each_failure_has_its_own_error_is_asked_once_and_holds_no_key(
    serve: Serve,
    status: int,
    error: type[LanguageModelError],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(lambda _: Answer(f"wrong: the key {KEY} is not known here", status))
    with pytest.raises(LanguageModelError) as caught:
        model_at(server).complete(MESSAGES, 50)
    assert type(caught.value) is error
    assert len(server.bodies) == 1
    assert "openai/judge-1" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    printed = capfd.readouterr()
    assert KEY not in "\n".join([str(caught.value), printed.out, printed.err, caplog.text])
    assert printed.out + printed.err == ""


@pytest.mark.parametrize("said", ["sk-proj-Abc_123-xyz", "Bearer abc.DEF-123", "sk-ab***yz"])
def test_whatever_looks_like_a_key_is_not_repeated(serve: Serve, said: str) -> None:
    """The key may be another than ours: of the provider's environment variable, or a proxy's."""
    server = serve(lambda _: Answer(f"wrong key: {said}, sorry", 401))
    with pytest.raises(LanguageModelRefusedError, match=r"wrong key: (Bearer )?\*\*\*") as caught:
        model_at(server).complete(MESSAGES, 50)
    assert said.removeprefix("Bearer ") not in str(caught.value)


@pytest.mark.parametrize("name", ["GEMINI_API_KEY", "HF_TOKEN", "WATSON_SECRET"])
def test_key_of_the_providers_own_variable_is_not_repeated(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "AIza-of-the-provider")
    monkeypatch.setenv("LONGER_API_KEY", "AIza-of-the-provider-and-more")
    monkeypatch.setenv("SHORT_API_KEY", "w")
    said = "wrong: AIza-of-the-provider and AIza-of-the-provider-and-more"
    server = serve(lambda _: Answer(said, 401))
    with pytest.raises(LanguageModelRefusedError, match=r"wrong: \*\*\* and \*\*\*(?!-)") as caught:
        model_at(server).complete(MESSAGES, 50)
    assert "AIza" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "for url 'https://models.test/v1beta/models/g:generate?key=AIzaSy-1&alt=sse', sorry",
            "for url 'https://models.test/v1beta/models/g:generate?***', sorry",
        ),
        (
            "POST /v1beta/g:generate?alt=sse&key=AIzaSy-1 failed",
            "POST /v1beta/g:generate?*** failed",
        ),
        ("at https://models.test/x?AIzaSy-1 nobody", "at https://models.test/x?*** nobody"),
        ("is it there? no: really?", "is it there? no: really?"),
    ],
)
def test_query_string_of_an_address_is_not_repeated(serve: Serve, said: str, shown: str) -> None:
    server = serve(lambda _: Answer(said, 401))
    with pytest.raises(LanguageModelRefusedError) as caught:
        model_at(server).complete(MESSAGES, 50)
    assert shown in str(caught.value)


def test_model_that_hangs_is_given_up_after_the_timeout(serve: Serve) -> None:
    server = serve(lambda _: HANG)
    with pytest.raises(LanguageModelTimeoutError):
        model_at(server, 0.3).complete(MESSAGES, 50)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    "answer",
    [Answer(""), Answer(" \n"), Answer(None), Answer(body=b"{"), Answer(body=b'{"choices": []}')],
)
def test_reply_without_a_text_is_an_error(serve: Serve, answer: Answer) -> None:
    server = serve(lambda _: answer)
    with pytest.raises(LanguageModelError):
        model_at(server).complete(MESSAGES, 50)


def test_nobody_at_the_address_is_an_error(serve: Serve) -> None:
    server = serve(lambda _: Answer("never"))
    server.close()
    model = LanguageModel("openai/judge-1", server.url, SecretStr(KEY), 2)
    with pytest.raises(LanguageModelError):
        model.complete(MESSAGES, 50)


def test_model_of_no_provider_is_an_error() -> None:
    with pytest.raises(LanguageModelError, match="no-such-provider"):
        LanguageModel("no-such-provider/x", timeout_seconds=2).complete(MESSAGES, 50)


def test_key_stands_in_no_repr() -> None:
    settings = Settings(llm_model="openai/a", llm_api_key=KEY, _env_file=None)  # type: ignore[call-arg]
    model = language_model_of(settings)
    assert model.api_key.get_secret_value() == KEY
    assert KEY not in repr(model) + repr(settings) + str(settings)


def test_without_a_model_named_the_setting_is() -> None:
    with pytest.raises(SettingsError, match="SOUFFLEUR_LLM_MODEL"):
        language_model_of(Settings(_env_file=None))  # type: ignore[call-arg]


def test_without_litellm_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    llm._litellm.cache_clear()
    monkeypatch.setitem(sys.modules, "litellm", None)
    with pytest.raises(SettingsError, match=r"souffleur\[models\]"):
        LanguageModel("openai/judge-1").complete(MESSAGES, 50)
    llm._litellm.cache_clear()
