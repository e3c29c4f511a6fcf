"""Which of an article's values belongs to the thing that a draft names.

«В пункте выдачи заказ хранится 7 дней, в постамате 3 дня»: two values of one sort, each with words
of its own. A value is offered as the right one only where its owner is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.claims.fact import Fact, FactKind
from assistant.claims.words import Word
from assistant.contradictions.statement import Statement, fillers, missing
from assistant.review.lexicon import word_set

_OWNED = 0.6
"""So much of what stands beside one of several values must be named in the draft."""


@dataclass(frozen=True)
class Value:
    """A value and the sentence of an article that states it."""

    fact: Fact
    statement: Statement

    @property
    def text(self) -> str:
        """As the article writes it."""
        return self.statement.text[self.fact.start : self.fact.end]


@dataclass(frozen=True)
class _Rated:
    value: Value
    named: int
    """How many words of the draft's clause the value's own words hold."""
    asked: int
    """How many words of the customer's question they hold."""


def owned_values(
    found: Sequence[tuple[Statement, Sequence[Fact]]],
    clause: Sequence[str],
    question: Sequence[str],
    lang: str,
) -> list[Value]:
    """The values whose sentences say most of the clause, then of the question; one value where its
    owner is certain, several where nobody can tell which is meant.

    `found`: sentences with their values of the fact's sort; `clause`, `question`: stems.
    """
    rated = [one for other, facts in found for one in _rated(other, facts, clause, question, lang)]
    if not rated:
        return [Value(fact, other) for other, facts in found for fact in facts]
    most = max((one.named, one.asked) for one in rated)
    return [one.value for one in rated if (one.named, one.asked) == most]


def _rated(
    other: Statement,
    facts: Sequence[Fact],
    clause: Sequence[str],
    question: Sequence[str],
    lang: str,
) -> Iterator[_Rated]:
    """The values of a sentence: all where they are the same, else those that the draft names."""
    said = [*other.subject, *other.about]
    named, asked = _held(clause, said), _held(question, said)
    if len({(one.value, one.limit) for one in facts}) == 1:
        yield _Rated(Value(facts[0], other), named, asked)
        return
    for fact in facts:
        own = _beside(fact, other, facts, lang)
        if own and _held(own, [*clause, *question]) >= _OWNED * len(own):
            yield _Rated(Value(fact, other), named, asked)


def _held(stems: Sequence[str], among: Sequence[str]) -> int:
    return len(stems) - len(missing(stems, among))


def _beside(fact: Fact, other: Statement, facts: Sequence[Fact], lang: str) -> list[str]:
    """Stems of the item that a value stands in: its clause, up to an «и» before the next value;
    the clause before it where it has none («постамат — 3 дня»)."""
    own = [word for word in _item(fact, other, facts, lang) if _names(word, other)]
    at = _clause_of(fact, other)
    if not own and at is not None and not any(_clause_of(one, other) == at - 1 for one in facts):
        own = [word for word in other.sentence.words if word.clause == at - 1]
        own = [word for word in own if _names(word, other)]
    return list(dict.fromkeys(word.stem for word in own))


def _item(fact: Fact, other: Statement, facts: Sequence[Fact], lang: str) -> list[Word]:
    joins = word_set(lang, "joins")
    pieces: list[list[Word]] = [[]]
    for word in other.sentence.words:
        if word.clause != _clause_of(fact, other):
            continue
        holds = any(one.start <= before.start < one.end for one in facts for before in pieces[-1])
        if word.plain in joins and holds:
            pieces.append([])
        pieces[-1].append(word)
    return next(
        (one for one in pieces if any(fact.start <= word.start < fact.end for word in one)), []
    )


def _clause_of(fact: Fact, other: Statement) -> int | None:
    inside = [w.clause for w in other.sentence.words if fact.start <= w.start < fact.end]
    return inside[0] if inside else None


def _names(word: Word, other: Statement) -> bool:
    """Whether a word tells what is spoken of, and is no part of a number."""
    inside = any(
        one.start <= word.start < one.end
        for one in other.sentence.facts.found
        if one.kind is not FactKind.NAME
    )
    return word.says_something and not inside and word.stem not in fillers()
