"""Whatever byte of a published snapshot changes, it is noticed before anything is served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import CorruptSnapshotError
from assistant.knowledge.contents import LEXICAL
from assistant.knowledge.snapshot import SnapshotStore
from tests.assistant.knowledge.contents import tiny

FILES = [
    "articles.jsonl",
    "chunks.jsonl",
    "dense.faiss",
    "entry_hashes.npy",
    "sentence_hashes.npy",
    "sentences.npy",
    "manifest.json",
    *(
        f"lexical/{view}/{name}"
        for view in LEXICAL
        for name in (
            "data.csc.index.npy", "indices.csc.index.npy", "indptr.csc.index.npy",
            "params.index.json", "vocab.index.json",
        )
    ),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = SnapshotStore(tmp_path)
    with store.exclusive():
        return tmp_path / "knowledge" / "snapshots" / store.publish(tiny("Один.", "Два."))


@pytest.fixture
def store(folder: Path) -> SnapshotStore:
    return SnapshotStore(folder.parent.parent.parent)


def test_list_of_files_above_is_complete(folder: Path) -> None:
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert found == set(FILES)


def test_sound_snapshot_has_no_damages(store: SnapshotStore) -> None:
    assert store.damages() == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0], ids=["first", "middle", "last"])
def test_one_flipped_byte_is_found(
    store: SnapshotStore, folder: Path, name: str, place: float
) -> None:
    data = bytearray((folder / name).read_bytes())
    data[int(place * (len(data) - 1))] ^= 0x01
    (folder / name).write_bytes(data)
    (damage,) = store.damages()
    assert name in damage or "manifest" in damage
    with pytest.raises(CorruptSnapshotError, match=r"differs|changed|not JSON"):
        store.load()


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_found(store: SnapshotStore, folder: Path, name: str) -> None:
    (folder / name).unlink()
    (damage,) = store.damages()
    assert name in damage or "no manifest" in damage
    with pytest.raises(CorruptSnapshotError):
        store.load()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", [b"", b"more"], ids=["emptied", "longer"])
def test_file_of_another_length_is_found(
    store: SnapshotStore, folder: Path, name: str, change: bytes
) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + change if change else b"")
    assert len(store.damages()) == 1


def test_every_byte_of_the_manifest_counts(store: SnapshotStore, folder: Path) -> None:
    whole = (folder / "manifest.json").read_bytes()
    unnoticed = [
        damaged
        for damaged in _flipped(whole)
        if _says_otherwise(whole, damaged) and not _damages(store, folder, damaged)
    ]
    assert unnoticed == []


def _flipped(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]


def _says_otherwise(whole: bytes, damaged: bytes) -> bool:
    try:
        return bool(json.loads(damaged) != json.loads(whole))
    except ValueError:
        return True


def _damages(store: SnapshotStore, folder: Path, manifest: bytes) -> list[str]:
    (folder / "manifest.json").write_bytes(manifest)
    return store.damages()


@pytest.mark.parametrize("text", ["[]", "null", "{}", '"x"', '{"files": []}', '{"files": {}}'])
def test_manifest_that_is_something_else_is_found(
    store: SnapshotStore, folder: Path, text: str
) -> None:
    (folder / "manifest.json").write_text(text)
    assert len(store.damages()) == 1
    with pytest.raises(CorruptSnapshotError):
        store.load()


def test_missing_snapshot_folder_is_found(store: SnapshotStore, folder: Path) -> None:
    shutil.rmtree(folder)
    assert store.damages() == [f"snapshot {folder.name} has no manifest"]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"../../etc\n", b"0000000000000000\n", b"\xff\xfe"]
)
def test_pointer_that_names_no_snapshot_is_corrupt(
    store: SnapshotStore, folder: Path, content: bytes
) -> None:
    (folder.parent.parent / "CURRENT").write_bytes(content)
    with pytest.raises(CorruptSnapshotError):
        store.load()


def test_damaged_snapshot_is_written_anew_by_publishing_the_same(
    store: SnapshotStore, folder: Path
) -> None:
    (folder / "dense.faiss").write_bytes(b"")
    with store.exclusive():
        assert store.publish(tiny("Один.", "Два.")) == folder.name
    assert store.damages() == []
    assert len(store.load().articles) == 2
