"""Who pays for the import of litellm: a server, before its first customer, and nobody else."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import clean_environment
from tests.support.misbehaving_provider import refusing_url

pytestmark = pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")

TELL = """
import sys, threading, time
from assistant.llm import is_loaded
from assistant.settings import load_settings
{build}
began = "language models" in [thread.name for thread in threading.enumerate()]
until = time.monotonic() + 100
while began and not is_loaded() and time.monotonic() < until:
    time.sleep(0.05)
print("imported" if is_loaded() else "begun" if began else "not begun")
"""
SERVER = "from api.app import create_app; create_app(load_settings())"
PARTS = "from assistant.wiring import build_parts; build_parts(load_settings())"


def told(build: str, data_dir: Path, model: str) -> str:
    """Whether litellm is imported without a question, in a process that only builds this."""
    done = subprocess.run(
        [sys.executable, "-c", TELL.format(build=build)],
        env={
            **clean_environment(),
            "SOUFFLEUR_DATA_DIR": str(data_dir),
            "SOUFFLEUR_LLM_MODEL": model,
            "SOUFFLEUR_LLM_API_BASE": refusing_url(),
        },
        cwd=data_dir,
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return done.stdout.strip()


def test_server_with_a_model_imports_it_before_the_first_question(shop: Path) -> None:
    assert told(SERVER, shop, "openai/x") == "imported"


def test_server_without_a_model_does_not(shop: Path) -> None:
    assert told(SERVER, shop, "") == "not begun"


def test_command_with_a_model_does_not(shop: Path) -> None:
    assert told(PARTS, shop, "openai/x") == "not begun"
