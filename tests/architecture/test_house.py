"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPO

PACKAGES = ("api", "assistant", "eval", "kb_ingest", "prompts")
FIXED = {*PACKAGES, "tests", "pyproject.toml", "Dockerfile"}
CYRILLIC_WORD = re.compile(r"[а-яА-ЯёЁ]{4,}")


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (REPO / package).rglob("*.py")
    yield REPO / "souffleur.py"


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if text and id(node) not in documentation | statements:
            yield node.lineno, node.value


def test_the_top_level_is_as_fixed() -> None:
    assert {path.name for path in REPO.iterdir()} >= FIXED


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(REPO)))
def test_texts_for_people_live_in_prompts(path: Path) -> None:
    found = [(line, text) for line, text in strings_of(path) if CYRILLIC_WORD.search(text)]
    assert not found


def test_pages_hold_no_texts_for_people() -> None:
    pages = [
        p for p in (REPO / "api" / "static").rglob("*") if p.suffix in (".js", ".html", ".css")
    ]
    assert pages
    assert [p.name for p in pages if CYRILLIC_WORD.search(p.read_text(encoding="utf-8"))] == []


def test_nothing_is_pickled() -> None:
    code = [
        path
        for path in sources()
        if re.search(r"\bimport (pickle|joblib|dill)\b", path.read_text())
    ]
    assert code == []


def test_the_product_does_not_know_the_development_data() -> None:
    known = [path for path in sources() if "shared/data" in path.read_text(encoding="utf-8")]
    assert known == []


def test_files_and_functions_stay_small() -> None:
    long_files = [p.name for p in sources() if len(p.read_text().splitlines()) > 400]
    long_functions = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in sources()
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert long_files == []
    assert long_functions == []
