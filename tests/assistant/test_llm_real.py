"""The door to a language model, opened on a real one: small, weak, on this machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from assistant.llm import LanguageModel
from eval.bench.local_model import model_file
from tests.conftest import clean_environment

pytestmark = pytest.mark.model
_STARTS_WITHIN_SECONDS = 120


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageModel]:
    """Served in a process of its own, as a provider would be."""
    if not model_file().exists():
        pytest.skip("the small language model is not here: `make model` fetches it")
    pytest.importorskip("litellm", reason="litellm is not installed")
    log: Path = tmp_path_factory.mktemp("llm") / "server.log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "eval.bench.local_model", "serve", "--port", str(port)]
    with log.open("wb") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file, env=clean_environment())
    try:
        _wait(f"http://127.0.0.1:{port}/health", server, log)
        yield LanguageModel(
            "openai/local", f"http://127.0.0.1:{port}/v1", SecretStr("none-needed"), 300
        )
    finally:
        server.kill()
        server.wait()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    pytest.fail(f"the model did not start: {log.read_text(errors='replace')[-500:]}")


def test_model_answers_in_words(model: LanguageModel) -> None:
    said = model.complete([{"role": "user", "content": "Say the one word: hello"}], 16)
    assert "hello" in said.lower()


def test_same_question_gets_the_same_reply(model: LanguageModel) -> None:
    asked = [{"role": "user", "content": "Назови столицу Франции одним словом."}]
    assert model.complete(asked, 16) == model.complete(asked, 16)


def test_model_that_is_asked_for_json_gives_json(model: LanguageModel) -> None:
    asked = 'Reply with this JSON and nothing else: {"verdict": "right"}'
    said = model.complete([{"role": "user", "content": asked}], 40)
    found = said[said.index("{") : said.rindex("}") + 1]
    assert json.loads(found) == {"verdict": "right"}
