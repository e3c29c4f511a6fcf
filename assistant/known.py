"""What a customer has said of himself already, so that nobody asks him again: phone, e-mail, order
numbers, names, addresses, towns, numbers of documents, out of his own messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, overload

from assistant.domain import ContactKind, Said
from assistant.places import places_in
from assistant.privacy.masker import Masker
from assistant.privacy.values import value_key
from assistant.text import lower_plain
from assistant.withdrawing import Span, is_refused, withdrawn_in
from prompts.loader import LANGUAGES, patterns, read

CITY = "city"
"""The one kind that is no personal data; the others are those of `assistant.privacy.entities`."""
_CONTACTS = tuple(ContactKind)
_READ_WHOLE = 60
"""Messages, the newest first; of older ones only those with a number or an address of mail are
read, and those that take something back: finding names takes most of the time."""
_NUMBER_OR_MAIL = re.compile(r"[\d@]")
_SHOWN_OF_A_KIND = 3
"""So many values of a kind an operator reads in a summary."""


@dataclass(frozen=True, slots=True)
class Known:
    """Something that the customer said of himself."""

    kind: str
    value: str
    """As he typed it last."""
    dialog_id: str
    channel: str
    at: datetime
    """When he said it last."""


class KnownWhenAsked(Sequence[Known]):
    """What is known, looked up at the first question for it: most answers need none of it."""

    def __init__(self, find: Callable[[], Sequence[Known]]) -> None:
        self._find = find

    @cached_property
    def _found(self) -> Sequence[Known]:
        return self._find()

    @overload
    def __getitem__(self, index: int) -> Known: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Known]: ...

    def __getitem__(self, index: int | slice) -> Known | Sequence[Known]:
        """One, or some, as of a tuple."""
        return self._found[index]

    def __len__(self) -> int:
        """How many."""
        return len(self._found)


def find_known(said: Iterable[Said], masker: Masker) -> tuple[Known, ...]:
    """Each value once, newest first, out of messages that come newest first; a contact that he took
    back later is none."""
    found: dict[tuple[str, str], Known] = {}
    withdrawn: frozenset[str] = frozenset()
    refused: set[tuple[str, str]] = set()
    for place, words in enumerate(said):
        if place >= _READ_WHOLE and not _may_matter(words.text):
            continue
        spans = _spans_in(words.text, masker)
        withdrawn |= withdrawn_in(words.text, spans)
        for at, (kind, start, end) in enumerate(spans):
            value = words.text[start:end]
            key = (kind, value_key(kind, value))
            if kind in _CONTACTS and is_refused(words.text, spans, at):
                refused.add(key)
            if kind not in withdrawn and key not in refused:
                told = Known(kind, value, words.dialog_id, words.channel, words.at)
                found.setdefault(key, told)
        for town in _towns_in(words.text, spans):
            told = Known(CITY, town, words.dialog_id, words.channel, words.at)
            found.setdefault((CITY, lower_plain(town)), told)
    return tuple(found.values())


def _may_matter(text: str) -> bool:
    return bool(_NUMBER_OR_MAIL.search(text) or withdrawn_in(text, []))


def _spans_in(text: str, masker: Masker) -> list[Span]:
    return [(entity.kind, entity.start, entity.end) for entity in masker.find(text)]


def _towns_in(text: str, spans: Sequence[Span]) -> Iterable[str]:
    """A town inside an address or a surname is told with that; the post of Russia is in none."""
    rest = list(text)
    for _kind, start, end in spans:
        rest[start:end] = " " * (end - start)
    for name in patterns("lexicon/not_places")["names"].finditer("".join(rest)):
        rest[name.start() : name.end()] = " " * (name.end() - name.start())
    return places_in("".join(rest)).values()


def known_document(known: Known) -> dict[str, Any]:
    """As the API shows it to operators."""
    return {
        "kind": known.kind,
        "value": known.value,
        "dialog_id": known.dialog_id,
        "channel": known.channel,
        "at": known.at.isoformat().replace("+00:00", "Z"),
    }


def kinds_of(known: Sequence[Known]) -> frozenset[str]:
    """Which kinds of things are known."""
    return frozenset(item.kind for item in known)


def names_of_kinds(known: Sequence[Known], lang: str) -> list[str]:
    """What the known kinds are called, in order of their first mention."""
    return [_words(lang)[kind]["named"] for kind in dict.fromkeys(item.kind for item in known)]


def name_of_kind(kind: str, lang: str) -> str:
    """What a kind is called, to an operator."""
    name: str = _words(lang)[kind]["named"]
    return name


def in_words(known: Sequence[Known], lang: str) -> str:
    """Kinds with their values, for an operator: "phone +7 …; order number 10432, 10433"; empty when
    nothing is known."""
    by_kind: dict[str, list[str]] = {}
    for item in known:
        by_kind.setdefault(item.kind, []).append(item.value)
    named = _words(lang)
    return "; ".join(
        f"{named[kind]['named']} {', '.join(values[:_SHOWN_OF_A_KIND])}"
        for kind, values in by_kind.items()
    )


def asks_for_known(question: str, known: Sequence[Known]) -> bool:
    """Whether a question, in either language, asks for something that the customer has said."""
    return bool(kinds_asked(question) & kinds_of(known))


def kinds_asked(question: str) -> frozenset[str]:
    """Which kinds of things a question, in either language, asks for."""
    plain = lower_plain(question)
    return frozenset(
        kind for lang in LANGUAGES for kind, asks in _asks(lang).items() if asks.search(plain)
    )


def _words(lang: str) -> dict[str, Any]:
    content: dict[str, Any] = dict(read("lexicon/known").content)
    words: dict[str, Any] = content[lang if lang in LANGUAGES else LANGUAGES[0]]
    return words


@cache
def _asks(lang: str) -> dict[str, re.Pattern[str]]:
    return {
        kind: re.compile("|".join(f"(?:{part})" for part in words["asks"]))
        for kind, words in _words(lang).items()
    }
