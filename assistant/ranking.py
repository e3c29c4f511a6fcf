"""How much each view of an article counts: one weight a view.

The shipped weights were set by ablation (docs/understanding.md). `souffleur kb tune` learns them
anew for one customer, as those under which the right article is the likeliest (conditional logit:
McFadden, "Conditional logit analysis of qualitative choice behavior", 1974).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).parent / "weights" / "ranking.json"

VIEWS = (
    "title",
    "body",
    "sentence",
    "title_words",
    "body_words",
    "title_grams",
    "body_grams",
    "crowd",
    "luck",
    "foreign",
    "cases",
)
"""Sides an article is seen from, in the order of the columns of a view matrix. All but the last
four are standing in standard deviations over the articles of the question's language:
vectors of title, text and best sentence; BM25 of words and of letter runs. `crowd`: how near the
article is to questions of all kinds, which says nothing for it. `luck`: what the best of many
pieces gains by chance. `foreign`: 1 for another language than the question's. `cases`: nearness
to the questions it is known to have answered."""


@cache
def shipped_weights() -> Mapping[str, float]:
    """The weights that ship, by view."""
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return {view: float(document["weights"].get(view, 0.0)) for view in VIEWS}


def as_column(weights: Mapping[str, float]) -> Floats:
    """Weights in the order of VIEWS; a view without a weight counts nothing."""
    return np.array([weights.get(view, 0.0) for view in VIEWS], np.float32)


def fit_weights(
    examples: list[tuple[Floats, npt.NDArray[np.bool_]]],
    start: Mapping[str, float],
    *,
    pull: float,
    steps: int = 300,
    rate: float = 0.05,
) -> dict[str, float]:
    """Weights under which the right articles stand before the others.

    `examples`: of each question the view matrix (articles, views) and which articles are right.
    `pull` holds the weights near `start` (a ridge towards it, per question). Adam (Kingma and Ba,
    2015) on the mean negative log-likelihood; the same input gives the same weights.
    """
    origin = as_column(start).astype(np.float64)
    weights = origin.copy()
    moment, spread = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        gradient = 2 * pull * (weights - origin)
        for views, right in examples:
            gradient += _gradient(views, right, weights) / len(examples)
        moment = 0.9 * moment + 0.1 * gradient
        spread = 0.999 * spread + 0.001 * gradient**2
        weights -= rate * (moment / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return {view: round(float(weight), 4) for view, weight in zip(VIEWS, weights, strict=True)}


def _gradient(
    views: Floats, right: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Of -log of the share that the right articles have in the softmax."""
    scores = views @ weights
    powers = np.exp(scores - scores.max())
    shares = powers / powers.sum()
    of_right = np.where(right, powers, 0)
    of_right = of_right / max(of_right.sum(), 1e-12)
    return np.asarray((shares - of_right) @ views, np.float64)
