from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from kb_ingest.build import ingest
from tests.conftest import REPO

Run = Callable[..., "subprocess.CompletedProcess[str]"]

ARTICLES = {
    "returns": "# Как вернуть товар\n\nВернуть товар можно за 14 дней. Нужен чек.",
    "delivery": "# Доставка курьером\n\nКурьер приедет завтра с 9 до 21.",
    "payment": "# Оплата картой\n\nКартой «Мир» можно оплатить при получении.",
    "gift": "# Подарочные карты\n\nПодарочная карта действует год.",
    "en-account": "# Delete my account\n\nOpen the settings and press Delete account.",
}
QUESTIONS = {
    "q1": ("хочу сдать покупку обратно", "returns"),
    "q2": ("когда приедет курьер", "delivery"),
    "q3": ("how to delete my account", "en-account"),
    "q4": ("принимаете карту мир", "payment"),
}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("help")
    for name, text in ARTICLES.items():
        head = f"---\nid: {name}\nurl: https://shop.example/{name}\n---\n"
        (folder / f"{name}.md").write_text(head + text)
    data = tmp_path_factory.mktemp("data")
    ingest([folder], SnapshotStore(data), embedder)
    return data


@pytest.fixture
def kb(run_command: Run, indexed: Path, tmp_path: Path, models: Path) -> Run:
    data = shutil.copytree(indexed, tmp_path / "data")
    environment = {"SOUFFLEUR_DATA_DIR": str(data), "SOUFFLEUR_MODEL_CACHE": str(models)}
    return lambda *arguments, **more: run_command("kb", *arguments, **{**environment, **more})


def _lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _batch() -> str:
    return _lines(*({"id": name, "query": query} for name, (query, _) in QUESTIONS.items()))


def _rows(done: subprocess.CompletedProcess[str]) -> list[Any]:
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _assert_explained(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    for word in words:
        assert word in done.stderr


def test_search_with_json_prints_one_document_best_first(kb: Run) -> None:
    (document,) = _rows(kb("search", "как вернуть товар", "--json"))
    assert document["query"] == "как вернуть товар"
    results = document["results"]
    assert results[0]["article_id"] == "returns"
    assert results[0]["title"] == "Как вернуть товар"
    assert results[0]["url"] == "https://shop.example/returns"
    assert results[0]["snippet"]
    assert [row["score"] for row in results] == sorted(
        (row["score"] for row in results), reverse=True
    )
    assert set(results[0]) >= {"article_id", "title", "url", "snippet", "score"}
    assert len({row["article_id"] for row in results}) == len(results)


def test_search_without_json_is_for_people(kb: Run) -> None:
    done = kb("search", "как вернуть товар", "-k", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Как вернуть товар" in done.stdout
    assert "Доставка" not in done.stdout


@pytest.mark.parametrize(("limit", "count"), [("1", 1), ("100", len(ARTICLES))])
def test_search_gives_at_most_k_and_never_more_than_there_are(
    kb: Run, limit: str, count: int
) -> None:
    (document,) = _rows(kb("search", "карта", "-k", limit, "--json"))
    assert len(document["results"]) <= count
    assert document["results"]


ODD = ["", " ", "🙂", "???", "https://a.example", "'; DROP TABLE --", "слово " * 2000, "-", "\x00"]


def test_odd_queries_are_no_failure(kb: Run) -> None:
    rows = _rows(
        kb("search-batch", "-", stdin=_lines(*({"id": n, "query": q} for n, q in enumerate(ODD))))
    )
    assert [row["id"] for row in rows] == list(range(len(ODD)))


def test_empty_query_is_no_failure(kb: Run) -> None:
    (document,) = _rows(kb("search", "", "--json"))
    assert document["query"] == ""


def test_batch_answers_in_the_order_of_the_input(kb: Run, tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text(_batch())
    rows = _rows(kb("search-batch", "questions.jsonl"))
    assert [row["id"] for row in rows] == list(QUESTIONS)
    for row in rows:
        assert set(row) == {"id", "results"}
        assert row["results"][0]["article_id"] == QUESTIONS[row["id"]][1]
        assert set(row["results"][0]) == {"article_id", "score"}
        scores = [result["score"] for result in row["results"]]
        assert scores == sorted(scores, reverse=True)


def test_batch_reads_standard_input(kb: Run, tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text(_batch())
    assert (
        kb("search-batch", "-", stdin=_batch()).stdout
        == kb("search-batch", "questions.jsonl").stdout
    )


def test_batch_agrees_with_single_searches(kb: Run) -> None:
    (batch,) = _rows(
        kb("search-batch", "-", "-k", "5", stdin=_lines({"id": 1, "query": "возврат"}))
    )
    (single,) = _rows(kb("search", "возврат", "-k", "5", "--json"))
    pairs = [(row["article_id"], row["score"]) for row in single["results"]]
    assert [(row["article_id"], row["score"]) for row in batch["results"]] == pairs


def test_ids_come_back_as_they_were_given(kb: Run) -> None:
    given = [7, "7", None, "с пробелом", "", 7]
    rows = _rows(
        kb("search-batch", "-", "-k", "1", stdin=_lines(*({"id": i, "query": "x"} for i in given)))
    )
    assert [row["id"] for row in rows] == given


@pytest.mark.parametrize("text", ["", "\n\n \n"])
def test_batch_of_nothing_answers_nothing(kb: Run, text: str) -> None:
    assert _rows(kb("search-batch", "-", stdin=text)) == []


def test_byte_order_mark_is_no_part_of_the_first_line(kb: Run, tmp_path: Path) -> None:
    text = "\ufeff" + _lines({"id": 1, "query": "возврат"})
    (tmp_path / "a.jsonl").write_text(text)
    assert len(_rows(kb("search-batch", "a.jsonl"))) == 1
    assert len(_rows(kb("search-batch", "-", stdin=text))) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("not json", ["a.jsonl:2", "not JSON"]),
        ("[1]", ["a.jsonl:2", "not an object"]),
        ('{"id": 1}', ["a.jsonl:2", "'query'"]),
        ('{"id": 1, "query": 5}', ["a.jsonl:2", "'query'"]),
        ('{"id": 1, "query": null}', ["a.jsonl:2", "'query'"]),
        ('{"id": 1, "query": "half an emoji \\ud83d"}', ["a.jsonl:2"]),
        ("[" * 100_000, ["a.jsonl:2"]),
    ],
    ids=["not-json", "list", "missing", "number", "null", "surrogate", "deep"],
)
def test_malformed_line_is_named_and_nothing_is_answered(
    kb: Run, tmp_path: Path, line: str, words: list[str]
) -> None:
    (tmp_path / "a.jsonl").write_text(_lines({"id": 0, "query": "возврат"}) + line + "\n")
    done = kb("search-batch", "a.jsonl")
    _assert_explained(done, *words)
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["gone.jsonl", "."])
def test_file_that_cannot_be_opened_is_explained(kb: Run, name: str) -> None:
    _assert_explained(kb("search-batch", name), name)


def test_bytes_that_are_no_utf8_are_explained(kb: Run, tmp_path: Path, models: Path) -> None:
    line = '{"id": 1, "query": "возврат"}\n'.encode("cp1251")
    (tmp_path / "a.jsonl").write_bytes(line)
    _assert_explained(kb("search-batch", "a.jsonl"), "a.jsonl")
    done = subprocess.run(
        [sys.executable, "-m", "souffleur", "kb", "search-batch", "-", "--data-dir", "data"],
        env={"PATH": "/usr/bin", "PYTHONPATH": str(REPO), "SOUFFLEUR_MODEL_CACHE": str(models),
             "LC_ALL": "C.UTF-8"},
        cwd=tmp_path, input=line, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1), done.stderr
    assert b"standard input" in done.stderr


def test_search_in_an_emptied_knowledge_base_finds_nothing(kb: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.md").write_text("# А\n\nА.")
    kb("ingest", str(empty), "--replace")
    (empty / "a.md").unlink()
    kb("ingest", str(empty))
    (document,) = _rows(kb("search", "возврат", "--json"))
    assert document["results"] == []
