"""Promises and reports of actions that nothing does, and case numbers that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.wording.deed import Deed, Told, is_true
from assistant.wording.english_promises import english_deeds
from assistant.wording.evidence import all_statements, is_covered
from assistant.wording.fault import Fault, FaultCode, WordingContext
from assistant.wording.lexicon import pattern, promise_phrases, section
from assistant.wording.phrases import matches
from assistant.wording.reading import Part, Reading
from assistant.wording.russian_promises import russian_deeds

_NUMBER = r"(?P<id>(?:[^\W\d_]{1,4}-?)?\d[\d-]*\d|\d)(?![\w-])"


def promise_faults(reading: Reading, lang: str, facts: WordingContext) -> Iterator[Fault]:
    """Every promise that neither the handover, the ticket nor the evidence makes true; one a
    clause."""
    statements = all_statements(facts)
    yield from _numbers(reading, lang, facts)
    yield from _phrases(reading, lang, facts)
    for clause in reading.clauses:
        told = Told(clause, reading.sentence_at(clause.start), facts, statements, lang)
        if told.finds("not_promises", told.sentence.text):
            continue
        for deed in _deeds(told, reading):
            if not is_true(deed, told):
                yield Fault(
                    FaultCode.FALSE_PROMISE, *reading.place(deed.start, deed.end), deed.rule
                )
                break


def _deeds(told: Told, reading: Reading) -> Iterator[Deed]:
    if told.lang == "en":
        return english_deeds(told.clause)
    return russian_deeds(told.clause, reading.plain[told.sentence.start : told.clause.start])


def _phrases(reading: Reading, lang: str, facts: WordingContext) -> Iterator[Fault]:
    statements = all_statements(facts)
    for rule in promise_phrases(lang):
        for start, end in matches(rule, reading):
            clause = reading.clause_at(start)
            waits = facts.handed_over and rule.name == "await" and _is_for_a_person(clause, lang)
            if not waits and not any(is_covered(clause.text, one) for one in statements):
                yield Fault(FaultCode.FALSE_PROMISE, *reading.place(start, end), rule.name)


def _is_for_a_person(clause: Part, lang: str) -> bool:
    def finds(key: str) -> bool:
        return pattern(lang, "promises", key).search(clause.text) is not None

    return finds("people_named") and not finds("by_phone") and not finds("deadline")


@cache
def _case_number(lang: str) -> tuple[re.Pattern[str], ...]:
    words = section(lang, "promises")
    noun, mark = words["numbered"], words["number_mark"]
    between = r"[^.!?\d№#]{0,40}?"
    return (
        re.compile(rf"(?<!\w){noun}(?!\w){between}(?<!\w){mark}(?: is| это)?[ :-]*{_NUMBER}"),
        re.compile(rf"(?<!\w){mark}(?: \w+){{0,2}}? {noun}(?!\w)[ :,-]*(?:is |это )?{_NUMBER}"),
        re.compile(rf"(?<!\w){noun}[ :]+{_NUMBER}(?= \w|\W*$)(?! {words['counted']})"),
    )


def _numbers(reading: Reading, lang: str, facts: WordingContext) -> Iterator[Fault]:
    real = (facts.ticket_number or "").lower()
    for shape in _case_number(lang):
        for match in shape.finditer(reading.plain):
            if match["id"] != real:
                yield Fault(FaultCode.FALSE_PROMISE, *reading.place(*match.span()), "case_number")
                return
