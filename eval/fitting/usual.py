"""What usual articles look like, so that a small knowledge base can be told what stands out of it
(`assistant.usual`)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from assistant.domain import Article
from assistant.knowledge.embedder import BuiltinEmbedder
from assistant.knowledge.snapshot import SnapshotStore
from assistant.usual import FILLED_UP_TO, SHIPPED, SIDES, key_of
from eval.fitting.support_pairs import load_businesses
from eval.indexing import index_articles


def fit_usual(embedder: BuiltinEmbedder) -> dict[str, Any]:
    """Embed every so-manieth title, text and sentence of our help centres, a language apart."""
    arrays: dict[str, npt.NDArray[np.float16]] = {}
    for lang in ("ru", "en"):
        articles = [
            Article(f"{business.slug}-{number}", article.title, article.answer, lang=lang)
            for business in load_businesses()
            for number, article in enumerate(business.articles)
            if business.lang == lang
        ]
        every = max(1, len(articles) // FILLED_UP_TO)
        with tempfile.TemporaryDirectory() as folder:
            index_articles(articles[::every], Path(folder))
            knowledge = SnapshotStore(Path(folder)).load()
        entries, chunks = knowledge.dense.vectors, len(knowledge.chunks)
        sentences = np.asarray(knowledge.sentence_vectors, np.float32)
        sides = (entries[:chunks], entries[chunks:], sentences)
        for side, vectors in zip(SIDES, sides, strict=True):
            kept = vectors[:: max(1, len(vectors) // FILLED_UP_TO)][:FILLED_UP_TO]
            arrays[key_of(embedder.model_id, lang, side)] = kept.astype(np.float16)
    save_file(arrays, SHIPPED)
    SHIPPED.chmod(0o644)
    return {"model_id": embedder.model_id, "vectors": {k: len(v) for k, v in arrays.items()}}
