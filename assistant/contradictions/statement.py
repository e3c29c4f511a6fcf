"""A sentence of an article with what it is about, read once for comparing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from assistant.claims.fact import FactKind
from assistant.claims.reading import Sentence, read_sentence
from assistant.claims.words import likeness, words_of
from assistant.text import lower_plain, stem_of
from prompts.loader import read

ALIKE = 0.85
"""Likeness from which two stems are taken for the same word."""


@dataclass(frozen=True)
class Statement:
    """A sentence word for word, the article it stands in and the titles above it."""

    article_id: str
    title: str
    text: str
    sentence: Sentence
    about: tuple[str, ...]
    """Stems of the words in the title and the headings that name a subject."""

    @cached_property
    def subject(self) -> tuple[str, ...]:
        """Stems of the words that tell what the sentence speaks of: those that say something and
        are no part of a number, a date or the like; names are."""
        spans = [
            (fact.start, fact.end)
            for fact in self.sentence.facts.found
            if fact.kind is not FactKind.NAME
        ]
        return tuple(
            dict.fromkeys(
                word.stem
                for word in self.sentence.words
                if word.says_something
                and not word.plain.isdigit()
                and not any(start <= word.start < end for start, end in spans)
            )
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """Stems of the names in it."""
        found = self.sentence.facts.found
        return frozenset(
            stem_of(part)
            for fact in found
            if fact.kind is FactKind.NAME
            for part in lower_plain(self.text[fact.start : fact.end]).split()
        )


def statement(
    article_id: str, title: str, headings: Iterable[str], text: str, lang: str
) -> Statement:
    """Read a sentence below its title and headings."""
    return statement_of(article_id, title, headings, read_sentence(text, lang == "ru"))


def statement_of(
    article_id: str, title: str, headings: Iterable[str], sentence: Sentence
) -> Statement:
    """A sentence that was read before, below its title and headings."""
    unnamed = _stems("titles") | fillers()
    said = [word for heading in (title, *headings) for word in words_of(heading)]
    about = [word.stem for word in said if word.says_something and word.stem not in unnamed]
    return Statement(article_id, title, sentence.text, sentence, tuple(dict.fromkeys(about)))


def fillers() -> frozenset[str]:
    """Stems of words that tell nothing about what a sentence speaks of."""
    return _stems("fillers")


@cache
def case_words() -> frozenset[str]:
    """Words such as «до» and «после», by which a sentence tells which case it is about."""
    return frozenset(read("lexicon/contradictions").content["cases"])


@cache
def _stems(name: str) -> frozenset[str]:
    listed = read("lexicon/contradictions").content[name]
    return frozenset(stem_of(lower_plain(word)) for word in listed)


def missing(stems: Iterable[str], among: Iterable[str]) -> list[str]:
    """Of some stems those that no other is like."""
    others = list(among)
    return [one for one in stems if all(likeness(one, other) < ALIKE for other in others)]
