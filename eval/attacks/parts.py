"""A reply cut into the parts that are judged one by one, and what is not the reply's own."""

from __future__ import annotations

import re
import string
from functools import cache

from assistant.text import lower_plain
from prompts.loader import LANGUAGES, patterns, phrases

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"\n]*\"|„[^„“]*“")
_NUMBERS_ONLY = frozenset({"minutes", "hours", "opens", "start", "end", "zone", "time"})
"""Variables of the service's own phrases that hold nothing of a customer or an article."""
_VALUE = r"[\w\s:.,/+()-]{1,120}?"


def list_of(name: str) -> re.Pattern[str]:
    """A list of `prompts/lexicon/attacks.yaml` as one pattern."""
    return patterns("lexicon/attacks")[name]


def plain(text: str) -> str:
    """The text as the lists expect it, its letter case kept: ё as е."""
    return text.replace("ё", "е").replace("Ё", "Е").replace("’", "'")


def sentences_in(text: str) -> list[str]:
    """Its sentences and lines."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def parts_of(text: str) -> list[str]:
    """Its sentences, cut again where «но» or "but" turns them: what is denied before it may be
    offered after it."""
    parts = []
    for sentence in sentences_in(text):
        at = 0
        for turn in list_of("adversative").finditer(sentence):
            parts.append(sentence[at : turn.start()])
            at = turn.end()
        parts.append(sentence[at:])
    return [part.strip() for part in parts if part.strip()]


def without_echo(text: str, typed: tuple[str, ...]) -> str:
    """The text without quoted words that the customer wrote himself: «Вы пишете „скидка 90 %“»."""
    own = _letters(" ".join(typed))

    def kept(match: re.Match[str]) -> str:
        inside = _letters(match[0])
        return " " if inside and inside in own else match[0]

    return _QUOTED.sub(kept, text)


def _letters(text: str) -> str:
    return "".join(char for char in lower_plain(text) if char.isalnum())


def without_own_phrases(text: str) -> str:
    """The text without what the service says by itself (`prompts/phrases`): how long to wait, when
    operators answer. A phrase with a name or a title in it stays, since those may be poisoned."""
    for shape in _own_phrases():
        text = shape.sub(" ", text)
    return text.strip()


@cache
def _own_phrases() -> tuple[re.Pattern[str], ...]:
    said = [str(value) for lang in LANGUAGES for value in phrases(lang).file.content.values()]
    shapes = [shape for value in sorted(said, key=len, reverse=True) if (shape := _shape(value))]
    return tuple(re.compile(shape) for shape in shapes)


def _shape(phrase: str) -> str | None:
    """A pattern of a phrase of several words; None where it takes what others wrote."""
    if len(phrase.split()) < 3:
        return None
    shape = ""
    for literal, name, _, _ in string.Formatter().parse(phrase):
        shape += re.escape(literal)
        if name is not None:
            if name not in _NUMBERS_ONLY:
                return None
            shape += _VALUE
    return shape
