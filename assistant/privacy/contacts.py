"""E-mail addresses, user names, network addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cache

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import stands_before
from assistant.privacy.lexicon import any_of, pattern_of

_PART = r"[^\W_]"
_EMAIL = re.compile(
    r"(?<![\w.+\-])\w[\w.+\-%']{0,63}@(?:[\w\-]{1,63}\.){1,4}[^\W\d_]{2,12}(?![\w@])"
)
_HANDLE = re.compile(r"(?<![\w@./])@[a-zа-я_][\w.]{2,31}(?<!\.)")
_PROFILE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|vk\.com|vk\.ru|instagram\.com|facebook\.com|fb\.com|ok\.ru|twitter\.com|x\.com|tiktok\.com|linkedin\.com/in|github\.com)/@?([\w.\-]{3,40})"
)
_IPV4 = re.compile(r"(?<![\w.\-])\d{1,3}(?:\.\d{1,3}){3}(?![\w\-]|\.\d)(?::\d{2,5})?")
_IPV6 = re.compile(r"(?<![\w:.])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])")


def contacts(folded: Folded) -> Iterator[Find]:
    """E-mails however disguised, handles and profiles, IP addresses."""
    low = folded.low
    yield from _emails(low)
    yield from _usernames(low)
    for match in _IPV4.finditer(low):
        address = match[0].split(":")[0]
        if _is_ip(address) and not stands_before("not_version", low, match.start(), 20):
            yield Find("ip", *match.span(), 88)
    for match in _IPV6.finditer(low):
        if sum(char.isalnum() for char in match[0]) > 2 and _is_ip(match[0]):
            yield Find("ip", *match.span(), 88)


def _is_ip(text: str) -> bool:
    """An address of somebody's: one's own machine (127.0.0.1) is nobody's."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _dot() -> str:
    word = any_of("dot_word")
    return rf"(?:\s?\.|\s?[(\[{{<]\s?{word}\s?[)\]}}>]\s?|\s{{1,2}}{word}\s{{1,2}})"


def _local_part() -> str:
    return rf"{_PART}[\w+\-]*(?:(?:{_dot()}|_)[\w+\-]+){{0,3}}"


@cache
def _disguises() -> tuple[re.Pattern[str], ...]:
    """`ivan (at) mail dot ru`, «иван собака яндекс ру», `lena @ gmail . com`.

    "at" alone is an ordinary word: it wants a "dot" in words or a known mail house after it.
    """
    start = rf"(?<![\w.+\-]){_local_part()}"
    spoken, sign = any_of("at_spoken"), any_of("at_word")
    zone = rf"{any_of('mail_zones')}(?!\w)"
    name = rf"[\w\-]{{2,30}}(?:{_dot()}[\w\-]{{2,30}}){{0,2}}?"
    house = any_of("mail_houses")
    bracketed = rf"\s?[(\[{{<]\s?(?:{spoken}|{sign}|a|а|@)\s?[)\]}}>]\s?"
    spelled_dot = _dot().replace(r"\s?\.|", "", 1)
    return (
        re.compile(
            rf"{start}(?:{bracketed}|\s{{1,2}}{sign}\s{{1,2}}|@){name}(?:{_dot()}|\s?,\s?|\.\s)\s?{zone}"
        ),
        re.compile(rf"{start}\s{spoken}\s{name}{spelled_dot}{zone}"),
        re.compile(rf"{start}\s{spoken}\s{house}\.{zone}"),
        re.compile(
            rf"{start}(?:\s?@\s?|\s{{1,2}}{sign}\s{{1,2}}){house}(?:\s?[.,]?\s?{zone}|(?!\w))"
        ),
        re.compile(rf"{start}\s?@\s?[\w\-]{{2,30}}\s?\.\s?{any_of('spaced_zones')}(?!\w)"),
    )


def _emails(low: str) -> Iterator[Find]:
    for match in _EMAIL.finditer(low):
        yield Find("email", *match.span(), 95)
    for pattern in _disguises():
        for match in pattern.finditer(low):
            yield Find("email", *match.span(), 94)


@cache
def _named_user() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){any_of('username_near')}(?:\s{any_of('username_joins')})*"
        r"\s?(?:[:=\-]|is|это)?\s{0,2}[\"'«(]?@?([a-z][\w.\-]{2,31}(?<![.\-])(?:#\d{4})?)"
    )


def _usernames(low: str) -> Iterator[Find]:
    for match in _HANDLE.finditer(low):
        yield Find("username", *match.span(), 62)
    for match in _PROFILE.finditer(low):
        yield Find("username", *match.span(1), 91)
    for match in _named_user().finditer(low):
        name = match[1]
        # A word is no user name; one with a digit, a dot or a line in it is.
        told = re.search(r"[:=]\s{0,2}[\"'«(]?@?$|\bis\s$", low[match.start() : match.start(1)])
        if re.search(r"[\d_.\-]", name) or (told and not pattern_of("no_user").fullmatch(name)):
            yield Find("username", *match.span(1), 61)


def plain_email(low: str) -> str:
    """A disguised address in its plain form, for telling equal ones apart."""
    at = re.compile(rf"\s*(?:[(\[{{<]?\s?{any_of('at_spoken')}\s?[)\]}}>]?)\s*")
    dot = re.compile(rf"\s*(?:[(\[{{<]?\s?{any_of('dot_word')}\s?[)\]}}>]?)\s*")
    text = low if "@" in low else at.sub("@", low, count=1)
    return (
        re.sub(r"\s", "", dot.sub(".", text)) if not re.fullmatch(r"\S+@\S+\.\w+", text) else text
    )
