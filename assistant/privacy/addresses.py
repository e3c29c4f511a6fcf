"""Postal addresses down to the house, Russian and foreign, post boxes and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import stands_before
from assistant.privacy.lexicon import any_of, pattern_of, words_of
from assistant.privacy.russian_addresses import russian_addresses

_SURE, _CODE, _BRITISH = 79, 65, 59
_FOREIGN_STREET = re.compile(
    r"(?<![\w$€£.,])(?:\d{1,4}(?:\s?bis)?,?\s(?:rue|calle|avenida|viale|boulevard)\s"
    r"(?:d[eu]s?\s|la\s|del\s)*[^\W\d]{3,}"
    r"|(?:[^\W\d]+\s)?[^\W\d]{3,}(?:stra(?:ß|ss)e|gasse|platz|weg|allee|str\.)\s\d{1,4}[a-z]?)(?!\w)"
)
_BRITISH_CODE = re.compile(r"(?<!\w)[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}(?!\w)")
_TOWN_AND_CODE = re.compile(rf"(?:,?\s[a-z][a-z'\-]+){{0,3}},?\s{_BRITISH_CODE.pattern}")
_BOX = re.compile(r"(?<!\w)p\.?\s?o\.?\s?box\s#?\d{1,6}|а/я\s?№?\s?\d{1,6}(?!\d)")


@cache
def _english_street() -> re.Pattern[str]:
    """ "48 Maple Avenue, Apt 3B, Portland, OR 97205": groups `name` and `kind` of the street."""
    state = any_of("states_en")
    side = r"(?:\s(?:[nsew]{1,2}|east|west|north|south)(?!\w))?"
    name = r"(?P<name>(?:[a-z\d][\w'.\-]*\s){1,4}?)"
    kind = rf"(?P<kind>{any_of('street_en')}(?!\w)\.?)"
    street = rf"\d{{1,5}}[a-z]?(?:-\d{{1,4}})?,?\s{name}{kind}{side}"
    front = rf"(?:{any_of('flat_en')}\s#?\w{{1,5}}(?!\w)[\s,]{{1,3}})?"
    unit = rf"(?:[\s,#]{{1,3}}(?:{any_of('flat_en')}\.?\s?#?|#)\s?\w{{1,5}}(?!\w))?"
    after_city = rf"(?=,|\s{state}\s?\d|\s\d{{5}}|$|\.|\s[a-z]{{1,2}}\d)"
    city = rf"(?:,\s?[a-z][a-z.'\-]+(?:\s[a-z][a-z'\-]+){{0,2}}{after_city})?"
    codes = rf"(?:,?\s{state}(?!\w))?(?:,?\s\d{{5}}(?:-\d{{4}})?(?!\d))?"
    return re.compile(rf"(?<![\w.$€£/]){front}{street}{unit}{city}{codes}")


@cache
def _latin_russian_street() -> re.Pattern[str]:
    """ "Lenina ulitsa 5, Kazan", "ul. Lenina, d. 5, kv. 3"."""
    kind = r"(?:ulitsa|ulica|ul|prospekt|pr-t|pereulok|shosse|bulvar|naberezhnaya)\.?"
    house = r",?\s(?:d\.?\s?|dom\s)?\d{1,4}[a-z]?(?!\w)"
    flat = r"(?:,?\s(?:kv|korp|apt|k|str)\.?\s?\d{1,4})*(?:,\s[a-z][a-z\-]+)?"
    return re.compile(
        rf"(?<!\w)(?:[a-z]+(?:\s[a-z]+)?\s{kind}|{kind}\s[a-z]+(?:\s[a-z]+)?){house}{flat}"
    )


@cache
def _told_code() -> re.Pattern[str]:
    near, joins = any_of("index_near"), any_of("index_joins")
    return re.compile(rf"(?<!\w){near}\W{{0,3}}(?:{joins}\s)?(\d{{5,6}})(?!\d)")


def addresses(folded: Folded) -> Iterator[Find]:
    """All addresses of the text; postal codes alone where they say as much."""
    low = folded.low
    yield from russian_addresses(folded)
    for match in _FOREIGN_STREET.finditer(low):
        if folded.text[match.start() : match.end()] != match[0]:
            yield Find("address", *match.span(), _SURE)
    for pattern in (_latin_russian_street(), _BOX):
        for match in pattern.finditer(low):
            yield Find("address", *match.span(), _SURE)
    for match in _english_street().finditer(low):
        if _is_english_street(match, folded):
            yield Find("address", match.start(), _with_british_code(low, match.end()), _SURE)
    for match in _BRITISH_CODE.finditer(low):
        yield Find("address", *match.span(), _BRITISH)
    for match in _told_code().finditer(low):
        yield Find("address", *match.span(1), _CODE)


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


def _with_british_code(low: str, end: int) -> int:
    match = _TOWN_AND_CODE.match(low, end)
    return match.end() if match else end
