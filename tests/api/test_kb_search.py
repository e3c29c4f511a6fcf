"""Articles for operators: found with sentences that can be quoted word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from kb_ingest.build import ingest
from tests.api.conftest import KEYS, client_of, is_problem
from tests.conftest import Server


def search(client: httpx.Client, q: str, **params: str | int) -> list[dict]:
    response = client.get("/v1/kb/search", params={"q": q, **params})
    assert response.status_code == 200, response.text
    found: list[dict] = response.json()["results"]
    return found


@pytest.mark.parametrize(
    ("q", "article_id"),
    [
        ("Как удалить аккаунт?", "account-delete"),
        ("how do I delete my account", "en-account-delete"),
    ],
)
def test_best_article_comes_first(client: httpx.Client, q: str, article_id: str) -> None:
    found = search(client, q)
    assert found[0]["article_id"] == article_id
    scores = [item["score"] for item in found]
    assert len(found) == 5
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize(
    "q", ["возврат товара", "сколько хранится заказ", "gift card", "доставка", "оплата картой"]
)
def test_passages_stand_word_for_word_in_their_article(client: httpx.Client, q: str) -> None:
    for item in search(client, q, limit=20):
        article = client.get(f"/v1/kb/articles/{item['article_id']}").json()
        assert 1 <= len(item["passages"]) <= 2
        for passage in item["passages"]:
            assert passage["text"]
            assert passage["text"] in article["text"]
        assert article["title"] == item["title"]
        assert article["url"] == item["url"]


def test_passage_is_about_what_was_asked(client: httpx.Client) -> None:
    found = search(client, "сколько хранится заказ в пункте выдачи?", limit=1)
    assert "хран" in " ".join(passage["text"] for passage in found[0]["passages"]).lower()


@pytest.mark.parametrize("q", ["", " ", "а", "?!", "…", "\u200b"])
def test_nothing_is_found_for_nothing(client: httpx.Client, q: str) -> None:
    assert search(client, q) == []


@pytest.mark.parametrize("q", ["%", "'; drop table", "\u0000аб", "🙂🙂", "я" * 4000, "10432"])
def test_odd_queries_are_answered(client: httpx.Client, q: str) -> None:
    assert isinstance(search(client, q), list)


def test_limit_is_kept(client: httpx.Client) -> None:
    assert len(search(client, "доставка", limit=2)) == 2
    response = client.get("/v1/kb/search", params={"q": "доставка", "limit": 21})
    is_problem(response, 422, "invalid_request")


def test_articles_for_operators_are_found_and_named_as_such(
    start_server: Callable[..., Server], tmp_path: Path, embedder: Embedder
) -> None:
    articles = tmp_path / "articles" / "inner"
    articles.mkdir(parents=True)
    told = "Скидку до 10 % даёт старший смены."
    text = f"---\naudience: operator\n---\n# Скидка недовольным\n\n{told}"
    (articles / "discount.md").write_text(text, encoding="utf-8")
    ingest([tmp_path / "articles"], SnapshotStore(tmp_path), embedder)
    with client_of(start_server(tmp_path)) as client:
        found = search(client, "кто даёт скидку?")
        assert [(item["article_id"], item["audience"]) for item in found] == [
            ("inner/discount.md", "operator")
        ]
        read = client.get("/v1/kb/articles/inner/discount.md")
        assert read.json()["text"].endswith(told)


def test_unknown_article_is_404(client: httpx.Client) -> None:
    is_problem(client.get("/v1/kb/articles/no/such/article"), 404, "not_found")


@pytest.mark.parametrize("path", ["/v1/kb/search?q=доставка", "/v1/kb/articles/x"])
def test_customers_may_not_search_what_is_for_operators(guarded_server: Server, path: str) -> None:
    with client_of(guarded_server, KEYS["widget"]) as widget:
        is_problem(widget.get(path), 403, "forbidden")
