"""A small network that doubts a claim: it holds each word of the claim against the words of the
evidence that fit it best, over the states of the shared trunk that has read both together.

Soft alignment, comparison and aggregation as in Parikh et al., "A Decomposable Attention Model for
Natural Language Inference" (2016). Fitted by `eval/fitting/entailment.py` on pairs of our own;
0.3 MB, under a millisecond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy.special import erf

from assistant.errors import ModelError
from assistant.knowledge.embedder import ReadTogether

Floats = npt.NDArray[np.float32]
SHIPPED = Path(__file__).parent.parent / "weights" / "entailment.safetensors"
SCALE = 8.0
"""Length of a state once its mean is taken off."""


@dataclass(frozen=True)
class Entailment:
    """The network's weights by name, float32."""

    weights: dict[str, Floats]

    def doubt(self, read: ReadTogether) -> float:
        """How little the other texts seem to back the first: -log of the probability that they do,
        from 0; 0 where one side has no words."""
        if not read.texts[0] or not any(read.texts[1:]):
            return 0.0
        return float(np.logaddexp(0.0, -self.logit(read)))

    def logit(self, read: ReadTogether) -> float:
        """Log-odds that the evidence backs the claim."""
        w = self.weights
        states = _unit(read.states - w["mean"]) * np.float32(SCALE)
        claim, evidence = states[1 : len(read.texts[0]) + 1], states[len(read.texts[0]) + 3 :]
        asked, offered = _unit(claim @ w["query"].T), _unit(evidence @ w["key"].T)
        fits: Floats = np.asarray(asked @ offered.T, np.float32)
        share = np.exp(w["temperature"] * (fits - fits.max(axis=1, keepdims=True)))
        share /= share.sum(axis=1, keepdims=True)
        own = claim @ w["project"].T + w["project_bias"]
        theirs = share @ (evidence @ w["project"].T + w["project_bias"])
        best = fits.max(axis=1, keepdims=True)
        both = np.concatenate([own, theirs, own - theirs, own * theirs, best], axis=1)
        compared = _gelu(both @ w["compare"].T + w["compare_bias"])
        pooled = np.concatenate([compared.mean(axis=0), compared.max(axis=0)])
        hidden = _gelu(w["hidden"] @ pooled + w["hidden_bias"])
        return float((w["out"] @ hidden + w["out_bias"])[0])


def _unit(rows: npt.ArrayLike) -> Floats:
    values = np.asarray(rows, np.float32)
    lengths = np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-6)
    return np.asarray(values / lengths, np.float32)


def _gelu(values: npt.ArrayLike) -> Floats:
    own = np.asarray(values, np.float32)
    return np.asarray(own * 0.5 * (1 + erf(own / np.float32(math.sqrt(2)))), np.float32)


@cache
def load_entailment() -> Entailment:
    """The weights that ship. Raises ModelError when they cannot be read."""
    with resources.as_file(resources.files("assistant") / "weights" / SHIPPED.name) as path:
        try:
            arrays = load_file(path)
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{path} is no entailment network: {error}") from error
        return Entailment({name: values.astype(np.float32) for name, values in arrays.items()})


def save_entailment(network: Entailment, path: Path = SHIPPED) -> None:
    """Write the weights in half precision."""
    arrays = {
        name: np.ascontiguousarray(values.astype(np.float16))
        for name, values in network.weights.items()
    }
    save_file(arrays, path)
    path.chmod(0o644)
