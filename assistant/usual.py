"""Usual articles, to fill up a small knowledge base when it is asked what stands out of it.

Standing is measured in standard deviations over the articles (`assistant.views`). Of five articles
nothing can stand out by more than two, however well it fits, so that a small base is filled up to
FILLED_UP_TO entries with titles, texts and sentences of other help centres: they count in the
statistics and are never found.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Floats = npt.NDArray[np.float32]

SHIPPED = Path(__file__).parent / "weights" / "usual.safetensors"
SIDES = ("title", "body", "sentence")
FILLED_UP_TO = 100


def filled_up(vectors: Floats, model_id: str, lang: str, side: str) -> Floats:
    """The rows of `vectors`, float32 (entries, dimension), and usual ones up to FILLED_UP_TO;
    nothing is added for an embedding model or a language that none ship for."""
    missing = max(0, FILLED_UP_TO - len(vectors))
    usual = _shipped().get(key_of(model_id, lang, side))
    if usual is None or not missing:
        return vectors
    spread_out = np.linspace(0, len(usual) - 1, min(missing, len(usual))).round().astype(int)
    return np.concatenate([vectors, np.asarray(usual[spread_out], np.float32)])


def key_of(model_id: str, lang: str, side: str) -> str:
    """The name that vectors are shipped under."""
    return f"{model_id}/{lang}/{side}"


@cache
def _shipped() -> dict[str, npt.NDArray[np.float16]]:
    return load_file(SHIPPED) if SHIPPED.exists() else {}
