"""Reads what was typed in the wrong layout (`rfr dthyenm ltymub`) or in Latin letters
(`kak vernut dengi`).

Each reading is judged by how fluent it is: the log-likelihood a letter under the unigram language
model that is the embedder's own vocabulary (Kudo, "Subword Regularization", 2018), which knows a
hundred languages and costs nothing extra. Only a reading that is fluent by a clear margin
replaces what was typed, so English stays English and codes stay codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import islice, product

from assistant.text import words
from prompts.loader import read

Fluency = Callable[[str], float]
"""Mean log-likelihood a letter of a text; about -2.5 for plain prose, -6 for gibberish."""


_LAYOUT_MARGIN = 1.5
_WORD_LAYOUT_MARGIN = 2.5
"""A single word gives less to judge by than a message."""
_TRANSLITERATION_MARGIN, _SURE_WORDS = -0.2, 3
"""From three words on Latin letters may even read a little better: the vocabulary knows Slavic
languages that use them, which are not spoken here."""
_FEW_WORDS_MARGIN = 0.25
_SHORTEST_WORD = 4
_TRAILING_MARKS = ".,:;!?"
_URL_OR_MAIL = re.compile(r"\S*(?:://|www\.|@)\S*")
_LATIN_WORD = re.compile(r"(?<![\w-])[46]?[A-Za-z][A-Za-z'’46]*")
_LATIN = re.compile(r"[A-Za-z]")
_CYRILLIC = re.compile(r"[А-Яа-яЁё]")

_LONGEST_WORD, _MOST_WORDS = 30, 150
"""What is longer is no word, and of a very long message the beginning is enough to judge by."""
_MOST_READINGS, _KEPT_READINGS = 64, 16
"""Of a long word only the readings whose beginning is fluent are followed."""


@cache
def _to_cyrillic() -> dict[int, str]:
    keys = read("lexicon/keyboard").content
    return dict(zip(map(ord, keys["latin"]), keys["cyrillic"], strict=True))


@cache
def _to_latin() -> dict[int, str]:
    keys = read("lexicon/keyboard").content
    return dict(zip(map(ord, keys["cyrillic"]), keys["latin"], strict=True))


@cache
def _sounds() -> tuple[tuple[str, tuple[str, ...]], ...]:
    sounds = read("lexicon/keyboard").content["sounds"]
    return tuple((latin, tuple(letters)) for latin, letters in sounds.items())


def as_meant(text: str, fluency: Fluency) -> str:
    """The text as its writer meant it: itself unless another reading is clearly more fluent."""
    if not _LATIN.search(text) and not _CYRILLIC.search(text):
        return text
    by_layout = _whole_in_other_layout(text, fluency)
    if by_layout != text:
        return by_layout
    if _CYRILLIC.search(text):
        return _words_in_other_layout(text, fluency)
    return _from_transliteration(text, fluency)


def _whole_in_other_layout(text: str, fluency: Fluency) -> str:
    """All of it on the other keyboard, when that reads better; links never do."""
    latin, cyrillic = len(_LATIN.findall(text)), len(_CYRILLIC.findall(text))
    if _URL_OR_MAIL.search(text) or (latin and cyrillic and min(latin, cyrillic) > 2):
        return text
    if latin > cyrillic:
        other = _with_marks_kept(text, _to_cyrillic())
    else:
        other = text.translate(_to_latin())
    better = fluency(other.lower()) - fluency(text.lower())
    return other if better > _LAYOUT_MARGIN else text


def _with_marks_kept(text: str, table: dict[int, str]) -> str:
    """Key by key, but marks that end the text stay: nobody ends a question in «ю»."""
    bare = text.rstrip(_TRAILING_MARKS + " ")
    return bare.translate(table) + text[len(bare) :]


def _words_in_other_layout(text: str, fluency: Fluency) -> str:
    """Single Latin words of a Russian message that are Russian on the other layout."""

    def repaired(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < _SHORTEST_WORD or _URL_OR_MAIL.match(word):
            return word
        other = word.translate(_to_cyrillic())
        better = fluency(other.lower()) - fluency(word.lower())
        return other if better > _WORD_LAYOUT_MARGIN else word

    return re.sub(r"(?<![\w@/.])[A-Za-z\[\];',.`]{4,}(?![\w@/])", repaired, text)


def _from_transliteration(text: str, fluency: Fluency) -> str:
    """Russian words in Latin letters, in Russian letters, when the whole reads better so."""
    english = read("lexicon/keyboard").content["english"]
    if _URL_OR_MAIL.search(text) or not set(words(text)).isdisjoint(english):
        return text
    best: dict[str, str] = {}
    for word in islice(dict.fromkeys(map(str.lower, _LATIN_WORD.findall(text))), _MOST_WORDS):
        long = len(word) > _LONGEST_WORD
        best[word] = word if long else next(iter(_readings(word, fluency)), word)
    russian = _LATIN_WORD.sub(lambda match: best.get(match[0].lower(), match[0]), text)
    better = fluency(russian) - fluency(text.lower())
    sure = len(best) >= _SURE_WORDS
    return russian if better > (_TRANSLITERATION_MARGIN if sure else _FEW_WORDS_MARGIN) else text


def _readings(word: str, fluency: Fluency) -> list[str]:
    """The most fluent ways to write a Latin word in Russian letters, best first; none for a word
    with a letter that no Russian sound is written with."""

    def likelihood(reading: str) -> float:
        return fluency(reading) * len(reading)  # a letter more must pay for itself

    readings = [""]
    at = 0
    while at < len(word):
        sound = next((item for item in _sounds() if word.startswith(item[0], at)), None)
        if sound is None:
            return []
        readings = [
            begun + letters
            for begun, letters in product(readings, sound[1])
            if _is_spellable(begun, letters)
        ]
        if len(readings) > _MOST_READINGS:
            readings = sorted(readings, key=likelihood, reverse=True)[:_KEPT_READINGS]
        at += len(sound[0])
    return sorted(readings, key=likelihood, reverse=True)


def _is_spellable(begun: str, letters: str) -> bool:
    """A soft sign stands between consonants or at the end, never before a vowel of this list."""
    return not (
        begun.endswith("ь")
        and letters[0] in read("lexicon/keyboard").content["never_after_soft_sign"]
    )
