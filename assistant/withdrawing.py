"""Contacts that a customer takes back («передумал, не звоните», "delete my phone") or says not to
use."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.domain import ContactKind
from assistant.text import lower_plain
from prompts.loader import patterns

Span = tuple[str, int, int]
"""Kind of a value, and where it stands in a text."""


def withdrawn_in(text: str, spans: Sequence[Span]) -> frozenset[str]:
    """The kinds of contacts that a message takes back: those given before it count no longer, nor
    those in it before the words that do so."""
    found = set()
    lists = patterns("lexicon/withdrawn")
    for kind in ContactKind:
        rest = lower_plain(text[max((end for of, _, end in spans if of == kind), default=0) :])
        if lists[kind.value].search(rest) and not lists["not_withdrawn"].search(lower_plain(text)):
            found.add(kind.value)
    return frozenset(found)


def is_refused(text: str, spans: Sequence[Span], at: int) -> bool:
    """Whether the words around a contact say not to use it; those around its neighbours do not."""
    start, end = spans[at][1:]
    before = text[spans[at - 1][2] if at else 0 : start]
    after = text[end : spans[at + 1][1] if at + 1 < len(spans) else len(text)]
    said = patterns("lexicon/contacts_said")
    return bool(
        said["refused_before"].search(lower_plain(before))
        or said["refused_after"].search(lower_plain(after))
    )
