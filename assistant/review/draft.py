"""An operator's draft, read once for all checks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from assistant.review.lexicon import pattern
from assistant.text import detect_language, lower_plain, sentence_spans
from assistant.wording.reading import Reading, read_sentence

_LINE = re.compile(r"[^\n]*\S[^\n]*")
_ENDED = re.compile(r"[.!?…)\]\"»:;]\s*$|[^\w\s,–—-]\s*$|\n\s*$")
_LONG_ENOUGH = 80
"""A draft of so many characters has room for a next step, whether it has ended or not."""


@dataclass(frozen=True)
class Sentence:
    """`draft.text[start:end]`."""

    start: int
    end: int
    text: str

    @cached_property
    def plain(self) -> str:
        """In lower case, ё as е, as long as the text."""
        return lower_plain(self.text)

    @cached_property
    def reading(self) -> Reading:
        """As the rules of wording read it."""
        return read_sentence(self.text)

    @property
    def is_question(self) -> bool:
        """Whether it ends in a question mark."""
        return self.text.rstrip(' )"»').endswith("?")


@dataclass(frozen=True)
class Draft:
    """The text, its language and its sentences; a line ends a sentence too."""

    text: str
    lang: str
    sentences: tuple[Sentence, ...]

    @property
    def is_finished(self) -> bool:
        """Whether what is missing may be told: it ends in a mark, a smiley, an empty line or a word
        that closes, or is long enough. While somebody types, everything is missing."""
        return (
            len(self.text) >= _LONG_ENOUGH
            or _ENDED.search(self.text) is not None
            or self._is_closed
        )

    @property
    def _is_closed(self) -> bool:
        """Whether it ends in a word after which nothing comes: «ждите»."""
        low = lower_plain(self.text).rstrip()
        return any(match.end() == len(low) for match in pattern(self.lang, "closing").finditer(low))

    @cached_property
    def growing_word(self) -> int:
        """Where the last word begins that may not be finished; the length where none is."""
        match = re.search(r"[^\W_][\w'’-]*$", self.text)
        return match.start() if match else len(self.text)

    def sentence_at(self, at: int) -> Sentence | None:
        """The sentence around a place."""
        return next((one for one in self.sentences if one.start <= at < one.end), None)


def read_draft(text: str, lang: str) -> Draft:
    """Read a draft; `lang` is its language where the text does not tell."""
    found = []
    for line in _LINE.finditer(text):
        spans = sentence_spans(text, line.start(), line.end()) or [_trimmed(text, *line.span())]
        found += [Sentence(start, end, text[start:end]) for start, end in spans]
    return Draft(text, detect_language(text, lang), tuple(found))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    bare = text[start:end]
    return start + len(bare) - len(bare.lstrip()), start + len(bare.rstrip())
