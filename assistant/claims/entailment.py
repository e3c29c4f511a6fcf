"""A small network that doubts a claim: it holds each word of the claim against the words of the
evidence that fit it best, over the states of the shared trunk that has read both together.

Soft alignment, comparison and aggregation as in Parikh et al., "A Decomposable Attention Model for
Natural Language Inference" (2016). Fitted by `eval/fitting/entailment.py` on pairs of our own;
0.3 MB, under a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from assistant.errors import ModelError
from assistant.knowledge.embedder import ReadTogether
from assistant.knowledge.entailment_graph import entailment_session

Floats = npt.NDArray[np.float32]
SHIPPED = Path(__file__).parent.parent / "weights" / "entailment.safetensors"
SCALE = 8.0
"""Length of a state once its mean is taken off."""
MARKS = 3
"""Before the evidence beside the claim's own pieces: the beginning and two marks between."""


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
        count = len(read.texts[0])
        states = {
            "claim": read.states[1 : count + 1],
            "evidence": read.states[count + MARKS :],
        }
        return float(self._session.run(None, states)[0][0, 0])

    @cached_property
    def _session(self) -> Any:
        return entailment_session(self.weights, SCALE)


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
