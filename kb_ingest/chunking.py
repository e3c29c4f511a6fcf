"""Articles into chunks that follow the headings and fit the embedder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from assistant.domain import Article, Chunk
from assistant.text import sentence_spans

MAX_CHUNK_TOKENS = 200
"""Long enough for a list of steps; short enough that one vector still means one thing."""

# A fenced stretch is taken whole, so that a comment in code is no heading.
_HEADING = re.compile(
    r"^(?:```.*?^```|~~~.*?^~~~)|^(#{1,6})[ \t]+([^\n]+?)[ \t]*$", re.MULTILINE | re.DOTALL
)
_SEPARATORS = ["\n\n", "\n", ". ", "! ", "? ", "; ", ", ", " ", ""]


@dataclass(frozen=True)
class _Section:
    heading_path: tuple[str, ...]
    start: int
    end: int


def chunk_article(article: Article, count_tokens: Callable[[str], int]) -> list[Chunk]:
    """Chunks of an article in order; `chunk.text == article.text[chunk.start:chunk.end]`.

    A section that fits stays whole; a longer one is split at paragraphs, lines, sentences, in
    this order. The heading path is counted in, since it is embedded with the chunk.
    """
    chunks = []
    for section in _sections(article):
        budget = max(60, MAX_CHUNK_TOKENS - count_tokens(" ".join(section.heading_path)))
        for start, end in _pieces(article.text, section, budget, count_tokens):
            text = article.text[start:end]
            chunks.append(
                Chunk(
                    article_id=article.article_id,
                    heading_path=section.heading_path,
                    text=text,
                    start=start,
                    end=end,
                    token_count=count_tokens(text),
                    sentences=tuple(sentence_spans(article.text, start, end)),
                )
            )
    return chunks


def _sections(article: Article) -> Iterator[_Section]:
    """Stretches between headings; an article without any is one section."""
    if article.is_answer:
        yield _Section((article.title,), 0, len(article.text))
        return
    open_headings: list[tuple[int, str]] = []
    start = 0
    found = False
    headings = [match for match in _HEADING.finditer(article.text) if match[1]]
    for match in [*headings, None]:
        end = match.start() if match else len(article.text)
        if article.text[start:end].strip():
            found = True
            yield _Section(_path(article.title, open_headings), start, end)
        if match:
            level = len(match[1])
            open_headings = [item for item in open_headings if item[0] < level]
            open_headings.append((level, match[2]))
            start = match.end()
    if not found:  # nothing but headings: they are what there is to find
        yield _Section((article.title,), 0, len(article.text))


def _path(title: str, headings: list[tuple[int, str]]) -> tuple[str, ...]:
    names = [name for _, name in headings if name.casefold() != title.casefold()]
    return (title, *names)


def _pieces(
    text: str, section: _Section, budget: int, count_tokens: Callable[[str], int]
) -> Iterator[tuple[int, int]]:
    body = text[section.start : section.end]
    if count_tokens(body) <= budget:
        yield _without_margins(text, section.start, section.end)
        return
    splitter = RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        keep_separator="end",
        chunk_size=budget,
        chunk_overlap=0,
        length_function=count_tokens,
        strip_whitespace=False,
    )
    at = section.start
    for piece in splitter.split_text(body):
        at = text.index(piece, at)
        if piece.strip():
            yield _without_margins(text, at, at + len(piece))
        at += len(piece)


def _without_margins(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
