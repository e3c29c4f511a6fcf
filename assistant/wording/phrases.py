"""Phrases that are at fault by themselves: hollow, chatter, blame, leaks, a bot passed off as a
person, questions for secrets."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.wording.fault import Fault, FaultCode, WordingContext
from assistant.wording.lexicon import Rule, rules
from assistant.wording.reading import Part, Reading


def phrase_faults(reading: Reading, lang: str, facts: WordingContext) -> Iterator[Fault]:
    """Every phrase of the word lists of a language; at most one fault a rule and sentence."""
    for sentence in reading.sentences:
        for rule in rules(lang):
            found = _found(rule, sentence)
            if found and not _is_quoted(rule, reading.plain[found[0] : found[1]], facts):
                yield Fault(FaultCode(rule.code), *reading.place(*found), rule.name)


def matches(rule: Rule, reading: Reading) -> Iterator[tuple[int, int]]:
    """Where a rule finds its phrase, one place a sentence, as spans of the plain text."""
    for sentence in reading.sentences:
        found = _found(rule, sentence)
        if found:
            yield found


def _found(rule: Rule, sentence: Part) -> tuple[int, int] | None:
    span = _span(rule, sentence.text)
    if span is None or (rule.unless and rule.unless.search(sentence.text)):
        return None
    return sentence.start + span[0], sentence.start + span[1]


def _span(rule: Rule, text: str) -> tuple[int, int] | None:
    match = rule.pattern.search(text) if rule.pattern else None
    if match and match[0].strip():
        return match.span()
    for group in rule.together:
        found = [one.search(text) for one in group]
        here = [one.span() for one in found if one]
        if len(here) == len(group):
            return min(start for start, _ in here), max(end for _, end in here)
    return None


def _is_quoted(rule: Rule, phrase: str, facts: WordingContext) -> bool:
    """Whether the phrase is a leak of nothing, because the evidence itself says it."""
    return rule.code == FaultCode.LEAK and any(phrase in one.lower() for one in facts.evidence)
