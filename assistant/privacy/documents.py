"""Numbers of papers, cards and accounts: format, check digits, and the words before them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.privacy.checksums import is_card_number, is_iban, is_inn, is_snils
from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import counts_something, label_before, stands_before
from assistant.privacy.lexicon import any_of

_GAP = r"[\s.\-/]{0,3}"
_ALONE = r"(?<![\w.])(?<!\d,)"
_END = r"(?![\w]|[.,]\d)"

_RUN = re.compile(rf"(?<![\d])\d(?:{_GAP}\d){{3,24}}(?!\d)")
_SOLID_RUN = re.compile(r"(?<!\d)\d{4,24}(?!\d)")
_CARD = re.compile(
    rf"{_ALONE}(?:[2-6]\d{{3}}(?:[\s.\-_/]{{0,3}}\d{{4}}){{3}}(?:[\s.\-]?\d{{2,3}})?|3[47]\d{{2}}[\s-]?\d{{6}}[\s-]?\d{{5}})(?!\d)"
)
_LOOSE_CARD = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{12,18}}(?!\d)")
_STARRED_CARD = re.compile(r"(?<!\d)\d{4}(?:[\s-]?[*xхx•#.]{2,8}){1,3}[\s-]?\d{4}(?!\d)")
_SNILS = re.compile(rf"{_ALONE}\d{{3}}[\s-]\d{{3}}[\s-]\d{{3}}[\s-]?\d{{2}}{_END}")
_PASSPORT = re.compile(
    rf"{_ALONE}(?:\d{{2}}\s\d{{2}}|\d{{4}})(?:\s|\s?[,-]?\s?(?:№|n|no|номер|ном)\.?\s{{0,2}})\d{{3}}\s?\d{{3}}{_END}"
)
_SERIES_AND_NUMBER = re.compile(
    r"сери[яию]\w{0,2}[\s:]{0,3}(\d{2}\s?\d{2}[\s,;]{0,3}(?:и\s)?(?:номер|ном|№|n)?[\s.:№]{0,4}\d{3}\s?\d{3})(?!\d)"
)
_FOREIGN_PASSPORT = re.compile(
    r"(?:загран\w*|passport\w*|паспорт\w*)[^\d\n]{0,25}?((?:\b[a-zа-я]{1,3}[\s-]?)?\d{2}\s?№?\s?\d{5,7})(?!\d)"
)
_DIVISION = re.compile(r"(?:код\w?\s+подр\w*|к/п)[\s:.]{0,3}(\d{3}\s?-\s?\d{3})(?!\d)")
_ACCOUNT = re.compile(rf"{_ALONE}\d(?:[\s.\-]{{0,2}}\d){{19}}{_END}")
_IBAN = re.compile(
    r"(?<!\w)(?:[A-Z]{2}\s?\d{2}(?:\s?[A-Z\d]{2,4}){3,8}|[a-z]{2}\d{2}[a-z\d]{11,30}|[a-z]{2}\d{2}(?:\s[a-z\d]{4}){3,7}(?:\s[a-z\d]{1,3})?)(?!\w)"
)
_BIK = re.compile(r"(?:бик|bik)\W{0,3}(\d{9})(?!\d)")
_SORT_CODE = re.compile(r"sort(?:\s?code)?\W{0,6}(?:is\s)?(\d{2}[\s-]?\d{2}[\s-]?\d{2})(?!\d)")
_SERIES = re.compile(r"сери[яию]\w{0,2}(?:\s\w+)?[\s:]{0,3}(\d{2}\s?\d{2})(?!\s?\d)")
_BIRTH_PAPER = re.compile(r"(?<!\w)([ivxl]{1,5}\s?-\s?[а-я]{2}\s?(?:№\s?)?\d{6})(?!\d)")
_LETTERED = re.compile(r"(?<!\w)(?=(?:[a-z]*\d){4})(?=\w*[a-z])[a-z\d]{7,16}(?!\w)")
_SSN = re.compile(rf"{_ALONE}\d{{3}}-\d{{2}}-\d{{4}}{_END}")
_NINO = re.compile(r"(?<!\w)[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d](?!\w)")

_LENGTHS: dict[str, Callable[[int], bool]] = {
    "card": lambda n: 13 <= n <= 20,
    "passport": lambda n: n in {6, 9, 10},
    "snils": lambda n: 10 <= n <= 12,
    "inn": lambda n: 9 <= n <= 13,
    "account": lambda n: n in {8, 9, 10, 12} or 17 <= n <= 23,
    "ssn": lambda n: n == 9,
}


def documents(folded: Folded) -> Iterator[Find]:
    """Cards, passports, SNILS, INN, bank accounts, social security numbers."""
    low = folded.digits
    yield from _labelled(low)
    yield from _cards(low)
    yield from _by_format(low)
    yield from _by_check_digits(low, folded.text)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _labelled(low: str) -> Iterator[Find]:
    """Runs of digits of about the length that the word before them asks for."""
    for pattern in (_RUN, _SOLID_RUN):
        for match in pattern.finditer(low):
            label, _ = label_before(low, match.start())
            fits = _LENGTHS.get(label)
            if not fits or not fits(len(_digits(match[0]))):
                continue
            if not counts_something(low, match.start(), match.end()):
                yield Find(label, match.start(), match.end(), 78)


def _cards(low: str) -> Iterator[Find]:
    for match in _CARD.finditer(low):
        label, _ = label_before(low, match.start())
        grouped = match[0] != _digits(match[0])
        if is_card_number(_digits(match[0])) and label != "other":
            yield Find("card", *match.span(), 86)
        elif label == "card" or (grouped and label != "other"):
            yield Find("card", *match.span(), 80)
    for match in _LOOSE_CARD.finditer(low):
        label, _ = label_before(low, match.start())
        if label == "card" and is_card_number(_digits(match[0])):
            yield Find("card", *match.span(), 86)
    for match in _STARRED_CARD.finditer(low):
        yield Find("card", *match.span(), 74)
    code = re.compile(rf"(?<!\w){any_of('card_code')}(?!\w)[^\d\n]{{0,14}}(\d{{3,6}})(?!\d)")
    for match in code.finditer(low):
        yield Find("card", *match.span(1), 82)
    secret = re.compile(rf"(?<!\w){any_of('card_secret')}\W{{0,3}}(\d{{3}})(?!\d)")
    for match in secret.finditer(low):
        if stands_before("label_card", low, match.start(), 80):
            yield Find("card", *match.span(1), 82)
    expiry = re.compile(
        rf"(?<!\w){any_of('card_expiry')}[^\d\n]{{0,12}}(\d{{2}}\s?/\s?\d{{2,4}})(?![\d/])"
    )
    for match in expiry.finditer(low):
        if stands_before("label_card", low, match.start(), 80):
            yield Find("card", *match.span(1), 82)


def _by_format(low: str) -> Iterator[Find]:
    grouped = (
        ("passport", _SERIES_AND_NUMBER, 84),
        ("passport", _FOREIGN_PASSPORT, 82),
        ("passport", _DIVISION, 84),
        ("passport", _SERIES, 83),
        ("passport", _BIRTH_PAPER, 84),
        ("account", _BIK, 84),
        ("account", _SORT_CODE, 84),
    )
    for kind, pattern, rank in grouped:
        for match in pattern.finditer(low):
            yield Find(kind, *match.span(1), rank)
    for match in _SNILS.finditer(low):
        label, _ = label_before(low, match.start())
        if (
            label == "snils"
            or (label != "phone" and "-" in match[0])
            or is_snils(_digits(match[0]))
        ):
            yield Find("snils", *match.span(), 84)
    for match in _PASSPORT.finditer(low):
        label, _ = label_before(low, match.start())
        if label in {"passport", ""} and not counts_something(low, *match.span()):
            yield Find("passport", *match.span(), 83 if label else 68)
    for match in _SSN.finditer(low):
        if label_before(low, match.start())[0] in {"", "ssn"}:
            yield Find("ssn", *match.span(), 84)
    for match in _LETTERED.finditer(low):
        if label_before(low, match.start())[0] == "passport":
            yield Find("passport", *match.span(), 80)
    for match in _NINO.finditer(low):
        if label_before(low, match.start())[0] == "ssn":
            yield Find("ssn", *match.span(), 88)


def _by_check_digits(low: str, text: str) -> Iterator[Find]:
    for match in _ACCOUNT.finditer(low):
        if label_before(low, match.start())[0] != "other":
            yield Find("account", *match.span(), 90)
    for match in _IBAN.finditer(text):
        label, _ = label_before(low, match.start())
        compact = re.sub(r"\s", "", match[0]).upper()
        if is_iban(compact) or (label == "account" and sum(map(str.isdigit, compact)) >= 12):
            yield Find("account", *match.span(), 92)
    for match in _SOLID_RUN.finditer(low):
        label, _ = label_before(low, match.start())
        if label:
            continue
        if is_inn(match[0]) and (len(match[0]) == 12 or match[0][0] != "9"):
            yield Find("inn", *match.span(), 72)
        elif is_snils(match[0]) and match[0][0] not in "78":
            yield Find("snils", *match.span(), 72)
