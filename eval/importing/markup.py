"""HTML that chat platforms keep in messages, as the text that people saw."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_LINES = ("p", "br", "div", "ul", "ol", "li", "blockquote", "pre", "hr", "table", "tr", "td", "th")
_HEADINGS = tuple(f"h{level}" for level in range(1, 7))
_WITHIN_LINES = ("a", "b", "strong", "i", "em", "u", "s", "span", "font", "code", "img", "tbody")
_UNSEEN = ("style", "script", "title")
_KNOWN = "|".join((*_LINES, *_HEADINGS, *_WITHIN_LINES, *_UNSEEN))
_TAG = re.compile(rf"</?(?:{_KNOWN})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def has_markup(text: str) -> bool:
    """Whether a text holds tags of HTML; `a < b` and `<3` are none."""
    return _TAG.search(text) is not None


def seen_text(text: str) -> str:
    """What a person saw of a text with tags: a line a block, characters for their references."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(reader.parts).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Gathers texts; whatever begins or ends a block begins a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in _UNSEEN
        if tag == "br":
            self.parts.append("\n")
        else:
            self._begin_line(tag)
        if tag == "li":
            self.parts.append("- ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        self._begin_line(tag)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)

    def _begin_line(self, tag: str) -> None:
        """A new line, but no empty one between the end of a block and the next's beginning."""
        is_block = tag in _LINES or tag in _HEADINGS
        if is_block and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
