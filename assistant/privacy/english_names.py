"""What a word in Latin letters can be in a name: the United States' census lists of the package
`names` (public domain), and Russian names written in Latin letters."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources

from assistant.privacy.lexicon import words_of
from assistant.privacy.russian_names import WordClass, is_known, russian_class

_USUAL_PERCENT = 0.008
_FILES = ("dist.male.first", "dist.female.first")

# fmt: off
_LETTERS = (
    ("shch", "щ"), ("sch", "щ"), ("yo", "е"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"),
    ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ju", "ю"), ("iu", "ю"), ("ya", "я"), ("ja", "я"),
    ("ia", "ия"), ("ye", "е"), ("je", "е"), ("x", "кс"), ("a", "а"), ("b", "б"), ("v", "в"),
    ("w", "в"), ("g", "г"), ("d", "д"), ("e", "е"), ("z", "з"), ("i", "и"), ("j", "й"),
    ("y", "ы"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"),
    ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("h", "х"), ("c", "к"),
    ("'", "ь"),
)
# fmt: on
"""Russian letters of Latin ones, in the order in which they are replaced."""
_VARIANTS = (("", ""), (r"iy$|yi$|ij$|yy$|y$", "ий"), (r"ei$|ey$|ej$", "ей"), (r"ai$|ay$", "ай"))
_RUSSIAN_ENDING = re.compile(
    r"[a-z]{3,}(?:ov|ev|yov|ova|eva|ina|skiy|skii|skaya|skaia|enko|chuk|shvili|yan|ovich|evich|ovna|evna|owski|owska|ska|ski|czyk|wicz|sson|dottir)$"
)
_RUSSIAN_PATRONYMIC = re.compile(r"[a-z]{2,}(?:ovich|evich|ovna|evna|ichna)$")


@cache
def _first_names() -> dict[str, float]:
    """Percent of the people by given name."""
    shares: dict[str, float] = {}
    for name in _FILES:
        for line in resources.files("names").joinpath(name).read_text("ascii").splitlines():
            word, percent, *_ = line.split()
            shares[word.lower()] = max(float(percent), shares.get(word.lower(), 0.0))
    return shares


@cache
def _last_names() -> frozenset[str]:
    lines = resources.files("names").joinpath("dist.all.last").read_text("ascii").splitlines()
    return frozenset(line.split()[0].lower() for line in lines)


@lru_cache(maxsize=20_000)
def english_class(word: str) -> WordClass:
    """The class of a word in lower case."""
    word = re.sub(r"^(o|d)['’](?=\w{3})", r"\1", word)
    share = _first_names().get(word, 0.0)
    also = word in words_of("first_names_en")
    first = 2 if share >= _USUAL_PERCENT or also else 1 if share else 0
    surname = 1 if word in _last_names() else 0
    plain = word in words_of("names_that_are_words_en") or word in words_of("never_names_en")
    if word in words_of("never_names_en"):
        return WordClass(plain=True, lemma=word)
    russian = _transliterated(word) if first < 2 and not plain else WordClass()
    return replace(
        russian,
        first=max(first, russian.first),
        surname=max(surname, 2 if _RUSSIAN_ENDING.match(word) and not plain else 0),
        patronymic=bool(_RUSSIAN_PATRONYMIC.match(word)),
        plain=plain,
        place=False,
        lemma=word,
    )


def _transliterated(word: str) -> WordClass:
    """The class of a usual Russian given name typed in Latin letters; nothing else."""
    if len(word) < 4:
        return WordClass()
    for ending, russian in _VARIANTS:
        stem = re.sub(ending, "", word) if ending else word
        if ending and stem == word:
            continue
        typed = _to_russian(stem) + russian
        found = russian_class(typed) if is_known(typed) else WordClass()
        if found.first == 2 and not found.plain and found.lemma == typed:
            return WordClass(first=2)
    return WordClass()


def _to_russian(word: str) -> str:
    for latin, russian in _LETTERS:
        word = word.replace(latin, russian)
    return word.replace("ыа", "ья").replace("иия", "ия")
