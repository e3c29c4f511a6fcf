from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from kb_ingest.build import ingest
from tests.conftest import REPO

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def help_centre(tmp_path: Path) -> Path:
    folder = tmp_path / "help"
    folder.mkdir()
    (folder / "returns.md").write_text("# Возврат\n\nВернуть товар можно за 14 дней.")
    (folder / "delivery.md").write_text("# Доставка\n\nКурьер приедет завтра.")
    return folder


@pytest.fixture
def store(help_centre: Path, tmp_path: Path, embedder: Embedder) -> SnapshotStore:
    """The store of `kb`, with the help centre ingested."""
    store = SnapshotStore(tmp_path / "data")
    ingest([help_centre], store, embedder)
    return store


@pytest.fixture
def kb(run_command: Run, tmp_path: Path, models: Path) -> Run:
    """`souffleur kb …` on a data folder of the test's own."""
    data = str(tmp_path / "data")
    environment = {"SOUFFLEUR_DATA_DIR": data, "SOUFFLEUR_MODEL_CACHE": str(models)}
    return lambda *arguments, **more: run_command("kb", *arguments, **{**environment, **more})


def _document(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document that is all of standard output."""
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def _assert_explained(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit status 1 and one line on standard error that holds the words."""
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("souffleur: ")
    for word in words:
        assert word in done.stderr


def test_ingest_tells_what_it_did(kb: Run, help_centre: Path) -> None:
    done = kb("ingest", str(help_centre))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Articles: 2 added, 0 changed, 0 removed, 0 unchanged, 0 skipped." in done.stdout
    assert "2 chunks" in done.stdout


def test_ingest_with_json_prints_one_document(kb: Run, help_centre: Path) -> None:
    (help_centre / "logo.png").write_bytes(b"x")
    done = kb("ingest", str(help_centre), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    document = _document(done)
    assert (document["added"], document["changed"], document["removed"]) == (2, 0, 0)
    assert (document["unchanged"], document["chunks"]) == (0, 2)
    assert document["embedded"] > 0
    assert document["seconds"] >= 0
    (skipped,) = document["skipped"]
    assert skipped["file"] == str(help_centre / "logo.png")
    assert ".png" in skipped["reason"]


def test_file_that_cannot_be_read_is_named_and_the_exit_status_says_so(
    kb: Run, help_centre: Path, tmp_path: Path
) -> None:
    (help_centre / "bad.docx").write_bytes(b"x")
    done = kb("ingest", str(help_centre))
    _assert_explained(done, "1 of the files")
    assert f"skipped {help_centre / 'bad.docx'}: it is not a readable Word document" in done.stdout
    assert len(SnapshotStore(tmp_path / "data").load().articles) == 2
    with_json = kb("ingest", str(help_centre), "--json")
    _assert_explained(with_json)
    assert _document(with_json)["unchanged"] == 2


@pytest.mark.usefixtures("store")
def test_second_ingest_reports_changes_and_embeds_only_them(kb: Run, help_centre: Path) -> None:
    (help_centre / "returns.md").write_text("# Возврат\n\nВернуть товар можно за 30 дней.")
    (help_centre / "delivery.md").unlink()
    (help_centre / "new.md").write_text("# Оплата\n\nКартой.")
    document = _document(kb("ingest", str(help_centre), "--json"))
    counts = [document[name] for name in ("added", "changed", "removed", "unchanged")]
    assert counts == [1, 1, 1, 0]
    assert document["embedded"] == 5


@pytest.mark.usefixtures("store")
def test_replace_drops_what_came_from_elsewhere(kb: Run, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Иное\n\nИное.")
    document = _document(kb("ingest", "other.md", "--replace", "--json"))
    assert (document["added"], document["removed"]) == (1, 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest"],
        ["ingest", "x", "--nonsense"],
        ["search"],
        ["search", "a", "-k", "0"],
        ["search", "a", "-k", "many"],
        ["search-batch"],
        ["status", "extra"],
        ["nonsense"],
        ["status", "--data-dir", __file__],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(kb: Run, arguments: list[str]) -> None:
    done = kb(*arguments)
    assert done.returncode == 2
    assert "Usage:" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [["search", "a"], ["status"], ["verify"], ["export"], ["search-batch", "-"],
     ["search", "a", "--json"], ["status", "--json"], ["verify", "--json"]],
    ids=" ".join,
)  # fmt: skip
def test_without_a_knowledge_base_it_says_what_to_run(kb: Run, arguments: list[str]) -> None:
    done = kb(*arguments, stdin="")
    _assert_explained(done, "souffleur kb ingest PATH")
    assert done.stdout == ""


def test_rollback_without_a_knowledge_base_is_explained(kb: Run) -> None:
    _assert_explained(kb("rollback"), "no earlier snapshot")


def test_path_that_does_not_exist_is_explained(kb: Run) -> None:
    _assert_explained(kb("ingest", "nowhere"), "nowhere does not exist")


def test_folder_without_articles_is_explained(kb: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    _assert_explained(kb("ingest", str(tmp_path / "empty")), "no article found")


@pytest.mark.parametrize("command", [["ingest", "help"], ["status"], ["verify"], ["rollback"]])
def test_data_folder_that_cannot_be_made_is_explained(
    kb: Run, help_centre: Path, command: list[str]
) -> None:
    blocked = help_centre / "returns.md" / "data"
    _assert_explained(kb(*command, "--data-dir", str(blocked)))


def test_full_disk_is_explained_and_leaves_the_last_good_snapshot(
    store: SnapshotStore, help_centre: Path, tmp_path: Path, models: Path
) -> None:
    before = store.current_id()
    (help_centre / "new.md").write_text("# Новое\n\n" + "Новый текст. " * 50)
    done = subprocess.run(
        ["bash", "-c", f'ulimit -f 2; exec "{sys.executable}" -m souffleur kb ingest help'],
        env={**os.environ, "PYTHONPATH": str(REPO), "SOUFFLEUR_MODEL_CACHE": str(models),
             "SOUFFLEUR_DATA_DIR": str(tmp_path / "data"), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert store.load().snapshot_id == before
    _assert_explained(done)


def test_second_ingest_at_once_is_explained(
    kb: Run, help_centre: Path, store: SnapshotStore
) -> None:
    with store.exclusive():
        done = kb("ingest", str(help_centre))
    _assert_explained(done, "another ingest is running")


def test_status_shows_the_manifest(kb: Run, store: SnapshotStore) -> None:
    snapshot = store.current_id()
    plain, with_json = kb("status"), kb("status", "--json")
    assert (plain.returncode, with_json.returncode) == (0, 0)
    assert snapshot in plain.stdout
    document = _document(with_json)
    assert (document["snapshot"], document["articles"], document["chunks"]) == (snapshot, 2, 2)


def test_verify_finds_a_sound_snapshot_intact(kb: Run, store: SnapshotStore) -> None:
    done = kb("verify", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert _document(done) == {"snapshot": store.current_id(), "intact": True, "damages": []}


@pytest.fixture
def damaged(store: SnapshotStore, tmp_path: Path) -> str:
    snapshot = store.current_id()
    chunks = tmp_path / "data" / "knowledge" / "snapshots" / snapshot / "chunks.jsonl"
    chunks.write_bytes(chunks.read_bytes().replace(b"14", b"15"))
    return snapshot


def test_verify_names_the_damaged_file(kb: Run, damaged: str) -> None:
    done = kb("verify", "--json")
    _assert_explained(done, "chunks.jsonl: differs from its hash")
    assert _document(done) == {
        "snapshot": damaged,
        "intact": False,
        "damages": [f"{damaged}/chunks.jsonl: differs from its hash"],
    }


@pytest.mark.parametrize("command", [["search", "возврат"], ["search-batch", "-"], ["export"]])
@pytest.mark.usefixtures("damaged")
def test_damaged_snapshot_is_explained_by_every_reader(kb: Run, command: list[str]) -> None:
    done = kb(*command, stdin='{"id": 1, "query": "возврат"}')
    _assert_explained(done, "chunks.jsonl")
    assert done.stdout == ""


def test_rollback_serves_the_snapshot_before(
    kb: Run, help_centre: Path, store: SnapshotStore, embedder: Embedder
) -> None:
    first = store.current_id()
    (help_centre / "new.md").write_text("# Новое\n\nНовое.")
    ingest([help_centre], store, embedder)
    done = kb("rollback", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert _document(done) == {"snapshot": first}
    assert store.current_id() == first
    _assert_explained(kb("rollback"), "no earlier snapshot")


def test_exported_articles_can_be_ingested_again_unchanged(
    kb: Run, help_centre: Path, tmp_path: Path, embedder: Embedder
) -> None:
    (help_centre / "faq.csv").write_text(
        "id,question,answer,url,topic\nq1,Как?,# Так *и* <так>,https://a.example,Т\n"
    )
    (help_centre / "old.md").write_text(
        "---\nid: old\naudience: operator\nvalid_until: 2030-01-01\n---\n"
        "# Т\n\n| а |\n| --- |\n| б |"
    )
    store = SnapshotStore(tmp_path / "data")
    ingest([help_centre], store, embedder)
    done = kb("export")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["id"] for row in rows} == {"returns.md", "delivery.md", "q1", "old"}
    (tmp_path / "all.jsonl").write_text(done.stdout)
    report = ingest([tmp_path / "all.jsonl"], store, embedder, replace=True)
    assert len(report.unchanged) == 4
    assert report.embedded == 0


def test_progress_is_shown_on_a_terminal(help_centre: Path, tmp_path: Path, models: Path) -> None:
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    environment = {"SOUFFLEUR_MODEL_CACHE": str(models), "PYTHONPATH": str(REPO), "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-m", "souffleur", "kb", "ingest", help_centre, "--data-dir", "other"],
        env={**os.environ, **environment}, cwd=tmp_path, stdout=subprocess.DEVNULL,
        stderr=terminal, check=True,
    )  # fmt: skip
    readable, _, _ = select.select([screen], [], [], 0)
    assert readable, "nothing was shown"
    assert b"embedding" in os.read(screen, 65536)
    os.close(screen)
    os.close(terminal)


@pytest.mark.parametrize(
    "name",
    ["", "ingest", "search", "search-batch", "status", "verify", "rollback", "export"],
)
def test_every_command_has_help(kb: Run, name: str) -> None:
    done = kb(*filter(None, [name]), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage:" in done.stdout
