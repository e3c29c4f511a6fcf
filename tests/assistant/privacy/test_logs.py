"""Nothing personal is written to a log, not by a library and not in a traceback."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest

from assistant.privacy.logs import MaskingFormatter
from assistant.privacy.masker import Masker
from tests.conftest import REPO

Log = Callable[[str], tuple[logging.Logger, io.StringIO]]


@pytest.fixture
def log() -> Log:
    def make(name: str) -> tuple[logging.Logger, io.StringIO]:
        written = io.StringIO()
        handler = logging.StreamHandler(written)
        line = "%(asctime)s %(levelname)s %(name)s %(message)s"
        handler.setFormatter(MaskingFormatter(line, Masker(), frozenset({"plain"})))
        logger = logging.Logger(name)
        logger.addHandler(handler)
        return logger, written

    return make


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("could not send to anna.ivanova@mail.example", "anna.ivanova"),
        ("customer +7 (916) 123-45-67 has called", "123-45-67"),
        ("card 4111 1111 1111 1111 refused", "4111"),
        ("клиент Иванова Анна Петровна", "Иванова"),
    ],
)
def test_line_of_any_logger_is_masked(log: Log, said: str, secret: str) -> None:
    logger, written = log("some.library")
    logger.warning("%s", said)
    assert secret not in written.getvalue()
    assert "some.library" in written.getvalue()


def test_traceback_is_masked(log: Log) -> None:
    logger, written = log("some.library")
    try:
        int("anna.ivanova@mail.example")
    except ValueError:
        logger.exception("failed")
    assert "anna.ivanova" not in written.getvalue()
    assert "ValueError" in written.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        "POST /v1/messages 200 19.4 ms request=9f86d081884c7d659a2feaa0c55ad015",
        "message answered dialog_id=d-0123456789abcdef01234567 action=answer",
        "serving snapshot b975fb6b97a6e553, 468 chunks",
        "openai/gpt-4.1-mini is left alone for 300 s (refused)",
        "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
    ],
)
def test_line_without_personal_data_stays_as_it_is(log: Log, line: str) -> None:
    logger, written = log("souffleur")
    logger.info("%s", line)
    assert written.getvalue().rstrip().endswith(line)


def test_first_line_of_a_process_is_masked_though_what_masks_it_logs_when_it_is_loaded() -> None:
    code = (
        "import logging, sys\n"
        "from assistant.privacy.logs import MaskingFormatter\n"
        "from assistant.privacy.masker import Masker\n"
        "handler = logging.StreamHandler(sys.stdout)\n"
        "handler.setFormatter(MaskingFormatter('%(message)s', Masker()))\n"
        "logging.basicConfig(level=logging.DEBUG, handlers=[handler])\n"
        "logging.info('Иванова Анна Петровна')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPO, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.strip() == "[NAME_1]"


def test_plain_logger_is_left_alone(log: Log) -> None:
    logger, written = log("plain")
    logger.info("POST /v1/messages 200")
    assert written.getvalue().rstrip().endswith("POST /v1/messages 200")
