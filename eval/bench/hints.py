"""How long an operator waits for hints: `python -m eval.bench.hints --data-dir DIR DIALOGS.jsonl`.

Starts a server over the knowledge base of the folder, opens a dialog for each labelled question,
lets an operator take it, and asks POST /v1/hints over HTTP, one caller at a time. Prints JSON: p50
and p95 in milliseconds. `--past` resolves each dialog with the labelled answer, so that past
answers grow. Works on a copy of the folder. Nothing here asserts a time: machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from eval.cases import Case, load_cases

WARM_UP = 10
_OPERATOR = {"operator_id": "bench", "operator_name": "Bench"}


def main() -> None:
    """Run it and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--past", action="store_true")
    options = parser.parse_args()
    cases = load_cases(options.dialogs)[: options.count + WARM_UP]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(options.data_dir, data)
        with _server(data) as base, httpx.Client(base_url=base, timeout=60) as client:
            times = _times(client, cases, past=options.past)[WARM_UP:]
    cuts = statistics.quantiles(times, n=100)
    figures = {"n": len(times), "p50_ms": round(cuts[49], 1), "p95_ms": round(cuts[94], 1)}
    print(json.dumps({"cores": os.cpu_count(), "past": options.past, **figures}))


def _times(client: httpx.Client, cases: Sequence[Case], *, past: bool) -> list[float]:
    """Milliseconds of each call for hints, each in a dialog of its own."""
    found: list[float] = []
    for case in cases:
        opened = client.post("/v1/messages", json={"text": case.text}).json()
        dialog = f"/v1/dialogs/{opened['dialog_id']}"
        client.post(f"{dialog}/take", json=_OPERATOR)
        started = time.perf_counter()
        answer = client.post("/v1/hints", json={"dialog_id": opened["dialog_id"]})
        found.append((time.perf_counter() - started) * 1000)
        answer.raise_for_status()
        if past and case.labels.answer:
            said = {"text": case.labels.answer, **_OPERATOR}
            client.post(f"{dialog}/operator-messages", json=said)
            client.post(f"{dialog}/resolve", json=_OPERATOR)
    return found


@contextmanager
def _server(data: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "SOUFFLEUR_DATA_DIR": str(data),
        "SOUFFLEUR_REQUESTS_PER_MINUTE_PER_KEY": "1000000",
        "SOUFFLEUR_BURST_SECONDS": "0",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "souffleur", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(base)
        yield base
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_ready(base: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/readyz", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the server was not ready within a minute")


if __name__ == "__main__":
    main()
