"""Speed and memory of what users wait for: `make bench`, or
`python -m eval.bench.serving --articles KB.csv --questions QUERIES.jsonl`.

Measures, each in a process of its own: ingest from nothing with the first unpack of the model, the
same again unchanged, the server's start until /readyz, POST /v1/messages at one caller (p50, p95),
resident memory after. Prints JSON. Nothing here asserts a time: machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

REPO = Path(__file__).parent.parent.parent
SAMPLE_ARTICLES = REPO / "kb_ingest" / "sample" / "shop"
SAMPLE_DIALOGS = REPO / "eval" / "datasets" / "shop" / "dialogs_ru.jsonl"
WARM_UP = 20


def main() -> None:
    """Run everything and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, default=SAMPLE_ARTICLES)
    parser.add_argument("--questions", type=Path, help="JSON lines with `query`")
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    questions = _questions(options.questions)
    with tempfile.TemporaryDirectory() as folder:
        data, cache = Path(folder) / "data", Path(folder) / "models"
        environment = {
            **os.environ,
            "SOUFFLEUR_DATA_DIR": str(data),
            "SOUFFLEUR_MODEL_CACHE": str(cache),
            "SOUFFLEUR_REQUESTS_PER_MINUTE_PER_KEY": "1000000",
            "SOUFFLEUR_MESSAGES_PER_MINUTE_PER_DIALOG": "1000000",
            # How long the work takes, not how long a customer may go on writing.
            "SOUFFLEUR_BURST_SECONDS": "0",
        }
        figures: dict[str, Any] = {"articles": str(options.articles), "cores": os.cpu_count()}
        for name in ("ingest_from_nothing", "ingest_unchanged"):
            figures[name] = _ingest(options.articles, environment)
        figures["serve"] = _serve(questions, options.count, environment)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


def _questions(path: Path | None) -> list[str]:
    if path:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["query"] for line in lines]
    lines = SAMPLE_DIALOGS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["turns"][0]["text"] for line in lines]


def _ingest(articles: Path, environment: dict[str, str]) -> dict[str, Any]:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "souffleur", "kb", "ingest", str(articles), "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    report = json.loads(done.stdout)
    kept = ("added", "changed", "unchanged", "chunks", "embedded")
    return {"seconds": round(seconds, 2)} | {name: report[name] for name in kept}


def _serve(questions: list[str], count: int, environment: dict[str, str]) -> dict[str, Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "souffleur", "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_until_ready(base)
        ready = time.perf_counter() - started
        times = [_post(base, questions[at % len(questions)]) for at in range(WARM_UP + count)]
        return {
            "ready_seconds": round(ready, 2),
            "messages": count,
            **_percentiles(times[WARM_UP:]),
            "resident_mb": _resident_mb(server.pid),
        }
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_ready(base: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
    raise TimeoutError("the server was not ready within a minute")


def _post(base: str, text: str) -> float:
    """Milliseconds of one message in a dialog of its own."""
    request = urllib.request.Request(
        f"{base}/v1/messages",
        json.dumps({"text": text}).encode(),
        {"Content-Type": "application/json"},
    )
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()
    return (time.perf_counter() - started) * 1000


def _percentiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": round(cuts[49], 1), "p95_ms": round(cuts[94], 1)}


def _resident_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main()
