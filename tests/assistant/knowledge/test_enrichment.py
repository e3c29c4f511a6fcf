"""What a language model wrote about articles, kept with the snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.domain import Article
from assistant.knowledge.enrichment import (
    Enriched,
    Enrichment,
    load_enrichment,
    save_enrichment,
    text_hash_of,
)
from assistant.knowledge.snapshot import SnapshotStore
from tests.assistant.knowledge.contents import tiny

ARTICLES = {
    name: Article(article_id=name, title=f"Т {name}", text=f"Текст {name}.") for name in "abc"
}


def enriched(name: str, *questions: str, summary: str | None = None) -> Enriched:
    return Enriched(name, text_hash_of(ARTICLES[name]), questions, summary, "m", "p@1:0")


def vectors(count: int) -> np.ndarray:
    return np.eye(8, dtype=np.float32)[:count]


KNOWN = Enrichment(
    (enriched("a", "раз?", "два?"), enriched("b", summary="О чём б."), enriched("c", "три?")),
    vectors(3),
)


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    save_enrichment(KNOWN, tmp_path)
    read = load_enrichment(tmp_path)
    assert read is not None
    assert read.articles == KNOWN.articles
    assert np.array_equal(read.vectors, KNOWN.vectors)


def test_folder_without_any_gives_none(tmp_path: Path) -> None:
    assert load_enrichment(tmp_path) is None


def test_every_question_has_its_article() -> None:
    assert KNOWN.owners() == ["a", "a", "c"]
    assert KNOWN.questions() == ["раз?", "два?", "три?"]


def test_article_that_reads_otherwise_loses_what_was_written_about_it() -> None:
    changed = {**ARTICLES, "a": replace(ARTICLES["a"], text="Другой.")}
    left = KNOWN.limited_to(changed)
    assert [one.article_id for one in left.articles] == ["b", "c"]
    assert np.array_equal(left.vectors, KNOWN.vectors[2:])


def test_article_that_is_gone_loses_it_too() -> None:
    left = KNOWN.limited_to({"a": ARTICLES["a"]})
    assert left.questions() == ["раз?", "два?"]
    assert np.array_equal(left.vectors, KNOWN.vectors[:2])


def test_new_title_is_another_text() -> None:
    assert text_hash_of(ARTICLES["a"]) != text_hash_of(replace(ARTICLES["a"], title="Иначе"))


def test_enriched_snapshot_is_checked_by_hash_and_can_be_taken_back(tmp_path: Path) -> None:
    snapshots = SnapshotStore(tmp_path)
    with snapshots.exclusive():
        plain = snapshots.publish(tiny("один", "два"))
        knowledge = snapshots.load()
        known = Enrichment((Enriched("a0", "0", ("раз?",), None, "m", "p"),), vectors(1))
        published = snapshots.publish_enriched(knowledge, known)
    assert published != plain
    assert snapshots.damages() == []
    loaded = snapshots.load()
    assert loaded.enrichment is not None
    assert loaded.enrichment.questions() == ["раз?"]
    lines = tmp_path / "knowledge" / "snapshots" / published / "enrichment.jsonl"
    lines.write_text(lines.read_text(encoding="utf-8").replace("раз", "два"), encoding="utf-8")
    assert snapshots.damages() == [f"{published}/enrichment.jsonl: differs from its hash"]
    with snapshots.exclusive():
        assert snapshots.rollback() == plain
    assert snapshots.load().enrichment is None


def test_further_questions_count_among_the_texts_of_a_calibration(tmp_path: Path) -> None:
    snapshots = SnapshotStore(tmp_path)
    with snapshots.exclusive():
        snapshots.publish(tiny("один", "два"))
    plain = snapshots.load()
    more = replace(plain, enrichment=KNOWN)
    assert len(more.text_hashes() - plain.text_hashes()) == 3
    assert plain.text_hashes() < more.text_hashes()
