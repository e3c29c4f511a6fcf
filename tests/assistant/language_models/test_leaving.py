"""A process ends when its work is done, whatever its language models are doing at that moment.

Each process has far more time than it needs; one that hangs passes it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import clean_environment
from tests.support.misbehaving_provider import refusing_url

pytestmark = pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")

HUNG_SECONDS = 120
WARM_UP = """
import sys, time
from assistant.language_models.streaming import warm_up
from assistant.llm import is_loaded
warm_up()
while not ({moment}):
    time.sleep(0.001)
print("leaving")
"""
READS = """
import asyncio, sys, threading, time
from assistant.language_models import streaming
started = threading.Event()
async def read():
    started.set()
    try:
        await asyncio.sleep(1000)
    finally:
        print("closed")
asyncio.run_coroutine_threadsafe(read(), streaming._loop())
started.wait()
print("leaving")
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


def run_script(script: str) -> subprocess.CompletedProcess[str]:
    """Raises TimeoutExpired where it hangs."""
    return subprocess.run(
        [sys.executable, "-c", script],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=HUNG_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    "moment",
    ["True", "'litellm' in sys.modules", "'litellm.main' in sys.modules", "is_loaded()"],
    ids=["before it begins", "early in the import", "late in the import", "after the import"],
)
def test_process_that_leaves_while_it_warms_up_ends(moment: str) -> None:
    done = run_script(WARM_UP.format(moment=moment))
    assert (done.returncode, done.stdout, done.stderr) == (0, "leaving\n", "")


def test_what_is_being_read_is_closed_when_the_process_leaves() -> None:
    done = run_script(READS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "leaving\nclosed\n", "")


@pytest.mark.parametrize(
    ("seconds", "arguments"),
    [
        ("0.3", ("ask", "спасибо")),
        ("0.3", ("ask", "Сколько хранится заказ?")),
        ("30", ("ask", "Сколько хранится заказ?")),
        ("0.3", ("kb", "search", "вернуть деньги")),
    ],
    ids=["no question", "no time for the model", "time for the model", "search"],
)
def test_command_with_a_model_that_nobody_serves_ends(
    run_command: Run, shop: Path, seconds: str, arguments: tuple[str, ...]
) -> None:
    done = run_command(
        *arguments,
        SOUFFLEUR_DATA_DIR=str(shop),
        SOUFFLEUR_LLM_MODEL="openai/x",
        SOUFFLEUR_LLM_API_KEY="none",
        SOUFFLEUR_LLM_API_BASE=refusing_url(),
        SOUFFLEUR_LLM_ANSWER_SECONDS=seconds,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr
