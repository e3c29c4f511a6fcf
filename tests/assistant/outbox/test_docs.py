"""The receiver in docs/events.md does what the page says."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.outbox.retrying import Retrying
from assistant.signing import SIGNATURE_HEADER, signature_header
from assistant.store.events import EVENT_TYPES
from tests.conftest import REPO

PAGE = (REPO / "docs" / "events.md").read_text(encoding="utf-8")
SECRET = "whsec_test"
BODY = '{"text":"Здравствуйте"}'.encode()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The page's receiver in a process of its own, and its address."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "receiver.py").write_text(code, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "receiver.py")],
        env={**os.environ, "SECRET": SECRET, "PORT": port, "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    yield f"http://127.0.0.1:{port}/", process
    process.kill()
    process.wait()


def send(url: str, header: str, body: bytes = BODY) -> int:
    """The status that a delivery gets, once the receiver is up."""
    headers = {SIGNATURE_HEADER: header, "X-Souffleur-Delivery": "17"}
    for _ in range(200):
        try:
            return httpx.post(url, content=body, headers=headers, trust_env=False).status_code
        except httpx.ConnectError:
            time.sleep(0.05)
    raise TimeoutError


def test_receiver_of_the_page_takes_what_is_genuine_once(
    receiver: tuple[str, subprocess.Popen[str]],
) -> None:
    url, process = receiver
    now = int(time.time())
    assert send(url, signature_header([SECRET], now, BODY)) == 200
    assert send(url, signature_header(["whsec_new", SECRET], now, BODY)) == 200
    assert send(url, signature_header(["whsec_other"], now, BODY)) == 401
    assert send(url, signature_header([SECRET], now, BODY), BODY + b" ") == 401
    assert send(url, signature_header([SECRET], now - 310, BODY)) == 401
    assert send(url, signature_header([SECRET], now + 310, BODY)) == 401
    assert send(url, "") == 401
    process.kill()
    assert process.stdout is not None
    assert process.stdout.read() == f"17 {BODY.decode()}\n"


def test_page_names_every_type_of_event() -> None:
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)`", PAGE))
    assert named >= EVENT_TYPES


def test_page_tells_how_long_deliveries_are_tried() -> None:
    retrying = Retrying()
    waits = [retrying.wait_seconds(made, None, 0.5) for made in range(1, retrying.attempts)]
    known = [wait for wait in waits if wait is not None]
    assert [round(wait) for wait in known[:3]] == [1, 2, 5]
    assert "after 1 s, 2 s, 5 s" in PAGE
    assert 1.5 < sum(known) / 3600 < 2.5
