"""Real parts for the tests: the built-in embedder, the indexed sample shop, a real server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from assistant.llm import LanguageModel
from assistant.pipeline import Assistant
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.wiring import Parts, build_assistant, build_embedder
from kb_ingest.build import ingest
from tests.small_model import served_model
from tests.support.postgresql import PostgreSQL

REPO = Path(__file__).parent.parent
SAMPLE = REPO / "kb_ingest" / "sample" / "shop"
SHARED = REPO.parent / "shared" / "data"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The built-in embedder, unpacked once for all runs."""
    return build_embedder(Settings(_env_file=None))  # type: ignore[call-arg]


@pytest.fixture(scope="session")
def indexed_shop(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A data folder with the sample shop indexed; copy it before changing anything in it."""
    folder = tmp_path_factory.mktemp("shop")
    ingest([SAMPLE], SnapshotStore(folder), embedder)
    return folder


@pytest.fixture
def shop(indexed_shop: Path, tmp_path: Path) -> Path:
    """The same in a folder of the test's own."""
    folder = tmp_path / "data"
    shutil.copytree(indexed_shop, folder)
    return folder


@pytest.fixture
def settings(shop: Path) -> Settings:
    """Settings for the sample shop, always open so that no test depends on the hour."""
    fields = {"data_dir": shop, "support_hours": "", "burst_seconds": 0}
    return Settings(**fields, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def built(settings: Settings) -> tuple[Assistant, Parts]:
    """The whole service without HTTP."""
    return build_assistant(settings)


@pytest.fixture
def assistant(built: tuple[Assistant, Parts]) -> Assistant:
    """The street from message to reply."""
    return built[0]


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageModel]:
    """A real language model, one server for all tests that are marked `model`."""
    with served_model(tmp_path_factory.mktemp("llm"), clean_environment()) as model:
        yield model


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **span: float) -> None:
        """Move on by `seconds=`, `minutes=`, `hours=`."""
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    """The clock of `store`."""
    return Clock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real PostgreSQL, one server for all tests."""
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of the test's own; every test that asks for it runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'dialogs.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def store(database_url: str, clock: Clock) -> DialogStore:
    """An empty store."""
    return DialogStore(Database(database_url), clock)


class Server:
    """A `souffleur serve` of its own in another process."""

    def __init__(self, data_dir: Path, environment: dict[str, str], *options: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = data_dir / f"server-{self.port}.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "souffleur", "serve", "--port", str(self.port), *options],
            env={**clean_environment(), "SOUFFLEUR_DATA_DIR": str(data_dir), **environment},
            cwd=data_dir,
            stdout=subprocess.DEVNULL,
            stderr=self._log.open("wb"),
        )

    def wait(self, seconds: float = 60) -> Server:
        """Block until it answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(self.said())
            try:
                httpx.get(f"{self.url}/healthz", timeout=1)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return self
        raise TimeoutError("the server did not start")

    def said(self) -> str:
        """What it has written to its log."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def clean_environment() -> dict[str, str]:
    """The environment without settings of whoever runs the tests; open at any hour."""
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOUFFLEUR_")}
    return {
        **kept,
        "PYTHONPATH": str(REPO),
        "SOUFFLEUR_SUPPORT_HOURS": "",
        "SOUFFLEUR_BURST_SECONDS": "0",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    """Starts servers and ends them after the test."""
    running: list[Server] = []

    def start(data_dir: Path, *options: str, **environment: str) -> Server:
        server = Server(data_dir, environment, *options)
        running.append(server)
        return server.wait()

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def run_command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `souffleur …` as a person would, in another process."""

    def run(
        *arguments: str, stdin: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "souffleur", *arguments],
            env={**clean_environment(), **environment},
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


_COUNTS: Counter[str] = Counter()


@pytest.fixture
def counted() -> Callable[..., None]:
    """Counts what a suite tried, for the summary: `counted("attacks repelled", 12)`."""

    def count(what: str, number: int = 1) -> None:
        _COUNTS[what] += number

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the suites counted."""
    if _COUNTS:
        terminalreporter.section("counts of the suites")
        for what, number in sorted(_COUNTS.items()):
            terminalreporter.write_line(f"{number:6}  {what}")
