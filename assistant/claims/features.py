"""What speaks against a claim, as numbers: the model's features, each 0 for a claim that repeats
its evidence and larger the less it is backed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.claims.association import rival_margin
from assistant.claims.reading import Sentence, nearest
from assistant.claims.structure import made_a_duty, other_subject, swapped_word, unconditional
from assistant.claims.words import contradict, likeness, word_lists

Floats = npt.NDArray[np.float32]

FEATURES = (
    "unbacked",
    "foreign",
    "denial_near",
    "opposites",
    "dropped_condition",
    "universals",
    "rival",
    "denied_copy",
    "made_a_duty",
    "other_subject",
    "swapped_word",
    "unconditional",
)
_SURE = 0.85
_AGREEMENT = 0.25
_BOTH_DENY = 0.35
_RIVAL = 5.0
_FAMILIAR = 0.6
"""Up to here rewordings go: past it a claim is about something else."""
_COPIED = 0.3
"""A claim with so few new words that denies what the evidence affirms turns it over."""


def features_of(claim: Sentence, passages: Sequence[Sentence], doubt: float) -> Floats:
    """One number a feature, in the order of FEATURES. `doubt` is what the network says of the
    claim (`entailment.py`)."""
    near = nearest(claim, passages)
    best = nearest(claim, near, 1)[0]
    uncovered = _uncovered(claim, near)
    denial = _denials(claim, best) * _weight_of_denial(claim, best)
    turned_over = _one_denies(claim, best) and denial >= 0.5 and uncovered <= _COPIED
    return np.array(
        [
            doubt,
            max(0.0, uncovered - _FAMILIAR),
            denial,
            _opposites(claim, best),
            _dropped_condition(claim, best),
            _universals(claim, near),
            min(1.0, _RIVAL * rival_margin(claim, near)),
            float(turned_over),
            made_a_duty(claim, best, near),
            other_subject(claim, best, passages),
            swapped_word(claim, near),
            unconditional(claim, near),
        ],
        np.float32,
    )


def _uncovered(claim: Sentence, near: Sequence[Sentence]) -> float:
    """Mean over the claim's words of how unlike every word of the evidence each is."""
    apart = [
        1 - max((_alike(claim, at, each) for each in near), default=0.0) for at in claim.saying
    ]
    return float(np.mean(apart)) if apart else 0.0


def _alike(claim: Sentence, at: int, sentence: Sentence) -> float:
    """Likeness of a word of the claim to the likest of a sentence, as written and as turned."""
    plain, turned = claim.words[at].stem, claim.turned[at].stem
    return max(
        max(likeness(turned, theirs.stem), likeness(plain, word.stem))
        for word, theirs in zip(sentence.words, sentence.turned, strict=True)
    )


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


def _universals(claim: Sentence, evidence: Sequence[Sentence]) -> float:
    """Whether the claim says «всегда» or "any" and the evidence nothing of the kind; «каждый день»
    is a fact and does not count."""
    universals = word_lists().universals
    if any(word.plain in universals for each in evidence for word in each.words):
        return 0.0
    return float(
        any(
            word.plain in universals
            and not any(fact.start <= word.start < fact.end for fact in claim.facts.found)
            for word in claim.words
        )
    )
