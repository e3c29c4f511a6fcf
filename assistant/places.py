"""Does an article speak of the place that the customer asks about?

An article on Moscow holds no answer for Kazan, however near it is otherwise: what it says is true
of another city. An article that names no place, or speaks of every city, answers for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from assistant.privacy.russian_names import russian_class
from assistant.text import is_stop_word, lower_plain
from prompts.loader import read

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORTEST = 3


def place_not_covered(question: str, text: str) -> str | None:
    """The place in the question that a text, which is about other places, does not speak of; None
    where it names none, speaks of it, or of all places."""
    asked = places_in(question)
    if not asked:
        return None
    told = places_in(text)
    if not told or _covers().search(lower_plain(text)):
        return None
    return next((written for name, written in asked.items() if name not in told), None)


def places_in(text: str) -> dict[str, str]:
    """Places named in a text: the name they are compared by, and how they are written."""
    return dict(_found(text))


def _found(text: str) -> Iterator[tuple[str, str]]:
    before = " "
    for match in _WORD.finditer(text):
        written, plain = match[0], lower_plain(match[0])
        name = _known(plain) or (
            _english(written, plain, before) if written.isascii() else _russian(plain)
        )
        if name:
            yield name, written
        before = f"{before.rpartition(' ')[2]} {plain}"


def _known(plain: str) -> str | None:
    """A place that is listed, in the form given or in its first form."""
    names = _same()
    if plain in _lexicon()["not_places_ru"]:
        return None
    return names.get(plain) or names.get(russian_class(plain).lemma)


def _russian(plain: str) -> str | None:
    seen = russian_class(plain)
    listed = seen.lemma in _lexicon()["not_places_ru"] or is_stop_word(plain)
    return seen.lemma if seen.place and len(plain) >= _SHORTEST and not listed else None


def _english(written: str, plain: str, before: str) -> str | None:
    """A capital letter after "deliver to", "shipping within": after "to" alone it may be anybody's
    name."""
    two_before, _, last = before.rpartition(" ")
    named = written[0].isupper() and last in _lexicon()["before_place_en"]
    moves = two_before.startswith(tuple(_lexicon()["moves_en"]))
    return plain if named and moves and plain not in _lexicon()["not_places_en"] else None


@cache
def _same() -> Mapping[str, str]:
    return {other: names[0] for names in _lexicon()["same"] for other in names}


@cache
def _covers() -> re.Pattern[str]:
    parts = "|".join(f"(?:{part})" for part in _lexicon()["covers"])
    return re.compile(rf"\b(?:{parts})\b")


def _lexicon() -> Mapping[str, Any]:
    return read("lexicon/places").content
