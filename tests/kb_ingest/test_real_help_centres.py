"""The sample shop and the help centres beside the checkout, as their owners wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.knowledge.embedder import Embedder
from kb_ingest.chunking import chunk_article
from kb_ingest.collect import Collected, collect
from tests.conftest import SAMPLE, SHARED


def _assert_sound(collected: Collected, embedder: Embedder) -> None:
    assert [item for item in collected.skipped if item.failed] == []
    for article in collected.articles.values():
        chunks = chunk_article(article, embedder.count_tokens)
        assert chunks, article.article_id
        for chunk in chunks:
            assert chunk.text == article.text[chunk.start : chunk.end]
            assert chunk.sentences or not any(char.isalpha() for char in chunk.text)


def test_sample_shop_is_read_without_a_complaint(embedder: Embedder) -> None:
    collected = collect([SAMPLE])
    assert len(collected.articles) > 100
    assert {article.lang for article in collected.articles.values()} == {"ru", "en"}
    _assert_sound(collected, embedder)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "count"),
    [("rutube/kb.csv", 300), ("rutube/site_faq", 10), ("vkcloud_faq/articles.jsonl", 200)],
)
def test_shared_help_centre_is_read_without_a_complaint(
    embedder: Embedder, path: str, count: int
) -> None:
    source: Path = SHARED / path
    if not source.exists():
        pytest.skip(f"{source} is not here")
    collected = collect([source])
    assert len(collected.articles) >= count
    _assert_sound(collected, embedder)
