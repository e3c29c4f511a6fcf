"""The words of a text as the search for names reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.privacy.english_names import english_class
from assistant.privacy.folding import Folded
from assistant.privacy.lexicon import words_of
from assistant.privacy.russian_names import WordClass, russian_class

_WORD = re.compile(r"[^\W\d_]+(?:[-'’`][^\W\d_]+)*")
_CYRILLIC = re.compile(r"[а-я]")


@dataclass(frozen=True)
class Word:
    """A word of the text with what stands around it."""

    start: int
    end: int
    low: str
    capital: bool
    opens: bool
    """It opens a sentence or a line, where a capital letter says nothing."""
    cyrillic: bool
    initial: bool
    kind: WordClass


def words_with_class(folded: Folded) -> list[Word]:
    """All words in order."""
    found = []
    for match in _WORD.finditer(folded.text):
        start, end = match.span()
        low = folded.low[start:end]
        near = folded.text[max(0, start - 12) : start]
        before = near.rstrip(" \t\"'«»“”(*_-—")
        cyrillic = bool(_CYRILLIC.search(low))
        found.append(
            Word(
                start,
                end,
                low,
                capital=match[0][0].isupper(),
                opens=not before or before[-1] in ".!?\n…:;" or "\n" in near[len(before) :],
                cyrillic=cyrillic,
                initial=end - start == 1
                and match[0].isupper()
                and folded.text[end : end + 1] == ".",
                kind=_class_of(low, cyrillic),
            )
        )
    return found


def _class_of(low: str, cyrillic: bool) -> WordClass:
    read = russian_class if cyrillic else english_class
    whole = read(low)
    if whole.is_name or "-" not in low:
        return whole
    # «Анна-Мария», «Римский-Корсаков», «Петрова-Водкина»: the first part decides.
    first = read(low.split("-", maxsplit=1)[0])
    return first if not first.plain and len(low.split("-")[1]) > 2 else whole


def is_joined(one: Word, other: Word, folded: Folded) -> bool:
    """Whether nothing but a space or an initial's dot stands between two words."""
    left, right = (one, other) if one.start < other.start else (other, one)
    between = folded.text[left.end : right.start]
    allowed = r"\.?\s?" if left.initial else r"[ \t]{1,2}"
    return bool(re.fullmatch(allowed, between))


def is_never_a_name(word: Word) -> bool:
    """Words of `never_names_ru` and `never_names_en`, also before an apostrophe (I've)."""
    stem = re.split("['’`]", word.low)[0]
    listed = words_of("never_names_ru") | words_of("never_names_en")
    return word.low in listed or (stem != word.low and stem in listed)


def is_surname(word: Word) -> bool:
    """Whether the word can follow a given name as a surname."""
    kind = word.kind
    possible = bool(kind.surname) and (word.capital or not kind.plain)
    return possible and not is_never_a_name(word)
