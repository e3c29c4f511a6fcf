from __future__ import annotations

from pathlib import Path

import pytest

from assistant.knowledge.library import Library
from assistant.knowledge.snapshot import SnapshotStore
from tests.assistant.knowledge.contents import MODEL, tiny


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


@pytest.fixture
def library(store: SnapshotStore) -> Library:
    return Library(store, MODEL)


def _publish(store: SnapshotStore, *texts: str, model_id: str = MODEL) -> str:
    with store.exclusive():
        return store.publish(tiny(*texts, model_id=model_id))


def _damage(root: Path, snapshot_id: str) -> None:
    path = root / "knowledge" / "snapshots" / snapshot_id / "dense.faiss"
    path.write_bytes(path.read_bytes()[:-1])


def _served(library: Library) -> str | None:
    knowledge = library.current()
    return knowledge.snapshot_id if knowledge else None


def test_nothing_serves_before_the_first_ingest(library: Library) -> None:
    assert _served(library) is None
    assert "kb ingest" in (library.problem or "")


def test_first_ingest_serves_without_a_restart(library: Library, store: SnapshotStore) -> None:
    assert _served(library) is None
    first = _publish(store, "Один.")
    assert _served(library) == first
    assert library.problem is None


def test_new_snapshot_serves_at_the_next_look(library: Library, store: SnapshotStore) -> None:
    _publish(store, "Один.")
    library.current()
    second = _publish(store, "Два.")
    assert _served(library) == second


def test_rollback_serves_at_the_next_look(library: Library, store: SnapshotStore) -> None:
    first, _ = _publish(store, "Один."), _publish(store, "Два.")
    library.current()
    store.rollback()
    assert _served(library) == first


def test_unchanged_knowledge_is_not_read_again(library: Library, store: SnapshotStore) -> None:
    _publish(store, "Один.")
    assert library.current() is library.current()


def test_damaged_new_snapshot_leaves_the_last_good_one_serving(
    library: Library, store: SnapshotStore, tmp_path: Path
) -> None:
    first = _publish(store, "Один.")
    library.current()
    _damage(tmp_path, _publish(store, "Два."))
    assert _served(library) == first
    assert "dense.faiss" in (library.problem or "")
    assert _served(library) == first


def test_next_good_snapshot_serves_after_a_damaged_one(
    library: Library, store: SnapshotStore, tmp_path: Path
) -> None:
    _damage(tmp_path, _publish(store, "Один."))
    assert _served(library) is None
    second = _publish(store, "Два.")
    assert _served(library) == second
    assert library.problem is None


def test_damage_of_what_serves_does_not_stop_it(
    library: Library, store: SnapshotStore, tmp_path: Path
) -> None:
    first = _publish(store, "Один.")
    library.current()
    _damage(tmp_path, first)
    assert _served(library) == first


def test_repaired_snapshot_serves_without_a_restart(
    library: Library, store: SnapshotStore, tmp_path: Path
) -> None:
    first = _publish(store, "Один.")
    _damage(tmp_path, first)
    assert _served(library) is None
    assert _publish(store, "Один.") == first
    assert _served(library) == first


def test_snapshot_of_another_model_is_not_served(library: Library, store: SnapshotStore) -> None:
    first = _publish(store, "Один.")
    library.current()
    _publish(store, "Два.", model_id="other/model")
    assert _served(library) == first
    assert "other/model" in (library.problem or "")
    assert MODEL in (library.problem or "")


@pytest.mark.parametrize("content", [b"", b"gone\n", b"../x\n", b"\xff\xfe\x00"])
def test_broken_pointer_leaves_the_last_good_one_serving(
    library: Library, store: SnapshotStore, tmp_path: Path, content: bytes
) -> None:
    first = _publish(store, "Один.")
    library.current()
    (tmp_path / "knowledge" / "CURRENT").write_bytes(content)
    assert _served(library) == first
    assert library.problem


@pytest.mark.parametrize("text", ["[]", "{}", '{"files": []}', "not json"])
def test_broken_manifest_leaves_the_last_good_one_serving(
    library: Library, store: SnapshotStore, tmp_path: Path, text: str
) -> None:
    first = _publish(store, "Один.")
    library.current()
    second = _publish(store, "Два.")
    (tmp_path / "knowledge" / "snapshots" / second / "manifest.json").write_text(text)
    assert _served(library) == first


def test_deleted_data_folder_leaves_the_last_good_one_serving(
    library: Library, store: SnapshotStore, tmp_path: Path
) -> None:
    import shutil

    first = _publish(store, "Один.")
    library.current()
    shutil.rmtree(tmp_path / "knowledge")
    assert _served(library) == first
    assert library.problem


def test_empty_knowledge_is_told_of(library: Library, store: SnapshotStore) -> None:
    _publish(store)
    library.current()
    assert library.problem == "the knowledge base has no articles"
