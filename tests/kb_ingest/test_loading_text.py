from __future__ import annotations

from pathlib import Path

import pytest

from kb_ingest.loaders.encoding import decode
from kb_ingest.source import UnreadableError
from tests.kb_ingest.documents import load_one

RUSSIAN = "Доставка по Москве\n\nКурьер приедет «завтра» — с 9 до 21.\n"


def test_short_first_line_is_the_title(tmp_path: Path) -> None:
    article = load_one(tmp_path, "delivery.txt", RUSSIAN)
    assert article.title == "Доставка по Москве"
    assert article.text == "Курьер приедет «завтра» — с 9 до 21."


def test_single_line_is_title_and_text(tmp_path: Path) -> None:
    article = load_one(tmp_path, "a.txt", "Курьер приедет завтра.")
    assert article.title == "Курьер приедет завтра."
    assert article.text == "Курьер приедет завтра."


def test_long_first_line_stays_in_the_text_and_is_shortened_for_the_title(tmp_path: Path) -> None:
    line = "Курьер приедет " + "очень " * 40 + "скоро."
    article = load_one(tmp_path, "a.txt", f"{line}\nИ позвонит.")
    assert article.text == f"{line}\nИ позвонит."
    assert article.title.endswith("…")
    assert len(article.title) <= 120


def test_short_lines_standing_alone_are_headings(tmp_path: Path) -> None:
    text = "Доставка\n\nПо Москве\n\nОдин день.\n\nПо России\n\nНеделя, не больше.\n"
    assert load_one(tmp_path, "a.txt", text).text == (
        "## По Москве\n\nОдин день.\n\n## По России\n\nНеделя, не больше."
    )


@pytest.mark.parametrize("bullet", ["-", "*", "•", "–"])
def test_bullet_on_a_line_of_its_own_joins_its_item(tmp_path: Path, bullet: str) -> None:
    text = f"Что нужно\n\n{bullet}\nчек\n{bullet}\nпаспорт\n"
    assert load_one(tmp_path, "a.txt", text).text == f"{bullet} чек\n{bullet} паспорт"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system_give_the_same_text(tmp_path: Path, line_end: str) -> None:
    article = load_one(tmp_path, "a.txt", RUSSIAN.replace("\n", line_end).encode())
    assert article.title == "Доставка по Москве"
    assert article.text == "Курьер приедет «завтра» — с 9 до 21."


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b" \n", "empty"), ("Café résumé déjà".encode("cp1252"), "encoding"), (b"a\x00b", "not text")],
)
def test_file_that_cannot_be_decoded_is_reported_as_unreadable(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        decode(data)
