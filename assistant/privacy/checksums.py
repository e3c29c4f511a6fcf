"""Check digits: what makes a run of digits a card, a tax number or an account.

Luhn, INN and IBAN come from python-stdnum; SNILS is not in it.
"""

from __future__ import annotations

from stdnum import iban, luhn
from stdnum.ru import inn


def is_card_number(digits: str) -> bool:
    """Luhn's formula over 13 to 19 digits."""
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn.is_valid(digits)


def is_inn(digits: str) -> bool:
    """The taxpayer's number: 10 digits of a company, 12 of a person, with check digits."""
    return len(set(digits)) > 1 and inn.is_valid(digits)


def is_iban(compact: str) -> bool:
    """ISO 13616: the remainder by 97 and the country's length."""
    return bool(iban.is_valid(compact, check_country=False))


def is_snils(digits: str) -> bool:
    """The insurance number: nine digits weighted 9 to 1, their sum by 101, two check digits."""
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=False))
    return total % 101 % 100 == int(digits[9:])
