"""Fits the claim check on pairs of our own: first the network that doubts, then the weights of all
that speaks against a claim.

Beside the pairs themselves both learn from two kinds of their own making, for a hand-written claim
is never far from its evidence and seldom a copy of it: sentences of the evidence as they stand are
supported, claims about other evidence are not. The weights are fitted on doubts of networks that
have not seen the pair's evidence.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from assistant.claims.checking import check_sentences, stated_sentences
from assistant.claims.entailment import Entailment
from assistant.claims.features import FEATURES
from assistant.claims.model import CheckedSentence, ClaimModel
from assistant.claims.reading import WordReader, sentences_of
from eval.fitting.entailment import Lesson, fit_entailment, lessons_of
from eval.grounding_pairs import Pair

Floats = npt.NDArray[np.float32]
REFUSED_SHARE = 0.02
"""The threshold refuses this share of the supported claims that the rule on facts lets pass; that
rule itself refuses 2 to 8 %."""
RIDGE = 0.002
MADE_SHARE = 0.15
"""How much copies weigh among the supported, claims from elsewhere among the others."""
FOLDS = 3
_ELSEWHERE = 2
_SEED = 0
COPY, ELSEWHERE = "copy", "elsewhere"
_LARGEST_WEIGHT = 40.0
_COPY_WEIGHT, _MADE_WEIGHT, _ELSEWHERE_WEIGHT = 0.7, 0.5, 0.3
_WRITTEN_TIMES = 2
"""How often an epoch goes through the claims written by hand."""


@dataclass(frozen=True)
class Example:
    """A pair with what the check sees of it: the sentence that speaks most against it counts."""

    pair: Pair
    sentences: tuple[CheckedSentence, ...]

    @property
    def has_missing_fact(self) -> bool:
        """Whether the rule on facts refuses it."""
        return any(each.facts for each in self.sentences)


@dataclass(frozen=True)
class Networks:
    """The network for serving, and for each group of evidence one that has not seen it."""

    whole: Entailment
    by_group: Mapping[str, Entailment]

    def of(self, pair: Pair) -> Entailment:
        """The network that may judge a pair without knowing it."""
        return self.by_group.get(pair.group, self.whole)


def fit_networks(
    written: Sequence[Pair],
    made: Sequence[Pair],
    reader: WordReader,
    progress: Callable[[float], object] = lambda _: None,
) -> Networks:
    """Networks fitted on the claims written by hand, as they are and set against other evidence, on
    copies of their evidence and on claims made."""
    own = lessons_of(written, reader) * _WRITTEN_TIMES
    own += lessons_of(copies(written), reader, _COPY_WEIGHT)
    own += lessons_of(elsewhere(written), reader, _ELSEWHERE_WEIGHT)
    others = lessons_of(made, reader, _MADE_WEIGHT)
    fold_of = _folds({pair.group for pair in written}, FOLDS)

    def without(fold: int) -> list[Lesson]:
        return [each for each in own if fold_of[each.group] != fold]

    folds = [fit_entailment(without(at) + others, progress) for at in range(FOLDS)]
    whole = fit_entailment(own + others, progress)
    return Networks(whole, {group: folds[at] for group, at in fold_of.items()})


def fit_grounding(
    pairs: Sequence[Pair], unseen: Sequence[Pair], reader: WordReader, networks: Networks
) -> ClaimModel:
    """Weights fitted on `pairs`, the threshold on pairs that nothing has been fitted on."""
    examples = read_pairs([*pairs, *copies(pairs), *elsewhere(pairs)], reader, networks.of)
    model = fit_weights(examples)
    threshold = threshold_for(read_pairs(unseen, reader, networks.of), model)
    about: dict[str, Any] = {"pairs": len(pairs), "examples": len(examples), "unseen": len(unseen)}
    return replace(model, threshold=threshold, about=about)


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


def read_pairs(
    pairs: Sequence[Pair], reader: WordReader, network_of: Callable[[Pair], Entailment]
) -> list[Example]:
    """What the check sees of each pair; pairs without words on either side are left out."""
    found = []
    for pair in pairs:
        stated, passages = stated_sentences(pair.claim), sentences_of(pair.evidence)
        if stated and passages:
            checked = check_sentences(stated, passages, reader, network_of(pair))
            found.append(Example(pair, tuple(checked)))
    return found


def fit_weights(examples: Sequence[Example]) -> ClaimModel:
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
    return ClaimModel(weights, float(found[0]), 0.5, {})


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


def _folds(groups: set[str], count: int) -> dict[str, int]:
    names = sorted(groups)
    random.Random(_SEED).shuffle(names)  # noqa: S311 - folds, no secret
    return {name: at % count for at, name in enumerate(names)}


def score_of(example: Example, model: ClaimModel) -> float:
    """The lowest score of the claim's sentences, as the check gives it."""
    return min(model.score_checked(each) for each in example.sentences)


def threshold_for(examples: Sequence[Example], model: ClaimModel) -> float:
    """The score under which REFUSED_SHARE of the supported claims without a missing fact fall."""
    scores = [
        score_of(example, model)
        for example in examples
        if example.pair.is_supported and not example.has_missing_fact
    ]
    return float(np.quantile(scores, REFUSED_SHARE))
