"""What speaks against a claim, as numbers: the model's features, each 0 for a claim that repeats
its evidence and larger the less it is backed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from assistant.claims.association import rival_margin
from assistant.claims.reading import Reading, Sentence
from assistant.claims.words import contradict, likeness, word_lists

Floats = npt.NDArray[np.float32]

FEATURES = (
    "uncovered",
    "uncovered_softly",
    "worst_word",
    "far",
    "far_in_context",
    "far_words",
    "denial_near",
    "denial_sentence",
    "opposites",
    "dropped_condition",
    "universals",
    "rival",
    "out_of_order",
    "substituted",
    "odd_word",
    "off_topic",
    "foreign_words",
    "denied_copy",
)
_SURE = 0.85
_SOFTEST = 0.9
_AGREEMENT = 0.25
_BOTH_DENY = 0.35
_RIVAL = 5.0
_COPIED = 0.3
"""A claim with so few new words that denies what the evidence affirms turns it over."""
_NEAR, _FAMILIAR = 0.2, 0.35
"""Up to here rewordings go: past it a claim is about something else."""


@dataclass(frozen=True)
class Match:
    """What a word of the claim meets in the evidence."""

    at: int
    sentence: int
    word: int
    likeness: float
    """By letters and word lists."""
    softly: float
    """The best of that and of nearness in meaning."""
    context: float
    """Cosine of the two words in their contexts, centred."""


def features_of(claim: Reading, evidence: Sequence[Reading], mean: Floats) -> Floats:
    """One number a feature, in the order of FEATURES. `mean` is the mean word vector, taken off
    before words are compared."""
    matches = list(_matches(claim, evidence, mean))
    best = _best_sentence(claim, evidence, matches)
    lexical = np.array([1 - match.likeness for match in matches] or [0.0])
    soft = np.array([1 - match.softly for match in matches] or [0.0])
    sure = [match for match in matches if match.likeness >= _SURE]
    context = np.array([1 - match.context for match in sure] or [0.5])
    sentence = evidence[best].sentence
    sentences = [each.sentence for each in evidence]
    denial = _denials(claim.sentence, sentence) * _weight_of_denial(claim.sentence, sentence)
    far = 1 - max(float(claim.vector @ each.vector) for each in evidence)
    return np.array(
        [
            lexical.mean(),
            soft.mean(),
            soft.max(),
            far,
            context.mean(),
            np.mean([1 - match.context for match in matches] or [0.5]),
            denial,
            float(_one_denies(claim.sentence, sentence)),
            _opposites(claim.sentence, sentence),
            _dropped_condition(claim.sentence, sentence),
            _universals(claim.sentence, evidence),
            min(1.0, _RIVAL * rival_margin(claim.sentence, sentences)),
            _out_of_order(sure, best),
            _substituted(matches, best, evidence),
            _odd_word(matches),
            max(0.0, far - _NEAR),
            max(0.0, float(soft.mean()) - _FAMILIAR),
            float(_one_denies(claim.sentence, sentence) and denial >= 0.5)
            * (lexical.mean() <= _COPIED),
        ],
        np.float32,
    )


def _matches(claim: Reading, evidence: Sequence[Reading], mean: Floats) -> Iterator[Match]:
    own = _directions(claim.words, mean)
    theirs = [_directions(each.words, mean) for each in evidence]
    for at in claim.sentence.saying:
        yield max(
            _meetings(claim.sentence, at, own, evidence, theirs),
            key=lambda match: (match.softly, match.context),
        )


def _meetings(
    claim: Sentence, at: int, own: Floats, evidence: Sequence[Reading], theirs: Sequence[Floats]
) -> Iterator[Match]:
    stem, plain = claim.turned[at].stem, claim.words[at].stem
    for number, each in enumerate(evidence):
        cosines = theirs[number] @ own[at]
        for word, turned in enumerate(each.sentence.turned):
            alike = max(
                likeness(stem, turned.stem), likeness(plain, each.sentence.words[word].stem)
            )
            cosine = float(cosines[word])
            yield Match(at, number, word, alike, max(alike, _SOFTEST * max(cosine, 0)), cosine)


def _directions(words: Floats, mean: Floats) -> Floats:
    centred = words - mean
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6))


def _best_sentence(claim: Reading, evidence: Sequence[Reading], matches: Sequence[Match]) -> int:
    """The sentence that meets most of the claim's words; of equals the nearest in meaning."""
    scores = [float(claim.vector @ each.vector) for each in evidence]
    for match in matches:
        stem = claim.sentence.words[match.at].stem
        for number, each in enumerate(evidence):
            there = max((likeness(stem, word.stem) for word in each.sentence.words), default=0.0)
            scores[number] += there / max(1, len(matches)) * 2
    return int(np.argmax(scores))


def _denials(claim: Sentence, sentence: Sentence) -> float:
    """Whether a word that both have is denied in one and nowhere so in the other: 1, and less where
    it is one of many that agree."""
    agree = differ = 0
    conditional = {
        word.clause for word in claim.words if word.plain in word_lists().condition_openers
    }
    for at in claim.saying:
        if claim.words[at].clause in conditional:
            continue
        own = claim.turned[at]
        there = {
            turned.is_denied
            for turned in sentence.turned
            if likeness(own.stem, turned.stem) >= _SURE
        }
        agree += own.is_denied in there
        differ += bool(there) and own.is_denied not in there
    return differ / (differ + _AGREEMENT * agree) if differ else 0.0


def _weight_of_denial(claim: Sentence, sentence: Sentence) -> float:
    """Less where both deny something, perhaps not the same, where the claim denies a limit ("not
    for less than three days") and where the sentence says «только»: "only with photo ID" is "not
    without photo ID"."""
    lists = word_lists()
    compares = any(word.plain in lists.limits for word in claim.words)
    excludes = any(word.plain in lists.exclusives for word in sentence.words)
    turns_round = _denies(claim) and (compares or excludes)
    return 1.0 if _one_denies(claim, sentence) and not turns_round else _BOTH_DENY


def _one_denies(claim: Sentence, sentence: Sentence) -> bool:
    """Whether one of the two denies something and the other nothing."""
    return _denies(claim) is not _denies(sentence)


def _denies(sentence: Sentence) -> bool:
    return any(turned.is_denied for turned in sentence.turned)


def _opposites(claim: Sentence, sentence: Sentence) -> float:
    """How many words of the claim, not in the sentence themselves, meet their opposite there, both
    affirmed or both denied."""
    stems = {word.stem for word in sentence.words}
    return float(
        sum(
            1
            for word, turned in zip(claim.words, claim.turned, strict=True)
            if word.stem not in stems
            and any(
                contradict(word.stem, other.stem) and turned.is_denied is theirs.is_denied
                for other, theirs in zip(sentence.words, sentence.turned, strict=True)
            )
        )
    )


def _dropped_condition(claim: Sentence, sentence: Sentence) -> float:
    """The largest share of a condition in the sentence of which the claim says nothing."""
    lists = word_lists()
    worst = 0.0
    for at, word in enumerate(sentence.words):
        if word.plain not in lists.conditions:
            continue
        clause = [
            other
            for other in sentence.words[at + 1 :]
            if other.clause == word.clause and other.says_something
        ]
        missing = [
            other
            for other in clause
            if max(likeness(other.stem, own.stem) for own in claim.words) < _SURE
        ]
        if clause:
            worst = max(worst, len(missing) / len(clause))
    return worst


def _universals(claim: Sentence, evidence: Sequence[Reading]) -> float:
    """Whether the claim says «всегда» or "any" and the evidence nothing of the kind; «каждый день»
    is a fact and does not count."""
    universals = word_lists().universals
    if any(word.plain in universals for each in evidence for word in each.sentence.words):
        return 0.0
    return float(
        any(
            word.plain in universals
            and not any(fact.start <= word.start < fact.end for fact in claim.facts.found)
            for word in claim.words
        )
    )


def _out_of_order(sure: Sequence[Match], best: int) -> float:
    """Share of neighbouring words that stand the other way round in the best sentence."""
    places = [match.word for match in sure if match.sentence == best]
    pairs = list(pairwise(places))
    return sum(left > right for left, right in pairs) / len(pairs) if pairs else 0.0


def _substituted(matches: Sequence[Match], best: int, evidence: Sequence[Reading]) -> float:
    """How unlike the evidence is a word whose neighbours on both sides stand in the best sentence,
    around another word: the largest over the claim."""
    worst = 0.0
    saying = evidence[best].sentence.saying
    for left, this, right in zip(matches, matches[1:], matches[2:], strict=False):
        framed = all(
            each.sentence == best and each.likeness >= _SURE and each.word in saying
            for each in (left, right)
        )
        if framed and this.likeness < _SURE:
            apart = abs(saying.index(right.word) - saying.index(left.word))
            worst = max(worst, (1 - this.softly) * (apart == 2))
    return worst


def _odd_word(matches: Sequence[Match]) -> float:
    """How unlike the evidence the strangest word is, times the squared share of the other words
    that stand there: one new word among many old ones has been put in."""
    if len(matches) < 3:
        return 0.0
    odd = min(matches, key=lambda match: match.softly)
    known = sum(match.likeness >= _SURE for match in matches if match is not odd)
    return (1 - odd.softly) * (known / (len(matches) - 1)) ** 2
