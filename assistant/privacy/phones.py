"""Telephone numbers as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import counts_something, label_before
from assistant.privacy.lexicon import any_of, pattern_of

_GAP = r"[\s().\-_/*]{0,4}"
_NO_DIGIT_BEFORE = r"(?<![\w+])(?<!\d[.,\-])"
_NO_DIGIT_AFTER = r"(?!\d|[.,\-]\d)"
_EXTENSION = rf"(?:,?\s{{0,2}}{any_of('extension')}\.?\s{{0,2}}\d{{1,5}})?"

_RUSSIAN = re.compile(
    rf"(?<![\d+])(?<!\d[.,\-])(?:\+{_GAP}[78]|[78]){_GAP}[3-9](?:{_GAP}\d){{9}}{_NO_DIGIT_AFTER}"
    rf"{_EXTENSION}"
)
_WITHOUT_PREFIX = re.compile(
    rf"{_NO_DIGIT_BEFORE}\(?[3489]\d{{2}}\)?{_GAP}\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_NO_DIGIT_AFTER}"
)
_AREA_CODE = re.compile(
    rf"{_NO_DIGIT_BEFORE}\(\d{{3,5}}\)\s?\d{{1,3}}[\s-]?\d{{2}}[\s-]?\d{{2}}{_NO_DIGIT_AFTER}"
)
_INTERNATIONAL = re.compile(
    rf"(?<![\w+])(?:\+|00){_GAP}[1-689](?:{_GAP}\d){{7,13}}{_NO_DIGIT_AFTER}{_EXTENSION}"
)
_AMERICAN = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:1[\s.-]{{1,2}})?(?:\([2-9]\d{{2}}\)\s?|[2-9]\d{{2}}[\s.-]{{0,2}})\d{{3}}[\s.-]{{0,2}}\d{{4}}"
    rf"{_NO_DIGIT_AFTER}{_EXTENSION}"
)
_BRITISH = re.compile(rf"{_NO_DIGIT_BEFORE}\(?0[1-9](?:[\s()\-]{{0,2}}\d){{8,9}}{_NO_DIGIT_AFTER}")
_LOCAL = re.compile(
    rf"{_NO_DIGIT_BEFORE}(?:\d{{1,3}}[\s-]\d{{2}}[\s-]\d{{2}}|\d{{3}}[\s-]\d{{4}}|\d{{5,7}}){_NO_DIGIT_AFTER}"
)
_LABELLED = re.compile(rf"(?<![\d])\+?\d(?:{_GAP}\d){{7,13}}{_NO_DIGIT_AFTER}")
_FREE_OF_CHARGE = re.compile(r"(?:\+?[78])?80[04]|1?8(?:00|88|77|66)|080[08]")

_SURE, _LIKELY, _WEAK = 76, 70, 60


def phones(folded: Folded) -> Iterator[Find]:
    """Russian, international, American and British numbers; local ones where a word says so.

    Numbers that are free to call (8 800 …) are a company's and stay.
    """
    low = folded.digits
    for pattern, rank in ((_RUSSIAN, _SURE), (_INTERNATIONAL, _SURE), (_AREA_CODE, _LIKELY)):
        for match in pattern.finditer(low):
            if not _is_company(match[0]) and not _is_list(match[0]):
                yield _find(match, rank)
    for pattern in (_WITHOUT_PREFIX, _AMERICAN, _BRITISH):
        for match in pattern.finditer(low):
            if _is_company(match[0]) or _is_list(match[0]):
                continue
            label, _ = label_before(low, match.start())
            if label == "" and pattern_of("label_phone").search(low, match.end(), match.end() + 14):
                label = "phone"
            if label == "phone" or (label == "" and _looks_like_phone(match[0])):
                yield _find(match, _LIKELY if label == "phone" else _WEAK)
    yield from _labelled(low)


def _labelled(low: str) -> Iterator[Find]:
    """Numbers of any shape that a word before them calls a telephone."""
    for match in _LABELLED.finditer(low):
        label, _ = label_before(low, match.start())
        if label == "phone" and not _is_company(match[0]) and not _is_list(match[0]):
            yield _find(match, _WEAK)
    for match in _LOCAL.finditer(low):
        label, distance = label_before(low, match.start(), 25)
        if not label and pattern_of("label_phone_after").search(low, match.end(), match.end() + 24):
            label, distance = "phone", 0
        plain = match[0].isdigit()
        if label != "phone" or counts_something(low, match.start(), match.end()):
            continue
        if distance <= (3 if plain else 25):
            yield _find(match, _WEAK)


def _find(match: re.Match[str], rank: int) -> Find:
    start = match.start()
    return Find("phone", start, match.end(), rank)


def _looks_like_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return text != digits or digits[0] == "9" or digits[:2] == "07"


def _is_company(text: str) -> bool:
    digits = re.sub(r"[^\d+]", "", text)
    return bool(_FREE_OF_CHARGE.match(digits))


def _is_list(text: str) -> bool:
    """Sizes in a row (36 38 40 42 44): numbers of one length that only grow."""
    groups = [int(group) for group in re.findall(r"\d+", text)]
    return len(groups) >= 5 and all(one < other for one, other in pairwise(groups))
