"""The facts of a text, and which facts of a claim the evidence does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from assistant.claims.amounts import amounts_of
from assistant.claims.contacts import codes_of, links_and_emails_of, phones_of
from assistant.claims.fact import Fact, FactKind, blanked, forms
from assistant.claims.moments import dates_of, times_of, weekdays_of
from assistant.claims.multiples import multiples_of
from assistant.claims.names import names_of, stands_in
from assistant.claims.numerals import in_digits
from assistant.text import lower_plain, stem_of, words

_FINDERS: tuple[Callable[[str], Iterable[Fact]], ...] = (
    links_and_emails_of,
    phones_of,
    dates_of,
    times_of,
    weekdays_of,
    multiples_of,
    amounts_of,
    codes_of,
)
"""In this order: what one has found is blanked before the next looks."""
_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n")
_EVERY_DAY = "0123456"
_SHORTEST_PHONE = 6
_MINUTES_AN_HOUR = 60


@dataclass(frozen=True)
class Facts:
    """A text's facts, and the stems of all its words for looking up names."""

    found: tuple[Fact, ...]
    words: frozenset[str]


def facts_of(text: str, is_russian: bool | None = None) -> Facts:
    """Every fact in a text, in order of place; `is_russian` as detected when not given."""
    written = in_digits(with_ordinals(text))
    plain = written.text
    found: list[Fact] = []
    original = text
    for find in _FINDERS:
        # What one finder finds may overlap: a range is two facts over the same words.
        here = list(find(plain))
        for fact in here:
            start, end = written.span(fact.start, fact.end)
            start = _word_start(text, start)
            found.append(replace(fact, start=start, end=end))
            original = blanked(original, start, end)
        for fact in here:
            plain = blanked(plain, fact.start, fact.end)
    found = [_in_context(fact, text) for fact in found]
    found += names_of(original, is_russian)
    known = frozenset(stem_of(part) for word in words(text) for part in (word, *word.split("-")))
    return Facts(tuple(sorted(found, key=lambda fact: (fact.start, fact.end))), known)


def _in_context(fact: Fact, text: str) -> Fact:
    """The fact, told whether its sentence denies something or goes on to what lies past it."""
    if not fact.limit:
        return fact
    shapes = _contexts()
    left = max((m.end() for m in _SENTENCE_END.finditer(text, 0, fact.start)), default=0)
    after = _SENTENCE_END.search(text, fact.end)
    sentence = shapes.limits.sub(" ", lower_plain(text[left : after.start() if after else None]))
    return replace(
        fact,
        is_denied=shapes.negators.search(sentence) is not None,
        has_opposite=shapes.opposites.search(sentence) is not None,
    )


@dataclass(frozen=True)
class _Contexts:
    limits: re.Pattern[str]
    negators: re.Pattern[str]
    opposites: re.Pattern[str]


@cache
def _contexts() -> _Contexts:
    known = forms()
    return _Contexts(
        limits=re.compile(rf"(?<!\w)(?:{known['most']}|{known['least']})(?=\s+\d)"),
        negators=re.compile(rf"(?<!\w){known['negators']}(?!\w)"),
        opposites=re.compile(rf"(?<!\w){known['opposite']}(?!\w|\s+\d)"),
    )


def _word_start(text: str, at: int) -> int:
    """Where the word begins whose last letter an ordinal's digit has been written over."""
    while at > 0 and text[at].isalpha() and text[at - 1].isalpha():
        at -= 1
    return at


def with_ordinals(text: str) -> str:
    """Ordinals and «дважды» as digits, the text as long as before; «первый» only where it counts
    something."""
    known = forms()
    plain = lower_plain(text)
    if len(plain) != len(text):
        return text
    months = "|".join(known["months"][1:])
    for number, ordinal in known["ordinals"].items():
        counted = rf"(?=\s+(?:{months}|{known['counted']}))" if number == 1 else r"(?![\s-]part)"
        shape = rf"(?<![\w-])(?<!\d\s)(?:{ordinal})(?!\w){counted}"
        for match in re.finditer(shape, plain):
            digits = str(number).rjust(match.end() - match.start())
            text = text[: match.start()] + digits + text[match.end() :]
    for digits, shape in known["twice"].items():
        for match in re.finditer(rf"(?<!\w)(?:{shape})(?!\w)", plain):
            text = text[: match.start()] + digits.rjust(len(match[0])) + text[match.end() :]
    return text


def unsupported_facts(claim: Facts, evidence: Sequence[Facts]) -> list[Fact]:
    """Facts of the claim that stand in none of the evidence."""
    there = [fact for facts in evidence for fact in facts.found]
    known = frozenset(word for facts in evidence for word in facts.words)
    return [fact for fact in claim.found if not _stands(fact, there, known)]


def _stands(fact: Fact, there: Sequence[Fact], known: frozenset[str]) -> bool:
    if fact.kind is FactKind.NAME:
        return stands_in(fact.value, known)
    if fact.kind is FactKind.WEEKDAYS:
        return _weekdays_stand(fact, there)
    if fact.is_implied and not any(_rivals(fact, other) for other in there):
        return True
    if _may_be_missing(fact):
        return True
    if any(same_fact(fact, other) for other in there):
        return not _counts_otherwise(fact, there)
    return False


def _may_be_missing(fact: Fact) -> bool:
    """«Один» is rarely a number: "one of them"."""
    return fact.kind is FactKind.AMOUNT and not fact.unit and fact.value == "1"


def _rivals(fact: Fact, other: Fact) -> bool:
    return other.kind is fact.kind and other.unit == fact.unit


def same_fact(claimed: Fact, other: Fact) -> bool:
    """Whether a fact of the evidence is the one claimed, or holds it."""
    if claimed.kind is FactKind.AMOUNT and other.kind is FactKind.AMOUNT:
        return _same_amount(claimed, other)
    if {claimed.kind, other.kind} == {FactKind.AMOUNT, FactKind.TIME}:
        return _same_hour(claimed, other)
    if {claimed.kind, other.kind} == {FactKind.AMOUNT, FactKind.DATE}:
        return not claimed.unit and not other.unit and _bare(claimed) == _bare(other)
    if claimed.kind is not other.kind:
        return False
    if claimed.kind is FactKind.DATE:
        return _same_date(claimed.value, other.value)
    if claimed.kind is FactKind.URL:
        return other.value == claimed.value or other.value.startswith(f"{claimed.value}/")
    if claimed.kind is FactKind.PHONE:
        return other.value.endswith(claimed.value) and len(claimed.value) >= _SHORTEST_PHONE
    return claimed.value == other.value


def _same_amount(claimed: Fact, other: Fact) -> bool:
    if claimed.value != other.value or _limits_clash(claimed, other):
        return False
    if claimed.unit and other.unit and claimed.unit != other.unit:
        return claimed.is_implied and {claimed.unit, other.unit} == {"duration", "period"}
    if claimed.unit and not other.unit:
        # «14» of a table may have its unit elsewhere, a count of something else may not.
        return not other.nouns
    return not (claimed.working and other.working is False) and not (
        claimed.working is not None and other.working is None and claimed.working
    )


def _limits_clash(claimed: Fact, other: Fact) -> bool:
    """Whether one is the most and the other the least, and neither by denying it («не больше пяти»
    is «больше пяти не выдаём») nor by going on to what lies past it («до 20 кг, тяжелее — …»)."""
    if not claimed.limit or not other.limit or claimed.limit is other.limit:
        return False
    return claimed.is_denied is other.is_denied and not other.has_opposite


def _same_hour(claimed: Fact, other: Fact) -> bool:
    """«18 часов» is 18:00, and «с 9 до 21» needs no minutes."""
    amount, time = (claimed, other) if claimed.kind is FactKind.AMOUNT else (other, claimed)
    if amount.unit not in ("", "duration") or not time.value.isdigit():
        return False
    return float(amount.value) * _MINUTES_AN_HOUR == float(time.value)


def _same_date(claimed: str, other: str) -> bool:
    """Whatever the claim says of year, month and day must be so; it may say less."""
    own, theirs = claimed.split("-"), other.split("-")
    if own[0] and not theirs[0] and own[1:] == theirs[1:] != ["", ""]:
        return False
    return all(part == known for part, known in zip(own, theirs, strict=True) if part)


def _bare(fact: Fact) -> str:
    """The year of a bare year, the day of a bare day."""
    return fact.value.removesuffix("--").removeprefix("--")


def _weekdays_stand(fact: Fact, there: Sequence[Fact]) -> bool:
    """A single day stands in any span that holds it; a span must be the same, or part of all."""
    spans = [other.value for other in there if other.kind is FactKind.WEEKDAYS]
    if len(fact.value) == 1:
        return any(fact.value in span for span in spans)
    single = "".join(sorted({span for span in spans if len(span) == 1}))
    return fact.value in spans or _EVERY_DAY in spans or fact.value == single


def _counts_otherwise(fact: Fact, there: Sequence[Fact]) -> bool:
    """Whether the evidence counts the same thing and comes to other numbers only: it has «3 фото»
    and «5 видео», the claim «5 фото»."""
    if fact.kind is not FactKind.AMOUNT or fact.unit or not fact.nouns:
        return False
    thing = fact.nouns[0]
    counted = [other for other in there if other.kind is fact.kind and thing in other.nouns[:1]]
    if not counted or any(other.value == fact.value for other in counted):
        return False
    return not any(same_fact(fact, other) and not other.nouns for other in there)


def facts_without_place(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Kind, value, unit and limit of each fact: what a reader would call the facts of a text."""
    for fact in facts_of(text).found:
        yield fact.kind.value, fact.value, fact.unit, fact.limit.value
