"""A linear change of question vectors, learnt from labelled questions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

TEMPERATURE = 0.03
STEPS = 120
RATE = 1e-3
RIDGE = 2.0


def fit_adapter(
    questions: Floats,
    titles: Floats,
    bodies: Floats,
    right: npt.NDArray[np.bool_],
    *,
    steps: int = STEPS,
    ridge: float = RIDGE,
) -> Floats:
    """The matrix A, (dimension, dimension), under which q + qA lies nearest to what answers q.

    `questions` (n, dimension), `titles` and `bodies` (chunks, dimension), all of length 1; `right`
    (n, chunks). Minimises the mean of -log softmax of the right chunks, by title and by body, plus
    `ridge` times the mean square of A's entries scaled by the dimension, with Adam from A = 0; the
    same input gives the same matrix.
    """
    width = questions.shape[1]
    adapter = np.zeros((width, width), np.float32)
    moment, spread = np.zeros_like(adapter), np.zeros_like(adapter)
    for step in range(1, steps + 1):
        moved = questions + questions @ adapter
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        unit = moved / lengths
        pull = sum(_pull(unit, side, right) for side in (titles, bodies))
        tangent = pull - (pull * unit).sum(axis=1, keepdims=True) * unit
        gradient = questions.T @ (tangent / lengths) / len(questions)
        gradient = gradient + 2 * ridge / width * adapter
        moment = 0.9 * moment + 0.1 * gradient
        spread = 0.999 * spread + 0.001 * gradient**2
        adapter -= RATE * (moment / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return adapter


def _pull(unit: Floats, side: Floats, right: npt.NDArray[np.bool_]) -> Floats:
    """Gradient of the loss by the vector, for one side."""
    logits = unit @ side.T / TEMPERATURE
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    of_right = np.where(right, powers, 0)
    of_right = of_right / np.maximum(of_right.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray((shares - of_right) @ side / TEMPERATURE, np.float32)
