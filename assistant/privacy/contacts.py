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
    r"(?<![\w.+\-])[\w][\w.+\-%']{0,63}\s{0,2}@\s{0,2}(?:[\w\-]{1,63}\s?\.\s?){1,4}[^\W\d_]{2,12}(?![\w@])"
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
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _local_part() -> str:
    dot = rf"(?:\.|\s{{0,2}}{any_of('dot_word')}\s{{0,2}}|_)"
    return rf"{_PART}[\w+\-]*(?:{dot}[\w+\-]+){{0,3}}"


@cache
def _disguised_email() -> re.Pattern[str]:
    """`ivan (at) mail dot ru`, «иван собака яндекс точка ру»: the zone or the house is known."""
    at = rf"(?:\s{{0,2}}@\s{{0,2}}|\s{{1,2}}{any_of('at_word')}\s{{1,2}}|\s?[(\[{{<]\s?{any_of('at_word')}\s?[)\]}}>]\s?|\({any_of('at_word')}\))"
    dot = rf"(?:\s{{0,2}}\.\s{{0,2}}|\s{{0,2}}{any_of('dot_word')}\s{{0,2}}|\s?,\s?)"
    house = rf"[\w\-]{{2,30}}(?:{dot}[\w\-]{{2,30}}){{0,2}}"
    return re.compile(rf"(?<![\w.+\-]){_local_part()}{at}{house}?{dot}{any_of('mail_zones')}(?!\w)")


@cache
def _bare_house() -> re.Pattern[str]:
    """`ivanov77@mail`, «иванов собака яндекс»: a known house without its zone."""
    at = rf"(?:\s?@\s?|\s{any_of('at_word')}\s)"
    return re.compile(
        rf"(?<![\w.+\-]){_local_part()}{at}{any_of('mail_houses')}(?:\s?[.,]?\s?{any_of('mail_zones')})?(?!\w)"
    )


def _emails(low: str) -> Iterator[Find]:
    for match in _EMAIL.finditer(low):
        yield Find("email", *match.span(), 95)
    for match in _disguised_email().finditer(low):
        yield Find("email", *match.span(), 94)
    for match in _bare_house().finditer(low):
        yield Find("email", *match.span(), 93)


@cache
def _named_user() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){any_of('username_near')}(?:\s+(?:у меня|мой|is|на сайте|в приложении|в системе|в телеграм\w*|от аккаунта|account|name|handle))*"
        r"\s?(?:[:=\-]|is|это)?\s{0,2}[\"'«(]?@?([a-z][\w.\-]{2,31}(?<![.\-]))"
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
    at = re.compile(rf"\s*(?:[(\[{{<]?\s?{any_of('at_word')}\s?[)\]}}>]?)\s*")
    dot = re.compile(rf"\s*(?:[(\[{{<]?\s?{any_of('dot_word')}\s?[)\]}}>]?)\s*")
    text = low if "@" in low else at.sub("@", low, count=1)
    return (
        re.sub(r"\s", "", dot.sub(".", text)) if not re.fullmatch(r"\S+@\S+\.\w+", text) else text
    )
