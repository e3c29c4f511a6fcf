"""Words: BM25 over Russian and English stems, and how much of a question a text contains.

BM25 after Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), in bm25s' precomputed sparse form; saved as plain arrays and JSON, no pickle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
from bm25s.tokenization import Tokenized

Floats = npt.NDArray[np.float32]

_NOTHING = "\x00"
"""Stands in a text without any word, which bm25s cannot index."""


class LexicalIndex:
    """Scores of every text for a list of stems; texts are numbered in the order indexed."""

    def __init__(self, scorer: bm25s.BM25) -> None:
        self._scorer = scorer
        self._columns: dict[str, int] = scorer.vocab_dict
        self._texts_at = np.asarray(scorer.scores["indices"])
        self._bounds = np.asarray(scorer.scores["indptr"])
        self._weights = np.asarray(scorer.scores["data"])
        self.size = int(scorer.scores["num_docs"])

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]]) -> LexicalIndex:
        """Index texts given as lists of stems."""
        lists = [list(stems) or [_NOTHING] for stems in texts] or [[_NOTHING]]
        # Columns in order of appearance: bm25s' own order differs from process to process, and
        # equal knowledge must give equal files.
        columns = {stem: at for at, stem in enumerate(dict.fromkeys(chain.from_iterable(lists)))}
        ids = [[columns[stem] for stem in stems] for stems in lists]
        scorer = bm25s.BM25(k1=1.2, b=0.75)
        scorer.index(Tokenized(ids=ids, vocab=columns), show_progress=False)
        return cls(scorer)

    def scores(self, stems: Iterable[str]) -> Floats:
        """BM25 of each text, float32 (texts,); zero where no word is shared."""
        totals = np.zeros(self.size, np.float32)
        for stem in stems:
            if (column := self._columns.get(stem)) is not None:
                start, end = self._bounds[column], self._bounds[column + 1]
                totals[self._texts_at[start:end]] += self._weights[start:end]
        return totals

    def knows(self, stem: str) -> bool:
        """Whether any text holds it."""
        return stem in self._columns

    def coverage(self, stems: Iterable[str]) -> Floats:
        """Share of the stems, weighted by idf, that each text contains, 0..1, float32 (texts,)."""
        found = np.zeros(self.size, np.float32)
        total = 0.0
        for stem in set(stems):
            column = self._columns.get(stem)
            holders = self._texts_at[:0]
            if column is not None:
                holders = self._texts_at[self._bounds[column] : self._bounds[column + 1]]
            weight = float(np.log(1 + (self.size + 0.5) / (len(holders) + 0.5)))
            total += weight
            found[holders] += weight
        return found / total if total else found

    def save(self, folder: Path) -> None:
        """Write arrays and vocabulary into `folder`."""
        self._scorer.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote."""
        scorer = bm25s.BM25.load(str(folder), show_progress=False)
        vocabulary = json.loads((folder / "vocab.index.json").read_text(encoding="utf-8"))
        scorer.vocab_dict = {str(stem): int(column) for stem, column in vocabulary.items()}
        return cls(scorer)
