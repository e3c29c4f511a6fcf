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
    "encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le-sig", "utf-16-be-sig"]
)
def test_known_encodings_give_the_same_text(encoding: str) -> None:
    marks = {"utf-16-le-sig": b"\xff\xfe", "utf-16-be-sig": b"\xfe\xff"}
    data = marks.get(encoding, b"") + RUSSIAN.encode(
        encoding.removesuffix("-sig") if encoding in marks else encoding
    )
    assert decode(data) == RUSSIAN


@pytest.mark.parametrize(
    "text",
    [
        "Delivery — 3 days",
        "It’s “free” for you",
        "Price: 100 € № 5",
        "Ёлка, ёж и съёмка",
        "ПРОПИСНЫМИ БУКВАМИ",
        "Order «Mir» card…",
    ],
)
def test_windows_1251_is_read_with_its_dashes_and_quotes(text: str) -> None:
    assert decode(text.encode("cp1251")) == text


@pytest.mark.parametrize(
    "data",
    [
        "Café résumé déjà".encode("cp1252"),
        "Straße für Grüße".encode("latin-1"),
        "配達の案内".encode("shift_jis"),
        b"\xff\xfe\x00",
        "Доставка".encode()[:-1] + b" and more",
        "Привет мир, где мой заказ".encode("utf-16-le"),
        b"\x98\x81\xfe",
    ],
    ids=["cp1252", "latin-1", "sjis", "cut-utf16", "cut-utf8", "utf16-no-mark", "undefined"],
)
def test_other_encodings_are_reported_and_not_guessed(data: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"encoding|UTF-16|not text"):
        decode(data)


@pytest.mark.parametrize("encoding", ["koi8-r", "cp866"])
def test_old_russian_encodings_never_become_garbage(encoding: str) -> None:
    text = "Доставка по Москве занимает два дня, курьер позвонит заранее. Заказ можно вернуть."
    try:
        decoded = decode(text.encode(encoding))
    except UnreadableError:
        return
    assert decoded == text


@pytest.mark.parametrize("data", [b"", b"   \n\t", b"\xef\xbb\xbf", b"\xff\xfe", "\u00a0".encode()])
def test_file_without_a_letter_is_reported_as_empty(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="empty"):
        decode(data)


def test_zero_bytes_are_not_text() -> None:
    with pytest.raises(UnreadableError, match="not text"):
        decode(b"abc\x00def")
