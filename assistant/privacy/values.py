"""When two pieces of text are the same personal value: «Ивановой Анне» and «анна иванова»."""

from __future__ import annotations

import re

from assistant.privacy.contacts import plain_email
from assistant.privacy.english_names import english_class
from assistant.privacy.folding import fold
from assistant.privacy.russian_names import russian_class
from assistant.privacy.spoken import spoken_digits

_NUMBERS = frozenset({"phone", "card", "snils", "inn", "passport", "ssn"})


def value_key(kind: str, text: str) -> str:
    """A key that is equal for two spellings of one value of this kind."""
    folded = fold(text)
    if kind in _NUMBERS:
        return _number_key(kind, folded.digits)
    if kind == "name":
        return _name_key(folded.low)
    if kind == "email":
        return plain_email(folded.low)
    if kind == "username":
        return folded.low.lstrip("@")
    return re.sub(r"[\W_]", "", folded.low)


def _number_key(kind: str, low: str) -> str:
    digits = re.sub(r"\D", "", low) if not re.search(r"[^\W\d_]{3,}", low) else spoken_digits(low)
    if kind == "phone" and len(digits) == 11 and digits[0] == "8":
        return "7" + digits[1:]
    if kind == "phone" and len(digits) == 10 and digits[0] == "9":
        return "7" + digits
    # A foreign passport's letters count.
    letters = "".join(re.findall(r"(?<![^\W\d_])[^\W\d_]{1,2}(?![^\W\d_])", low))
    return letters + (digits or re.sub(r"\W", "", low))


def _name_key(low: str) -> str:
    """The words' dictionary forms in one order, whatever order and case they were typed in."""
    words = re.findall(r"[^\W\d_]+", low)
    lemmas = [
        (russian_class(word) if re.search(r"[а-я]", word) else english_class(word)).lemma
        for word in words
    ]
    return " ".join(sorted(lemmas))
