"""A confidence fitted on a customer's labelled dialogs, kept with the snapshot it was fitted on.

It holds for one embedding model, one tuning and (nearly) one set of texts: `mismatch` says why it
does not hold for some other knowledge. Of the labelled questions only vectors are kept, no text.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

Floats = npt.NDArray[np.float32]

log = logging.getLogger(__name__)

_ARRAYS, _DESCRIPTION = "calibration.safetensors", "calibration.json"
FILES = "calibration.*"
_FORMAT = 1
_DIGEST = 16
"""Bytes of a text's hash."""
_SAME_TEXTS = 0.95
"""Share of all chunks, then and now, that must be the same: a few changed articles move scores by
less than the labelled dialogs leave unknown."""


@dataclass(frozen=True)
class Calibration:
    """Fitted by `souffleur eval calibrate`."""

    document: Mapping[str, Any]
    """The fitted model, as `assistant.confidence.document_of` writes it."""
    model_id: str
    """The embedding model."""
    tuning: str | None
    """`Tuning.identity` of what was tuned when it was fitted."""
    languages: tuple[str, ...]
    """Those of which there were enough labelled questions."""
    texts: frozenset[bytes]
    """Hashes of the chunks that it was fitted on."""
    case_vectors: Floats
    """(cases, dimension): the labelled questions."""
    case_articles: tuple[tuple[str, ...], ...]
    """Of each the articles that answer it; empty where none does."""

    @property
    def identity(self) -> str:
        """Names what was fitted, 16 digits: another fit has another one."""
        said = json.dumps(dict(self.document), sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def mismatch(self, model_id: str, tuning: str | None, texts: Set[bytes]) -> str | None:
        """Why it does not hold for knowledge like this; None when it does."""
        if model_id != self.model_id:
            return f"it was fitted for {self.model_id}, the index is of {model_id}"
        if tuning != self.tuning:
            return "the index was tuned since"
        same = len(self.texts & texts) / max(1, len(self.texts | texts))
        if same < _SAME_TEXTS:
            return f"only {same:.0%} of the texts are still the same"
        return None


def save_calibration(calibration: Calibration, folder: Path) -> None:
    """Write it into a snapshot's folder."""
    digests = [list(digest) for digest in sorted(calibration.texts)]
    arrays: dict[str, npt.NDArray[Any]] = {
        "case_vectors": np.ascontiguousarray(calibration.case_vectors.astype(np.float16)),
        "texts": np.array(digests, np.uint8).reshape(len(digests), _DIGEST),
    }
    save_file(arrays, folder / _ARRAYS)
    (folder / _ARRAYS).chmod(0o644)
    document = {
        "format": _FORMAT,
        "model": dict(calibration.document),
        "model_id": calibration.model_id,
        "tuning": calibration.tuning,
        "languages": calibration.languages,
        "case_articles": calibration.case_articles,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / _DESCRIPTION).write_text(text + "\n", encoding="utf-8")


def load_calibration(folder: Path) -> Calibration | None:
    """Read what `save_calibration` wrote; None where nothing was calibrated, or another version
    did: its numbers say nothing here."""
    if not (folder / _DESCRIPTION).exists():
        return None
    document = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    if document.get("format") != _FORMAT:
        log.warning(
            "the calibration of %s is of another version and does not serve: run "
            "`souffleur eval calibrate` again",
            folder.name,
        )
        return None
    arrays = load_file(folder / _ARRAYS)
    return Calibration(
        document=document["model"],
        model_id=document["model_id"],
        tuning=document["tuning"],
        languages=tuple(document["languages"]),
        texts=frozenset(bytes(row) for row in arrays["texts"]),
        case_vectors=arrays["case_vectors"].astype(np.float32),
        case_articles=tuple(tuple(ids) for ids in document["case_articles"]),
    )
