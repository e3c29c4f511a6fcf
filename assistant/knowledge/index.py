"""Vectors in FAISS: which entries lie nearest to a question, and what their cosines are.

Standing out of the crowd matters more than the cosine itself (e5's all lie between 0.75 and
0.95), so the index also knows the mean and the covariance of its vectors: for a unit question q,
the cosines over the whole index have mean q.m and variance q'Cq, exactly and without a scan.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_LEAST_VARIANCE = 0.015**2
"""A handful of articles says little about the spread; e5's cosines spread by about 0.03."""

faiss.omp_set_num_threads(1)  # two thread pools on two cores fight: 16 ms instead of 8


class DenseIndex:
    """Exact inner-product search over unit vectors."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.size = int(index.ntotal)
        self._vectors: Vectors = np.empty((0, index.d), np.float32)
        if self.size:
            flat = faiss.rev_swig_ptr(index.get_xb(), self.size * index.d)
            self._vectors = flat.reshape(self.size, index.d)

    @classmethod
    def build(cls, vectors: Vectors) -> DenseIndex:
        """Index the rows of `vectors`, float32 (entries, dimension)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    @property
    def vectors(self) -> Vectors:
        """All vectors, float32 (entries, dimension); a view, not a copy."""
        return self._vectors

    def nearest(self, question: Vectors, limit: int) -> Indices:
        """Numbers of the nearest entries, best first; fewer than `limit` when there are fewer."""
        if not self.size:
            return np.empty(0, np.int64)
        _, found = self._index.search(question.reshape(1, -1), min(limit, self.size))
        return np.asarray(found[0][found[0] >= 0], np.int64)  # faiss pads with -1

    def cosines(self, question: Vectors, entries: Indices) -> Vectors:
        """Cosine of the question with each of the given entries."""
        return np.asarray(self._vectors[entries] @ question, np.float32)

    def save(self, path: Path) -> None:
        """Write the index to a file."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Read what `save` wrote."""
        return cls(faiss.read_index(str(path)))


class Background:
    """Mean and covariance of a set of vectors, to say how far a cosine stands out of them."""

    def __init__(self, mean: Vectors, covariance: Vectors) -> None:
        self._mean = mean
        self._covariance = covariance

    @classmethod
    def of(cls, vectors: Vectors) -> Background:
        """Statistics of the rows of `vectors`, float32 (entries, dimension)."""
        if not len(vectors):
            width = vectors.shape[1]
            return cls(np.zeros(width, np.float32), np.zeros((width, width), np.float32))
        mean = vectors.mean(axis=0)
        centred = vectors - mean
        return cls(mean, centred.T @ centred / max(1, len(vectors)))

    def standardise(self, question: Vectors, cosines: Vectors) -> Vectors:
        """(cosine - mean) / standard deviation over the whole set, for this question."""
        return np.asarray((cosines - question @ self._mean) / self.spread(question), np.float32)

    def spread(self, question: Vectors) -> float:
        """Standard deviation of the question's cosines over the whole set."""
        return math.sqrt(max(float(question @ self._covariance @ question), _LEAST_VARIANCE))
