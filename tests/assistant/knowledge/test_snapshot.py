from __future__ import annotations

import dataclasses
import json
import pickletools
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from assistant.domain import Article, Audience
from assistant.errors import CorruptSnapshotError, KnowledgeError, NoSnapshotError, NotFoundError
from assistant.knowledge.contents import SnapshotContent
from assistant.knowledge.snapshot import KEPT_SNAPSHOTS, SnapshotStore
from assistant.text import stems
from tests.assistant.knowledge.contents import MODEL, pretend_format, tiny


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


def _publish(store: SnapshotStore, *texts: str) -> str:
    with store.exclusive():
        return store.publish(tiny(*texts))


def _folders(root: Path) -> set[str]:
    return {folder.name for folder in (root / "knowledge" / "snapshots").iterdir()}


def test_before_the_first_ingest_it_says_what_to_do(store: SnapshotStore) -> None:
    for look in (store.current_id, store.manifest, store.load, store.damages):
        with pytest.raises(NoSnapshotError, match="souffleur kb ingest"):
            look()


def test_what_was_published_is_what_is_loaded(store: SnapshotStore) -> None:
    content = tiny("Возврат товара.", "Доставка курьером.", "Оплата картой.")
    special = dataclasses.replace(
        content.articles[0],
        url="https://a.example",
        lang="en",
        topic="Т",
        audience=Audience.OPERATOR,
        valid_until=date(2026, 12, 31),
        is_answer=True,
        source="/help/a.md",
    )
    content = dataclasses.replace(content, articles=[special, *content.articles[1:]])
    with store.exclusive():
        snapshot_id = store.publish(content)
    knowledge = store.load()
    assert knowledge.snapshot_id == snapshot_id == store.current_id()
    assert knowledge.model_id == MODEL
    assert list(knowledge.articles.values()) == content.articles
    assert list(knowledge.chunks) == content.chunks
    assert np.array_equal(knowledge.dense.vectors[:3], content.title_vectors)
    assert np.array_equal(knowledge.dense.vectors[3:], content.body_vectors)
    assert np.allclose(knowledge.sentence_vectors, content.sentence_vectors, atol=1e-3)
    assert np.array_equal(knowledge.entries.hashes, content.entries.hashes)
    assert knowledge.lexical["body-words"].scores(stems(content.bodies[1])).argmax() == 1


@pytest.mark.parametrize(
    "text", ["🙂 «ё»", "а\u2028б\x85в\x0cг", 'кавычки " и \\', "\ufeffметка", "а\x00б"]
)
def test_any_text_survives_being_written_and_read(store: SnapshotStore, text: str) -> None:
    _publish(store, text)
    assert store.load().articles["a0"].text == text


def test_manifest_tells_what_is_inside(store: SnapshotStore) -> None:
    _publish(store, "Один.", "Два.")
    manifest = store.manifest()
    assert (manifest["articles"], manifest["chunks"], manifest["sentences"]) == (2, 2, 2)
    assert manifest["model_id"] == MODEL
    assert manifest["created_at"]
    assert {"articles.jsonl", "chunks.jsonl", "dense.faiss"} <= set(manifest["files"])


def test_equal_knowledge_has_an_equal_id(store: SnapshotStore, tmp_path: Path) -> None:
    first = _publish(store, "Один.", "Два.")
    assert _publish(SnapshotStore(tmp_path / "elsewhere"), "Один.", "Два.") == first
    assert _publish(store, "Один.", "Три.") != first


def test_publishing_the_same_again_changes_nothing(store: SnapshotStore, tmp_path: Path) -> None:
    first = _publish(store, "Один.")
    second = _publish(store, "Два.")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    assert _publish(store, "Два.") == second
    after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    before.pop(tmp_path / "knowledge" / "LOCK")
    after.pop(tmp_path / "knowledge" / "LOCK")
    assert after == before
    assert store.rollback() == first


def test_empty_knowledge_can_be_published_and_loaded(store: SnapshotStore) -> None:
    _publish(store)
    assert store.load().articles == {}
    assert store.load().chunks == ()


def test_nothing_in_the_folder_is_pickled(store: SnapshotStore, tmp_path: Path) -> None:
    _publish(store, "Возврат товара.", "Доставка курьером.")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        assert path.suffix not in {".pkl", ".pickle", ".joblib", ".pt", ".bin"}
        assert not _is_pickle(path.read_bytes()), path
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)
        if path.suffix == ".json":
            json.loads(path.read_text())


def _is_pickle(data: bytes) -> bool:
    if not data:
        return False
    try:
        *_, (last, _, end) = pickletools.genops(data)
    except Exception:  # noqa: BLE001 - whatever the disassembler trips over is no pickle
        return False
    return last.name == "STOP" and end == len(data) - 1


def test_rollback_serves_the_snapshot_before(store: SnapshotStore) -> None:
    first, second, third = (_publish(store, text) for text in ("Один.", "Два.", "Три."))
    assert store.rollback() == second == store.current_id()
    assert store.load().articles["a0"].text == "Два."
    assert store.rollback() == first
    with pytest.raises(NotFoundError, match="no earlier snapshot"):
        store.rollback()
    assert store.current_id() == first
    assert third not in {first, second}


def test_rollback_without_any_snapshot_is_explained(store: SnapshotStore) -> None:
    with pytest.raises(NotFoundError):
        store.rollback()


def test_publishing_after_a_rollback_goes_on_from_there(store: SnapshotStore) -> None:
    first, _ = _publish(store, "Один."), _publish(store, "Два.")
    store.rollback()
    third = _publish(store, "Три.")
    assert store.current_id() == third
    assert store.rollback() == first


def test_snapshot_rolled_back_from_can_be_published_again(store: SnapshotStore) -> None:
    first, second = _publish(store, "Один."), _publish(store, "Два.")
    store.rollback()
    assert _publish(store, "Два.") == second
    assert store.load().articles["a0"].text == "Два."
    assert store.rollback() == first


def test_going_back_and_forth_between_two_never_lists_one_twice(store: SnapshotStore) -> None:
    first, second = _publish(store, "Один."), _publish(store, "Два.")
    assert _publish(store, "Один.") == first
    assert store.rollback() == second
    assert store.current_id() == second


def test_rollback_onto_a_damaged_snapshot_is_refused(store: SnapshotStore, tmp_path: Path) -> None:
    first, second = _publish(store, "Один."), _publish(store, "Два.")
    (tmp_path / "knowledge" / "snapshots" / first / "chunks.jsonl").unlink()
    with pytest.raises(CorruptSnapshotError, match=r"chunks\.jsonl: missing"):
        store.rollback()
    assert store.current_id() == second


def test_only_the_last_few_snapshots_are_kept(store: SnapshotStore, tmp_path: Path) -> None:
    published = [_publish(store, f"Текст {number}.") for number in range(KEPT_SNAPSHOTS + 3)]
    assert _folders(tmp_path) == set(published[-KEPT_SNAPSHOTS:])
    for expected in published[-KEPT_SNAPSHOTS:-1][::-1]:
        assert store.rollback() == expected
    with pytest.raises(NotFoundError):
        store.rollback()


def test_loaded_snapshot_stays_usable_after_it_was_dropped(store: SnapshotStore) -> None:
    _publish(store, "Первый.")
    knowledge = store.load()
    expected = tiny("Первый.").sentence_vectors
    for number in range(KEPT_SNAPSHOTS + 1):
        _publish(store, f"Текст {number}.")
    assert np.allclose(np.asarray(knowledge.sentence_vectors), expected, atol=1e-3)
    assert knowledge.dense.nearest(expected[0], 1).tolist() == [1]


def test_second_publisher_is_refused_and_let_in_afterwards(
    store: SnapshotStore, tmp_path: Path
) -> None:
    other = SnapshotStore(tmp_path)
    with store.exclusive():
        with pytest.raises(KnowledgeError, match="another ingest is running"), other.exclusive():
            pytest.fail("two publishers at once")
        first = store.publish(tiny("Один."))
    assert _publish(other, "Два.") != first


def test_snapshot_of_another_format_is_named(store: SnapshotStore, tmp_path: Path) -> None:
    _publish(store, "Один.")
    pretend_format(tmp_path / "knowledge", 0)
    with pytest.raises(KnowledgeError, match="ingest again"):
        store.load()


def test_article_with_a_time_in_its_date_never_makes_a_snapshot_that_cannot_be_read(
    store: SnapshotStore,
) -> None:
    from datetime import datetime

    content: SnapshotContent = tiny("Один.")
    article = dataclasses.replace(content.articles[0], valid_until=datetime(2026, 12, 31, 10))
    assert isinstance(article, Article)
    try:
        with store.exclusive():
            store.publish(dataclasses.replace(content, articles=[article]))
    except (TypeError, ValueError, KnowledgeError):
        return
    assert store.load().articles["a0"].valid_until == date(2026, 12, 31)
