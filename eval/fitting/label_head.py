"""Fits the label head: kernel ridge regression on landmarks, and ridge regression on runs of words.

With all messages as prototypes the head would weigh 20 MB and take 8 ms a message; a part of them
as landmarks, fitted to all of them, is as good (Williams and Seeger, "Using the Nyström method to
speed up kernel machines", 2001). Which part: half are those that a first fit on random landmarks
misses by most, for in kernel ridge regression a message's weight is its residual over the ridge;
half are random, so that plain messages are covered too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge

from assistant.domain import IntentLabel
from assistant.label_head import (
    EXAMPLE_STEP,
    LabelHead,
    MeaningHead,
    WordingHead,
    positions,
    run_keys,
)

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint32]

LANDMARKS = 10_000
HARDEST_SHARE = 0.5
WIDTH = 0.5
"""Kernel width times the dimension."""
RIDGE = 0.2
_JITTER = 3e-3
"""Keeps the landmarks' equations solvable where two of them are nearly the same."""
WORDING_RIDGE = 1.0
WORDING_SHARE = 0.4
LEAST_MESSAGES_A_RUN = 2
HELD_OUT_EVERY = 10
OFFSETS = {IntentLabel.COMPLAINT: 0.15}
"""A complaint taken for a question costs the customer more than the other way round."""
_BLOCK = 2000
_SEED = 0


def fit_label_head(
    vectors: Floats, texts: Sequence[str], truth: Labels, labels: int
) -> tuple[LabelHead, Bools, Labels]:
    """The head; which tenth of the messages a head fitted on the rest was tried on, and what that
    one said of them."""
    held_out = np.arange(len(truth)) % HELD_OUT_EVERY == 0
    rest = np.flatnonzero(~held_out)
    tried = _fit(
        vectors[rest], [texts[at] for at in rest.tolist()], truth[rest], labels, sharpness=1.0
    )
    rows = np.flatnonzero(held_out).tolist()
    scores = np.stack([tried.scores(vectors[at], texts[at]) for at in rows])
    sharpness = _best_sharpness(scores, truth[held_out])
    return _fit(vectors, texts, truth, labels, sharpness), held_out, np.argmax(scores, axis=1)


def _fit(
    vectors: Floats, texts: Sequence[str], truth: Labels, labels: int, sharpness: float
) -> LabelHead:
    targets = np.where(np.eye(labels)[truth] > 0, 1.0, -1.0).astype(np.float32)
    return LabelHead(
        meaning=fit_meaning(vectors, targets),
        wording=fit_wording(texts, targets),
        wording_share=WORDING_SHARE,
        offsets=np.array([OFFSETS.get(label, 0.0) for label in IntentLabel], np.float32),
        sharpness=sharpness,
    )


def fit_meaning(vectors: Floats, targets: Floats, landmarks: int = LANDMARKS) -> MeaningHead:
    """Least squares over all messages with a ridge, in the span of the landmarks' kernels."""
    mean, scale = vectors.mean(axis=0), vectors.std(axis=0)
    points = np.asarray((vectors - mean) / scale, np.float32)
    gamma = WIDTH / vectors.shape[1]
    picked = _picked(points, targets, landmarks, gamma)
    steps = np.round(points[np.sort(picked)] / EXAMPLE_STEP)
    examples = np.clip(steps, -127, 127).astype(np.int8)
    centres = examples.astype(np.float32) * np.float32(EXAMPLE_STEP)
    return MeaningHead(mean, scale, examples, _weights(points, centres, targets, gamma), gamma)


def _picked(points: Floats, targets: Floats, landmarks: int, gamma: float) -> Labels:
    """Which messages are the landmarks."""
    order = np.random.default_rng(_SEED).permutation(len(points))
    if landmarks >= len(points):
        return order
    first = points[order[:landmarks]]
    scores = _scores(points, first, _weights(points, first, targets, gamma), gamma)
    by_residual = np.argsort(-np.abs(scores - targets).max(axis=1), kind="stable")
    hardest = by_residual[: round(HARDEST_SHARE * landmarks)]
    others = order[~np.isin(order, hardest)]
    return np.concatenate([hardest, others[: landmarks - len(hardest)]])


def _weights(points: Floats, centres: Floats, targets: Floats, gamma: float) -> Floats:
    """What each landmark says for each label, float32 (landmarks, labels)."""
    left = RIDGE * _kernel(centres, centres, gamma).astype(np.float64)
    left[np.diag_indices(len(left))] += _JITTER
    right = np.zeros((len(centres), targets.shape[1]))
    for block in _blocks(len(points)):
        nearness = _kernel(points[block], centres, gamma)
        left += nearness.T @ nearness
        right += nearness.T @ targets[block]
    found = solve(left, right, assume_a="sym", overwrite_a=True, overwrite_b=True)
    return np.asarray(found, np.float32)


def _scores(points: Floats, centres: Floats, weights: Floats, gamma: float) -> Floats:
    blocks = [_kernel(points[block], centres, gamma) @ weights for block in _blocks(len(points))]
    return np.concatenate(blocks)


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))


def _kernel(points: Floats, centres: Floats, gamma: float) -> Floats:
    squares = np.einsum("ij,ij->i", points, points)[:, None] + np.einsum(
        "ij,ij->i", centres, centres
    )
    distances = squares - 2 * points @ centres.T
    return np.asarray(np.exp(-gamma * np.maximum(distances, 0)), np.float32)


def fit_wording(texts: Sequence[str], targets: Floats) -> WordingHead:
    """Ridge regression on tf-idf of runs that stand in at least LEAST_MESSAGES_A_RUN messages."""
    runs = [run_keys(text) for text in texts]
    keys, counts = np.unique(np.concatenate(runs), return_counts=True)
    known = counts >= LEAST_MESSAGES_A_RUN
    keys = keys[known]
    idf = np.asarray(np.log((1 + len(texts)) / (1 + counts[known])) + 1, np.float32)
    ridge = Ridge(alpha=WORDING_RIDGE, solver="lsqr").fit(_tf_idf(runs, keys, idf), targets)
    weights = np.asarray(ridge.coef_.T, np.float32)
    return WordingHead(keys, idf, weights, np.asarray(ridge.intercept_, np.float32))


def _tf_idf(runs: Sequence[Keys], keys: Keys, idf: Floats) -> csr_matrix:
    columns = [positions(keys, own) for own in runs]
    values = [idf[at] / max(float(np.linalg.norm(idf[at])), 1e-9) for at in columns]
    bounds = np.cumsum([0, *map(len, columns)])
    return csr_matrix(
        (np.concatenate(values), np.concatenate(columns), bounds), shape=(len(runs), len(keys))
    )


def _best_sharpness(scores: Floats, truth: Labels) -> float:
    """The softmax sharpness with the least log loss."""

    def loss(sharpness: float) -> float:
        powers = np.exp(sharpness * (scores - scores.max(axis=1, keepdims=True)))
        shares = powers / powers.sum(axis=1, keepdims=True)
        return float(-np.log(shares[np.arange(len(truth)), truth]).mean())

    return min((round(0.5 + 0.1 * step, 1) for step in range(60)), key=loss)
