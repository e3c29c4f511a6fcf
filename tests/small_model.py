"""A real language model for tests: small, weak, served on loopback in a process of its own."""

from __future__ import annotations

import contextlib
import importlib.util
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

_STARTS_WITHIN_SECONDS = 120


@contextlib.contextmanager
def served_model(folder: Path, environment: dict[str, str]) -> Iterator[LanguageModel]:
    """Serve it while the block runs, its log in `folder`; skips the test where it is not here."""
    if not model_file().exists():
        pytest.skip("the small language model is not here: `make model` fetches it")
    # Not imported here: it would look for its price list in the net.
    if importlib.util.find_spec("litellm") is None:
        pytest.skip("litellm is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "server.log"
    command = [sys.executable, "-m", "eval.bench.local_model", "serve", "--port", str(port)]
    with log.open("wb") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file, env=environment, cwd=folder)
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
