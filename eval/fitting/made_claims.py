"""Training claims made from the sentences of our own help centres by systematic changes.

Every change is one of those that a language model makes: a supported claim is a sentence reworded,
shortened, turned round or joined with another; one that is not supported denies it, names another
thing, swaps two things of the article, drops a condition, says more, or comes from another article.
Both kinds pass through the same rewordings, so that a rewording tells nothing by itself.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.text import sentence_spans
from eval.fitting.support_pairs import Business
from eval.grounding_pairs import TRAIN, Pair
from prompts.loader import read

COPY, REWORDED, SHORTENED, JOINED = "copy", "reworded", "shortened", "joined"
TURNED, WIDENED, RENAMED, SWAPPED, RENUMBERED, ELSEWHERE = (
    "turned",
    "widened",
    "renamed",
    "swapped",
    "renumbered",
    "elsewhere",
)
_REWORDINGS = 3
"""At most so many rewordings of one claim."""
_MOST_A_SENTENCE = 3
"""Claims of either kind about one sentence."""
_NUMBER_SWAP_SHARE = 0.4
_FRAMED_SHARE = 0.06
_CLAUSE = re.compile(r";\s+|\.\s+|,\s+(?:а|но|и|and|but)\s+|\s+—\s+")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LEAST_WORDS = 3
_NOUN_OPENERS = re.compile(
    r"\b(?:the|an?|your|our|this|each|any)\s+([a-z]{4,})(?=[.,;:)]|\s(?:is|are|was|will|can|must|has"
    r"|have|and|or|in|on|at|to|from|for|by|with|before|after|within|until|if)\b)"
)


@dataclass(frozen=True)
class _Article:
    """An article's sentences, and where it is from."""

    group: str
    lang: str
    sentences: tuple[str, ...]


def made_pairs(businesses: Sequence[Business], seed: int = 0) -> list[Pair]:
    """Claims about every article, with the article's own sentences as evidence; `group` is the
    article, `kind` the change."""
    found = []
    for business in businesses:
        draw = random.Random(f"{seed} {business.slug}")  # noqa: S311 - no secret
        articles = [
            _Article(f"{business.slug}-{at}", business.lang, sentences)
            for at, article in enumerate(business.articles)
            if (sentences := _sentences(article.answer))
        ]
        maker = _Maker(business.lang, articles, draw)
        for article in articles:
            found.extend(maker.pairs(article))
    return found


def _sentences(answer: str) -> tuple[str, ...]:
    spans = [answer[start:end].strip() for start, end in sentence_spans(answer)]
    return tuple(text for text in spans if len(_WORD.findall(text)) >= _LEAST_WORDS)


class _Maker:
    """Makes claims about the articles of one business."""

    def __init__(self, lang: str, articles: Sequence[_Article], draw: random.Random) -> None:
        self._lang = lang
        self._articles = articles
        self._draw = draw
        self._nouns = _nouns_of(lang, [text for each in articles for text in each.sentences])

    def pairs(self, article: _Article) -> list[Pair]:
        """A few claims about each sentence, as many supported as not."""
        found = []
        for at in range(len(article.sentences)):
            supported, others = self._supported(article, at), self._unsupported(article, at)
            self._draw.shuffle(supported)
            self._draw.shuffle(others)
            count = min(len(supported), len(others), _MOST_A_SENTENCE)
            chosen = [(True, *each) for each in supported[:count]]
            chosen += [(False, *each) for each in others[:count]]
            for number, (is_supported, kind, claim) in enumerate(chosen):
                told = claim if kind == COPY else self._told(claim)
                name = f"{article.group}-{at}-{number}"
                found.append(_pair(article, name, told, kind, is_supported=is_supported))
        return found

    def _supported(self, article: _Article, at: int) -> list[tuple[str, str]]:
        text = article.sentences[at]
        found = [(COPY, text), (REWORDED, self._reworded(text)), (REWORDED, self._reworded(text))]
        turned = _turned_round(text)
        if turned:
            found.append((REWORDED, self._reworded(turned)))
        parts = [part for part in _CLAUSE.split(text) if len(_WORD.findall(part)) > _LEAST_WORDS]
        if len(parts) > 1 and not _has_condition(text):
            found.append((SHORTENED, self._reworded(_sentence(self._draw.choice(parts)))))
        if at + 1 < len(article.sentences):
            both = f"{text.rstrip('.')}, {_joint(self._lang)} {_lower(article.sentences[at + 1])}"
            found.append((JOINED, self._reworded(both)))
        return found

    def _unsupported(self, article: _Article, at: int) -> list[tuple[str, str]]:
        text = article.sentences[at]
        found = []
        for kind, wrong in (
            (TURNED, self._by_list("turned", text)),
            (TURNED, self._by_list("turned", text)),
            (WIDENED, self._by_list("widened", text)),
            (RENAMED, self._renamed(text, self._nouns)),
            (RENAMED, self._renamed(text, self._nouns)),
            (SWAPPED, self._swapped(article, at)),
            (SWAPPED, self._swapped(article, at)),
            (RENUMBERED, self._renumbered(text)),
            (ELSEWHERE, self._elsewhere(article)),
        ):
            if wrong and wrong != text:
                found.append((kind, self._reworded(wrong)))
        return found

    def _reworded(self, text: str) -> str:
        """A few rewordings at places drawn by chance; perhaps turned round first."""
        rules = list(_rules("same", self._lang))
        self._draw.shuffle(rules)
        left = self._draw.randint(0, _REWORDINGS)
        for shape, others in rules:
            if not left:
                break
            if shape.search(text):
                text = _replaced(shape, self._draw.choice(others), text)
                left -= 1
        return text

    def _told(self, claim: str) -> str:
        """Sometimes with words before it that state nothing."""
        if self._draw.random() >= _FRAMED_SHARE:
            return claim
        frames: list[str] = _lists()["framed"][self._lang]
        return self._draw.choice(frames) + _lower(claim)

    def _by_list(self, name: str, text: str) -> str:
        rules = list(_rules(name, self._lang))
        self._draw.shuffle(rules)
        for shape, others in rules:
            if shape.search(text):
                changed = _replaced(shape, self._draw.choice(others), text)
                if len(_WORD.findall(changed)) >= _LEAST_WORDS:
                    return _sentence(changed)
        return ""

    def _renamed(self, text: str, nouns: _Nouns) -> str:
        """One noun put for another of the same business that fits its form."""
        places = [m for m in _WORD.finditer(text) if nouns.key(m[0])]
        self._draw.shuffle(places)
        for place in places:
            others = nouns.fitting(place[0])
            if others:
                other = self._draw.choice(others)
                return _sentence(text[: place.start()] + other + text[place.end() :])
        return ""

    def _swapped(self, article: _Article, at: int) -> str:
        """A noun or a number put for one that stands elsewhere in the same article."""
        text = article.sentences[at]
        rest = " ".join(article.sentences[:at] + article.sentences[at + 1 :])
        own, theirs = set(_NUMBER.findall(text)), set(_NUMBER.findall(rest))
        if own - theirs and theirs - own and self._draw.random() < 0.4:
            old = self._draw.choice(sorted(own - theirs))
            return re.sub(rf"\b{old}\b", self._draw.choice(sorted(theirs - own)), text, count=1)
        return self._renamed(text, self._nouns.only_of(rest, without=text))

    def _renumbered(self, text: str) -> str:
        places = list(_NUMBER.finditer(text))
        if not places:
            return ""
        place = self._draw.choice(places)
        old = int(place[0])
        new = self._draw.choice([old * 2, old + 1, max(1, old - 1), old * 10, old + 5])
        return text[: place.start()] + str(new if new != old else old + 2) + text[place.end() :]

    def _elsewhere(self, article: _Article) -> str:
        """A sentence of another article of the same business that shares words with this one."""
        own = {word.lower() for text in article.sentences for word in _WORD.findall(text)}
        texts = [t for each in self._articles if each is not article for t in each.sentences]
        drawn = self._draw.sample(texts, min(12, len(texts)))
        return max(
            drawn,
            key=lambda text: (
                len(own & {word.lower() for word in _WORD.findall(text)})
                / (len(_WORD.findall(text)) + 3)
            ),
            default="",
        )


def _pair(article: _Article, name: str, claim: str, kind: str, *, is_supported: bool) -> Pair:
    return Pair(name, claim, article.sentences, is_supported, kind, article.group, TRAIN)


class _Nouns:
    """Nouns by the form they stand in, so that one can stand for another."""

    def __init__(self, by_key: dict[str, tuple[str, ...]], keys: dict[str, str]) -> None:
        self._by_key = by_key
        self._keys = keys

    def key(self, word: str) -> str:
        """The form of a noun, empty for what is none."""
        return self._keys.get(word.lower(), "")

    def fitting(self, word: str) -> list[str]:
        """Other nouns of the same form, written as this one is."""
        others = [each for each in self._by_key.get(self.key(word), ()) if each != word.lower()]
        return [each.capitalize() if word[0].isupper() else each for each in others]

    def only_of(self, text: str, without: str) -> _Nouns:
        """Those that stand in one text and not in another."""
        there = {word.lower() for word in _WORD.findall(text)}
        own = {word.lower()[:5] for word in _WORD.findall(without)}
        kept = {
            key: tuple(each for each in nouns if each in there and each[:5] not in own)
            for key, nouns in self._by_key.items()
        }
        return _Nouns(kept, self._keys)


def _nouns_of(lang: str, texts: Sequence[str]) -> _Nouns:
    words = Counter(word.lower() for text in texts for word in _WORD.findall(text))
    if lang == "ru":
        keys = {word: key for word in words if (key := _russian_form(word))}
    else:
        nouns = {noun for text in texts for noun in _NOUN_OPENERS.findall(text.lower())}
        keys = {noun: "plural" if noun.endswith("s") else "single" for noun in nouns}
    by_key: dict[str, list[str]] = {}
    for word, key in sorted(keys.items()):
        by_key.setdefault(key, []).append(word)
    return _Nouns({key: tuple(found) for key, found in by_key.items()}, keys)


@cache
def _analyser() -> Any:
    import pymorphy3  # noqa: PLC0415 - 0.3 s, and only for making claims

    return pymorphy3.MorphAnalyzer()


@cache
def _russian_form(word: str) -> str:
    """Case, number, gender and animacy of a noun; empty for anything else."""
    if len(word) < 4:
        return ""
    best = _analyser().parse(word)[0]
    tag = best.tag
    if tag.POS != "NOUN" or "Name" in tag or "Geox" in tag:
        return ""
    gender = tag.gender if tag.number == "sing" else ""
    return f"{tag.case} {tag.number} {gender}"


def _lists() -> Any:
    return read("lexicon/rewordings").content


@cache
def _rules(name: str, lang: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple(
        (re.compile(shape, re.IGNORECASE), tuple(others)) for shape, others in _lists()[name][lang]
    )


def _replaced(shape: re.Pattern[str], other: str, text: str) -> str:
    """The first place changed, its capital letter kept."""
    match = shape.search(text)
    if not match:
        return text
    new = match.expand(other)
    if match[0][:1].isupper() and new:
        new = new[0].upper() + new[1:]
    return re.sub(r"\s{2,}", " ", text[: match.start()] + new + text[match.end() :]).strip()


def _turned_round(text: str) -> str:
    """«Если X, Y» as «Y, если X»; empty where it does not begin so."""
    match = _condition_first().match(text)
    if not match:
        return ""
    return f"{_sentence(match['rest'])}, {match['open'].lower()} {match['what']}."


def _has_condition(text: str) -> bool:
    words = {word.lower() for word in _WORD.findall(text)}
    return bool(words & set(read("lexicon/claim_words").content["conditions"]))


def _joint(lang: str) -> str:
    return {"ru": "и", "en": "and"}[lang]


def _sentence(text: str) -> str:
    text = text.strip(" ,;—")
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


@cache
def _condition_first() -> re.Pattern[str]:
    openers = "|".join(read("lexicon/rewordings").content["condition_openers"])
    return re.compile(rf"^(?P<open>{openers})\s(?P<what>[^,.;:]+),\s(?P<rest>.+?)[.]?$")
