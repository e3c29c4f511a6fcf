"""Links, e-mail addresses, telephone numbers and codes of a text in lower case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.claims.fact import Fact, FactKind, forms

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.,])\+?\d(?:[\s()–-]{0,2}\d){5,14}(?![\w]|[.,]\d)")
_SUMS = re.compile(r"\d{1,3}(?:\s\d{3})+(?:\s?[-–]\s?\d{1,3}(?:\s\d{3})+)?")
_SHORT_PHONE = re.compile(r"\d{2,3}-\d{2}-\d{2,3}|\d{3}-\d{4}")
_ISO_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_CODE = re.compile(r"(?<![\w-])(?=[\w-]*\d)[^\W\d_][\w-]*\w(?![\w])")
_LONG_PHONE_DIGITS = 10


def links_and_emails_of(text: str) -> Iterator[Fact]:
    """Every e-mail address and link. The same address has the same value with or without scheme,
    `www.` and the last slash."""
    taken = []
    for match in _EMAIL.finditer(text):
        taken.append(match.span())
        yield Fact(FactKind.EMAIL, match[0].rstrip("."), match.start(), match.end())
    for match in _url().finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        shown = match[0].rstrip(".,;:!?)")
        value = re.sub(r"^(?:https?://)?(?:www\.)?", "", shown).rstrip("/")
        yield Fact(FactKind.URL, value, match.start(), match.start() + len(shown))


@cache
def _url() -> re.Pattern[str]:
    return re.compile(
        r"(?:https?://|www\.)[^\s<>()«»\"']+"
        rf"|(?<![\w@.-])(?:[^\W_][\w-]*\.)+(?:{forms()['domains']})\b(?:/[^\s<>()«»\"']*)?"
    )


def phones_of(text: str) -> Iterator[Fact]:
    """Every telephone number as its digits; a Russian one without its first 7 or 8."""
    for match in _PHONE.finditer(text):
        shown = match[0]
        digits = re.sub(r"\D", "", shown)
        if not _is_phone(shown, digits):
            continue
        if len(digits) == _LONG_PHONE_DIGITS + 1 and digits[0] in "78":
            digits = digits[1:]
        yield Fact(FactKind.PHONE, digits, match.start(), match.end())


def _is_phone(shown: str, digits: str) -> bool:
    if _SUMS.fullmatch(shown) or _ISO_DATE.fullmatch(shown):
        return False
    return shown.startswith("+") or len(digits) >= _LONG_PHONE_DIGITS or _is_short(shown)


def _is_short(shown: str) -> bool:
    return _SHORT_PHONE.fullmatch(shown) is not None


def codes_of(text: str) -> Iterator[Fact]:
    """Words of letters and digits that begin with a letter: promo codes, models, forms."""
    for match in _CODE.finditer(text):
        yield Fact(FactKind.CODE, match[0].replace("-", ""), match.start(), match.end())
