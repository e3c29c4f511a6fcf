"""Numbers, terms, prices, hours and denials that an article states otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.claims.association import rival_margin
from assistant.claims.fact import Fact, FactKind
from assistant.claims.facts import same_fact
from assistant.claims.words import word_lists
from assistant.contradictions.differing import difference_between
from assistant.contradictions.statement import Statement, fillers, missing, statement
from assistant.domain import AuthorKind
from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft, Sentence
from assistant.review.lexicon import pattern
from assistant.review.owning import Value, owned_values
from assistant.review.sources import may_state
from assistant.text import shorten

_COMPARED = frozenset({FactKind.AMOUNT, FactKind.TIME, FactKind.WEEKDAYS})
_SHARED_WORDS = 2
"""The clause and the question it answers must share so many words with the article's sentence."""
_SHARE_OF_CLAUSE = 0.6
"""So much of what the clause itself speaks of must stand there."""
_MOST_RIVALS = 3
"""An article with more values of a sort is a list of cases."""
_FAR = 20
"""Values that differ by a larger factor are of different things."""
_TITLE_CHARACTERS = 60
_MISPLACED = 0.15
"""From this margin on (`claims.association`) an article's value belongs to something else."""


@dataclass(frozen=True)
class _Clash:
    """What the draft says, where, and what stands in an article."""

    start: int
    end: int
    stated: str
    """The article's value; empty where several may be meant, or none."""
    title: str
    others: tuple[str, ...] = ()
    """Values of the article of which nobody can tell the one that is meant."""


def article_findings(draft: Draft, context: ReviewContext) -> Iterator[Finding]:
    """At most one contradiction a sentence; questions, what was done for this customer, what the
    operator does himself and an hour of one day («сегодня до 18:00») are no matter of articles."""
    if context.sources.is_empty:
        return
    asked = _question(context)
    question = _read(asked, draft.lang).subject if asked else ()
    for sentence in draft.sentences:
        if sentence.is_question or pattern(draft.lang, "own_case").search(sentence.plain):
            continue
        if not may_state(sentence.text, draft.lang):
            continue
        said = _read(sentence.text, draft.lang)
        own_hour = pattern(draft.lang, "one_day").search(sentence.plain) is not None
        sworn = [one.span() for one in pattern(draft.lang, "guarantees").finditer(sentence.plain)]
        facts = [
            fact
            for fact in said.sentence.facts.found
            if _is_compared(fact)
            and not (own_hour and fact.kind is FactKind.TIME)
            and not any(start < fact.end and fact.start < end for start, end in sworn)
        ]
        about = f"{sentence.text} {asked}" if facts else sentence.text
        found = context.sources.statements(about, draft.lang)
        others = [one for one in found if not one.text.rstrip().endswith("?")]
        clash = _clash(said, facts, question, others, draft.lang)
        if clash:
            yield _finding(clash, sentence)


def _finding(clash: _Clash, sentence: Sentence) -> Finding:
    told = {"title": shorten(clash.title, _TITLE_CHARACTERS)}
    if clash.others:
        why, told["others"] = "contradicts_article_others", ", ".join(clash.others)
    else:
        why, told["stated"] = "", f": {clash.stated}" if clash.stated else ""
    span = sentence.start + clash.start, sentence.start + clash.end
    return Finding(AdviceCode.CONTRADICTS_ARTICLE, *span, clash.stated or None, why, told)


@lru_cache(maxsize=500)
def _read(text: str, lang: str) -> Statement:
    """A sentence that is reviewed again with every key."""
    return statement("", "", (), text, lang)


def _question(context: ReviewContext) -> str:
    """What the customer wrote last."""
    own = [one.text for one in context.history if one.author is AuthorKind.CUSTOMER]
    return own[-1] if own else ""


def _clash(
    said: Statement,
    facts: Sequence[Fact],
    question: Sequence[str],
    others: Sequence[Statement],
    lang: str,
) -> _Clash | None:
    for fact in facts:
        clash = _fact_clash(fact, said, question, others, lang)
        if clash:
            return clash
    return _denial_clash(said, others)


def _is_compared(fact: Fact) -> bool:
    return (
        fact.kind in _COMPARED
        and not fact.is_implied
        and not (fact.kind is FactKind.AMOUNT and not fact.unit)
    )


def _fact_clash(
    fact: Fact,
    said: Statement,
    question: Sequence[str],
    others: Sequence[Statement],
    lang: str,
) -> _Clash | None:
    clause = _words_around(fact, said)
    near = [one for one in others if _speaks_of(clause, question, one)]
    if not near or any(_has(fact, said, one) for one in near):
        return None
    # The sentence that says most of the same is the one that means the same.
    near.sort(key=lambda other: -_alike(said, other))
    if not any(
        any(_is_rival(fact, other) for other in one.sentence.facts.found)
        and _values_in(one.article_id, one.title, fact, others) <= _MOST_RIVALS
        for one in near
    ):
        return None
    stated = [(one, [at for at in one.sentence.facts.found if _is_alike(fact, at)]) for one in near]
    asked = [stem for stem in question if stem not in fillers()]
    values = owned_values([one for one in stated if one[1]], clause, asked, lang)
    return _clash_with(fact, values)


def _clash_with(fact: Fact, values: Sequence[Value]) -> _Clash | None:
    """One value is the right one; of several nobody can tell."""
    if not values or all(same_fact(fact, one.fact) for one in values):
        return None
    title = values[0].statement.title
    if len({(one.fact.value, one.fact.limit) for one in values}) == 1:
        return _Clash(fact.start, fact.end, values[0].text, title)
    own = [one.text for one in values if one.statement.title == title]
    others = tuple(dict.fromkeys(own))[:_MOST_RIVALS]
    return _Clash(fact.start, fact.end, "", title, others)


def _alike(said: Statement, other: Statement) -> float:
    """The share of all their words that both say."""
    shared = len(said.subject) - len(missing(said.subject, other.subject))
    return shared / max(1, len({*said.subject, *other.subject}))


def _values_in(article_id: str, title: str, fact: Fact, others: Sequence[Statement]) -> int:
    """How many values of the fact's sort an article states."""
    return len(
        {
            other.value
            for one in others
            if (one.article_id, one.title) == (article_id, title)
            for other in one.sentence.facts.found
            if _is_rival(fact, other)
        }
    )


def _words_around(fact: Fact, said: Statement) -> list[str]:
    """Stems of what the fact's clause speaks of."""
    clauses = {word.clause for word in said.sentence.words if fact.start <= word.start < fact.end}
    stems = {
        word.stem
        for word in said.sentence.words
        if word.clause in clauses and not fact.start <= word.start < fact.end
    }
    return [stem for stem in said.subject if stem in stems and stem not in fillers()]


def _speaks_of(clause: Sequence[str], question: Sequence[str], other: Statement) -> bool:
    own = len(clause) - len(missing(clause, (*other.subject, *other.about)))
    asked = [stem for stem in question if stem not in fillers()]
    both = list(dict.fromkeys([*clause, *asked]))
    shared = len(both) - len(missing(both, (*other.subject, *other.about)))
    said_there = len(asked) - len(missing(asked, other.subject))
    if own < _SHARED_WORDS and said_there == 0 and len(both) - shared > 1:
        return False  # one word, and the question is about something else
    if shared < _SHARED_WORDS:
        # «Курьер стоит 500 ₽»: short, but nothing in it or in the question is about anything else.
        return own == len(clause) > 0 and len(both) - shared <= 1
    return own >= _SHARE_OF_CLAUSE * len(clause)


def _has(fact: Fact, said: Statement, other: Statement) -> bool:
    """Whether the article says the same, and of the same thing."""
    if not any(same_fact(fact, one) for one in other.sentence.facts.found):
        return False
    return rival_margin(said.sentence, [other.sentence]) < _MISPLACED


def _is_alike(fact: Fact, other: Fact) -> bool:
    """Of one sort: amounts of one unit, hours of a day."""
    return other.kind is fact.kind and other.unit == fact.unit and not other.is_implied


def _is_rival(fact: Fact, other: Fact) -> bool:
    return (
        _is_alike(fact, other)
        and not _is_far(fact, other)
        and not (other.value == fact.value and other.limit is fact.limit)
    )


def _is_far(fact: Fact, other: Fact) -> bool:
    """5 hours and 10 seconds: nobody mistakes one for the other, they are of different things."""
    if fact.kind is not FactKind.AMOUNT:
        return False
    low, high = sorted([float(fact.value), float(other.value)])
    return low <= 0 or high / low > _FAR


def _denial_clash(said: Statement, others: Sequence[Statement]) -> _Clash | None:
    """«Вернуть можно» where the article says «вернуть нельзя», without conditions."""
    if {word.plain for word in said.sentence.words} & word_lists().conditions:
        return None
    denies = _denies(said)
    for one in others:
        if _denies(one) is denies or len(set(said.subject) & set(one.subject)) < _SHARED_WORDS:
            continue
        difference = difference_between(said, one)
        if difference and difference.kind == "denial":
            return _Clash(0, len(said.text), "", one.title)
    return None


def _denies(said: Statement) -> bool:
    return any(turned.is_denied for turned in said.sentence.turned)
