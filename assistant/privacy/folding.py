"""The text as the finders read it: one plain character for each that a person sees.

Full-width digits, no-break spaces, fancy dashes, zero-width padding and accents put on letters hide
a number from a pattern but not from a reader. Every folded character knows its place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DASHES = frozenset("‐‑‒–—―−﹣－⁃")
_INVISIBLE = frozenset(
    chr(code)
    for code in (
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        0xFEFF,
        0xAD,
        0x180E,
    )
)
# Letters that people type for digits: only inside a run that is digits for the most part.
_DIGIT_LOOKALIKES = str.maketrans({"o": "0", "о": "0", "з": "3", "l": "1", "i": "1", "б": "6"})
_MIXED_RUN = re.compile(r"(?<![^\W\d])[\doозliб][\doозliб \-().]{4,}[\doозliб](?![^\W\d])")


@dataclass(frozen=True)
class Folded:
    """`text` with its characters' places; `low` and `digits` have the same length.

    `low` is in lower case with ё as е; in `digits` letters that stand for digits are digits.
    """

    text: str
    low: str
    digits: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the text as it came for a span of the folded one (not empty)."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """The text in plain characters."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        if unicodedata.combining(char) and chars:
            composed = unicodedata.normalize("NFC", chars[-1] + char)
            chars[-1] = composed if len(composed) == 1 else chars[-1]
            ends[-1] = at + 1
            continue
        chars.append(char if char.isascii() else _plain(char))
        starts.append(at)
        ends.append(at + 1)
    folded = "".join(chars)
    low = "".join(_lower(char) for char in chars)
    return Folded(folded, low, _with_digits(low), tuple(starts), tuple(ends))


def _plain(char: str) -> str:
    if char in _DASHES:
        return "-"
    if char.isspace():
        return "\n" if char in "\u2028\u2029\x85" else " "
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    normal = unicodedata.normalize("NFKC", char)
    return normal if len(normal) == 1 else char


def _lower(char: str) -> str:
    lower = char.lower()
    if lower == "ё":
        return "е"
    return lower if len(lower) == 1 else char


def _with_digits(low: str) -> str:
    def swapped(match: re.Match[str]) -> str:
        run = match[0]
        solid = [char for char in run if char.isalnum()]
        digits = sum(char.isdigit() for char in solid)
        if len(solid) >= 6 and digits * 10 >= len(solid) * 7:
            return run.translate(_DIGIT_LOOKALIKES)
        return run

    return _MIXED_RUN.sub(swapped, low)
