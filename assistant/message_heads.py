"""Heads over the embedding of a message: its label and what else is noticed in it.

The arrays are in a safetensors file, with a JSON file beside it that names the embedding model they
were fitted on; heads of another model are refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from assistant.errors import ModelError

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]

FORMAT = 2
EXAMPLE_STEP = 1 / 32
"""Standardised values lie within four deviations: a byte each loses nothing that counts."""
SHIPPED = Path(__file__).parent / "weights" / "message_heads.safetensors"


@dataclass(frozen=True)
class LabelHead:
    """Kernel ridge regression on the shipped messages: each of them speaks for its label, the
    louder the nearer it is (Hastie et al., "The Elements of Statistical Learning", 2009, 5.8).

    scores = exp(-gamma |z - examples|^2) @ weights + offsets, with z = (vector - mean) / scale;
    probabilities = softmax(sharpness * scores). The sharpness is fitted on held-out messages.
    """

    mean: Floats
    scale: Floats
    examples: Bytes
    """(messages, dimension), standardised, in steps of EXAMPLE_STEP."""
    weights: Floats
    """(messages, labels)."""
    offsets: Floats
    """(labels,): what a label gets for nothing, because missing it costs more."""
    gamma: float
    sharpness: float

    @cached_property
    def _centres(self) -> tuple[Floats, Floats]:
        centres = self.examples.astype(np.float32) * np.float32(EXAMPLE_STEP)
        return centres, np.einsum("ij,ij->i", centres, centres)

    def scores(self, vector: Floats) -> Floats:
        """One score a label for a vector of shape (dimension,); about -1 to 1."""
        centres, squares = self._centres
        point = (vector - self.mean) / self.scale
        distances = squares + point @ point - 2 * (centres @ point)
        nearness = np.exp(-self.gamma * np.maximum(distances, 0))
        return np.asarray(nearness @ self.weights + self.offsets)

    def probabilities(self, vector: Floats, boosts: Floats | None = None) -> Floats:
        """Softmax over the labels; sums to 1. `boosts` (labels,) are added to the scores."""
        scores = self.scores(vector) + (0 if boosts is None else boosts)
        powers = np.exp(self.sharpness * (scores - scores.max()))
        return np.asarray(powers / powers.sum())


@dataclass(frozen=True)
class MessageHeads:
    """The label head, and a logistic detector a signal with weights (signals, dimension)."""

    model_id: str
    labels: tuple[str, ...]
    label_head: LabelHead
    signals: tuple[str, ...]
    signal_weights: Floats
    signal_bias: Floats
    thresholds: tuple[float, ...]
    """From which probability on a signal counts as noticed."""
    about: dict[str, Any]
    """How it was fitted: data hash, sizes, cross-validated figures."""

    def label_probabilities(
        self, vector: Floats, boosts: dict[str, float] | None = None
    ) -> dict[str, float]:
        """Probability of each label; they sum to 1. `boosts` are added to the scores."""
        added = np.array([(boosts or {}).get(label, 0.0) for label in self.labels], np.float32)
        shares = self.label_head.probabilities(vector, added)
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
    head = heads.label_head
    arrays: dict[str, npt.NDArray[Any]] = {
        "mean": head.mean,
        "scale": head.scale,
        "examples": head.examples,
        "weights": head.weights,
        "offsets": head.offsets,
        "signal_weights": heads.signal_weights,
        "signal_bias": heads.signal_bias,
    }
    save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, path)
    path.chmod(0o644)
    description = {
        "format": FORMAT,
        "model_id": heads.model_id,
        "labels": heads.labels,
        "gamma": head.gamma,
        "sharpness": head.sharpness,
        "signals": heads.signals,
        "thresholds": heads.thresholds,
        "about": heads.about,
    }
    text = json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def load_heads(path: Path = SHIPPED) -> MessageHeads:
    """The heads that ship. Raises ModelError when they do not fit this version."""
    description = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if description.get("format") != FORMAT:
        raise ModelError(f"{path} has format {description.get('format')}: run `make weights`")
    return _read(path, description)


def _read(path: Path, description: dict[str, Any]) -> MessageHeads:
    arrays = load_file(path)
    head = LabelHead(
        mean=arrays["mean"],
        scale=arrays["scale"],
        examples=arrays["examples"],
        weights=arrays["weights"],
        offsets=arrays["offsets"],
        gamma=description["gamma"],
        sharpness=description["sharpness"],
    )
    return MessageHeads(
        model_id=description["model_id"],
        labels=tuple(description["labels"]),
        label_head=head,
        signals=tuple(description["signals"]),
        signal_weights=arrays["signal_weights"],
        signal_bias=arrays["signal_bias"],
        thresholds=tuple(description["thresholds"]),
        about=description["about"],
    )
