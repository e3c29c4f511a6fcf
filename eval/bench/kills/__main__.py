"""Kill real servers under load and see what is left:
`python -m eval.bench.kills --database sqlite --kills 100`, or `postgresql`.

Servers (`--replicas`, each with `--workers`) answer customers who send every message until it is
answered, in bursts too, while an operator takes dialogs over. At random moments a server with all
its workers, or one worker, is killed by SIGKILL and started again; on PostgreSQL the database is
crashed and started again `--restarts` times. When all is quiet the tables are read: nothing that
was accepted is missing, nothing was answered twice, the order is kept, the bot never spoke while a
person had the dialog. Exit status 1 when one of these is not so. Bounded by `--minutes`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from eval.bench.kills.load import Book, Customer, Insisting, Leaver, Operator
from eval.bench.kills.servers import REPO, PostgreSQL, Replica, database
from eval.bench.kills.verdict import judge, wait_until_quiet

SAMPLE = REPO / "kb_ingest" / "sample" / "shop"
QUIET_SECONDS = 120.0


def main() -> None:
    """Run it and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--restarts", type=int, default=0, help="of the database (postgresql)")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--customers", type=int, default=6)
    parser.add_argument("--burst-seconds", default="0.3")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as a user of its own under root
        figures = _run(options, Path(folder))
    print(json.dumps(figures, indent=1))
    sys.exit(0 if figures["clean"] else 1)


def _run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    with database(options.database, folder) as (url, server):
        environment = {
            "SOUFFLEUR_DATA_DIR": str(folder / "data"),
            "SOUFFLEUR_DATABASE_URL": url,
            "SOUFFLEUR_SUPPORT_HOURS": "",
            "SOUFFLEUR_BURST_SECONDS": options.burst_seconds,
            "SOUFFLEUR_MESSAGES_PER_MINUTE_PER_DIALOG": "100000",
        }
        _ingest(environment)
        replicas = [Replica(folder, environment, options.workers) for _ in range(options.replicas)]
        for replica in replicas:
            replica.start()
        try:
            for replica in replicas:
                replica.wait_until_ready()
            return _under_load(options, replicas, url, server)
        finally:
            for replica in replicas:
                replica.stop()


def _ingest(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "souffleur", "kb", "ingest", str(SAMPLE)]
    subprocess.run(
        command, env={**_environment(), **environment}, check=True, capture_output=True, cwd=REPO
    )


def _environment() -> dict[str, str]:
    import os  # noqa: PLC0415 - the bench is no part of the product, which reads it in one place

    return dict(os.environ)


def _under_load(
    options: argparse.Namespace, replicas: list[Replica], url: str, server: PostgreSQL | None
) -> dict[str, Any]:
    book, stop = Book(), threading.Event()
    threads = _clients(options, replicas, book, stop)
    for thread in threads:
        thread.start()
    started = time.monotonic()
    done = _kill(options, replicas, server, started + 60 * options.minutes)
    stop.set()
    for thread in threads:
        thread.join(QUIET_SECONDS)
    waited = wait_until_quiet(url, QUIET_SECONDS)
    verdict = judge(url, book)
    return {
        "database": options.database,
        "replicas": options.replicas,
        "workers": options.workers,
        **done,
        "seconds": round(time.monotonic() - started),
        "waited_for_the_watchdog_seconds": waited,
        "dialogs": len({item.dialog_id for item in book.sent}),
        "messages": len(book.sent),
        "clients_who_gave_up": sum(item.reply is None for item in book.sent),
        "tries": sum(item.tries for item in book.sent),
        "failures_met": book.refused,
        "operator_takes": book.takes,
        "operator_messages": len(book.operator_messages),
        "verdict": verdict.counts(),
        "examples": {name: found[:3] for name, found in vars(verdict).items() if found},
        "unforeseen_failures": [line for replica in replicas for line in replica.errors()][:5],
        "clean": verdict.is_clean(),
    }


def _clients(
    options: argparse.Namespace, replicas: list[Replica], book: Book, stop: threading.Event
) -> list[threading.Thread]:
    def urls() -> list[str]:
        return [replica.url for replica in replicas]

    workers: list[Customer | Leaver | Operator] = [
        *(
            Customer(Insisting(urls, book, at), book, at, QUIET_SECONDS)
            for at in range(options.customers)
        ),
        Leaver(urls, book, 1),
        Operator(Insisting(urls, book, -1), book, 1),
        Operator(Insisting(urls, book, -2), book, 2),
    ]
    return [threading.Thread(target=worker.work, args=(stop,), daemon=True) for worker in workers]


def _kill(
    options: argparse.Namespace, replicas: list[Replica], server: PostgreSQL | None, until: float
) -> dict[str, Any]:
    """Kill until it was often enough or the time is up."""
    chance = random.Random(options.seed)
    done = {"kills": 0, "of_these_workers": 0, "database_restarts": 0}
    wanted = options.kills + (options.restarts if server else 0)
    while done["kills"] + done["database_restarts"] < wanted and time.monotonic() < until:
        time.sleep(chance.uniform(0.05, 2.5))
        left = wanted - done["kills"] - done["database_restarts"]
        restarts_left = options.restarts - done["database_restarts"] if server else 0
        if server and chance.random() < restarts_left / left:
            server.restart(away_seconds=chance.uniform(0, 1))
            done["database_restarts"] += 1
            continue
        replica = chance.choice(replicas)
        if options.workers > 1 and chance.random() < 0.5 and replica.kill_a_worker(chance):
            done["kills"] += 1
            done["of_these_workers"] += 1
            continue
        replica.kill()
        done["kills"] += 1
        replica.start()
        replica.wait_until_ready()
    return done


if __name__ == "__main__":
    main()
