"""Whose word lists a sentence is checked by."""

from __future__ import annotations

import re

_CYRILLIC = re.compile(r"[а-я]{2,}")
_LATIN = re.compile(r"[a-z']{2,}")
_ENOUGH_WORDS = 2
"""From this many words of the other language on it is checked too; fewer are names."""


def languages_of(plain: str, lang: str) -> tuple[str, ...]:
    """`lang`, and the other one of Russian and English where the sentence holds words of it."""
    words = {"ru": len(_CYRILLIC.findall(plain)), "en": len(_LATIN.findall(plain))}
    own = "en" if lang == "en" else "ru"
    other = "ru" if own == "en" else "en"
    return (own, other) if words[other] >= _ENOUGH_WORDS else (own,)
