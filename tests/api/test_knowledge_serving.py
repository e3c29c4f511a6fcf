"""Suggestions, readiness, and a new snapshot published while serving."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import QUESTION, client_of
from tests.conftest import Server

Run = Callable[..., subprocess.CompletedProcess[str]]


def suggested(client: httpx.Client, typed: str, **params: object) -> list[dict]:
    response = client.get("/v1/suggest", params={"q": typed, **params})  # type: ignore[dict-item]
    assert response.status_code == 200, response.text
    return response.json()["articles"]


@pytest.mark.parametrize(
    ("typed", "article_id"),
    [
        ("как удалить акк", "account-delete"),
        ("Как поменять номер телефона", "account-change-phone"),
        ("how do I check a gift card bal", "en-gift-cards-faq"),
    ],
)
def test_articles_are_suggested_while_typing(
    client: httpx.Client, typed: str, article_id: str
) -> None:
    articles = suggested(client, typed)
    assert articles[0]["article_id"] == article_id
    assert set(articles[0]) >= {"article_id", "title", "url", "snippet", "score"}
    assert [item["score"] for item in articles] == sorted(
        (item["score"] for item in articles), reverse=True
    )


@pytest.mark.parametrize(
    "typed", ["", " ", "как", "👍", "https://example.com", "zxcvb qwert asdfg", "рецепт борща"]
)
def test_nothing_is_suggested_below_the_floor(client: httpx.Client, typed: str) -> None:
    assert suggested(client, typed) == []


@pytest.mark.parametrize("limit", [1, 2])
def test_no_more_are_suggested_than_asked_for(client: httpx.Client, limit: int) -> None:
    assert len(suggested(client, "сколько хранится заказ в пункте выдачи", limit=limit)) == limit


def test_articles_for_operators_are_not_suggested(client: httpx.Client) -> None:
    articles = suggested(client, "какую скидку за неудобства может дать оператор", limit=10)
    assert not [item for item in articles if "operator" in item["article_id"]]


def test_server_with_knowledge_is_ready(client: httpx.Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["problems"]) == ("ready", [])
    assert body["snapshot"]
    assert body["articles"] > 100


def test_snapshot_of_a_reply_is_the_one_that_serves(client: httpx.Client) -> None:
    trace = client.post("/v1/messages", json={"text": QUESTION}).json()["trace"]
    assert trace["index_snapshot"] == client.get("/readyz").json()["snapshot"]


def test_server_is_alive(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def ingest(run_command: Run, folder: Path, article: Path, text: str) -> None:
    article.write_text(text, encoding="utf-8")
    done = run_command("kb", "ingest", str(article), "--data-dir", str(folder))
    assert done.returncode == 0, done.stderr


def test_knowledge_published_while_serving_is_picked_up(
    start_server: Callable[..., Server], run_command: Run, tmp_path: Path
) -> None:
    folder, article = tmp_path / "data", tmp_path / "unicorns.md"
    folder.mkdir()
    server = start_server(folder)
    with client_of(server) as client:
        empty = client.get("/readyz")
        assert (empty.status_code, empty.json()["articles"]) == (503, 0)
        assert "souffleur kb ingest" in empty.json()["problems"][0]
        assert client.get("/healthz").status_code == 200
        unanswered = client.post("/v1/messages", json={"text": QUESTION}).json()
        assert unanswered["handoff"]["reason"] == "no_evidence"
        ingest(run_command, folder, article, "# Единороги\n\nЕдинорогов кормят овсом.")
        first = client.get("/readyz")
        assert (first.status_code, first.json()["articles"]) == (200, 1)
        ingest(run_command, folder, article, "# Единороги\n\nЕдинорогов кормят радугой.")
        second = client.get("/readyz").json()
        assert second["snapshot"] != first.json()["snapshot"]
        reply = client.post("/v1/messages", json={"text": "Чем кормят единорогов?"}).json()
        assert reply["trace"]["index_snapshot"] == second["snapshot"]
        assert "радугой" in reply["suggested_articles"][0]["snippet"]


def test_server_stays_up_and_not_ready_over_damaged_knowledge(
    start_server: Callable[..., Server], shop: Path
) -> None:
    (next((shop / "knowledge" / "snapshots").iterdir()) / "dense.faiss").write_bytes(b"x")
    with client_of(start_server(shop)) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "dense.faiss" in ready.json()["problems"][0]
        reply = client.post("/v1/messages", json={"text": QUESTION}).json()
        assert reply["handoff"]["reason"] == "outage"
        assert reply["reply"]["author"]["disclosure"]
