"""The facts of an answer that a reader would act on: numbers with their units, names of buttons and
menus, Latin names within Russian text, links and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from assistant.text import detect_language, lower_plain, words
from prompts.loader import patterns


class FactKind(StrEnum):
    """What sort of thing a fact is; each is compared in its own way."""

    NUMBER = "number"
    NAME = "name"
    LINK = "link"
    EMAIL = "email"


@dataclass(frozen=True)
class Fact:
    """One fact, written so that equal facts are equal; `unit` is empty where none is known."""

    kind: FactKind
    value: str
    unit: str = ""


_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()«»\"']+|\b[a-z\d-]+(?:\.[a-z\d-]+)+/[^\s<>()«»\"']*", re.IGNORECASE
)
_QUOTED = re.compile(
    r"«([^«»\n]{1,60})»|“([^“”\n]{1,60})”|\"([^\"\n]{1,60})\"|(?<!\w)'([^'\n]{1,60})'(?!\w)"
)
_ARROW = re.compile(r"\s*(?:→|->|⟶)\s*")
_ENDS_A_NAME = re.compile(r"[.,;:()\[\]!?\n«»\"]|\s[—–-]\s")
_LATIN_NAME = re.compile(r"\b[A-Za-z][A-Za-z\d]+\b")
_DIGITS = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,:]\d+)*"
_NUMBER = re.compile(
    rf"(?<![\w.,])((?:{_DIGITS})(?:\s?[-–—×xх]\s?(?:{_DIGITS}))*)(?:\s?(%|₽|[a-zа-яё]+\b))?",
    re.IGNORECASE,
)
_ONE_NUMBER = re.compile(_DIGITS)
_LIST_NUMBER = re.compile(r"(?<!\S)\d{1,2}[.)](?=\s)")
_WORDS_OF_A_NAME = 6


def facts_of(text: str) -> frozenset[Fact]:
    """The facts in a text, each once."""
    rest, found = _links(text)
    found |= _names(rest)
    for quoted in _QUOTED.finditer(rest):
        rest = rest.replace(quoted[0], " ")
    return frozenset(found | _numbers(rest))


def share_of_facts_kept(said: str, expected: str) -> float | None:
    """Share of the expected answer's facts that what was said holds; None where it has none.

    A number without a known unit agrees with the same number of any unit; a name is held when its
    words stand together.
    """
    wanted = facts_of(expected)
    if not wanted:
        return None
    _, addresses = _links(said)
    numbers = _numbers(said)
    said_words = f" {' '.join(words(said))} "
    return sum(_is_held(fact, addresses, numbers, said_words) for fact in wanted) / len(wanted)


def _is_held(fact: Fact, addresses: set[Fact], numbers: set[Fact], said_words: str) -> bool:
    if fact.kind is FactKind.NAME:
        return f" {fact.value} " in said_words
    if fact.kind is FactKind.NUMBER:
        return any(
            fact.value == other.value and (not fact.unit or other.unit in ("", fact.unit))
            for other in numbers
        )
    return fact in addresses


def _links(text: str) -> tuple[str, set[Fact]]:
    """Links and e-mail addresses, and the text without them."""
    found = {Fact(FactKind.EMAIL, match[0].lower().rstrip(".")) for match in _EMAIL.finditer(text)}
    rest = _EMAIL.sub(" ", text)
    found |= {Fact(FactKind.LINK, _bare_link(match[0])) for match in _LINK.finditer(rest)}
    return _LINK.sub(" ", rest), found


def _bare_link(link: str) -> str:
    bare = link.lower().rstrip(".,;:!?*_").removeprefix("https://").removeprefix("http://")
    return bare.removeprefix("www.").rstrip("/")


def _names(text: str) -> set[Fact]:
    names = ["".join(part or "" for part in match.groups()) for match in _QUOTED.finditer(text)]
    names += [name for line in text.split("\n") for name in _menu_path(line)]
    if detect_language(text) == "ru":
        names += _LATIN_NAME.findall(_NUMBER.sub(" ", text))
    plain = (words(name) for name in names)
    return {
        Fact(FactKind.NAME, " ".join(name)) for name in plain if 0 < len(name) <= _WORDS_OF_A_NAME
    }


def _menu_path(line: str) -> list[str]:
    """The names between the arrows of «Profile → Orders → Return», the ends cut at punctuation."""
    steps = _ARROW.split(line)
    if len(steps) < 2:
        return []
    first = _ENDS_A_NAME.split(steps[0])[-1]
    return [first, *(_ENDS_A_NAME.split(step)[0] for step in steps[1:])]


def _numbers(text: str) -> set[Fact]:
    """Every number; of a range or a product each of its numbers has the unit that follows."""
    found: set[Fact] = set()
    for match in _NUMBER.finditer(_without_list_numbers(text)):
        unit = _unit(match[2] or "")
        digits = _ONE_NUMBER.findall(match[1])
        found |= {Fact(FactKind.NUMBER, _plain(number), unit) for number in digits}
    return found


def _without_list_numbers(text: str) -> str:
    """The text without the numbers of its list items; one alone is no list."""
    markers = {marker.rstrip(".)") for marker in _LIST_NUMBER.findall(text)}
    return _LIST_NUMBER.sub(" ", text) if {"1", "2"} <= markers else text


def _unit(word: str) -> str:
    units = patterns("lexicon/units")
    plain = lower_plain(word)
    return next((name for name, shape in units.items() if shape.fullmatch(plain)), "")


def _plain(digits: str) -> str:
    """A number without separators of thousands, its decimal mark a point."""
    bare = re.sub(r"\s", "", digits).rstrip(".,:")
    if re.fullmatch(r"\d{1,3}(,\d{3})+", bare):
        return bare.replace(",", "")
    return bare.replace(",", ".")
