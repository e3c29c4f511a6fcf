"""Where a name surely starts: at a word that is nothing but a name, or that its surroundings make
one. Words that are also names («роза», "will") stay where nothing says that they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from assistant.privacy.folding import Folded
from assistant.privacy.lexicon import any_of, words_of
from assistant.privacy.name_words import Word, is_joined, is_never_a_name, is_surname

TOLD, SURE = "told", "sure"

_BEFORE = 40
_ENGLISH_BUILD = re.compile(
    r"(?:ish|an|ese|ing|ed|ly|er|ful|less|ous|able|ive|t|[^aeiouy]{4})$|^.{1,2}$"
)
_QUOTES = frozenset('«"“')


def anchor_at(words: Sequence[Word], at: int, folded: Folded, *, shouted: bool) -> str:
    """Why the word at `at` starts a name: TOLD by words before it, SURE by itself or its
    neighbours; empty when it does not. In a `shouted` text capital letters say nothing."""
    word = words[at]
    if is_never_a_name(word) or _is_part_of_a_code(word, folded):
        return ""
    if _is_told(word, folded):
        return TOLD
    kind = word.kind
    following = _following(words, at, folded)
    if kind.patronymic and (word.capital or len(word.low) > 5):
        return SURE
    if kind.first == 2 and not kind.plain and not _is_quoted_alone(word, folded):
        alone = word.cyrillic or word.capital or word.low in words_of("first_names_en")
        return SURE if alone or (following and is_surname(following)) else ""
    if not word.capital or shouted or _is_a_title(word, folded):
        return ""
    if _has_initials(words, at, folded) and (kind.surname or not kind.plain):
        return SURE
    if following and _begins_a_full_name(word, following):
        return SURE
    sure = _is_russian_name if word.cyrillic else _is_english_name
    return SURE if sure(word, folded) else ""


def _following(words: Sequence[Word], at: int, folded: Folded) -> Word | None:
    if at + 1 < len(words) and is_joined(words[at], words[at + 1], folded):
        return words[at + 1]
    return None


def _is_part_of_a_code(word: Word, folded: Folded) -> bool:
    """ANNA2024, Pavel_1990."""
    left, right = (
        folded.text[max(0, word.start - 1) : word.start],
        folded.text[word.end : word.end + 1],
    )
    return right.isdigit() or "_" in (left, right)


def _is_quoted_alone(word: Word, folded: Folded) -> bool:
    """«Марина» is a colour or a shop."""
    around = folded.text[max(0, word.start - 1) : word.start] + folded.text[word.end : word.end + 1]
    return around == "«»"


def _is_a_title(word: Word, folded: Folded) -> bool:
    """In quotes it is a book or a brand, after a number a thing: «Роман», 8 Марта."""
    before = folded.text[max(0, word.start - 2) : word.start]
    return before[-1:] in _QUOTES if before[-1:] in _QUOTES else bool(re.search(r"\d\s?$", before))


def _begins_a_full_name(word: Word, following: Word) -> bool:
    kind = word.kind
    if not following.capital or following.kind.place or is_never_a_name(following):
        return False
    if kind.first and following.kind.patronymic:
        return True
    if not word.cyrillic and following.kind.surname == 2:
        return not kind.plain and not following.cyrillic
    return bool(kind.first) and is_surname(following) and (word.cyrillic or kind.first == 2)


def _is_russian_name(word: Word, folded: Folded) -> bool:
    """A capital letter where the sentence does not ask for one, or a person spoken to."""
    kind = word.kind
    if kind.first == 2 and word.opens and _is_called(word, folded):
        return True
    if kind.first and not word.opens and not kind.place:
        return kind.first == 2 or not kind.plain
    if not kind.surname or kind.plain or kind.place:
        return False
    return not word.opens or kind.surname == 2


def _is_english_name(word: Word, folded: Folded) -> bool:
    """A capital letter after «my husband», «spoke to»; after a preposition only a sure name."""
    if word.opens or word.low in words_of("follows_no_name"):
        return False
    if _stands_after("person_en", word, folded):
        return True
    rare = bool(word.kind.first) and not word.kind.plain
    return rare and _stands_after("before_person_en", word, folded)


def _is_told(word: Word, folded: Folded) -> bool:
    """Whether words before it say that a name follows: «меня зовут», "my name is"."""
    told = _told().search(folded.low[max(0, word.start - _BEFORE) : word.start])
    if not told:
        return False
    kind = word.kind
    if told["title"]:
        return word.capital
    if told["greeted"]:
        named = bool(kind.first) or (not kind.surname and _is_foreign(word))
        return word.capital and named and _ends_there(word, folded, bool(kind.first))
    strong = bool(told["strong"])
    if kind.is_name and (strong or word.capital or kind.first == 2):
        return word.capital or not kind.plain or (strong and kind.first > 0)
    if strong and word.low not in words_of("follows_no_name"):
        return word.capital or (not kind.plain and (word.cyrillic or _is_foreign(word)))
    return word.capital and not kind.plain and not word.opens


def _ends_there(word: Word, folded: Folded, listed: bool) -> bool:
    """A name of the lists may end the sentence or be followed by a comma; one that no list knows
    may also be followed by a few words like "from"."""
    after = folded.low[word.end : word.end + 12]
    if re.match(r"\s?[,.!?)\n]|\s*$", after):
        return True
    return not listed and bool(re.match(rf"\s{any_of('after_name_en')}(?!\w)", after))


def _is_foreign(word: Word) -> bool:
    """A word in Latin letters that is not built like an English one."""
    return not (word.cyrillic or word.kind.plain or _ENGLISH_BUILD.search(word.low))


@cache
def _told() -> re.Pattern[str]:
    groups = "|".join(
        (
            rf"(?P<strong>{any_of('says_name_surely')})",
            rf"(?P<weak>{any_of('says_name')})",
            rf"(?P<title>{any_of('title_en')}\.?)",
            rf"(?P<greeted>{any_of('greets')})",
        )
    )
    return re.compile(rf"(?<!\w)(?:{groups})(?:\s?[:,\-]|\s{{0,2}}\n)?\s{{0,3}}[\"«']?$")


def _is_called(word: Word, folded: Folded) -> bool:
    """«Вера, подскажите»: spoken to by name; «Роза, которая …» is a flower."""
    after = folded.low[word.end : word.end + 14]
    return bool(re.match(rf",\s(?!{any_of('after_a_thing')})", after))


def _has_initials(words: Sequence[Word], at: int, folded: Folded) -> bool:
    beside = (words[near] for near in (at - 1, at + 1) if 0 <= near < len(words))
    joined = any(one.initial and is_joined(words[at], one, folded) for one in beside)
    return joined and len(words[at].low) > 2


def _stands_after(name: str, word: Word, folded: Folded) -> bool:
    before = folded.low[max(0, word.start - 24) : word.start]
    return bool(re.search(rf"(?<!\w){any_of(name)}[\s,]{{1,2}}$", before))
