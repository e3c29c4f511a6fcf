from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfWriter

from kb_ingest.source import UnreadableError
from tests.kb_ingest.documents import (
    encrypted,
    load_one,
    pdf,
    word_document,
    word_document_of,
)

CYRILLIC_FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
PLAIN = pdf(["Delivery terms", "A courier comes in two days."])


def test_word_document_keeps_headings_lists_and_tables(tmp_path: Path) -> None:
    article = load_one(tmp_path, "returns.docx", word_document())
    assert article.title == "Возврат товара"
    assert article.article_id == "returns.docx"
    assert article.lang == "ru"
    lines = [line for line in article.text.split("\n") if line]
    assert lines[:2] == ["# Возврат товара", "Вернуть товар можно за 14 дней."]
    assert "## Что нужно" in lines
    assert "## Порядок" in lines
    assert [line for line in lines if line.startswith("-")] == ["- Чек", "- Паспорт"]
    assert "1. Упакуйте товар" in lines
    assert "2. Отдайте курьеру" in lines
    assert "| Способ | Срок |" in lines
    assert "| Карта | 3 дня |" in lines


def test_word_document_without_headings_is_named_after_its_file(tmp_path: Path) -> None:
    article = load_one(tmp_path, "Доставка.docx", word_document_of("Первый.", "Второй."))
    assert article.title == "Доставка"
    assert article.text == "Первый.\n\nВторой."


def test_signs_in_a_word_document_are_kept_as_written(tmp_path: Path) -> None:
    line = "Код a_b_c, 2*3=6, <имя>, 5 < 7, #1 и C:\\temp & всё."
    assert load_one(tmp_path, "a.docx", word_document_of(line)).text == line


@pytest.mark.parametrize("content", [word_document_of(), word_document_of(" ", "")])
def test_word_document_without_text_is_reported(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableError, match="no text"):
        load_one(tmp_path, "a.docx", content)


@pytest.mark.parametrize(
    "content", [b"not a zip at all", word_document()[:-300], word_document()[:2000], b"PK\x03\x04"]
)
def test_broken_word_document_is_reported(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableError, match="not a readable Word document"):
        load_one(tmp_path, "a.docx", content)


def test_pages_of_a_pdf_follow_each_other(tmp_path: Path) -> None:
    content = pdf(["Delivery", "First page."], ["Second page."], title="Delivery terms")
    article = load_one(tmp_path, "a.pdf", content)
    assert article.title == "Delivery terms"
    assert article.lang == "en"
    assert article.text.index("First page.") < article.text.index("Second page.")


def test_pdf_without_a_title_is_named_after_its_first_line(tmp_path: Path) -> None:
    plain = load_one(tmp_path, "a.pdf", _without_title(PLAIN))
    assert plain.title == "Delivery terms"


def _without_title(content: bytes) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(content))
    writer.metadata = None
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_placeholder_title_of_a_pdf_maker_is_no_title(tmp_path: Path) -> None:
    article = load_one(tmp_path, "a.pdf", PLAIN)  # reportlab writes /Title (untitled)
    assert article.title == "Delivery terms"


def test_words_cut_at_the_end_of_a_pdf_line_are_joined(tmp_path: Path) -> None:
    text = load_one(tmp_path, "a.pdf", pdf(["Returns", "We accept re-", "turns. Use e-mail."])).text
    assert "returns." in text
    assert "e-mail" in text


@pytest.mark.skipif(not CYRILLIC_FONT.exists(), reason="no font with Russian letters here")
def test_russian_pdf_is_read(tmp_path: Path) -> None:
    content = pdf(["Доставка по Москве", "Курьер приедет завтра."], font=CYRILLIC_FONT)
    article = load_one(tmp_path, "a.pdf", content)
    assert "Курьер приедет завтра." in article.text
    assert article.lang == "ru"


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_pdf_protected_by_a_password_says_so(tmp_path: Path, algorithm: str) -> None:
    content = encrypted(PLAIN, user="secret", owner="secret2", algorithm=algorithm)
    with pytest.raises(UnreadableError, match="password"):
        load_one(tmp_path, "a.pdf", content)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_pdf_that_only_forbids_editing_is_read(tmp_path: Path, algorithm: str) -> None:
    content = encrypted(PLAIN, user="", owner="secret", algorithm=algorithm)
    assert "A courier comes" in load_one(tmp_path, "a.pdf", content).text


def test_pdf_without_text_is_reported_as_perhaps_scanned(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="scanned"):
        load_one(tmp_path, "a.pdf", pdf([], title="Scan"))


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4\n", b"not a pdf", PLAIN[:300], PLAIN[200:], b"%PDF-1.7\n%%EOF"]
)
def test_broken_pdf_is_reported(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"not a readable PDF|no text"):
        load_one(tmp_path, "a.pdf", content)
