"""Fits the weights of the claim check on the pairs that ship.

Beside the pairs themselves it learns from two kinds of its own making, for a hand-written claim is
never far from its evidence and seldom a copy of it: sentences of the evidence as they stand are
supported, claims about other evidence are not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from assistant.claims.checking import check_sentences, stated_sentences
from assistant.claims.features import FEATURES
from assistant.claims.model import CheckedSentence, ClaimModel
from assistant.claims.reading import Floats, WordReader, sentences_of, with_vectors
from eval.grounding_pairs import Pair

REFUSED_SHARE = 0.03
"""The threshold refuses this share of the supported claims that the rule on facts lets pass."""
RIDGE = 0.002
MADE_SHARE = 0.15
"""How much copies weigh among the supported, claims from elsewhere among the others."""
FOLDS = 5
_ELSEWHERE = 2
_SEED = 0
COPY, ELSEWHERE = "copy", "elsewhere"
_LARGEST_WEIGHT = 40.0


@dataclass(frozen=True)
class Example:
    """A pair with what the check sees of it: the sentence that speaks most against it counts."""

    pair: Pair
    sentences: tuple[CheckedSentence, ...]

    @property
    def has_missing_fact(self) -> bool:
        """Whether the rule on facts refuses it."""
        return any(each.facts for each in self.sentences)


def fit_grounding(
    pairs: Sequence[Pair], reader: WordReader
) -> tuple[ClaimModel, list[Example], npt.NDArray[np.float64]]:
    """The model, the examples that it was fitted on, and what models fitted on other groups say of
    each of them."""
    mean = mean_word(pairs, reader)
    examples = read_pairs([*pairs, *copies(pairs), *elsewhere(pairs)], reader, mean)
    model = fit_weights(examples, mean)
    scores = cross_fitted(examples, mean)
    threshold = threshold_for(examples, scores)
    about: dict[str, Any] = {"pairs": len(pairs), "examples": len(examples), "folds": FOLDS}
    return replace(model, threshold=threshold, about=about), examples, scores


def mean_word(pairs: Sequence[Pair], reader: WordReader) -> Floats:
    """The mean word vector over all evidence, (dimension,)."""
    passages = dict.fromkeys(passage for pair in pairs for passage in pair.evidence)
    read = with_vectors(sentences_of(list(passages)), reader)
    return np.asarray(np.concatenate([each.words for each in read]).mean(axis=0), np.float32)


def copies(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Each sentence of the evidence as a claim: supported."""
    for group in {pair.group: pair for pair in pairs}.values():
        for sentence in sentences_of(group.evidence):
            yield replace(group, claim=sentence.text, is_supported=True, kind=COPY)


def elsewhere(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """True claims set against the evidence of other groups: not supported."""
    chance = random.Random(_SEED)  # noqa: S311 - a choice of examples, no secret
    for pair in pairs:
        others = [each for each in pairs if each.group != pair.group and each.lang == pair.lang]
        if not pair.is_supported or not others:
            continue
        for other in chance.sample(others, min(_ELSEWHERE, len(others))):
            yield replace(pair, evidence=other.evidence, is_supported=False, kind=ELSEWHERE)


def read_pairs(pairs: Sequence[Pair], reader: WordReader, mean: Floats) -> list[Example]:
    """What the check sees of each pair; pairs without words on either side are left out."""
    found = []
    for pair in pairs:
        stated, passages = stated_sentences(pair.claim), sentences_of(pair.evidence)
        if stated and passages:
            checked = check_sentences(stated, passages, reader, mean)
            found.append(Example(pair, tuple(checked)))
    return found


def fit_weights(examples: Sequence[Example], mean: Floats) -> ClaimModel:
    """Ridge-penalised logistic regression with weights of at least 0, on the examples that the rule
    on facts lets pass; both outcomes weigh the same."""
    kept = [example for example in examples if not example.has_missing_fact]
    rows = np.array([hardest(example) for example in kept], np.float64)
    truth = np.array([example.pair.is_supported for example in kept])
    weigh = _weights_of(kept)
    scale = rows.std(axis=0) + 1e-6
    signs = np.where(truth, 1.0, -1.0)
    scaled = rows / scale

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margins = signs * (point[0] - scaled @ point[1:])
        slopes = -weigh * signs / (1 + np.exp(margins))
        value = float(weigh @ np.logaddexp(0, -margins)) + RIDGE * float(point[1:] @ point[1:])
        gradient = np.concatenate([[slopes.sum()], -slopes @ scaled + 2 * RIDGE * point[1:]])
        return value, gradient

    bounds = [(None, None), *[(0, _LARGEST_WEIGHT)] * len(FEATURES)]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = np.asarray(found[1:] / scale, np.float32)
    return ClaimModel(weights, float(found[0]), 0.5, mean, {})


def _weights_of(examples: Sequence[Example]) -> npt.NDArray[np.float64]:
    """Both outcomes weigh the same, and in each those of our own making MADE_SHARE."""
    kinds = [
        (example.pair.is_supported, example.pair.kind in (COPY, ELSEWHERE)) for example in examples
    ]
    return np.array(
        [0.5 * (MADE_SHARE if kind[1] else 1 - MADE_SHARE) / kinds.count(kind) for kind in kinds]
    )


def hardest(example: Example) -> Floats:
    """The largest of each feature over the sentences of a claim."""
    return np.asarray(np.max([each.features for each in example.sentences], axis=0), np.float32)


def cross_fitted(examples: Sequence[Example], mean: Floats) -> npt.NDArray[np.float64]:
    """Each example's score by a model fitted on other groups only."""
    names = sorted({example.pair.group for example in examples})
    random.Random(_SEED).shuffle(names)  # noqa: S311 - folds, no secret
    fold_of = {name: at % FOLDS for at, name in enumerate(names)}
    folds = np.array([fold_of[example.pair.group] for example in examples])
    scores = np.zeros(len(examples))
    for fold in range(FOLDS):
        rest = [example for example, own in zip(examples, folds, strict=True) if own != fold]
        model = fit_weights(rest, mean)
        for at in np.flatnonzero(folds == fold).tolist():
            scores[at] = score_of(examples[at], model)
    return scores


def score_of(example: Example, model: ClaimModel) -> float:
    """The lowest score of the claim's sentences, as the check gives it."""
    return min(model.score_checked(each) for each in example.sentences)


def threshold_for(examples: Sequence[Example], scores: npt.NDArray[np.float64]) -> float:
    """The score under which REFUSED_SHARE of the supported claims without a missing fact fall,
    copies left out."""
    own = [
        score
        for example, score in zip(examples, scores.tolist(), strict=True)
        if example.pair.is_supported and example.pair.kind != COPY and not example.has_missing_fact
    ]
    return float(np.quantile(own, REFUSED_SHARE))
