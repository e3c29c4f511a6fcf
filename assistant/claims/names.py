"""Names in a text: what is written with a capital letter within a sentence, in capitals, or in
Latin letters within Russian text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.claims.fact import BLANK, Fact, FactKind, forms
from assistant.text import detect_language, is_stop_word, stem_of

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:\n|«“\"(\[•–—-])[\s«“\"(*#>•–—-]*$")
_OPENING = ("«", "“", '"')
_ADJECTIVE = "ск"
_LOOK_BACK = 12
_LONGEST_ENDING = 3
_SHORTEST_STEM = 3


def names_of(text: str, is_russian: bool | None = None) -> Iterator[Fact]:
    """Every name, word by word, as its stem. A word that begins a sentence is a name only when it
    is in capitals or, in Russian text, in Latin letters."""
    russian = detect_language(text) == "ru" if is_russian is None else is_russian
    for match in _WORD.finditer(text):
        word = match[0]
        plain = word.lower().replace("ё", "е")
        if plain.split("'")[0].split("’")[0] in _never() or is_stop_word(plain):
            continue
        if _is_name(text, match, russian):
            yield Fact(FactKind.NAME, stem_of(plain), match.start(), match.end())


@cache
def _never() -> frozenset[str]:
    return frozenset(forms()["not_names"])


def _is_name(text: str, match: re.Match[str], russian: bool) -> bool:
    word = match[0]
    if len(word) == 1:
        return False
    if russian and word.isascii():
        return True
    if any(char.isupper() for char in word[1:]):
        return not text.isupper()
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if word[0].isupper() and before.endswith(_OPENING):
        return True
    begins = _SENTENCE_START.search(before) is not None and BLANK not in before
    return word[0].isupper() and not begins


def stands_in(name: str, known: frozenset[str]) -> bool:
    """Whether a name is among words given by their stems, in another case («Самаре», «Самара») or
    in other letters («СДЭК», "SDEK")."""
    if name in known:
        return True
    latin = in_latin(name)
    if any(_is_adjective_of(one, other) for one, other in _both_ways(name, known)):
        return True
    return any(_same(name, other) or _same(latin, in_latin(other)) for other in known)


def _same(one: str, other: str) -> bool:
    """Equal but for an ending of up to three letters on either side."""
    if one == other:
        return True
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    longest = max(len(one), len(other))
    return shared > _SHORTEST_STEM and longest - shared < _LONGEST_ENDING


def _both_ways(name: str, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    for other in known:
        yield name, other
        yield other, name


def _is_adjective_of(adjective: str, noun: str) -> bool:
    """«Московск…» of «Москв…»: all but the suffix and a letter or two of the noun's end."""
    if not adjective.endswith(_ADJECTIVE) or noun.endswith(_ADJECTIVE):
        return False
    base = (
        adjective.removesuffix(_ADJECTIVE)
        .removesuffix("ов")
        .removesuffix("ев")
        .rstrip(forms()["vowels"])
    )
    return len(base) > _SHORTEST_STEM and noun.startswith(base) and len(noun) - len(base) < 3


def in_latin(word: str) -> str:
    """The word with its Russian letters as Latin ones, double letters once, c as k."""
    letters: dict[str, str] = forms()["latin_letters"]
    plain = "".join(letters.get(char, char) for char in word).replace("c", "k").replace("x", "ks")
    return re.sub(r"(.)\1", r"\1", plain)
