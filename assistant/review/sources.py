"""The articles that a draft is checked against: passages at hand, and what words find."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np

from assistant.claims.contacts import links_and_emails_of, phones_of
from assistant.claims.reading import read_sentence
from assistant.contradictions.statement import Statement, statement_of
from assistant.domain import Article, Audience, Chunk
from assistant.knowledge.contents import LEXICAL, Knowledge
from assistant.review.internal import Internal, internal_of
from assistant.review.lexicon import pattern
from assistant.text import lower_plain, sentence_spans

_WORD = re.compile(r"[^\W\d_]+")
_CAPITALS = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}")
_SEARCHED = ("title-words", "body-words")
_CHUNKS = 3
"""So many chunks that share most words with a sentence are read beside it."""
_READ_AHEAD = 1_000
"""So many chunks are read when the service starts, a few milliseconds each."""
_SENTENCES = 40
"""The most sentences of one article that are compared."""


@dataclass(frozen=True)
class Passage:
    """A piece of an article that somebody has at hand."""

    title: str
    text: str
    article_id: str = ""
    headings: tuple[str, ...] = ()
    lang: str = "ru"
    for_operators: bool = False
    """Whether the article is written for operators, not for customers."""


class Sources(Protocol):
    """Articles, asked for what a draft says."""

    def statements(self, text: str, lang: str) -> Sequence[Statement]:
        """Sentences of articles in that language that may speak of the same as a text."""

    def passages(self, text: str, lang: str) -> Sequence[str]:
        """The texts of the pieces that these sentences stand in."""

    def has_word(self, word: str) -> bool:
        """Whether an article has this word (lower case, ё as е) in this form."""

    def has_capitals(self, word: str) -> bool:
        """Whether an article writes this word in capitals, as it is given."""

    def has_contact(self, value: str) -> bool:
        """Whether an article names this telephone or e-mail, as `claims.contacts` writes it."""

    def internals(self) -> Sequence[Internal]:
        """What their articles for operators say and none for customers does."""

    @property
    def is_empty(self) -> bool:
        """Whether there is no article at all."""


class PassagesAtHand:
    """A few passages: those of a handoff, those that came with a draft."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = tuple(passages)

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return not self._passages

    def statements(self, text: str, lang: str) -> Sequence[Statement]:
        """All their sentences in that language."""
        del text
        return [one for passage in self._passages if passage.lang == lang for one in _read(passage)]

    def passages(self, text: str, lang: str) -> Sequence[str]:
        """All their texts in that language."""
        del text
        return [passage.text for passage in self._passages if passage.lang == lang]

    def has_word(self, word: str) -> bool:
        """Whether one of them has it."""
        return word in self._words

    def has_capitals(self, word: str) -> bool:
        """Whether one of them writes it so."""
        return word in self._capitals

    def has_contact(self, value: str) -> bool:
        """Whether one of them names it."""
        return value in self._contacts

    def internals(self) -> Sequence[Internal]:
        """That of its passages."""
        return (self._internal,)

    @cached_property
    def _internal(self) -> Internal:
        return internal_of(self._passages)

    @cached_property
    def _words(self) -> frozenset[str]:
        return _words_of(f"{one.title}\n{one.text}" for one in self._passages)

    @cached_property
    def _capitals(self) -> frozenset[str]:
        return _capitals_of(f"{one.title}\n{one.text}" for one in self._passages)

    @cached_property
    def _contacts(self) -> frozenset[str]:
        return _contacts_of(one.text for one in self._passages)


NOTHING_AT_HAND = PassagesAtHand(())


class KnowledgeSources:
    """A snapshot of the knowledge base, looked through by words: no vector is made while somebody
    types. Safe in several threads."""

    def __init__(self, knowledge: Knowledge, today: date) -> None:
        self.knowledge = knowledge
        self._valid = np.array(
            [_is_valid(knowledge.articles[one.article_id], today) for one in knowledge.chunks], bool
        )
        self._langs = np.array(
            [knowledge.articles[one.article_id].lang for one in knowledge.chunks], object
        )

    @property
    def is_empty(self) -> bool:
        """Whether it holds no article."""
        return not self.knowledge.chunks

    def statements(self, text: str, lang: str) -> Sequence[Statement]:
        """The sentences of the chunks that share most words with the text."""
        return [one for passage in self._found(text, lang) for one in _read(passage)]

    def passages(self, text: str, lang: str) -> Sequence[str]:
        """The texts of these chunks."""
        return [passage.text for passage in self._found(text, lang)]

    def has_word(self, word: str) -> bool:
        """Whether any article has it."""
        return word in self._words

    def has_capitals(self, word: str) -> bool:
        """Whether any article writes it so."""
        return word in self._capitals

    def has_contact(self, value: str) -> bool:
        """Whether any article names it."""
        return value in self._contacts

    def warm_up(self) -> None:
        """Read all articles once for their words and contacts, and what the first of them state:
        drafts are compared with few of them, but to read one takes as long as a whole draft."""
        _ = (self._words, self._capitals, self._contacts, self._internal)
        for chunk in self.knowledge.chunks[:_READ_AHEAD]:
            _read(self._passage(chunk))

    def internals(self) -> Sequence[Internal]:
        """That of the whole knowledge base."""
        return (self._internal,)

    @cached_property
    def _internal(self) -> Internal:
        return internal_of(
            Passage(
                one.title, one.text, lang=one.lang, for_operators=one.audience is Audience.OPERATOR
            )
            for one in self.knowledge.articles.values()
        )

    def _found(self, text: str, lang: str) -> list[Passage]:
        if self.is_empty:
            return []
        scores = np.zeros(len(self.knowledge.chunks), np.float32)
        for name in _SEARCHED:
            scores += self.knowledge.lexical[name].scores(LEXICAL[name][1](text))
        scores[(self._langs != lang) | ~self._valid] = 0
        best = np.argsort(-scores, kind="stable")[:_CHUNKS]
        return [self._passage(self.knowledge.chunks[at]) for at in best if scores[at] > 0]

    def _passage(self, chunk: Chunk) -> Passage:
        article = self.knowledge.articles[chunk.article_id]
        text = article.text[chunk.start : chunk.end]
        return Passage(
            article.title, text, article.article_id, chunk.heading_path[1:], article.lang
        )

    @cached_property
    def _words(self) -> frozenset[str]:
        return _words_of(f"{one.title}\n{one.text}" for one in self.knowledge.articles.values())

    @cached_property
    def _capitals(self) -> frozenset[str]:
        return _capitals_of(f"{one.title}\n{one.text}" for one in self.knowledge.articles.values())

    @cached_property
    def _contacts(self) -> frozenset[str]:
        return _contacts_of(one.text for one in self.knowledge.articles.values())


class JoinedSources:
    """Passages at hand before a knowledge base."""

    def __init__(self, *parts: Sources) -> None:
        self._parts = tuple(part for part in parts if not part.is_empty)

    @property
    def is_empty(self) -> bool:
        """Whether no part holds anything."""
        return not self._parts

    def statements(self, text: str, lang: str) -> Sequence[Statement]:
        """Those of all parts, each once."""
        found = (one for part in self._parts for one in part.statements(text, lang))
        return list({(one.title, one.text): one for one in found}.values())

    def passages(self, text: str, lang: str) -> Sequence[str]:
        """Those of all parts, each once."""
        found = (one for part in self._parts for one in part.passages(text, lang))
        return list(dict.fromkeys(found))

    def has_word(self, word: str) -> bool:
        """Whether a part has it."""
        return any(part.has_word(word) for part in self._parts)

    def has_capitals(self, word: str) -> bool:
        """Whether a part writes it so."""
        return any(part.has_capitals(word) for part in self._parts)

    def has_contact(self, value: str) -> bool:
        """Whether a part names it."""
        return any(part.has_contact(value) for part in self._parts)

    def internals(self) -> Sequence[Internal]:
        """Those of all parts."""
        return [one for part in self._parts for one in part.internals()]


def contact_values(text: str) -> frozenset[str]:
    """Telephones as digits without the Russian 7 or 8, e-mails in lower case."""
    return _contacts_of([text])


def _is_valid(article: Article, today: date) -> bool:
    return article.valid_until is None or today <= article.valid_until


# A sentence is read once, whether it stands in a piece that words found or in a whole article.
_read_sentence = lru_cache(maxsize=10_000)(read_sentence)


@lru_cache(maxsize=3_000)
def _read(passage: Passage) -> tuple[Statement, ...]:
    spans = sentence_spans(passage.text)[:_SENTENCES]
    return tuple(
        statement_of(
            passage.article_id,
            passage.title,
            passage.headings,
            _read_sentence(passage.text[a:b], passage.lang == "ru"),
        )
        for a, b in spans
        if not passage.text[a:b].startswith("|") and may_state(passage.text[a:b], passage.lang)
    )


def may_state(sentence: str, lang: str) -> bool:
    """Whether a sentence may hold what a draft can contradict: a number, in digits or words, or
    that something may or may not be done. To read one takes a millisecond."""
    plain = lower_plain(sentence)
    return any(char.isdigit() for char in plain) or bool(pattern(lang, "states").search(plain))


def _words_of(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(lower_plain(text)))


def _capitals_of(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _CAPITALS.findall(text) if word.isupper())


def _contacts_of(texts: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        plain = lower_plain(text)
        found.update(fact.value for fact in links_and_emails_of(plain) if "@" in fact.value)
        found.update(fact.value for fact in phones_of(plain))
    return frozenset(found)
