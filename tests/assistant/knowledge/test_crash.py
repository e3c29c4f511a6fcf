"""At whatever moment a publisher dies, the last good snapshot serves and the next one works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.knowledge.embedder import Embedder
from assistant.knowledge.library import Library
from assistant.knowledge.snapshot import SnapshotStore
from assistant.settings import Settings
from kb_ingest.build import ingest
from tests.assistant.knowledge.contents import MODEL, tiny
from tests.assistant.knowledge.crashing import AFTER
from tests.conftest import REPO

EXPECTED_EXITS = {"kill": {str(-signal.SIGKILL)}, "raise": {"1", "2"}}


def _published(folder: Path, *texts: str) -> str:
    store = SnapshotStore(folder)
    with store.exclusive():
        return store.publish(tiny(*texts))


def _crashed(how: str, base: Path, action: str) -> list[Path]:
    """Copies of `base` in which the action ended at each of its steps; the last one went well."""
    into = base.parent / f"{how}-{action}"
    into.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.assistant.knowledge.crashing", how, base, into, action],
        cwd=REPO, env={**os.environ, "PYTHONPATH": str(REPO)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    lines = [line.split() for line in done.stdout.splitlines()]
    assert {status for _, status in lines[:-1]} <= EXPECTED_EXITS[how]
    assert lines[-1][1] == "0"
    return [into / name for name, status in lines if status != "2"]


class Crashes:
    """Two snapshots were there; a third publish, or a rollback, ended at each of its steps."""

    def __init__(self, root: Path, how: str) -> None:
        base = root / "base"
        self.oldest = _published(base, "Первый.")
        self.before = _published(base, "Второй.")
        self.after = _published(root / "aside", *AFTER)
        self.publishing = _crashed(how, base, "publish")
        self.rolling_back = _crashed(how, base, "rollback")


@pytest.fixture(scope="module", params=["kill", "raise"])
def crashes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Crashes:
    return Crashes(tmp_path_factory.mktemp(request.param), request.param)


def _copy(folder: Path, tmp_path: Path) -> SnapshotStore:
    import shutil

    return SnapshotStore(shutil.copytree(folder, tmp_path / folder.name))


def test_publishing_has_many_steps_to_die_at(crashes: Crashes) -> None:
    assert len(crashes.publishing) > 15


def test_old_or_new_snapshot_serves_whole_after_a_crash(crashes: Crashes) -> None:
    served = [SnapshotStore(folder).load().snapshot_id for folder in crashes.publishing]
    switch = served.index(crashes.after)
    assert set(served[:switch]) == {crashes.before}
    assert set(served[switch:]) == {crashes.after}


def test_library_serves_after_a_crash(crashes: Crashes) -> None:
    for folder in crashes.publishing:
        library = Library(SnapshotStore(folder), MODEL)
        assert library.current() is not None
        assert library.problem is None


def test_next_publish_works_after_a_crash(crashes: Crashes, tmp_path: Path) -> None:
    for folder in crashes.publishing:
        store = _copy(folder, tmp_path)
        with store.exclusive():
            assert store.publish(tiny(*AFTER)) == crashes.after
        assert store.load().snapshot_id == crashes.after


def test_rollback_after_a_crash_goes_to_the_snapshot_before_the_one_that_serves(
    crashes: Crashes, tmp_path: Path
) -> None:
    expected = {crashes.before: crashes.oldest, crashes.after: crashes.before}
    wrong = []
    for folder in crashes.publishing:
        store = _copy(folder, tmp_path)
        serving = store.current_id()
        if (target := store.rollback()) != expected[serving]:
            wrong.append((folder.name, serving, target))
    assert wrong == []


def test_next_publish_leaves_nothing_of_the_crashed_one_behind(
    crashes: Crashes, tmp_path: Path
) -> None:
    left = set()
    for folder in crashes.publishing:
        store = _copy(folder, tmp_path)
        with store.exclusive():
            store.publish(tiny("Третий."))
        root = tmp_path / folder.name / "knowledge"
        left |= {path.name for path in root.iterdir()}
        left |= {path.name for path in (root / "snapshots").glob(".*")}
    assert {name.rstrip("0123456789") for name in left} == {
        "CURRENT",
        "HISTORY",
        "LOCK",
        "snapshots",
    }


def test_good_snapshot_serves_after_a_crash_of_a_rollback(crashes: Crashes) -> None:
    served = [SnapshotStore(folder).load().snapshot_id for folder in crashes.rolling_back]
    assert set(served[:-1]) <= {crashes.before, crashes.oldest}
    assert served[-1] == crashes.oldest


def test_rollback_that_crashed_can_be_done_again(crashes: Crashes, tmp_path: Path) -> None:
    for folder in crashes.rolling_back:
        store = _copy(folder, tmp_path)
        if store.current_id() == crashes.before:
            assert store.rollback() == crashes.oldest


_INGEST = """
import sys
from pathlib import Path
from assistant.knowledge.snapshot import SnapshotStore
from assistant.settings import Settings
from assistant.wiring import build_embedder
from kb_ingest.build import ingest
folder, data, models = map(Path, sys.argv[1:])
embedder = build_embedder(Settings(model_cache=models, _env_file=None))
print("started", flush=True)
ingest([folder], SnapshotStore(data), embedder)
print("published", flush=True)
"""


@pytest.fixture
def start_ingest(tmp_path: Path) -> Callable[[], subprocess.Popen[str]]:
    models = Settings(_env_file=None).models  # type: ignore[call-arg]
    arguments = [sys.executable, "-c", _INGEST, tmp_path / "help", tmp_path / "data", models]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    return lambda: subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _write_articles(folder: Path, version: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(12):
        text = f"# Статья {number}\n\nДоставка {version} занимает {number} дней. Звоните."
        (folder / f"{number}.md").write_text(text)


def test_ingest_killed_at_random_moments_never_hurts_what_serves(
    tmp_path: Path, embedder: Embedder, start_ingest: Callable[[], subprocess.Popen[str]]
) -> None:
    store, chance = SnapshotStore(tmp_path / "data"), random.Random(7)
    _write_articles(tmp_path / "help", 0)
    served = ingest([tmp_path / "help"], store, embedder).snapshot
    for version in range(1, 6):
        _write_articles(tmp_path / "help", version)
        _kill_after_the_start(start_ingest(), chance.uniform(0, 0.35))
        knowledge = store.load()
        assert len(knowledge.articles) == 12
        versions = {article.text.split()[4] for article in knowledge.articles.values()}
        assert len(versions) == 1, "half of one version, half of another"
        assert knowledge.snapshot_id == served or versions == {str(version)}
        served = knowledge.snapshot_id
    report = ingest([tmp_path / "help"], store, embedder)
    assert store.load().snapshot_id == report.snapshot


def _kill_after_the_start(process: subprocess.Popen[str], seconds: float) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    time.sleep(seconds)
    process.kill()
    process.communicate()


def test_ingests_at_once_end_in_one_whole_snapshot(
    tmp_path: Path, start_ingest: Callable[[], subprocess.Popen[str]]
) -> None:
    _write_articles(tmp_path / "help", 1)
    running = [start_ingest() for _ in range(3)]
    outcomes = [process.communicate(timeout=120) for process in running]
    codes = [process.returncode for process in running]
    assert codes.count(0) >= 1
    for code, (_, complaint) in zip(codes, outcomes, strict=True):
        assert code == 0 or "another ingest is running" in complaint
    assert len(SnapshotStore(tmp_path / "data").load().articles) == 12
