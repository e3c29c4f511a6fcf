"""Bytes to text: which encodings are read, and that no other becomes garbage."""

from __future__ import annotations

import pytest

from assistant.encoding import decode
from assistant.errors import UndecodableError

RUSSIAN = "Доставка по Москве\n\nКурьер приедет «завтра» — с 9 до 21.\n"


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
    with pytest.raises(UndecodableError, match=r"encoding|UTF-16|not text"):
        decode(data)


@pytest.mark.parametrize("encoding", ["koi8-r", "cp866"])
def test_old_russian_encodings_never_become_garbage(encoding: str) -> None:
    text = "Доставка по Москве занимает два дня, курьер позвонит заранее. Заказ можно вернуть."
    try:
        decoded = decode(text.encode(encoding))
    except UndecodableError:
        return
    assert decoded == text


@pytest.mark.parametrize("data", [b"", b"   \n\t", b"\xef\xbb\xbf", b"\xff\xfe", "\u00a0".encode()])
def test_file_without_a_letter_is_reported_as_empty(data: bytes) -> None:
    with pytest.raises(UndecodableError, match="empty"):
        decode(data)


def test_zero_bytes_are_not_text() -> None:
    with pytest.raises(UndecodableError, match="not text"):
        decode(b"abc\x00def")
