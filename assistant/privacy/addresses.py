"""Postal addresses: a street with a house, what stands around it, and where no street is named.

A city or a street alone is no address: «доставка в Казань» must reach the articles as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import counts_something, stands_before
from assistant.privacy.lexicon import any_of, pattern_of, words_of
from assistant.privacy.russian_names import russian_class

_RANK = 79
_COMMA = r"[\s,;.]{1,3}"
_NUMBER = (
    r"\d{1,4}(?:[а-яa-z](?!\w)|\s[абвгд](?!\s?[\d.])(?!\w)|[кс]\d{1,2})?"
    r"(?:\s?[/\-]\s?\d{1,4}[а-я]?)?(?:(?!\w)|(?=кв|корп|стр|оф|эт|под))"
)
_WORD_RU = r"[а-я][а-я\-]+\.?"
_STREET_ENDING = re.compile(r"(?:ая|ую|ой|ого|ова|ева|ина|ина|ый|ий)$")
_TOWN = re.compile(r"(?<!\w)((?:[а-я][а-я\-]+\s)?[а-я][а-я\-]{2,})[\s,]{1,3}$")
_FOREIGN_STREET = re.compile(
    r"(?<![\w$€£.,])(?:\d{1,4}(?:\s?bis)?,?\s(?:rue|calle|avenida|viale|boulevard)\s(?:d[eu]s?\s|la\s|del\s)*[^\W\d]{3,}"
    r"|(?:[^\W\d]+\s)?[^\W\d]{3,}(?:stra(?:ß|ss)e|gasse|platz|weg|allee|str\.)\s\d{1,4}[a-z]?)(?!\w)"
)
_BRITISH_CODE = re.compile(r"(?<!\w)[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}(?!\w)")


@cache
def _russian_street() -> re.Pattern[str]:
    """«ул. 8 марта, д. 5», «Невский проспект 12», «проспект мира дом 3»."""
    kind = rf"{any_of('street_ru')}(?!\w)\.?"
    name = rf"(?:\d{{1,3}}(?:-?[а-я]{{1,3}})?\s)?(?:{_WORD_RU}\s?){{1,4}}?"
    backward = rf"(?:\d{{1,3}}-?[а-я]{{1,2}}\s)?(?:{_WORD_RU}\s){{1,2}}{kind}"
    house = rf"[\s,]{{1,3}}(?:{any_of('house_ru')}\.?\s{{0,2}}(?:№\s?)?)?{_NUMBER}"
    return re.compile(rf"(?<![\w])(?:{kind}\s{{0,2}}[«\"]?{name}[»\"]?|{backward}){house}")


@cache
def _russian_tail() -> re.Pattern[str]:
    """«, корп. 2, кв. 15, подъезд 3, домофон 15В»."""
    part = rf"(?:{any_of('flat_ru')}|{any_of('house_ru')})"
    ordinal = rf"\d{{1,3}}(?:-?(?:й|ый|ой|м|ом))?\s{part}(?!\w)"
    return re.compile(
        rf"[\s,;]{{0,3}}(?:{part}(?!\w)\.?\s{{0,2}}(?:№\s?)?\d{{1,4}}\s?(?:[а-я](?!\w))?|{ordinal})(?!\w)"
    )


@cache
def _russian_head() -> re.Pattern[str]:
    """«420000, Республика Татарстан, г. Казань,» right before a street."""
    place = any_of("place_ru")
    region = rf"(?:{_WORD_RU}\s{any_of('region_ru')}(?!\w)\.?|{place}(?!\w)\.?\s{{0,2}}{_WORD_RU}(?:\s[а-я\-]+)?)"
    return re.compile(rf"(?:\d{{6}}{_COMMA})?(?:{region}[\s,]{{1,3}}){{0,4}}$")


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


@cache
def _english_street() -> re.Pattern[str]:
    kind = rf"{any_of('street_en')}(?!\w)\.?"
    unit = rf"(?:[\s,#]{{1,3}}(?:{any_of('flat_en')}\.?\s?#?|#)\s?\w{{1,5}}(?!\w))?"
    front = rf"(?:{any_of('flat_en')}\s#?\w{{1,5}}(?!\w)[\s,]{{1,3}})?"
    city = rf"(?:,\s?[a-z][a-z.'\-]+(?:\s[a-z][a-z'\-]+){{0,2}}(?=,|\s{any_of('states_en')}\s?\d|\s\d{{5}}|$|\.|\s[a-z]{{1,2}}\d))?"
    state = rf"(?:,?\s{any_of('states_en')}(?!\w))?(?:,?\s\d{{5}}(?:-\d{{4}})?(?!\d))?"
    street = rf"\d{{1,5}}[a-z]?(?:-\d{{1,4}})?,?\s(?P<name>(?:[a-z\d][\w'.\-]*\s){{1,4}}?)(?P<kind>{kind})(?:\s(?:[nsew]{{1,2}}|east|west|north|south)(?!\w))?"
    return re.compile(rf"(?<![\w.$€£/]){front}{street}{unit}{city}{state}")


@cache
def _latin_russian_street() -> re.Pattern[str]:
    """"Lenina ulitsa 5, Kazan", "ul. Lenina, d. 5, kv. 3"."""
    kind = r"(?:ulitsa|ulica|ul|prospekt|pr-t|pereulok|shosse|bulvar|naberezhnaya)\.?"
    house = r",?\s(?:d\.?\s?|dom\s)?\d{1,4}[a-z]?(?!\w)"
    flat = r"(?:,?\s(?:kv|korp|apt|k|str)\.?\s?\d{1,4})*(?:,\s[a-z][a-z\-]+)?"
    return re.compile(rf"(?<!\w)(?:[a-z]+(?:\s[a-z]+)?\s{kind}|{kind}\s[a-z]+(?:\s[a-z]+)?){house}{flat}")


def addresses(folded: Folded) -> Iterator[Find]:
    """Russian and English addresses down to the house."""
    low = folded.low
    yield from _russian(folded)
    for match in _FOREIGN_STREET.finditer(low):
        if folded.text[match.start() : match.end()] != low[match.start() : match.end()]:
            yield Find("address", *match.span(), _RANK)
    for match in _latin_russian_street().finditer(low):
        yield Find("address", *match.span(), _RANK)
    for match in _english_street().finditer(low):
        if _is_english_street(match, folded):
            yield Find("address", match.start(), _with_british_code(low, match.end()), _RANK)
    for match in _BRITISH_CODE.finditer(low):
        yield Find("address", *match.span(), 59)
    box = re.compile(r"(?<!\w)p\.?\s?o\.?\s?box\s#?\d{1,6}|а/я\s?№?\s?\d{1,6}(?!\d)")
    for match in box.finditer(low):
        yield Find("address", *match.span(), _RANK)
    code = re.compile(
        rf"(?<!\w){any_of('index_near')}\W{{0,3}}(?:is\s|мой\s|у меня\s)?(\d{{5,6}})(?!\d)"
    )
    for match in code.finditer(low):
        yield Find("address", *match.span(1), 65)


def _is_english_street(match: re.Match[str], folded: Folded) -> bool:
    """Whether the words between number and «Street» are a name: capitals, or no common words where
    the kind of street is no common word either."""
    words = match["name"].split()
    if any(word in words_of("never_names_en") for word in words):
        return False
    name = folded.text[match.start("name") : match.end("kind")].split()
    if all(word[0].isupper() or word[0].isdigit() for word in name):
        return True
    if pattern_of("street_or_word_en").fullmatch(match["kind"].rstrip(".")):
        coded = _with_british_code(folded.low, match.end()) > match.end()
        return coded or stands_before("lives_at", folded.low, match.start(), 20)
    return True


def _russian(folded: Folded) -> Iterator[Find]:
    low = folded.low
    for match in _russian_street().finditer(low):
        if _is_amount(low, match.end()) or match[0].endswith("24/7"):
            continue
        named = match[0][: re.search(r"[\s,]*\d[^\s]*$", match[0]).start()] if match[0] else ""
        if any(pattern_of("no_street_name").fullmatch(word) for word in re.findall(r"[а-я\-]+", named)):
            continue
        start = _with_head(low, _without_lead(low, match))
        yield Find("address", start, _with_tail(low, match.end()), _RANK)
    for match in _village().finditer(low):
        yield Find("address", _with_head(low, match.start()), _with_tail(low, match.end()), _RANK)
    for match in _flat_parts().finditer(low):
        yield Find("address", *match.span(), 64)
    for match in _loose_street().finditer(low):
        if stands_before("lives_at", low, match.start(), 30) or stands_before(
            "lives_at", low, match.start() + 8, 8
        ):
            end = _with_tail(low, match.end())
            start = _without_lead(low, match)
            street = low[start : match.end()]
            if not _is_amount(low, match.end()) and _is_street_name(street, folded.text[start]):
                yield Find("address", _with_head(low, start), end, 57)


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
    if doubled := re.compile(r"улица\s(?=ул\W)").match(low, start):
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


def _with_british_code(low: str, end: int) -> int:
    match = re.compile(rf"(?:,?\s[a-z][a-z'\-]+){{0,3}},?\s{_BRITISH_CODE.pattern}").match(low, end)
    return match.end() if match else end


def _is_amount(low: str, end: int) -> bool:
    return counts_something(low, end, end) or bool(
        re.match(r"\s?(?:%|час|мин|лет|раз|утра|вечера|:\d)", low[end:])
    )


def _is_street_name(text: str, opening: str) -> bool:
    name = re.match(r"[^\d,]+", text)
    words = name[0].split() if name else []
    if not words or any(pattern_of("no_street").fullmatch(word) for word in words):
        return False
    last = words[-1]
    return opening.isupper() or bool(russian_class(last).surname) or bool(_STREET_ENDING.search(last))
