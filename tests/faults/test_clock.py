"""A real server whose clock is set back and forth while it serves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.conftest import API_KEYS, KEYS, QUESTION, client_of
from tests.conftest import Server

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@pytest.fixture
def turned(
    start_server: Callable[..., Server], shop: Path, tmp_path: Path
) -> tuple[Server, Callable[[str], None]]:
    """A server, and what sets its clock: `set_clock("-1h")`."""
    if not LIBRARY.exists():
        pytest.skip(f"{LIBRARY} is absent (apt-get install libfaketime)")
    stamp = tmp_path / "faketime"

    def set_clock(offset: str) -> None:
        stamp.write_text(f"{offset}\n", encoding="utf-8")

    set_clock("+0")
    server = start_server(
        shop,
        LD_PRELOAD=str(LIBRARY),
        FAKETIME_TIMESTAMP_FILE=str(stamp),
        FAKETIME_NO_CACHE="1",
        # The system's own monotonic clock cannot be set.
        DONT_FAKE_MONOTONIC="1",
        SOUFFLEUR_BURST_SECONDS="0.2",
        SOUFFLEUR_API_KEYS=API_KEYS,
    )
    return server, set_clock


@pytest.mark.parametrize("offset", ["-1h", "+1h", "-40d"])
def test_dialogs_go_on_when_the_clock_is_set(
    turned: tuple[Server, Callable[[str], None]], offset: str
) -> None:
    server, set_clock = turned
    with client_of(server, KEYS["admin"]) as client:

        def ask(number: int) -> dict:
            body = {"text": QUESTION, "dialog_id": f"d-{number % 2}", "message_id": f"m-{number}"}
            response = client.post("/v1/messages", json=body)
            assert response.status_code == 200, response.text
            document: dict = response.json()
            return document

        first = ask(0)
        ask(1)
        set_clock(offset)
        again = ask(0)
        again.pop("dialog_token", None)
        first.pop("dialog_token", None)
        assert again == first
        assert ask(2)["reply"]
        ask(3)
        client.post("/v1/dialogs/d-0/take", json={"operator_id": "op-1"})
        assert ask(4)["action"] == "silent"
        client.post("/v1/dialogs/d-0/release", json={"operator_id": "op-1"})
        set_clock("+0")
        assert ask(6)["reply"]
        lines = client.get("/v1/dialogs/d-0").json()["messages"]
        asked = [line["message_id"] for line in lines if line["author"]["kind"] == "customer"]
        assert asked == ["m-0", "m-2", "m-4", "m-6"]
        assert client.get("/readyz").status_code == 200
