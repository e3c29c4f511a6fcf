"""What a Russian word can be, by the dictionary of pymorphy3."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_ENOUGH = 0.5
"""From this share of the dictionary's readings on a word may be a verb where it stands."""
_SHORTEST_NOUN = 3
"""Shorter words are read as nouns too («с», «в»), which they never are."""


@dataclass(frozen=True)
class VerbForm:
    """A word as a verb. `lemma` is the infinitive, ё as е."""

    lemma: str
    person: int | None
    is_plural: bool
    tense: str
    """`past`, `pres`, `futr`, or empty for an infinitive, an order or a short participle."""
    is_infinitive: bool
    is_order: bool
    is_passive: bool
    """A short passive participle: «оформлен»."""
    is_perfective: bool


@cache
def analyzer() -> Any:
    """The dictionary, 16 MB; read where Russian words are first looked up."""
    from pymorphy3.analyzer import MorphAnalyzer  # noqa: PLC0415

    return MorphAnalyzer(lang="ru")


@lru_cache(maxsize=20_000)
def verb_form(word: str) -> VerbForm | None:
    """The word in lower case as a verb, None where it hardly is one."""
    verbs = [one for one in analyzer().parse(word) if _is_verb(one.tag.POS)]
    if sum(one.score for one in verbs) < _ENOUGH:
        return None
    best = verbs[0]
    tag = best.tag
    return VerbForm(
        lemma=best.normal_form.replace("ё", "е"),
        person=int(tag.person[0]) if tag.person else None,
        is_plural=tag.number == "plur",
        tense=str(tag.tense or "") if tag.POS == "VERB" else "",
        is_infinitive=tag.POS == "INFN",
        is_order=tag.mood == "impr",
        is_passive=tag.POS == "PRTS" and tag.voice == "pssv",
        is_perfective=tag.aspect == "perf",
    )


@lru_cache(maxsize=20_000)
def noun_lemma(word: str) -> str:
    """The dictionary form of a noun that can be the subject of a sentence, ё as е; empty for
    anything else."""
    if len(word) < _SHORTEST_NOUN:
        return ""
    for one in analyzer().parse(word)[:4]:
        if one.tag.POS == "NOUN" and one.tag.case == "nomn":
            return str(one.normal_form).replace("ё", "е")
    return ""


def _is_verb(part_of_speech: str | None) -> bool:
    return part_of_speech in ("VERB", "INFN", "PRTS")
