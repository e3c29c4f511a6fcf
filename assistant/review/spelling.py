"""Typos: words that no dictionary knows and that are one or two slips away from one it does.

Russian words are known by pymorphy3 (every form of 400,000 words), English ones by pyspellchecker;
how usual a word is, by pyspellchecker's frequencies of both. A word without such a neighbour is a
name, a brand or slang, and nothing is said of it.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, Protocol

from assistant.morphology import analyzer
from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft
from assistant.review.infinitives import infinitive_findings
from assistant.review.lexicon import lists, word_set
from assistant.text import lower_plain

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_WORD = {"ru": re.compile(r"[а-яё]+"), "en": re.compile(r"[a-z]+(?:'[a-z]+)?")}
_STRETCHED = re.compile(r"(.)\1\1")
_PLACE = re.compile(r"[@/\\#_.:]$")
_SHORTEST = 4
_LONG = {"ru": 9, "en": 7}
"""From this length on two slips are looked for too; Russian builds new words («промокод») that are
as near to old ones."""
_MOST_UNKNOWN = 12
"""So many unknown words of a draft are looked at: past them it is no language we know."""
_USUAL = 30
"""How often a word stands in the corpus of its list to be what somebody meant by two slips."""


class Speller(Protocol):
    """Knows words and what is meant by those that are none."""

    def correction(self, word: str, lang: str) -> str | None:
        """The word that is meant by one in lower case; None where it is right, or nobody knows."""


class Dictionaries:
    """pymorphy3 and pyspellchecker, read when first needed; safe in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @lru_cache(maxsize=5_000)  # noqa: B019 - one for the life of the process
    def correction(self, word: str, lang: str) -> str | None:
        """See `Speller`."""
        return self._russian(word) if lang == "ru" else self._english(word)

    def _russian(self, word: str) -> str | None:
        if _is_russian(word) or word in self._frequencies("ru"):
            return None
        if (other := _run_together(word) or _other_ending(word)) is not None:
            return other
        near = {one for one in self._edits(word, "ru") if _is_russian(one)}
        usual = {one: self._usage(one, "ru") for one in near}
        found = {one: count for one, count in usual.items() if count}
        return _best(word, found) if found else self._two_slips(word, "ru")

    def _english(self, word: str) -> str | None:
        known = self._frequencies("en")
        bare = word.removesuffix("'s")
        twins = (bare.replace(*twin) for twin in lists("en")["twins"])
        if bare in known or any(twin in known for twin in twins):
            return None
        near = {one: known[one] for one in self._edits(word, "en") if known[one] >= _USUAL}
        return _best(word, near) if near else self._two_slips(word, "en")

    def _usage(self, word: str, lang: str) -> int:
        """How usual a word is, by itself or by its dictionary form; 0 for one that is not."""
        known = self._frequencies(lang)
        lemma = analyzer().parse(word)[0].normal_form
        return max(int(known[word]), int(known[lemma]), int(known[lemma.replace("ё", "е")]))

    def _two_slips(self, word: str, lang: str) -> str | None:
        """The usual word with the same first letter that is two slips away, where there is one."""
        from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - read when needed
        from rapidfuzz.process import extract  # noqa: PLC0415

        if len(word) < _LONG[lang]:
            return None
        found = extract(
            word,
            self._usual(lang, word[0], len(word)),
            scorer=DamerauLevenshtein.distance,
            score_cutoff=2,
            limit=None,
        )
        counts = {one: int(self._frequencies(lang)[one]) for one, _, _ in found}
        return max(counts, key=lambda one: (counts[one], one)) if counts else None

    @lru_cache(maxsize=500)  # noqa: B019
    def _usual(self, lang: str, first: str, length: int) -> tuple[str, ...]:
        known = self._frequencies(lang)
        lengths = range(length - 2, length + 3)
        return tuple(
            one
            for one, count in known.items()
            if count >= _USUAL and one[0] == first and len(one) in lengths
        )

    def _edits(self, word: str, lang: str) -> Iterable[str]:
        edits: Iterable[str] = self._checkers[lang].edit_distance_1(word)
        return edits

    def _frequencies(self, lang: str) -> Any:
        return self._checkers[lang].word_frequency.dictionary

    @cached_property
    def _checkers(self) -> dict[str, Any]:
        from spellchecker import SpellChecker  # noqa: PLC0415 - 30 MB of words

        with self._lock:
            return {lang: SpellChecker(language=lang, distance=1) for lang in ("ru", "en")}


def spelling_findings(draft: Draft, context: ReviewContext, speller: Speller) -> Iterator[Finding]:
    """Slips in single words, and those of the lists that only their neighbours tell."""
    yield from _listed(draft)
    if draft.lang == "ru":
        yield from infinitive_findings(draft)
    unknown = 0
    for match in _words(draft):
        low = match[0].lower()
        plain = lower_plain(low)
        if plain in word_set(draft.lang, "spelled_so") or context.sources.has_word(plain):
            continue
        if _is_copied(plain, context):
            continue
        better = speller.correction(low, draft.lang)
        if better is None:
            continue
        unknown += 1
        shown = better.capitalize() if match[0][0].isupper() else better
        yield Finding(AdviceCode.TYPO, match.start(), match.end(), shown, told={"better": shown})
        if unknown == _MOST_UNKNOWN:
            return


def _words(draft: Draft) -> Iterator[re.Match[str]]:
    """Words of the draft's language that may be misspelled: no names, brands, addresses, codes,
    nor the one that is being typed."""
    shape = _WORD.get(draft.lang, _WORD["ru"])
    for match in _TOKEN.finditer(draft.text):
        word = match[0]
        if match.start() == draft.growing_word or len(word) < _SHORTEST:
            continue
        if not shape.fullmatch(word.lower()) or _STRETCHED.search(word.lower()):
            continue
        if word[1:] != word[1:].lower() or _is_part(draft.text, match):
            continue
        if word[0].isupper() and not _begins(draft, match.start()):
            continue
        yield match


def _is_part(text: str, match: re.Match[str]) -> bool:
    """Whether it is a piece of an address, a tag or a file's name."""
    before, after = text[: match.start()], text[match.end() :]
    return (
        _PLACE.search(before[-1:]) is not None
        or after[:3] == "://"
        or (after[:1] != "" and unicodedata.combining(after[0]) != 0)
        or after[:1] in ("@", "/", "_")
        or (after[:1] == "." and after[1:2].isalnum())
    )


def _begins(draft: Draft, at: int) -> bool:
    sentence = draft.sentence_at(at)
    if sentence is None:
        return False
    return not _TOKEN.search(sentence.text[: at - sentence.start])


def _is_copied(word: str, context: ReviewContext) -> bool:
    """Whether the customer's data hold the word: a name, a street, a model."""
    told = [context.customer.name or "", *map(str, context.customer.attributes.values())]
    return any(word in _TOKEN.findall(lower_plain(one)) for one in told)


def _listed(draft: Draft) -> Iterator[Finding]:
    plain = lower_plain(draft.text)
    if len(plain) != len(draft.text):
        return
    for slip in lists(draft.lang)["slips"]:
        for match in re.finditer(rf"(?<!\w)(?:{slip['wrong']})(?!\w)", plain):
            group = "slip" if "slip" in match.groupdict() else 0
            if match.start(group) == draft.growing_word:
                continue
            start, end = match.span(group)
            better = match.expand(slip["right"])
            shown = better.capitalize() if draft.text[start].isupper() else better
            yield Finding(AdviceCode.TYPO, start, end, shown, told={"better": shown})


@lru_cache(maxsize=20_000)
def _is_russian(word: str) -> bool:
    return bool(analyzer().word_is_known(word))


def _run_together(word: str) -> str | None:
    """«немогу» as «не могу», «вобщем» as «в общем»: of two words that are written as one."""
    for start in word_set("ru", "written_apart"):
        rest = word.removeprefix(start)
        if rest != word and len(rest) >= _SHORTEST and _is_russian(rest) and _is_verb(rest):
            return f"{start} {rest}"
    return None


def _other_ending(word: str) -> str | None:
    """«вернёться» as «вернётся»."""
    for wrong, right in lists("ru")["twins"]:
        twin = f"{word.removesuffix(wrong)}{right}"
        if word.endswith(wrong) and _is_russian(twin):
            return twin
    return None


def _is_verb(word: str) -> bool:
    return any(one.tag.POS in ("VERB", "INFN") for one in analyzer().parse(word)[:2])


def _best(word: str, counts: dict[str, int]) -> str:
    """The most usual; of slips that only swap or double letters before others."""

    def rank(one: str) -> tuple[bool, int, str]:
        return (sorted(one) == sorted(word) or set(one) == set(word), counts[one], one)

    return max(counts, key=rank)
