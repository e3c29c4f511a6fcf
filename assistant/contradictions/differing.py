"""Do two sentences speak of the same thing and say different things? By rules, without a model.

They speak of the same when what the one names beside the shared words leaves nothing over on at
least one side, and both hold under the same conditions. They differ when exactly one thing does:
one sort of fact, a denial, or a pair of opposites. Two differences at once («до отправки можно,
после отправки нельзя») are two cases of one rule. Few false alarms matter more than finding all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.claims.fact import Fact, FactKind
from assistant.claims.words import Word, contradict, likeness, word_lists
from assistant.contradictions.statement import (
    ALIKE,
    Statement,
    case_words,
    fillers,
    missing,
)
from assistant.text import stem_of

LEAST_SHARED = 2
"""Words that both sentences must say beside what differs."""
SELF_CONTAINED = 4
"""Sentences that share so many words and leave none over tell without their titles what they are
about."""
MOST_LEFT_OVER = 2
"""Words that one sentence may have more than the other."""
_MOST_FACTS = 3
"""A sentence with more facts of one sort is a list."""


class Side(StrEnum):
    """What a sentence does with a word."""

    AFFIRMED = "affirmed"
    DENIED = "denied"
    MIXED = "mixed"


_BOTH = {Side.AFFIRMED, Side.DENIED}
_COMPARED = frozenset(
    {
        FactKind.AMOUNT,
        FactKind.DATE,
        FactKind.TIME,
        FactKind.WEEKDAYS,
        FactKind.PHONE,
        FactKind.EMAIL,
    }
)


@dataclass(frozen=True)
class Difference:
    """What differs: the words of the one and of the other."""

    kind: str
    """The sort of fact, `denial` or `opposite`."""
    one: str
    other: str


def difference_between(one: Statement, other: Statement) -> Difference | None:
    """The one thing in which two statements contradict each other; None where they do not."""
    if one.text.rstrip().endswith("?") or other.text.rstrip().endswith("?"):
        return None
    opposites = _opposites(one, other)
    if (
        opposites is None
        or not _same_subject(one, other, opposites)
        or not _same_conditions(one, other)
    ):
        return None
    found = [*_facts_that_differ(one, other)]
    found += [Difference("opposite", *pair) for pair in opposites]
    if denied := _denial(one, other):
        found.append(denied)
    return found[0] if len(found) == 1 else None


def _same_subject(one: Statement, other: Statement, opposites: Sequence[tuple[str, str]]) -> bool:
    turned = {stem_of(word) for pair in opposites for word in pair}
    own = [stem for stem in one.subject if stem not in fillers() and stem not in turned]
    theirs = [stem for stem in other.subject if stem not in fillers() and stem not in turned]
    left = missing(own, (*theirs, *other.about))
    right = missing(theirs, (*own, *one.about))
    shared = len(own) - len(missing(own, theirs))
    if shared < LEAST_SHARED or (left and right):
        return False
    more = left or right
    if len(more) > MOST_LEFT_OVER or set(more) & (one.names | other.names):
        return False
    if not more and shared >= SELF_CONTAINED:
        return True
    above = missing(one.about, (*other.about, *theirs))
    others_above = missing(other.about, (*one.about, *own))
    return not ((above or left) and (others_above or right))


def _same_conditions(one: Statement, other: Statement) -> bool:
    """Whether both are said without conditions or both with the same words of them."""
    conditions = word_lists().conditions
    own = {word.plain for word in one.sentence.words} & conditions
    return own == {word.plain for word in other.sentence.words} & conditions


def _facts_that_differ(one: Statement, other: Statement) -> list[Difference]:
    """Of each sort of fact the values that only one of them has; nothing where one states a sort
    of fact that the other does not: it says more, or something else."""
    own, theirs = _by_sort(one), _by_sort(other)
    if set(own) != set(theirs):
        return []
    found = []
    for sort in own:
        left, right = own[sort], theirs[sort]
        values, others = {fact.value for fact in left}, {fact.value for fact in right}
        only, only_other = values - others, others - values
        listed = max(len(values), len(others)) > _MOST_FACTS
        if listed or not only or not only_other or len(values) != len(others):
            continue
        found.append(
            Difference(
                sort[0].value,
                _said(one, [fact for fact in left if fact.value in only]),
                _said(other, [fact for fact in right if fact.value in only_other]),
            )
        )
    return found


def _by_sort(said: Statement) -> dict[tuple[FactKind, str], list[Fact]]:
    found: dict[tuple[FactKind, str], list[Fact]] = {}
    for fact in said.sentence.facts.found:
        # A bare number that counts nothing is the number of a step or a line.
        is_number = fact.kind is FactKind.AMOUNT and not fact.unit and not fact.nouns
        if fact.kind in _COMPARED and not is_number:
            counted = " ".join(fact.nouns[:1])
            found.setdefault((fact.kind, fact.unit or counted), []).append(fact)
    return found


def _said(said: Statement, facts: Sequence[Fact]) -> str:
    return ", ".join(dict.fromkeys(said.text[fact.start : fact.end] for fact in facts))


def _opposites(one: Statement, other: Statement) -> list[tuple[str, str]] | None:
    """Pairs of words, one of each sentence, that contradict each other and stand in one only; None
    where they are such as «до» and «после»: then the sentences are of two cases."""
    own = [word for word in one.sentence.words if not _in_a_fact(word.start, one)]
    theirs = [word for word in other.sentence.words if not _in_a_fact(word.start, other)]
    stems, others = {word.stem for word in own}, {word.stem for word in theirs}
    pairs = [
        (word, counter)
        for word in own
        for counter in theirs
        if contradict(word.stem, counter.stem)
        and word.stem not in others
        and counter.stem not in stems
    ]
    if any(word.plain in case_words() for word, _ in pairs):
        return None
    return [(word.plain, counter.plain) for word, counter in pairs]


def _in_a_fact(at: int, said: Statement) -> bool:
    return any(fact.start <= at < fact.end for fact in said.sentence.facts.found)


def _denial(one: Statement, other: Statement) -> Difference | None:
    """A word that the one affirms and the other denies; None where both deny something, since what
    a negator reaches is not sure."""
    own, theirs = _sides_of(one), _sides_of(other)
    if _denies(own) and _denies(theirs):
        return None
    for stem, (plain, denied) in own.items():
        for counter, (other_plain, other_denied) in theirs.items():
            if likeness(stem, counter) >= ALIKE and {denied, other_denied} == _BOTH:
                return Difference(
                    "denial",
                    _around(one, denied is Side.DENIED, plain),
                    _around(other, other_denied is Side.DENIED, other_plain),
                )
    return None


def _denies(sides: Mapping[str, tuple[str, Side]]) -> bool:
    return any(side is not Side.AFFIRMED for _, side in sides.values())


def _sides_of(said: Statement) -> dict[str, tuple[str, Side]]:
    """Of each stem its first word, and whether the sentence denies or affirms it wherever it
    stands."""
    found: dict[str, tuple[str, Side]] = {}
    for word, turned in zip(said.sentence.words, said.sentence.turned, strict=True):
        if _may_be_denied(word):
            side = Side.DENIED if turned.is_denied else Side.AFFIRMED
            plain, before = found.get(turned.stem, (word.plain, side))
            found[turned.stem] = plain, before if before is side else Side.MIXED
    return found


def _may_be_denied(word: Word) -> bool:
    """Whether a word says something, or denies as «нельзя» does, or is what such a word denies."""
    denials = word_lists().denials
    return word.says_something or word.stem in denials or word.stem in denials.values()


def _around(said: Statement, is_denied: bool, plain: str) -> str:
    """The word, after what denies it."""
    lists = word_lists()
    negators = [
        word.plain
        for word in said.sentence.words
        if word.plain in lists.negators or word.stem in lists.denials
    ]
    if not is_denied or not negators or negators[0] == plain:
        return plain
    return f"{negators[0]} {plain}"
