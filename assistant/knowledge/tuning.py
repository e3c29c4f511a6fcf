"""What was learnt from a customer's labelled dialogs, kept with the snapshot it was learnt on.

Three things: an adapter that moves a question's vector to where this customer's articles are, the
questions themselves as further entries of the articles that answered them (vectors only, no text),
and how much each view of an article counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

Floats = npt.NDArray[np.float32]

_ARRAYS, _DESCRIPTION = "tuning.safetensors", "tuning.json"


@dataclass(frozen=True)
class Tuning:
    """Learnt by `souffleur kb tune`."""

    adapter: Floats
    """(dimension, dimension): the vector q is looked up as q + q @ adapter, brought to length 1."""
    case_vectors: Floats
    """(cases, dimension): labelled questions, not adapted."""
    case_articles: tuple[tuple[str, ...], ...]
    """Of each case the articles that answer it."""
    weights: Mapping[str, float]
    """How much each view of `assistant.ranking` counts."""
    about: Mapping[str, Any]
    """What it was learnt on, and the figures before and after on held-back data."""

    def adapted(self, vectors: Floats) -> Floats:
        """Question vectors as they are looked up; (..., dimension), of length 1."""
        moved = vectors + vectors @ self.adapter
        return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True), np.float32)

    @property
    def identity(self) -> str:
        """Names what was learnt, so that what was fitted on it can tell whether it is still
        that; cases whose articles went do not count."""
        digest = hashlib.sha256(self.adapter.astype(np.float16).tobytes())
        digest.update(json.dumps(dict(self.weights), sort_keys=True).encode())
        return digest.hexdigest()[:16]

    def limited_to(self, article_ids: Set[str]) -> Tuning:
        """Without cases of which no article is left."""
        left = [
            tuple(article for article in answered if article in article_ids)
            for answered in self.case_articles
        ]
        rows = [row for row, answered in enumerate(left) if answered]
        return replace(
            self,
            case_vectors=self.case_vectors[rows],
            case_articles=tuple(left[row] for row in rows),
        )


def save_tuning(tuning: Tuning, folder: Path) -> None:
    """Write it into a snapshot's folder."""
    save_file(
        {
            "adapter": tuning.adapter.astype(np.float16),
            "case_vectors": np.ascontiguousarray(tuning.case_vectors.astype(np.float16)),
        },
        folder / _ARRAYS,
    )
    (folder / _ARRAYS).chmod(0o644)
    document = {
        "case_articles": tuning.case_articles,
        "weights": dict(tuning.weights),
        "about": dict(tuning.about),
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / _DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def load_tuning(folder: Path) -> Tuning | None:
    """Read what `save_tuning` wrote; None where nothing was learnt."""
    if not (folder / _DESCRIPTION).exists():
        return None
    arrays = load_file(folder / _ARRAYS)
    document = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    return Tuning(
        adapter=arrays["adapter"].astype(np.float32),
        case_vectors=arrays["case_vectors"].astype(np.float32),
        case_articles=tuple(tuple(ids) for ids in document["case_articles"]),
        weights=document["weights"],
        about=document["about"],
    )
