"""Makes the files that the loaders read, with the libraries people make them with."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from assistant.domain import Article
from kb_ingest.loaders.by_suffix import load_file
from kb_ingest.source import LoadedFile

Cell = str | int | float | bool | datetime | None


def load(folder: Path, name: str, content: str | bytes) -> LoadedFile:
    """What the loader of that ending makes of the content."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_file(file, name)


def load_one(folder: Path, name: str, content: str | bytes) -> Article:
    """The same for a file that holds one article and no problem."""
    loaded = load(folder, name, content)
    assert loaded.problems == ()
    (article,) = loaded.articles
    return article


def word_document() -> bytes:
    """A DOCX with headings of two levels, a list of steps, bullets and a table."""
    document = docx.Document()
    document.add_heading("Возврат товара", level=1)
    document.add_paragraph("Вернуть товар можно за 14 дней.")
    document.add_heading("Что нужно", level=2)
    document.add_paragraph("Чек", style="List Bullet")
    document.add_paragraph("Паспорт", style="List Bullet")
    document.add_heading("Порядок", level=2)
    document.add_paragraph("Упакуйте товар", style="List Number")
    document.add_paragraph("Отдайте курьеру", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for row, cells in enumerate((("Способ", "Срок"), ("Карта", "3 дня"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    return _saved(document)


def word_document_of(*paragraphs: str) -> bytes:
    """A DOCX with plain paragraphs only."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    return _saved(document)


def _saved(document: docx.document.Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pdf(*pages: Sequence[str], title: str | None = None, font: Path | None = None) -> bytes:
    """A PDF, each page given as its lines."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    if title:
        canvas.setTitle(title)
    name = _registered(font) if font else "Helvetica"
    for lines in pages:
        text = canvas.beginText(60, 780)
        text.setFont(name, 12)
        for line in lines:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _registered(font: Path) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(font.stem, str(font)))
    return font.stem


def encrypted(plain: bytes, *, user: str, owner: str, algorithm: str) -> bytes:
    """The PDF with passwords; an empty one for the user means that anybody may read it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm=algorithm)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """An XLSX with the given rows a sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
