from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.domain import Article
from assistant.errors import BadInputError
from kb_ingest.collect import Changes, collect, compare


def _write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def _published(*paths: Path) -> tuple[Article, ...]:
    return tuple(collect(paths).articles.values())


def _compare(before: tuple[Article, ...], *paths: Path, replace: bool = False) -> Changes:
    return compare(collect(paths), before, paths, replace=replace)


@pytest.fixture
def help_centre(tmp_path: Path) -> Path:
    files = {"a.md": "Первая", "b/c.md": "Вторая", "b/d.txt": "Третья", "e.md": "Пятая"}
    return _write(tmp_path / "help", files)


def test_default_id_is_the_path_relative_to_the_folder_given(help_centre: Path) -> None:
    assert set(collect([help_centre]).articles) == {"a.md", "b/c.md", "b/d.txt", "e.md"}
    assert set(collect([help_centre / "b"]).articles) == {"c.md", "d.txt"}
    assert set(collect([help_centre / "b" / "c.md"]).articles) == {"c.md"}


def test_relative_and_absolute_paths_name_the_same_source(
    help_centre: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(help_centre.parent)
    relative = collect([Path("help"), Path("./help/../help/a.md")]).articles
    assert relative == collect([help_centre]).articles


def test_files_are_read_in_the_same_order_everywhere(help_centre: Path) -> None:
    assert list(collect([help_centre]).articles) == ["a.md", "e.md", "b/c.md", "b/d.txt"]


def test_path_that_does_not_exist_is_refused_by_name(help_centre: Path) -> None:
    with pytest.raises(BadInputError, match="nowhere does not exist"):
        collect([help_centre, help_centre / "nowhere"])


def test_other_files_are_named_but_are_no_failure(help_centre: Path) -> None:
    _write(help_centre, {"logo.png": b"\x89PNG", "Makefile": "all:"})
    skipped = {Path(item.file).name: item for item in collect([help_centre]).skipped}
    assert set(skipped) == {"logo.png", "Makefile"}
    assert not any(item.failed for item in skipped.values())
    assert ".png" in skipped["logo.png"].reason


def test_hidden_files_and_folders_are_passed_over(help_centre: Path) -> None:
    _write(help_centre, {".git/x.md": "нет", ".draft.md": "нет", "b/.obsidian/y.md": "нет"})
    collected = collect([help_centre])
    assert len(collected.articles) == 4
    assert collected.skipped == []


def test_hidden_folder_that_is_given_by_name_is_read(tmp_path: Path) -> None:
    folder = _write(tmp_path / ".help", {"a.md": "да"})
    assert set(collect([folder]).articles) == {"a.md"}


def test_unreadable_file_is_reported_and_the_rest_is_read(help_centre: Path) -> None:
    _write(help_centre, {"a.md": "", "bad.docx": b"x", "e.md": "---\na: b: c\n---\nТекст"})
    collected = collect([help_centre])
    assert set(collected.articles) == {"b/c.md", "b/d.txt"}
    assert [Path(item.file).name for item in collected.skipped] == ["a.md", "bad.docx", "e.md"]
    assert all(item.failed and item.reason for item in collected.skipped)
    assert collected.unreadable == {str(help_centre / n) for n in ("a.md", "bad.docx", "e.md")}


def test_second_article_with_an_id_is_reported_and_the_first_is_kept(tmp_path: Path) -> None:
    front = "---\nid: returns\n---\n"
    folder = _write(tmp_path / "h", {"a.md": front + "Первая", "b.md": front + "Вторая"})
    collected = collect([folder])
    assert collected.articles["returns"].text == "Первая"
    (problem,) = collected.skipped
    assert problem.file == str(folder / "b.md")
    assert "'returns'" in problem.reason
    assert str(folder / "a.md") in problem.reason
    assert problem.failed


def test_second_row_with_an_id_is_reported(tmp_path: Path) -> None:
    row = {"id": "x", "question": "Как?", "answer": "Так"}
    lines = [row, row | {"answer": "Иначе"}]
    folder = _write(tmp_path / "h", {"a.jsonl": "\n".join(map(json.dumps, lines))})
    collected = collect([folder])
    assert collected.articles["x"].text == "Так"
    assert [item.failed for item in collected.skipped] == [True]


def test_file_given_twice_is_no_clash(help_centre: Path) -> None:
    collected = collect([help_centre, help_centre, help_centre / "a.md"])
    assert len(collected.articles) == 4
    assert collected.skipped == []


def test_progress_is_told_of_every_file(help_centre: Path) -> None:
    _write(help_centre, {"logo.png": b"x", "bad.pdf": b"x"})
    seen: list[None] = []
    collect([help_centre], lambda: seen.append(None))
    assert len(seen) == 6


def test_added_changed_removed_and_unchanged_are_told_apart(help_centre: Path) -> None:
    before = _published(help_centre)
    _write(help_centre, {"a.md": "Первая иначе", "new.md": "Новая"})
    (help_centre / "e.md").unlink()
    changes = _compare(before, help_centre)
    assert changes.added == ("new.md",)
    assert changes.changed == ("a.md",)
    assert changes.removed == ("e.md",)
    assert sorted(changes.unchanged) == ["b/c.md", "b/d.txt"]
    assert [article.article_id for article in changes.articles] == [
        "a.md", "b/c.md", "b/d.txt", "new.md",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["url: https://a.example", "topic: Т", "lang: en", "audience: operator",
             "valid_until: 2030-01-01", "title: Иначе"]
)  # fmt: skip
def test_change_of_any_field_is_a_change(tmp_path: Path, line: str) -> None:
    folder = _write(tmp_path / "h", {"a.md": "---\nid: a\n---\nТекст"})
    before = _published(folder)
    _write(folder, {"a.md": f"---\nid: a\n{line}\n---\nТекст"})
    assert _compare(before, folder).changed == ("a",)


def test_article_that_moved_to_another_file_is_unchanged(tmp_path: Path) -> None:
    folder = _write(tmp_path / "h", {"a.md": "---\nid: a\n---\n# Т\n\nТекст"})
    before = _published(folder)
    (folder / "a.md").rename(folder / "b.md")
    changes = _compare(before, folder)
    assert changes.unchanged == ("a",)
    assert changes.articles[0].source == str(folder / "b.md")


def test_file_that_became_unreadable_keeps_its_articles(help_centre: Path) -> None:
    before = _published(help_centre)
    _write(help_centre, {"b/c.md": b"\x00\x01"})
    changes = _compare(before, help_centre)
    assert changes.removed == ()
    assert "b/c.md" in changes.unchanged
    assert {a.article_id: a for a in changes.articles}["b/c.md"].text == "Вторая"


def test_table_that_became_unreadable_keeps_all_its_rows(tmp_path: Path) -> None:
    folder = _write(tmp_path / "h", {"a.csv": "id,question,answer\n1,а?,А\n2,б?,Б\n"})
    before = _published(folder)
    _write(folder, {"a.csv": "id,вопрос,answer\n1,а?,А\n"})
    changes = _compare(before, folder)
    assert sorted(changes.unchanged) == ["1", "2"]


def test_unreadable_file_keeps_its_articles_under_replace_too(help_centre: Path) -> None:
    before = _published(help_centre)
    _write(help_centre, {"a.md": ""})
    changes = _compare(before, help_centre, replace=True)
    assert "a.md" in changes.unchanged


def test_articles_of_other_paths_stay(help_centre: Path, tmp_path: Path) -> None:
    other = _write(tmp_path / "other", {"x.md": "Иная"})
    before = _published(help_centre, other)
    (other / "x.md").write_text("Иная теперь")
    changes = _compare(before, other)
    assert changes.changed == ("x.md",)
    assert changes.removed == ()
    assert len(changes.articles) == 5


def test_folder_whose_name_only_begins_alike_is_another_path(tmp_path: Path) -> None:
    short = _write(tmp_path / "help", {"a.md": "А"})
    long = _write(tmp_path / "help-old", {"b.md": "Б"})
    before = _published(short, long)
    (short / "a.md").unlink()
    assert _compare(before, short).removed == ("a.md",)


def test_articles_of_other_paths_leave_under_replace(help_centre: Path, tmp_path: Path) -> None:
    other = _write(tmp_path / "other", {"x.md": "Иная"})
    changes = _compare(_published(help_centre, other), other, replace=True)
    assert sorted(changes.removed) == ["a.md", "b/c.md", "b/d.txt", "e.md"]
    assert [article.article_id for article in changes.articles] == ["x.md"]


def test_single_file_given_touches_no_neighbour(help_centre: Path) -> None:
    before = _published(help_centre)
    _write(help_centre, {"a.md": "Первая иначе", "e.md": "Пятая иначе"})
    changes = _compare(before, help_centre / "a.md")
    assert changes.changed == ("a.md",)
    assert changes.removed == ()
    assert {a.article_id: a for a in changes.articles}["e.md"].text == "Пятая"


def test_articles_that_came_by_the_api_stay(help_centre: Path) -> None:
    by_api = Article(article_id="api-1", title="Т", text="Текст")
    changes = _compare((*_published(help_centre), by_api), help_centre)
    assert by_api in changes.articles


def test_emptied_folder_removes_its_articles(help_centre: Path) -> None:
    before = _published(help_centre)
    shutil.rmtree(help_centre)
    help_centre.mkdir()
    changes = _compare(before, help_centre)
    assert len(changes.removed) == 4
    assert changes.articles == ()
