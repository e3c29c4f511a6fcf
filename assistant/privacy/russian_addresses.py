"""Russian addresses: a street with a house, a village house, parts of one where no street is named.

A city or a street alone is no address: «доставка в Казань» must reach the articles as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import counts_something, stands_before
from assistant.privacy.lexicon import any_of, pattern_of
from assistant.privacy.russian_names import russian_class

_SURE, _PARTS, _LOOSE = 79, 64, 57
_NUMBER = (
    r"\d{1,4}(?:[а-яa-z](?!\w)|\s[а-д](?!\s?[\d.])(?!\w)|[кс]\d{1,2})?"
    rf"(?:\s?[/\-]\s?\d{{1,4}}(?![\s.]?\(?\d)[а-я]?){{0,2}}(?:(?!\w)|(?={any_of('glued_to_house')}))"
)
_WORD = r"[а-я][а-я\-]+\.?"
_STREET_ENDING = re.compile(r"(?:ая|ую|ой|ого|ова|ева|ина|ый|ий)$")
_TOWN = re.compile(r"(?<!\w)((?:[а-я][а-я\-]+\s)?[а-я][а-я\-]{2,})[\s,]{1,3}$")


@cache
def _russian_street() -> re.Pattern[str]:
    """«ул. 8 марта, д. 5», «Невский проспект 12», «проспект мира дом 3»."""
    kind = rf"{any_of('street_ru')}(?!\w)\.?"
    name = rf"(?:\d{{1,3}}(?:-?[а-я]{{1,3}})?\s)?(?:{_WORD}\s?){{1,4}}?"
    backward = rf"(?:\d{{1,3}}-?[а-я]{{1,2}}\s)?(?:{_WORD}\s){{1,2}}{kind}"
    house = rf"[\s,]{{1,3}}(?:{any_of('house_ru')}\.?\s{{0,2}}(?:№\s?)?)?{_NUMBER}"
    return re.compile(rf"(?<![\w])(?:{kind}\s{{0,2}}[«\"]?{name}[»\"]?|{backward}){house}")


@cache
def _russian_tail() -> re.Pattern[str]:
    """«, корп. 2, кв. 15, подъезд 3, домофон 15В»."""
    part = rf"(?:{any_of('flat_ru')}|{any_of('house_ru')})"
    ordinal = rf"\d{{1,3}}(?:-?(?:й|ый|ой|м|ом))?\s{part}(?!\w)"
    number = r"(?:№\s?)?\d{1,4}\s?(?:[а-я](?!\w))?"
    return re.compile(rf"[\s,;]{{0,3}}(?:{part}(?!\w)\.?\s{{0,2}}{number}|{ordinal})(?!\w)")


@cache
def _russian_head() -> re.Pattern[str]:
    """«420000, Республика Татарстан, г. Казань,» right before a street."""
    place = any_of("place_ru")
    named = rf"{_WORD}\s{any_of('region_ru')}(?!\w)\.?"
    naming = rf"{place}(?!\w)\.?\s{{0,2}}{_WORD}(?:\s[а-я\-]+)?"
    return re.compile(rf"(?:\d{{6}}[\s,;.]{{1,3}})?(?:(?:{named}|{naming})[\s,]{{1,3}}){{0,4}}$")


@cache
def _loose_street() -> re.Pattern[str]:
    """«живу: ленина 45-12», «привезите на Садовую 3 кв 8»: told by the words before."""
    inflected = r"[а-я][а-я\-]{3,}(?:\s[а-я\-]{3,})?"
    return re.compile(
        rf"(?<!\w){inflected}[\s,]{{1,2}}(?:{any_of('house_ru')}\.?\s{{0,2}})?{_NUMBER}(?![.:]\d)"
    )


@cache
def _village() -> re.Pattern[str]:
    """«дер. Малахово, дом 3», «СНТ Ромашка, уч. 15»."""
    return re.compile(
        rf"(?<!\w){any_of('place_ru')}\.?\s{{0,2}}[а-я][а-я\-]+(?:\s[а-я\-]+)?,?\s{any_of('house_ru')}\.?\s?(?:№\s?)?{_NUMBER}"
    )


@cache
def _flat_parts() -> re.Pattern[str]:
    """«д. 5 кв. 12», «кв 45, подъезд 2»: two parts or more without a street."""
    part = rf"(?:{any_of('flat_ru')}|{any_of('house_ru')})"
    one = rf"{part}(?!\w)\.?\s{{0,2}}(?:№\s?)?\d{{1,4}}[а-я]?(?!\w)"
    return re.compile(rf"(?<!\w){one}(?:[\s,;]{{1,3}}{one}){{1,6}}")


def russian_addresses(folded: Folded) -> Iterator[Find]:
    """Addresses down to the house, with the index and the town before and the flat after."""
    low = folded.low
    for match in _russian_street().finditer(low):
        if _is_street(match, low):
            start = _with_head(low, _without_lead(low, match))
            yield Find("address", start, _with_tail(low, match.end()), _SURE)
    for match in _village().finditer(low):
        yield Find("address", _with_head(low, match.start()), _with_tail(low, match.end()), _SURE)
    for match in _flat_parts().finditer(low):
        yield Find("address", match.start(), _with_tail(low, match.end()), _PARTS)
    for match in _loose_street().finditer(low):
        start = _without_lead(low, match)
        told = stands_before("lives_at", low, start, 30)
        named = _is_street_name(low[start : match.end()], folded.text[start : start + 1])
        if told and named and not _is_amount(low, match.end()):
            yield Find("address", _with_head(low, start), _with_tail(low, match.end()), _LOOSE)


def _is_street(match: re.Match[str], low: str) -> bool:
    """«проезд на 23 рубля» and "24/7" are none."""
    if _is_amount(low, match.end()) or match[0].endswith("24/7"):
        return False
    no_name = pattern_of("no_street_name")
    name = re.sub(r"[\s,]*\d\S*$", "", match[0])
    return not any(no_name.fullmatch(word) for word in re.findall(r"[а-я\-]+", name))


def _with_head(low: str, start: int) -> int:
    """The start of the index, region and town that stand right before."""
    while (before := _town_start(low, _head_start(low, start))) < start:
        start = before
    return start


def _town_start(low: str, start: int) -> int:
    left = max(0, start - 40)
    town = _TOWN.search(low[left:start])
    if not town or not any(russian_class(word).place or "-" in word for word in town[1].split()):
        return start
    first, _, last = town[1].partition(" ")
    skipped = len(first) + 1 if last and not russian_class(first).place else 0
    return left + town.start(1) + skipped


def _head_start(low: str, start: int) -> int:
    left = max(low.rfind("\n", 0, start) + 1, start - 90)
    for match in re.finditer(r"(?<!\w)\w", low[left:start]):
        at = left + match.start()
        head = _russian_head().match(low, at, start)
        if head and head.end() == start:
            return at
    return start


def _without_lead(low: str, match: re.Match[str]) -> int:
    """The start of the match without words like «адрес» and «живу»."""
    start = match.start()
    if doubled := re.compile(any_of("said_twice")).match(low, start):
        return doubled.end()
    while lead := re.compile(r"([а-я\-]+)[\s:,]{1,3}").match(low, start, match.end()):
        if not pattern_of("no_street").fullmatch(lead[1]):
            break
        start = lead.end()
    return start


def _with_tail(low: str, end: int) -> int:
    while (match := _russian_tail().match(low, end)) and match.end() > end:
        end = match.end()
    return end


def _is_amount(low: str, end: int) -> bool:
    unit = re.compile(rf"\s?{any_of('not_after_house')}")
    return counts_something(low, end, end) or bool(unit.match(low, end))


def _is_street_name(text: str, opening: str) -> bool:
    name = re.match(r"[^\d,]+", text)
    words = name[0].split() if name else []
    if not words or any(pattern_of("no_street").fullmatch(word) for word in words):
        return False
    last = words[-1]
    return (
        opening.isupper() or bool(russian_class(last).surname) or bool(_STREET_ENDING.search(last))
    )
