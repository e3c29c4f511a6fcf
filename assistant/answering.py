"""From a found article to an answer that may be said: its sentences measured against the question,
the draft, and the check that nothing in it is not in the article."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.domain import Chunk, Draft, Passage
from assistant.drafting import draft_answer
from assistant.grounding import is_grounded
from assistant.retrieval import Retriever
from assistant.sentence_choice import USUAL_SPREAD
from prompts.loader import phrases

Floats = npt.NDArray[np.float32]


def answer_from(
    retriever: Retriever, passage: Passage, question: str, vector: Floats, lang: str
) -> Draft | None:
    """An answer out of the passage's article that passes the grounding check, or None.

    `vector` is the question's, of length 1.
    """
    draft = draft_answer(passage, question, _pieces(retriever, passage, vector), lang)
    introduction = phrases(lang).say("answer_in_other_language")
    if draft is None or not is_grounded(draft, retriever.knowledge.articles, introduction):
        return None
    return draft


def _pieces(retriever: Retriever, passage: Passage, vector: Floats) -> list[tuple[Chunk, Floats]]:
    """The article's chunks with their sentences' cosines, brought to the usual spread; an article's
    chunks are one stretch."""
    chunks, article_id = retriever.knowledge.chunks, passage.article.article_id
    first = last = passage.chunk_index
    while first > 0 and chunks[first - 1].article_id == article_id:
        first -= 1
    while last + 1 < len(chunks) and chunks[last + 1].article_id == article_id:
        last += 1
    scale = USUAL_SPREAD / retriever.sentence_spread(passage.article.lang, vector)
    return [
        (chunks[at], np.asarray(scale * retriever.sentence_cosines(at, vector), np.float32))
        for at in range(first, last + 1)
    ]
