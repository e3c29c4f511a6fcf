"""Linear heads over the embedding of a message: its label and what else is noticed in it.

A head is a matrix and a bias in a safetensors file, with a JSON file beside it that names the
embedding model it was fitted on; a head of another model is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from assistant.errors import EmbedderMismatchError

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).parent / "weights" / "message_heads.safetensors"


@dataclass(frozen=True)
class MessageHeads:
    """Weights of shape (outputs, dimension) and biases (outputs,), outputs in the given order."""

    model_id: str
    labels: tuple[str, ...]
    label_weights: Floats
    label_bias: Floats
    signals: tuple[str, ...]
    signal_weights: Floats
    signal_bias: Floats
    thresholds: tuple[float, ...]
    """From which probability on a signal counts as noticed."""
    about: dict[str, Any]
    """How it was fitted: data hash, sizes, cross-validated figures."""

    def label_probabilities(self, vector: Floats) -> dict[str, float]:
        """Softmax over the labels; sums to 1."""
        logits = self.label_weights @ vector + self.label_bias
        powers = np.exp(logits - logits.max())
        shares = powers / powers.sum()
        return {label: float(share) for label, share in zip(self.labels, shares, strict=True)}

    def noticed(self, vector: Floats) -> dict[str, bool]:
        """Of each signal, whether its logistic output passes its threshold."""
        logits = self.signal_weights @ vector + self.signal_bias
        chances = 1 / (1 + np.exp(-logits))
        return {
            name: bool(chance >= threshold)
            for name, chance, threshold in zip(self.signals, chances, self.thresholds, strict=True)
        }


def save_heads(heads: MessageHeads, path: Path) -> None:
    """Write the arrays to `path` and the description beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        "label_weights": heads.label_weights,
        "label_bias": heads.label_bias,
        "signal_weights": heads.signal_weights,
        "signal_bias": heads.signal_bias,
    }
    save_file({name: np.ascontiguousarray(a, np.float32) for name, a in arrays.items()}, path)
    description = {
        "model_id": heads.model_id,
        "labels": heads.labels,
        "signals": heads.signals,
        "thresholds": heads.thresholds,
        "about": heads.about,
    }
    text = json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def load_heads(model_id: str, fitted_here: Path) -> MessageHeads:
    """The heads for an embedding model: those fitted in the data folder, else the shipped ones.

    Raises EmbedderMismatchError when neither was fitted on this model.
    """
    for path in (fitted_here, SHIPPED):
        if path.exists() and path.with_suffix(".json").exists():
            heads = _read(path)
            if heads.model_id == model_id:
                return heads
    raise EmbedderMismatchError(
        f"no intent head fits the embedding model {model_id!r}: run `souffleur intent train`"
    )


def _read(path: Path) -> MessageHeads:
    description = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    for name in ("labels", "signals", "thresholds"):
        description[name] = tuple(description[name])
    arrays: dict[str, Any] = load_file(path)
    return MessageHeads(**arrays, **description)
