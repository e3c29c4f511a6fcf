"""Contradictions between the articles of a snapshot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.contradictions.finding import find_contradictions
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from kb_ingest.build import ingest

TODAY = date(2026, 11, 28)
TEXTS = {
    "a.md": "# Возврат товара\n\nСохраните чек. Вернуть товар можно в течение 14 дней.\n",
    "b.md": "# Вопросы о возврате\n\nВернуть товар можно в течение 30 дней. Это бесплатно.\n",
    "c.md": "---\nvalid_until: 2026-01-31\n---\n# Возврат\n\nВернуть товар можно в течение 5 дней.",
    "d.md": "# Сроки\n\n| что | срок |\n|---|---|\n| Вернуть товар можно в течение | 90 дней |\n",
    "e.md": "# Чат\n\nВ чате отвечаем за 5 минут. Ещё раз: в чате отвечаем за 9 минут.\n",
    "f.md": "---\nlang: en\n---\n# Returns\n\nYou can return an item within 60 days.\n",
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Knowledge:
    """Six articles, of which two contradict each other."""
    folder = tmp_path_factory.mktemp("contradictions")
    help_centre = folder / "help"
    help_centre.mkdir()
    for name, text in TEXTS.items():
        (help_centre / name).write_text(text, encoding="utf-8")
    snapshots = SnapshotStore(folder / "data")
    ingest([help_centre], snapshots, embedder)
    return snapshots.load()


def test_pair_is_told_once_with_both_sentences_word_for_word(knowledge: Knowledge) -> None:
    (pair,) = find_contradictions(knowledge, TODAY)
    assert {pair.one.article_id, pair.other.article_id} == {"a.md", "b.md"}
    assert {pair.one.title, pair.other.title} == {"Возврат товара", "Вопросы о возврате"}
    for side in (pair.one, pair.other):
        assert side.text in knowledge.articles[side.article_id].text
    assert {pair.difference.one, pair.difference.other} == {"14 дней", "30 дней"}


def test_article_counts_while_it_is_valid(knowledge: Knowledge) -> None:
    found = find_contradictions(knowledge, date(2026, 1, 1))
    ids = {side.article_id for pair in found for side in (pair.one, pair.other)}
    assert ids == {"a.md", "b.md", "c.md"}
    assert len(found) == 3


def test_sample_help_centre_raises_no_alarm_but_its_old_rules(indexed_shop: Path) -> None:
    found = find_contradictions(SnapshotStore(indexed_shop).load(), TODAY)
    pairs = [{pair.one.article_id, pair.other.article_id} for pair in found]
    assert [pair for pair in pairs if "en-loyalty-old-rules" not in pair] == []
