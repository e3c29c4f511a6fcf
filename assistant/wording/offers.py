"""Discounts, gifts, compensations, "free" and prices that the evidence does not state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.wording.evidence import (
    Statement,
    all_statements,
    content_words,
    numbers_of,
    root_of,
)
from assistant.wording.fault import Fault, FaultCode, WordingContext
from assistant.wording.lexicon import pattern, section, whole_words
from assistant.wording.reading import Part, Reading

_ALWAYS_REFUSED_TO_A_COMPLAINT = ("discount", "promo")
_OFTEN_ONLY_MENTIONED = "bonus"
_REFUSED_WHEN_GIVEN = ("bonus", "gift")


def offer_faults(reading: Reading, lang: str, facts: WordingContext) -> Iterator[Fault]:
    """Every offer that is not the shop's own; one a clause."""
    statements = all_statements(facts)
    negated = pattern(lang, "offers", "negated")
    for clause in reading.clauses:
        found = _offer(clause, lang)
        if found is None:
            continue
        kind, start, end = found
        # "At no extra cost" denies nothing: only what stands around the offer counts.
        around = clause.text[:start] + " , " + clause.text[end:]
        says_no = negated.search(around) or re.search(r"n't(?!\w)", around)
        if _is_fault(clause, kind, lang, facts, statements, says_no=bool(says_no)):
            place = reading.place(clause.start + start, clause.start + end)
            yield Fault(FaultCode.OFFER, *place, kind)


def _offer(clause: Part, lang: str) -> tuple[str, int, int] | None:
    """The kind of offer a clause speaks of, and where."""
    for kind, shape in _kinds(lang):
        match = shape.search(clause.text)
        if match and _is_offered(kind, clause.text, lang):
            return kind, match.start(), match.end()
    price = _price(lang).search(clause.text)
    return ("price", price.start(), price.end()) if price else None


def _is_offered(kind: str, text: str, lang: str) -> bool:
    """Whether a clause gives something or counts it: points are also just talked of."""
    if kind != _OFTEN_ONLY_MENTIONED:
        return True
    return any(char.isdigit() for char in text) or any(
        pattern(lang, "offers", key).search(text) for key in ("giving", "getting")
    )


@cache
def _kinds(lang: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    words = section(lang, "offers")
    named = {**words["given"], **words["stated"]}
    return tuple((kind, whole_words(lang, [shape])) for kind, shape in named.items())


@cache
def _price(lang: str) -> re.Pattern[str]:
    money = section(lang, "offers")["money"]
    thousand = section(lang, "offers")["thousand"]
    return re.compile(rf"\d[\d ,.]{{0,14}}(?:{thousand} ?)?{money}(?!\w)|[₽$€£] ?\d[\d,.]*")


def _is_fault(
    clause: Part,
    kind: str,
    lang: str,
    facts: WordingContext,
    statements: list[Statement],
    *,
    says_no: bool,
) -> bool:
    if says_no and kind != "price":
        return bool(_numbers(clause.text, lang)) and not _stated(clause, kind, lang, statements)
    if facts.complaint and _is_refused_to_a_complaint(clause.text, kind, lang):
        return True
    return not _stated(clause, kind, lang, statements)


def _is_refused_to_a_complaint(text: str, kind: str, lang: str) -> bool:
    if kind in _ALWAYS_REFUSED_TO_A_COMPLAINT:
        return True
    getting = pattern(lang, "offers", "getting")
    return kind in _REFUSED_WHEN_GIVEN and getting.search(text) is not None


def _stated(clause: Part, kind: str, lang: str, statements: list[Statement]) -> bool:
    """Whether one statement offers the same thing, to the same end, with the same numbers."""
    numbers = _numbers(clause.text, lang)
    about = {root_of(word) for word in content_words(clause.text)}
    giving = pattern(lang, "offers", "giving").search(clause.text) is not None
    everyone = kind != "price" and pattern(lang, "offers", "everyone").search(clause.text)
    for one in statements:
        if not numbers <= one.numbers or not _tells_of(kind, one, lang):
            continue
        if giving and not pattern(lang, "offers", "giving_in_evidence").search(one.text):
            continue
        if everyone and everyone[0] not in one.text:
            continue
        if _is_about_the_same(about, kind, one, lang):
            return True
    return False


def _numbers(text: str, lang: str) -> frozenset[str]:
    return numbers_of(text, _thousand(lang))


@cache
def _thousand(lang: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{section(lang, 'offers')['thousand']})(?!\w)")


def _tells_of(kind: str, statement: Statement, lang: str) -> bool:
    if kind == "price":
        return _price(lang).search(statement.text) is not None
    return dict(_kinds(lang))[kind].search(statement.text) is not None


def _is_about_the_same(about: set[str], kind: str, statement: Statement, lang: str) -> bool:
    """Whether a word beside the offer's own stands in the statement, when there is one."""
    if kind == "price":
        return True
    shape = dict(_kinds(lang))[kind]
    own = {root_of(word) for match in shape.finditer(statement.text) for word in match[0].split()}
    rest = about - own
    return not rest or bool(rest & statement.roots)
