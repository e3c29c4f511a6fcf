"""Heads over the embedding of a message: its label and what else is noticed in it.

The arrays are in a safetensors file, with a JSON file beside it that names the embedding model they
were fitted on; heads of another model are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from assistant.errors import ModelError
from assistant.label_head import LabelHead, MeaningHead, WordingHead

Floats = npt.NDArray[np.float32]
Arrays = dict[str, npt.NDArray[Any]]

FORMAT = 3
SHIPPED = Path(__file__).parent / "weights" / "message_heads.safetensors"


@dataclass(frozen=True)
class MessageHeads:
    """The label head, and a logistic detector a signal with weights (signals, dimension) on the
    first `dimension` values of a vector."""

    model_id: str
    labels: tuple[str, ...]
    label_head: LabelHead
    signals: tuple[str, ...]
    signal_weights: Floats
    signal_bias: Floats
    thresholds: tuple[float, ...]
    """From which probability on a signal counts as noticed."""
    about: dict[str, Any]
    """How it was fitted: data hash, sizes, figures on messages held out."""

    def label_probabilities(
        self, vector: Floats, text: str, boosts: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Probability of each label; they sum to 1. `boosts` are added to the scores."""
        added = [(boosts or {}).get(label, 0.0) for label in self.labels]
        shares = self.label_head.probabilities(vector, text, added)
        return {label: float(share) for label, share in zip(self.labels, shares, strict=True)}

    def noticed(self, vector: Floats) -> dict[str, bool]:
        """Of each signal, whether its logistic output passes its threshold."""
        logits = self.signal_weights @ vector[: self.signal_weights.shape[1]] + self.signal_bias
        chances = 1 / (1 + np.exp(-logits))
        return {
            name: bool(chance >= threshold)
            for name, chance, threshold in zip(self.signals, chances, self.thresholds, strict=True)
        }


def save_heads(heads: MessageHeads, path: Path) -> None:
    """Write the arrays to `path` and the description beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = heads.label_head
    arrays: Arrays = {
        "mean": head.meaning.mean,
        "scale": head.meaning.scale,
        "examples": head.meaning.examples,
        "weights": head.meaning.weights,
        "run_keys": head.wording.keys,
        "run_idf": head.wording.idf.astype(np.float16),
        "run_weights": head.wording.weights.astype(np.float16),
        "run_bias": head.wording.bias,
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
        "gamma": head.meaning.gamma,
        "wording_share": head.wording_share,
        "sharpness": head.sharpness,
        "signals": heads.signals,
        "thresholds": heads.thresholds,
        "about": heads.about,
    }
    text = json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def load_heads(model_id: str | None = None, path: Path = SHIPPED) -> MessageHeads:
    """The heads that ship, for vectors of `model_id` when it is given. Raises ModelError when they
    do not fit this version or were fitted on another model."""
    description = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if description.get("format") != FORMAT:
        raise ModelError(f"{path} has format {description.get('format')}: run `make weights`")
    if model_id not in (None, description["model_id"]):
        raise ModelError(
            f"{path} was fitted on {description['model_id']} and not on {model_id}: "
            "run `make weights`"
        )
    arrays = load_file(path)
    return MessageHeads(
        model_id=description["model_id"],
        labels=tuple(description["labels"]),
        label_head=_label_head(arrays, description),
        signals=tuple(description["signals"]),
        signal_weights=arrays["signal_weights"],
        signal_bias=arrays["signal_bias"],
        thresholds=tuple(description["thresholds"]),
        about=description["about"],
    )


def _label_head(arrays: Arrays, description: Mapping[str, Any]) -> LabelHead:
    return LabelHead(
        meaning=MeaningHead(
            mean=arrays["mean"],
            scale=arrays["scale"],
            examples=arrays["examples"],
            weights=arrays["weights"],
            gamma=description["gamma"],
        ),
        wording=WordingHead(
            keys=arrays["run_keys"],
            idf=arrays["run_idf"].astype(np.float32),
            weights=arrays["run_weights"].astype(np.float32),
            bias=arrays["run_bias"],
        ),
        wording_share=description["wording_share"],
        offsets=arrays["offsets"],
        sharpness=description["sharpness"],
    )
