"""What a Russian word can be in a name, by the dictionary of pymorphy3 (in any case and number)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assistant.morphology import analyzer
from assistant.privacy.lexicon import any_of, words_of

_SURNAME_ENDING = re.compile(rf"[а-я]{{2,}}{any_of('surname_endings')}$")
_RUSSIAN_WORD = re.compile(r"[а-я]+(?:-[а-я]+)*")
_PATRONYMIC_ENDING = re.compile(rf"[а-я]{{2,}}{any_of('patronymic_endings')}$")
_PLAIN_SHARE = 0.02
"""From this share of the dictionary's readings on a word counts as an ordinary word."""


@dataclass(frozen=True)
class WordClass:
    """What a word can be. `first`: 2 a usual given name, 1 a rare one; `surname`: 2 in the
    dictionary, 1 by its ending; `plain`: also an ordinary word; `place`: also a place."""

    first: int = 0
    surname: int = 0
    patronymic: bool = False
    plain: bool = False
    place: bool = False
    lemma: str = ""

    @property
    def is_name(self) -> bool:
        """Whether it can be a part of a name at all."""
        return bool(self.first or self.surname or self.patronymic)


def is_known(word: str) -> bool:
    """Whether the dictionary has the word in this form."""
    return bool(analyzer().word_is_known(word))


@lru_cache(maxsize=20_000)
def russian_class(word: str) -> WordClass:
    """The class of a word in lower case with ё as е."""
    if not _RUSSIAN_WORD.fullmatch(word):
        return WordClass(lemma=word)
    readings = analyzer().parse(word)
    known = [reading for reading in readings if reading.is_known]
    usual = words_of("first_names_ru")
    given = [one for one in known if "Name" in one.tag]
    usual_given = [one for one in given if one.normal_form.replace("ё", "е") in usual]
    surnames = [one for one in known if "Surn" in one.tag]
    patronymic = any("Patr" in one.tag for one in readings) or bool(_PATRONYMIC_ENDING.match(word))
    plain = _plain_share(known, word)
    by_ending = not known and bool(_SURNAME_ENDING.match(word))
    listed_plain = word in words_of("names_that_are_words_ru")
    first = 2 if usual_given or word in usual else 1 if given else 0
    surname = 2 if surnames else 1 if by_ending else 0
    likely = [*usual_given[:1], *surnames[:1]] or given[:1] or readings[:1]
    lemma = max(likely, key=lambda one: one.score).normal_form if likely else word
    return WordClass(
        first=first,
        surname=surname,
        patronymic=patronymic and plain < _PLAIN_SHARE,
        plain=plain >= _PLAIN_SHARE or listed_plain,
        place=_best(known, "Geox") > max(0.2, _best(known, "Surn"), _best(known, "Name")),
        lemma=str(lemma).replace("ё", "е"),
    )


def _best(known: list[Any], mark: str) -> float:
    return float(max((one.score for one in known if mark in one.tag), default=0.0))


def _plain_share(known: list[Any], word: str) -> float:
    """The share of readings that are ordinary words. Forms of a usual name that are also rare verb
    forms («катя», «коля») are told by the list `surely_names_ru`."""
    if word in words_of("surely_names_ru"):
        return 0.0
    odd = ("Name", "Surn", "Patr", "Geox", "Orgn", "Poss", "Infr", "Abbr", "GRND", "Arch")
    return float(sum(one.score for one in known if not any(mark in one.tag for mark in odd)))
