"""Numbers written in words as digits, so that «две недели» and "two weeks" can be counted with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.text import lower_plain
from prompts.loader import read

_WORD = re.compile(r"[^\W\d_]+\.?|\d+(?:[.,]\d+)?(?![\d.,]*\d)")
_LONGEST_SHORTENED = 4
_JOINS = re.compile(r"[ \u00a0\u202f]|-|[ \u00a0]and[ \u00a0]")


@dataclass(frozen=True)
class Written:
    """A text in lower case, ё as е, numbers as digits; what is now its character i stood between
    `starts[i]` and `stops[i]` in the text that was given."""

    text: str
    starts: tuple[int, ...]
    stops: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the given text that became `text[start:end]`, which is not empty."""
        return self.starts[start], self.stops[end - 1]


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    value: float
    multiplies: bool
    is_digits: bool


def in_digits(text: str) -> Written:
    """The text with every number in words as digits: «двадцать один» as 21, "two thousand" as 2000,
    «3 тыс.» as 3000. Words that only look like numbers (сто́ит) do not change."""
    plain = _same_length_plain(text)
    pieces: list[str] = []
    starts: list[int] = []
    stops: list[int] = []
    at = 0
    for group in _groups(plain):
        start, end = group[0].start, group[-1].end
        shown = _shown(_value(group))
        pieces += [plain[at:start], shown]
        starts += [*range(at, start), *[start] * len(shown)]
        stops += [*range(at + 1, start + 1), *[end] * len(shown)]
        at = end
    pieces.append(plain[at:])
    starts += range(at, len(plain))
    stops += range(at + 1, len(plain) + 1)
    return Written("".join(pieces), tuple(starts), tuple(stops))


def _same_length_plain(text: str) -> str:
    """Lower case and ё as е, one character for each."""
    lowered = lower_plain(text)
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := lower_plain(char)) == 1 else char for char in text)


@cache
def _numerals() -> tuple[re.Pattern[str], tuple[tuple[float, bool], ...]]:
    content = read("lexicon/numerals").content
    parts = [f"({'|'.join(forms)})" for forms in content.values()]
    values = tuple((float(key.removeprefix("x")), key.startswith("x")) for key in content)
    return re.compile("|".join(parts)), values


def _words(text: str) -> Iterator[_Word]:
    pattern, values = _numerals()
    for match in _WORD.finditer(text):
        word = match[0]
        if word[0].isdecimal():
            yield _Word(match.start(), match.end(), float(word.replace(",", ".")), False, True)
            continue
        found = pattern.fullmatch(word) or pattern.fullmatch(word.rstrip("."))
        if found and found.lastindex:
            value, multiplies = values[found.lastindex - 1]
            end = match.start() + len(found[0])
            yield _Word(match.start(), end, value, multiplies, False)


def _groups(text: str) -> list[list[_Word]]:
    """Runs of numerals that make one number; digits alone are left as they are."""
    groups: list[list[_Word]] = []
    for word in _words(text):
        last = groups[-1] if groups else []
        if last and _belongs(text[last[-1].end : word.start], last, word):
            last.append(word)
        else:
            groups.append([word])
    return [group for group in groups if len(group) > 1 or _stands_alone(group[0], text)]


def _stands_alone(word: _Word, text: str) -> bool:
    """Whether one numeral is a number: «тысяча» is, the «тыс.» or "k" of nothing is not."""
    if word.is_digits:
        return False
    return not word.multiplies or word.end - word.start > _LONGEST_SHORTENED


def _belongs(between: str, group: Sequence[_Word], word: _Word) -> bool:
    """Whether a numeral goes on with the number before it, as «один» does with «двадцать»."""
    last = group[-1]
    if word.multiplies and last.multiplies:
        return word.value > last.value and _JOINS.fullmatch(between) is not None
    if word.multiplies:
        return _JOINS.fullmatch(between) is not None or (last.is_digits and not between)
    if word.is_digits and not last.is_digits and between.isspace():
        # An ordinal, by now in digits: «двадцать» + 5 «числа».
        return last.value in range(20, 100, 10) and 1 <= word.value <= 9
    if word.is_digits or last.is_digits or not _JOINS.fullmatch(between):
        return False
    if between == "-" and (last.value < 20 or last.multiplies):
        return False
    return last.value >= 20 and _size(word.value) < _size(last.value)


def _size(value: float) -> int:
    """How many digits: what may follow a numeral has fewer (11 to 19 stand in for two)."""
    return len(str(int(value)))


def _value(group: Sequence[_Word]) -> float:
    total = current = 0.0
    for word in group:
        if not word.multiplies:
            current += word.value
        elif word.value == 100:
            current = max(current, 1) * 100
        else:
            total += max(current, 1) * word.value
            current = 0
    return total + current


def _shown(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
