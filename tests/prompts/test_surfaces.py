"""The labels of the pages: the same keys, the same variables, all of them used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prompts.loader import LANGUAGES, surface, variables_of
from tests.conftest import REPO

PAGES = ("widget", "console", "demo")
LABELLED = (*PAGES, "report")
STATIC = REPO / "api" / "static"


def code_of(page: str) -> str:
    """All HTML and JavaScript of a page."""
    files = [path for path in (STATIC / page).iterdir() if path.suffix in (".js", ".html")]
    assert files
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("page", LABELLED)
def test_page_has_the_same_labels_in_both_languages(page: str) -> None:
    assert list(surface(page, "ru")) == list(surface(page, "en"))


@pytest.mark.parametrize("page", LABELLED)
def test_labels_take_the_same_variables_in_both_languages(page: str) -> None:
    russian, english = surface(page, "ru"), surface(page, "en")
    different = [key for key in russian if variables_of(russian[key]) != variables_of(english[key])]
    assert different == []


@pytest.mark.parametrize("page", LABELLED)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_label_is_text(page: str, lang: str) -> None:
    labels = surface(page, lang)
    assert labels
    assert [key for key, text in labels.items() if not isinstance(text, str) or not text] == []


@pytest.mark.parametrize("page", LABELLED)
def test_english_labels_hold_no_russian(page: str) -> None:
    letters = re.compile("[а-яё]", re.IGNORECASE)
    assert [key for key, text in surface(page, "en").items() if letters.search(text)] == []


@pytest.mark.parametrize("page", LABELLED)
@pytest.mark.parametrize("lang", ["de", "", "xx"])
def test_language_without_labels_gets_the_russian_ones(page: str, lang: str) -> None:
    assert surface(page, lang) == surface(page, "ru")


@pytest.mark.parametrize("page", PAGES)
def test_every_label_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"""\bdata-text(?:-[a-z]+)?=["']([a-z_]+)["']""", code_of(page)))
    named |= set(re.findall(r"""\b(?:t|say|text)\(\s*["']([a-z_]+)["']""", code_of(page)))
    assert sorted(named - set(surface(page, "ru"))) == []


def scripts() -> list[Path]:
    return sorted(STATIC.rglob("*.js"))


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.name)
def test_scripts_hold_no_russian_text_of_their_own(script: Path) -> None:
    assert re.findall("[а-яё]+", script.read_text(encoding="utf-8"), re.IGNORECASE) == []
