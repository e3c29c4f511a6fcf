"""The crowd that ships: vectors of questions of all kinds, to know an article that is near to
everything (`assistant.views`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from safetensors.numpy import save_file

from assistant.knowledge.embedder import BuiltinEmbedder
from assistant.text import for_model
from assistant.views import CROWD
from eval.fitting.support_pairs import load_businesses

SIZE = 500


def fit_crowd(embedder: BuiltinEmbedder) -> dict[str, Any]:
    """Embed every so-manieth message of our help centres and write the vectors."""
    messages = [
        message
        for business in load_businesses()
        for article in business.articles
        for message in article.messages
    ]
    picked = messages[:: max(1, len(messages) // SIZE)][:SIZE]
    vectors = embedder.embed_queries([for_model(message) for message in picked])
    save_file({embedder.model_id: vectors.astype(np.float16)}, CROWD)
    CROWD.chmod(0o644)
    return {"model_id": embedder.model_id, "questions": len(picked)}
