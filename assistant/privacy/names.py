"""Names of people: given names, surnames, patronymics and initials, in any case and spelling.

A name starts at an anchor (a word that is surely a name, or words like «меня зовут» before it) and
grows over its neighbours. Words that are also names stay where nothing says that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from assistant.privacy.english_names import english_class
from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.lexicon import any_of, pattern_of, words_of
from assistant.privacy.russian_names import WordClass, russian_class

_WORD = re.compile(r"[^\W\d_]+(?:[-'’`][^\W\d_]+)*")
_RANK = 56
_MOST_WORDS = 4


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


def names(folded: Folded) -> Iterator[Find]:
    """All names of people in the text."""
    words = _words(folded)
    shouted = _is_shouted(folded.text)
    used = -1
    company = [match.span() for match in pattern_of("not_people").finditer(folded.low)]
    for at in range(len(words)):
        if at <= used or not (anchor := _anchor(words, at, folded, shouted)):
            continue
        left, right = _grown(words, at, max(used + 1, 0), folded, told=anchor == "told")
        start, end = words[left].start, words[right].end
        if words[right].initial and folded.text[end : end + 1] == ".":
            end += 1
        if any(start < other and one < end for one, other in company):
            continue
        used = right
        yield Find("name", start, end, _RANK)


def _words(folded: Folded) -> list[Word]:
    found = []
    for match in _WORD.finditer(folded.text):
        start, end = match.span()
        low = folded.low[start:end]
        before = folded.text[:start].rstrip(" \t\"'«»“”(*_-—")
        cyrillic = bool(re.search(r"[а-я]", low))
        found.append(
            Word(
                start,
                end,
                low,
                capital=match[0][0].isupper(),
                opens=not before
                or before[-1] in ".!?\n…:;"
                or "\n" in folded.text[len(before) : start],
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


def _is_shouted(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return sum(char.isupper() for char in letters) > 0.6 * len(letters)


def _anchor(words: list[Word], at: int, folded: Folded, shouted: bool) -> str:
    """Why the word at `at` starts a name: `sure`, `told` by words before it; empty when it does
    not."""
    word = words[at]
    if word.low in words_of("never_names_ru") or word.low in words_of("never_names_en"):
        return ""
    if _is_told(words, at, folded):
        return "told"
    kind = word.kind
    if kind.patronymic and (word.capital or len(word.low) > 5):
        return "sure"
    if kind.first == 2 and not kind.plain:
        if word.cyrillic or word.capital or word.low in words_of("first_names_en"):
            return "sure"
        following = words[at + 1] if at + 1 < len(words) else None
        return "sure" if _follows(word, following, folded) and _is_surname(following) else ""
    if not word.capital or shouted:
        return ""
    return "sure" if _is_sure_by_capital(words, at, folded) else ""


def _is_sure_by_capital(words: list[Word], at: int, folded: Folded) -> bool:
    """A capital letter where the sentence does not ask for one, or a neighbour that is a name."""
    word = words[at]
    kind = word.kind
    if _is_quoted(word, folded) or re.search(r"\d\s?$", folded.text[: word.start]):
        return False
    following = words[at + 1] if at + 1 < len(words) else None
    if _has_initials(words, at, folded) and (kind.surname or not kind.plain):
        return True
    if kind.first and following and following.capital and _follows(word, following, folded):
        if following.kind.patronymic or (
            _is_surname(following) and (word.cyrillic or kind.first == 2)
        ):
            return following.low not in words_of("never_names_en") and not following.kind.place
    if kind.first == 2 and _is_called(word, folded):
        return True
    if kind.first and word.cyrillic and not word.opens and not kind.place:
        return kind.first == 2 or not kind.plain
    if kind.first and not word.cyrillic and not word.opens:
        if _stands_with(words, at, "person_en", folded):
            return True
        return not kind.plain and _stands_with(words, at, "before_person_en", folded)
    return _is_surname_alone(word)


def _is_surname_alone(word: Word) -> bool:
    kind = word.kind
    if not word.cyrillic or not kind.surname or kind.plain or kind.place:
        return False
    return not word.opens or kind.surname == 2


def _is_told(words: list[Word], at: int, folded: Folded) -> bool:
    """Whether words before it say that a name follows: «меня зовут», "my name is"."""
    word = words[at]
    before = folded.low[max(0, word.start - 40) : word.start]
    told = _told().search(before)
    if not told:
        return False
    if told["title"]:
        return word.capital and (word.cyrillic or word.low not in words_of("never_names_en"))
    if told["greeted"]:
        return (
            word.capital
            and bool(word.kind.first)
            and bool(re.match(r"\s?[,.!?)\n]|\s*$", folded.low[word.end :]))
        )
    if word.kind.is_name and (told["strong"] or word.capital or word.kind.first == 2):
        return word.capital or not word.kind.plain or (bool(told["strong"]) and word.kind.first > 0)
    if told["strong"] and word.low not in words_of("follows_no_name"):
        return word.capital or (not word.kind.plain and len(word.low) > 2)
    return word.capital and not word.kind.plain and not word.opens


@cache
def _told() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:(?P<strong>{any_of('says_name_surely')})|(?P<weak>{any_of('says_name')})|(?P<title>{any_of('title_en')}\.?)"
        rf"|(?P<greeted>{any_of('greets')}))(?:\s?[:,\-]|\s{{0,2}}\n)?\s{{0,3}}[\"«']?$"
    )


def _is_called(word: Word, folded: Folded) -> bool:
    """«Вера, подскажите»: spoken to by name at the start; "Роза, которая …" is a flower."""
    after = folded.low[word.end : word.end + 12]
    if (
        word.opens
        and re.match(r",\s", after)
        and not re.match(r",\s(?:котор|что|как|and|котo|купл|but|i\b)", after)
    ):
        return word.cyrillic
    return False


def _has_initials(words: list[Word], at: int, folded: Folded) -> bool:
    beside = (words[near] for near in (at - 1, at + 1) if 0 <= near < len(words))
    return (
        any(one.initial and _gap(words[at], one, folded) for one in beside)
        and len(words[at].low) > 2
    )


def _gap(one: Word, other: Word, folded: Folded) -> bool:
    """Whether nothing but a space or an initial's dot stands between two words."""
    left, right = (one, other) if one.start < other.start else (other, one)
    between = folded.text[left.end : right.start]
    allowed = r"\.?\s?" if left.initial else r"[ \t]{1,2}"
    return bool(re.fullmatch(allowed, between))


def _follows(word: Word, following: Word | None, folded: Folded) -> bool:
    return following is not None and _gap(word, following, folded)


def _is_surname(word: Word | None) -> bool:
    if word is None or word.low in words_of("never_names_en"):
        return False
    kind = word.kind
    return bool(kind.surname) and (word.capital or not kind.plain)


def _stands_with(words: list[Word], at: int, name: str, folded: Folded) -> bool:
    before = folded.low[max(0, words[at].start - 20) : words[at].start]
    return bool(re.search(rf"(?<!\w){any_of(name)}[\s,]{{1,2}}$", before))


def _is_quoted(word: Word, folded: Folded) -> bool:
    return folded.text[word.start - 1 : word.start] in {"«", '"', "“"} and word.start > 0


def _grown(
    words: list[Word], at: int, first: int, folded: Folded, *, told: bool
) -> tuple[int, int]:
    """Indexes of the first and the last word of the name around the anchor."""
    left = right = at
    while right + 1 < len(words) and right - left + 1 < _MOST_WORDS:
        if not _belongs(words, right + 1, right, folded, told=told):
            break
        right += 1
    while left > first and right - left + 1 < _MOST_WORDS:
        if not _belongs(words, left - 1, left, folded, told=False):
            break
        left -= 1
    return left, right


def _belongs(words: list[Word], at: int, beside: int, folded: Folded, *, told: bool) -> bool:
    word, neighbour = words[at], words[beside]
    if not _gap(word, neighbour, folded) or word.cyrillic != neighbour.cyrillic:
        return False
    if word.initial or (word.cyrillic and word.kind.patronymic):
        return True
    if word.low in words_of("follows_no_name") or word.low in words_of("never_names_en"):
        return False
    kind = word.kind
    if word.capital and not (word.opens and at < beside and kind.plain):
        # A surname of any kind follows a given name: «Анна Шварц», "Mary Okafor".
        return kind.is_name or (
            at > beside and bool(neighbour.kind.first or told) and not kind.place
        )
    if neighbour.kind.patronymic and kind.is_name:
        return bool(kind.first or kind.surname) and (kind.first > 0 or not kind.plain)
    if kind.plain or word.capital or (not word.cyrillic and neighbour.capital):
        return False
    return bool(kind.first == 2 or kind.surname) and not kind.place
