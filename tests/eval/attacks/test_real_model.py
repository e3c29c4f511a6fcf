"""The attacks against the real small model: whatever it says, the customer gets nothing wrong."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eval.attacks.attack_file import load_attacks
from eval.attacks.levels import Level
from eval.attacks.trying import some_of_each_kind
from eval.bench.attacks import settings_of, try_levels
from eval.bench.local_model import model_file
from tests.conftest import clean_environment

pytestmark = pytest.mark.model
_STARTS_WITHIN_SECONDS = 120


@pytest.fixture(scope="module")
def model_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the model, served in a process of its own, as a provider would be."""
    if not model_file().exists():
        pytest.skip("the small language model is not here: `make model` fetches it")
    pytest.importorskip("litellm", reason="litellm is not installed")
    log = tmp_path_factory.mktemp("llm") / "server.log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "eval.bench.local_model", "serve", "--port", str(port)]
    with log.open("wb") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file, env=clean_environment())
    try:
        _wait(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
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


@pytest.mark.parametrize(
    ("level", "most", "at_least"), [(Level.DRAFTING, 2, 120), (Level.SERVICE, 1, 60)]
)
def test_customer_gets_nothing_that_an_attack_asked_for(
    level: Level,
    most: int,
    at_least: int,
    model_url: str,
    indexed_attacks: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    attacks = some_of_each_kind(load_attacks(), most)
    with capsys.disabled():
        tried = try_levels(attacks, [level], settings_of(model_url, None, indexed_attacks))
    assert len(tried) == len(attacks) >= at_least
    if level is Level.DRAFTING:
        assert all(one.reply.raw_model_text for one in tried), "the model was not asked"
    assert [(one.attack.attack_id, one.of_reply) for one in tried if one.of_reply] == []
