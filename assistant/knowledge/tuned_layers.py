"""Low-rank changes to the last layers of the packed model, one set a branch; the branch that tells
what a message wants has none: it did best as it is (docs/understanding.md).

`W' = W + up @ down` (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021). They
are fitted by `eval/fitting` on texts we wrote, ship as half-precision arrays of 2 MB, and are
added in when the model is unpacked, so that serving knows nothing of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from assistant.knowledge.files import sha256_of
from assistant.knowledge.q4_file import Floats, Nibbles, Shape, Vocabulary

SHIPPED = Path(__file__).parent.parent / "weights" / "encoder.safetensors"

SEARCH, MESSAGE = "search", "message"
BRANCHES = (SEARCH, MESSAGE)
TRUNK_LAYERS = 8
"""How many layers the branches share; the rest is each branch's own."""

Halves = npt.NDArray[np.float16]


class LayeredModel(Protocol):
    """What a graph is written from: the packed model, or one of its branches."""

    @property
    def shape(self) -> Shape:
        """Sizes."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The pieces."""

    def floats(self, name: str) -> Floats:
        """A vector, e.g. a bias."""

    def nibbles(self, name: str, width: int) -> tuple[Nibbles, Floats]:
        """Weights in 4 bits with their scales."""

    def matrix(self, name: str, width: int) -> Floats:
        """Weights as float32 of shape (rows, width)."""


@dataclass(frozen=True)
class Changes:
    """Of each changed matrix of one branch the pair (up, down): (rows, rank) and (rank, width)."""

    pairs: dict[str, tuple[Floats, Floats]]


class Branch:
    """The packed model with the changes of one branch added in."""

    def __init__(self, base: LayeredModel, changes: Changes) -> None:
        self._base = base
        self._pairs = changes.pairs
        self.shape = base.shape
        self.vocabulary = base.vocabulary

    def floats(self, name: str) -> Floats:
        """As in the packed model: vectors are not changed."""
        return self._base.floats(name)

    def nibbles(self, name: str, width: int) -> tuple[Nibbles, Floats]:
        """As in the packed model: the word table is not changed."""
        return self._base.nibbles(name, width)

    def matrix(self, name: str, width: int) -> Floats:
        """Weights with their change, float32 (rows, width)."""
        weights = self._base.matrix(name, width)
        if name not in self._pairs:
            return weights
        up, down = self._pairs[name]
        return np.asarray(weights + up @ down, np.float32)


def save_changes(
    branch: str, changes: Changes, about: dict[str, Any], path: Path = SHIPPED
) -> None:
    """Write one branch's changes into the file, keeping the other's; `about` goes beside it."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    document: dict[str, Any] = {}
    if path.exists():
        arrays = {
            name: values
            for name, values in load_file(path).items()
            if not name.startswith(f"{branch}.")
        }
        document = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    for name, (up, down) in changes.pairs.items():
        arrays[f"{branch}.{name}.up"] = up.astype(np.float16)
        arrays[f"{branch}.{name}.down"] = down.astype(np.float16)
    save_file({name: np.ascontiguousarray(values) for name, values in arrays.items()}, path)
    path.chmod(0o644)
    document[branch] = about
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def load_changes(branch: str, path: Path = SHIPPED) -> Changes:
    """The shipped changes of a branch."""
    arrays = load_file(path)
    names = [
        name.removeprefix(f"{branch}.").removesuffix(".up")
        for name in arrays
        if name.startswith(f"{branch}.") and name.endswith(".up")
    ]
    return Changes(
        {
            name: (
                arrays[f"{branch}.{name}.up"].astype(np.float32),
                arrays[f"{branch}.{name}.down"].astype(np.float32),
            )
            for name in names
        }
    )


def shipped_version() -> str:
    """Names the shipped changes: the first 8 digits of the file's hash."""
    return sha256_of(SHIPPED)[:8]
