"""Bank accounts, tax and insurance numbers: known by their length and their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy.checksums import is_iban, is_inn, is_snils
from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import label_before

_ALONE = r"(?<![\w.])(?<!\d,)"
_ACCOUNT = re.compile(rf"{_ALONE}\d(?:[\s.\-]{{0,2}}\d){{19}}(?![\w]|[.,]\d)")
_IBAN = re.compile(
    r"(?<!\w)(?:[A-Z]{2}\s?\d{2}(?:\s?[A-Z\d]{2,4}){3,8}"
    r"|[a-z]{2}\d{2}(?:[a-z\d]{11,30}|(?:\s[a-z\d]{4}){3,7}(?:\s[a-z\d]{1,3})?))(?!\w)"
)
_BIK = re.compile(r"(?:бик|bik)\W{0,3}(\d{9})(?!\d)")
_SORT_CODE = re.compile(r"sort(?:\s?code)?\W{0,6}(?:is\s)?(\d{2}[\s-]?\d{2}[\s-]?\d{2})(?!\d)")
_SNILS = re.compile(rf"{_ALONE}\d{{3}}[\s-]\d{{3}}[\s-]\d{{3}}[\s-]?\d{{2}}(?![\w]|[.,]\d)")
_SOLID_RUN = re.compile(r"(?<!\d)\d{10,12}(?!\d)")


def accounts(folded: Folded) -> Iterator[Find]:
    """Accounts, IBAN, BIK and sort codes, INN and SNILS."""
    low = folded.digits
    for match in _ACCOUNT.finditer(low):
        if label_before(low, match.start())[0] != "other":
            yield Find("account", *match.span(), 90)
    for match in _IBAN.finditer(folded.text):
        compact = re.sub(r"\s", "", match[0]).upper()
        told = label_before(low, match.start())[0] == "account"
        if is_iban(compact) or (told and sum(map(str.isdigit, compact)) >= 12):
            yield Find("account", *match.span(), 92)
    for pattern in (_BIK, _SORT_CODE):
        for match in pattern.finditer(low):
            yield Find("account", *match.span(1), 84)
    yield from _insured_and_taxed(low)


def _insured_and_taxed(low: str) -> Iterator[Find]:
    for match in _SNILS.finditer(low):
        label, _ = label_before(low, match.start())
        dashed = label != "phone" and "-" in match[0]
        if label == "snils" or dashed or is_snils(re.sub(r"\D", "", match[0])):
            yield Find("snils", *match.span(), 84)
    for match in _SOLID_RUN.finditer(low):
        number = match[0]
        if label_before(low, match.start())[0]:
            continue
        # Ten digits from 9 on are a telephone, eleven from 7 or 8 on too.
        if is_inn(number) and (len(number) == 12 or number[0] != "9"):
            yield Find("inn", *match.span(), 72)
        elif is_snils(number) and number[0] not in "78":
            yield Find("snils", *match.span(), 72)
