"""An action that a clause says somebody will do, does or has done, and whether that is true."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.wording.evidence import Statement, does_the_same, is_covered, numbers_of, root_of
from assistant.wording.fault import WordingContext
from assistant.wording.lexicon import pattern, word_set
from assistant.wording.reading import Part

_OFFERED = ("can", "offers_to")
"""Rules that find «могу позвать», "I can call": nothing is done until the customer says so."""


@dataclass(frozen=True)
class Deed:
    """Who does what, where it is said in the plain text."""

    start: int
    end: int
    verb: str
    """As it is written."""
    lemma: str
    agent: str
    """`bot` (I), `shop` (we, or nobody named), or the word for whoever acts."""
    is_done: bool
    """Told as done already: no article makes that true."""
    rule: str


@dataclass(frozen=True)
class Told:
    """What is known where a deed is told."""

    clause: Part
    sentence: Part
    facts: WordingContext
    statements: list[Statement]
    lang: str

    def finds(self, key: str, text: str) -> bool:
        """Whether a pattern of the promises stands in a text."""
        return pattern(self.lang, "promises", key).search(text) is not None

    def lists(self, key: str, word: str) -> bool:
        """Whether a word is in a list of the promises."""
        return word in word_set(self.lang, "promises", key)


def is_true(deed: Deed, told: Told) -> bool:
    """Whether the handover, the ticket, the evidence or the customer's own wish make it true."""
    if _is_handing(deed, told) or _is_registered(deed, told) or _a_person_answers(deed, told):
        return True
    if deed.is_done or deed.agent == "bot":
        return False
    return any(_says_so(deed, told, one) for one in told.statements)


def _is_handing(deed: Deed, told: Told) -> bool:
    """The dialog is passed on: really, or if the customer wants it."""
    if deed.agent not in ("bot", "shop") or not told.lists("handing", deed.lemma):
        return False
    to_people = _names_matter_or_people(told)
    if told.facts.handed_over:
        return to_people and _has_no_deadline(told)
    is_offered = deed.rule in _OFFERED or told.finds("asked_for", told.sentence.text)
    return to_people and not deed.is_done and is_offered


def _names_matter_or_people(told: Told) -> bool:
    """Whether it is said of the customer's matter, or to go to people of the shop."""
    text = told.sentence.text
    return told.finds("people_named", text) or told.finds("matters", told.clause.text)


def _is_registered(deed: Deed, told: Told) -> bool:
    has_number = told.facts.ticket_number is not None
    return (
        deed.is_done
        and told.lists("registering", deed.lemma)
        and (has_number or told.facts.handed_over)
        and _names_matter_or_people(told)
    )


def _a_person_answers(deed: Deed, told: Told) -> bool:
    """A person answers in the chat: the dialog is his, or will be if the customer wants it."""
    if not told.lists("answering", deed.lemma) or not told.finds("people_named", deed.agent):
        return False
    if not (told.facts.handed_over or told.finds("asked_for", told.sentence.text)):
        return False
    return not told.finds("by_phone", told.clause.text) and _has_no_deadline(told)


def _has_no_deadline(told: Told) -> bool:
    """No time is promised, or the evidence states it."""
    if not told.finds("deadline", told.sentence.text):
        return True
    numbers = numbers_of(told.sentence.text)
    return bool(numbers) and any(numbers <= one.numbers for one in told.statements)


def _says_so(deed: Deed, told: Told, statement: Statement) -> bool:
    by_shop = deed.agent == "shop"
    if not by_shop and root_of(deed.agent) not in statement.roots:
        return False
    return does_the_same(deed.verb, statement, told.lang) and is_covered(
        told.clause.text, statement, deed.verb
    )
