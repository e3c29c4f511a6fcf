"""The label of a message: two heads that err differently, added up.

One goes by meaning (vectors of the encoder), one by wording (runs of one to three words), which
tells irony and rhetoric better than a mean over tokens does.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from assistant.text import lower_plain

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]
Keys = npt.NDArray[np.uint32]

EXAMPLE_STEP = 1 / 32
"""Standardised values lie within four deviations: a byte each loses nothing that counts."""
LONGEST_RUN = 3
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class MeaningHead:
    """Kernel ridge regression on shipped messages: each of them speaks for its label, the louder
    the nearer it is (Hastie et al., "The Elements of Statistical Learning", 2009, 5.8).

    scores = exp(-gamma |z - examples|^2) @ weights, with z = (vector - mean) / scale.
    """

    mean: Floats
    scale: Floats
    examples: Bytes
    """(messages, dimension), standardised, in steps of EXAMPLE_STEP."""
    weights: Floats
    """(messages, labels)."""
    gamma: float

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
        return np.asarray(nearness @ self.weights)


@dataclass(frozen=True)
class WordingHead:
    """Ridge regression on tf-idf of runs of words; a run is known by the CRC-32 of its words.

    scores = (idf[known] @ weights[known]) / |idf[known]| + bias over the runs of a text that are
    known, each counted once.
    """

    keys: Keys
    """(runs,), ascending."""
    idf: Floats
    """(runs,)."""
    weights: Floats
    """(runs, labels)."""
    bias: Floats
    """(labels,)."""

    def scores(self, text: str) -> Floats:
        """One score a label; about -1 to 1."""
        found = positions(self.keys, run_keys(text))
        if not len(found):
            return self.bias
        idf = self.idf[found]
        return np.asarray(idf @ self.weights[found] / np.linalg.norm(idf) + self.bias)


def run_keys(text: str) -> Keys:
    """CRC-32 of every run of one to three words or marks, lower-cased, ё as е; ascending, each
    once."""
    tokens = _WORD.findall(lower_plain(text))
    runs = {
        " ".join(tokens[start : start + length])
        for length in range(1, LONGEST_RUN + 1)
        for start in range(len(tokens) - length + 1)
    }
    return np.unique(np.array([zlib.crc32(run.encode()) for run in runs], np.uint32))


def positions(keys: Keys, own: Keys) -> npt.NDArray[np.int64]:
    """Where those of `own` that are in `keys` stand there; both are ascending."""
    at = np.searchsorted(keys, own)
    at = at[at < len(keys)]
    return np.asarray(at[keys[at] == own[: len(at)]], np.int64)


@dataclass(frozen=True)
class LabelHead:
    """Both heads.

    scores = meaning + wording_share * wording + offsets; probabilities = softmax(sharpness *
    scores). The sharpness is fitted on held-out messages.
    """

    meaning: MeaningHead
    wording: WordingHead
    wording_share: float
    offsets: Floats
    """(labels,): what a label gets for nothing, because missing it costs more."""
    sharpness: float

    def scores(self, vector: Floats, text: str) -> Floats:
        """One score a label."""
        wording = np.float32(self.wording_share) * self.wording.scores(text)
        return np.asarray(self.meaning.scores(vector) + wording + self.offsets)

    def probabilities(self, vector: Floats, text: str, boosts: Sequence[float] = ()) -> Floats:
        """Softmax over the labels; sums to 1. `boosts`, one a label, are added to the scores."""
        scores = self.scores(vector, text)
        if boosts:
            scores = scores + np.array(boosts, np.float32)
        powers = np.exp(self.sharpness * (scores - scores.max()))
        return np.asarray(powers / powers.sum())
