"""Loaders of files that hold one article: Markdown, HTML, plain text, DOCX, PDF."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import yaml

from assistant.text import shorten
from kb_ingest.cleaning import clean_markdown, first_heading, html_to_markdown
from kb_ingest.loaders.encoding import decode
from kb_ingest.source import LoadedFile, UnreadableError, given, make_article

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)(?:(?<=\n)|\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE_CHARACTERS = 120
_HEADING_CHARACTERS = 100
_PLACEHOLDER_TITLE = re.compile(
    r"untitled|document\d*|microsoft word.*|.*\.(docx?|odt|pages|indd)|\(anonymous\)", re.IGNORECASE
)
_BULLET_ALONE = re.compile(r"^[ \t]*([-*•–])[ \t]*\n[ \t]*(?=\S)", re.MULTILINE)


def load_markdown(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """One article; front matter may give id, title, url, lang, topic, audience, valid_until."""
    text = decode(data).replace("\r\n", "\n")
    fields: dict[str, Any] = {}
    if match := _FRONT_MATTER.match(text):
        fields = _parse_front_matter(match[1])
        text = text[match.end() :]
    body = clean_markdown(text)
    title = given(fields, "title") or first_heading(body) or path.stem
    return _one(given(fields, "id") or article_id, title, body, fields, path)


def _parse_front_matter(text: str) -> dict[str, Any]:
    try:
        fields = yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" at line {where.line + 2}" if where else ""
        colon = "mapping values" in str(getattr(error, "problem", ""))
        hint = ": a value with a colon needs quotes around it" if colon else ""
        raise UnreadableError(f"the front matter is not YAML{line}{hint}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the front matter holds something impossible ({error})") from error
    if not isinstance(fields, dict | None):
        raise UnreadableError("the front matter is not a list of `name: value`")
    return fields or {}


def load_html(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """One article: the page's main part."""
    markdown, fields = html_to_markdown(decode(data))
    return _one(article_id, fields.get("title", path.stem), markdown, fields, path)


def load_text(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """One article; a short first line is its title, short lines standing alone are headings."""
    text = _BULLET_ALONE.sub(r"\1 ", decode(data).replace("\r\n", "\n").replace("\r", "\n"))
    lines = text.strip().split("\n")
    first = lines[0].strip()
    has_title = 0 < len(first) <= _TITLE_CHARACTERS and len(lines) > 1
    title = first if has_title else shorten(first, _TITLE_CHARACTERS) or path.stem
    body = "\n".join(_mark_headings(lines[1:] if has_title else lines))
    return _one(article_id, title, body, {}, path)


def _mark_headings(lines: list[str]) -> list[str]:
    """Short lines that stand alone, and short questions with their answer right below."""
    marked = []
    for index, line in enumerate(lines):
        bare = line.strip()
        short = 0 < len(bare) <= _HEADING_CHARACTERS and bare[0].isalnum()
        above = lines[index - 1].strip() if index else ""
        below = lines[index + 1].strip() if index + 1 < len(lines) else ""
        alone = not above and not below and bare[-1:] not in (*".,;!…",)
        asks = not above and bool(below) and bare.endswith("?")
        marked.append(
            f"## {bare}" if short and (alone or asks) and index + 1 < len(lines) else line
        )
    return marked


def load_docx(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """One article from a Word document, with its headings, lists and tables."""
    import mammoth  # noqa: PLC0415 - only where there is a DOCX

    try:
        page = mammoth.convert_to_html(
            io.BytesIO(data), convert_image=mammoth.images.img_element(lambda _image: {"src": ""})
        ).value
    except Exception as error:
        raise UnreadableError(f"it is not a readable Word document ({error})") from error
    markdown, _ = html_to_markdown(f"<main>{page}</main>")
    return _one(article_id, first_heading(markdown) or path.stem, markdown, {}, path)


def load_pdf(path: Path, data: bytes, article_id: str) -> LoadedFile:
    """One article from a PDF's text; scanned pages hold none."""
    from pypdf import PdfReader  # noqa: PLC0415

    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = [] if locked else [page.extract_text() for page in reader.pages]
        title = "" if locked else _own_title((reader.metadata and reader.metadata.title) or "")
    except Exception as error:
        raise UnreadableError(f"it is not a readable PDF ({error})") from error
    if locked:
        raise UnreadableError("the PDF is protected by a password")
    text = re.sub(r"(?<=\w)-\n(?=[a-zа-яё])", "", "\n\n".join(pages)).replace("\xad", "")
    if not text.strip():
        raise UnreadableError("the PDF holds no text (scanned pages?)")
    first = next(line.strip() for line in text.split("\n") if line.strip())
    return _one(article_id, title or shorten(first, _TITLE_CHARACTERS), text, {}, path)


def _own_title(title: str) -> str:
    """A PDF's title unless the program that made it put a placeholder there."""
    bare = title.strip()
    return "" if _PLACEHOLDER_TITLE.fullmatch(bare) else bare


def _one(article_id: str, title: str, text: str, fields: dict[str, Any], path: Path) -> LoadedFile:
    article = make_article(
        article_id=article_id, title=title, text=text, fields=fields, source=str(path)
    )
    return LoadedFile((article,))
