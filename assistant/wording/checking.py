"""What is wrong with a sentence that somebody wrote to a customer; no model, no state."""

from __future__ import annotations

from assistant.wording.fault import Fault, WordingContext
from assistant.wording.links import link_faults
from assistant.wording.manner import manner_faults
from assistant.wording.names import name_faults
from assistant.wording.offers import offer_faults
from assistant.wording.phrases import phrase_faults
from assistant.wording.promises import promise_faults
from assistant.wording.reading import Reading, read_sentence
from assistant.wording.scripts import languages_of


def find_faults(sentence: str, lang: str, *, facts: WordingContext) -> list[Fault]:
    """Every fault of a sentence in order of place; empty when it may go out as it stands.

    `lang` is `ru` or `en`; words of the other language in it are checked by that one's lists too.
    Spans are offsets into `sentence`. Never raises for what the sentence holds.
    """
    reading = read_sentence(sentence)
    if not reading.plain:
        return []
    found = [*link_faults(reading, facts)]
    for one in languages_of(reading.plain, lang):
        found += _of_language(reading, one, facts)
    found += manner_faults(reading, lang, facts, found)
    return sorted(set(found), key=lambda fault: (fault.start, fault.end, fault.code))


def _of_language(reading: Reading, lang: str, facts: WordingContext) -> list[Fault]:
    found = [*phrase_faults(reading, lang, facts), *name_faults(reading, lang, facts)]
    offers = [*offer_faults(reading, lang, facts)]
    taken = _clauses_of(offers, reading)
    # What is offered is not said to be promised as well.
    promises = [
        one
        for one in promise_faults(reading, lang, facts)
        if not any(start < one.end and one.start < end for start, end in taken)
    ]
    return [*found, *offers, *promises]


def _clauses_of(faults: list[Fault], reading: Reading) -> list[tuple[int, int]]:
    """The spans of the clauses in which faults stand."""
    places = [reading.place(clause.start, clause.end) for clause in reading.clauses]
    return [
        (start, end)
        for start, end in places
        if any(start < one.end and one.start < end for one in faults)
    ]
