"""Bank cards: numbers, with typos too, and what stands on a card beside its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.privacy.checksums import is_card_number
from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import label_before, stands_before
from assistant.privacy.lexicon import any_of

_FOURS = r"[2-6]\d{3}(?:[\s.\-_/]{0,3}\d{4}){3}(?:[\s.\-]?\d{2,3})?"
_AMERICAN_EXPRESS = r"3[47]\d{2}[\s-]?\d{6}[\s-]?\d{5}"
_CARD = re.compile(rf"(?<![\w.])(?<!\d,)(?:{_FOURS}|{_AMERICAN_EXPRESS})(?!\d)")
_LOOSE_CARD = re.compile(r"(?<!\d)\d(?:[\s.\-/]{0,3}\d){12,18}(?!\d)")
_STARRED_CARD = re.compile(r"(?<!\d)\d{4}(?:[\s-]?[*xхx•#.]{2,8}){1,3}[\s-]?\d{4}(?!\d)")
_SAME_CARD = 80
"""How many characters before a code or a date may stand the card that it belongs to."""


def cards(folded: Folded) -> Iterator[Find]:
    """Numbers that pass Luhn's check or look like a card, then codes and expiry dates."""
    low = folded.digits
    for match in _CARD.finditer(low):
        if rank := _rank(match[0], label_before(low, match.start())[0]):
            yield Find("card", *match.span(), rank)
    for match in _LOOSE_CARD.finditer(low):
        called = label_before(low, match.start())[0] == "card"
        if called and is_card_number(re.sub(r"\D", "", match[0])):
            yield Find("card", *match.span(), 86)
    for match in _STARRED_CARD.finditer(low):
        yield Find("card", *match.span(), 74)
    yield from _beside_the_number(low)


def _rank(written: str, label: str) -> int:
    """0 for a number that is no card; one with a typo still is where it is written in fours or a
    word calls it a card."""
    digits = re.sub(r"\D", "", written)
    if label == "other":
        return 0
    if is_card_number(digits):
        return 86
    return 80 if label == "card" or written != digits else 0


def _beside_the_number(low: str) -> Iterator[Find]:
    code, secret, expiry = _beside()
    for match in code.finditer(low):
        yield Find("card", *match.span(1), 82)
    for pattern in (secret, expiry):
        for match in pattern.finditer(low):
            if stands_before("label_card", low, match.start(), _SAME_CARD):
                yield Find("card", *match.span(1), 82)


@cache
def _beside() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """A code by its own name; a "code" and a date where a card stands before."""
    date = r"(\d{2}\s?/\s?\d{2,4})(?![\d/])"
    return (
        re.compile(rf"(?<!\w){any_of('card_code')}(?!\w)[^\d\n]{{0,14}}(\d{{3,6}})(?!\d)"),
        re.compile(rf"(?<!\w){any_of('card_secret')}\W{{0,3}}(\d{{3}})(?!\d)"),
        re.compile(rf"(?<!\w){any_of('card_expiry')}[^\d\n]{{0,12}}{date}"),
    )
