"""Contacts that a customer takes back («передумал, не звоните», "delete my phone") or says not to
use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.domain import ContactKind
from assistant.text import lower_plain
from prompts.loader import patterns

Span = tuple[str, int, int]
"""Kind of a value, and where it stands in a text."""
_STOP = re.compile(r"[,;!?\n()]|\.(?!\d)")
"""Ends a clause; the point of 18.00 does not."""


def withdrawn_in(text: str, spans: Sequence[Span]) -> frozenset[str]:
    """The kinds of contacts that a message takes back: those given before it count no longer, nor
    those in it before the words that do so. To say when, where or whom not to call takes nothing
    back."""
    lists = patterns("lexicon/withdrawn")
    if lists["not_withdrawn"].search(lower_plain(text)):
        return frozenset()
    found = set()
    for kind in ContactKind:
        rest = lower_plain(text[max((end for of, _, end in spans if of == kind), default=0) :])
        rest = lists["please"].sub(" ", rest)
        if _says(rest, lists[f"{kind.value}_deleted"], lists["goods"]) or _says(
            rest, lists[f"{kind.value}_refused"], lists["limited"]
        ):
            found.add(kind.value)
    return frozenset(found)


def _says(text: str, wanted: re.Pattern[str], unless: re.Pattern[str]) -> bool:
    """Whether a text says what is wanted in a clause that does not hold anything else as well."""
    return any(not unless.search(_clause(text, match)) for match in wanted.finditer(text))


def _clause(text: str, match: re.Match[str]) -> str:
    """What stands between the commas and stops around a match, and what goes on with it."""
    starts = [stop.end() for stop in _STOP.finditer(text, 0, match.start())]
    goes_on = patterns("lexicon/withdrawn")["goes_on"]
    for stop in _STOP.finditer(text, match.end()):
        if stop.group() != "," or not goes_on.search(text[stop.start() :]):
            return text[starts[-1] if starts else 0 : stop.start()]
    return text[starts[-1] if starts else 0 :]


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
