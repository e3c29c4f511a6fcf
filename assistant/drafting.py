"""An answer without a generative model: the article's own sentences, chosen so that they answer.

The answer of a question and answer pair is given whole, as its author wrote it, and so is an
article of a sentence or two. Of a longer one the sentences that answer are joined in its order.
Every stretch is a quote of its own, word for word as it stands in the article.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.domain import Article, Chunk, Citation, Draft, Passage
from assistant.sentence_choice import Sentences, choose_sentences
from assistant.sentence_groups import Span
from assistant.text import MAX_TEXT_CHARACTERS
from prompts.loader import phrases

Floats = npt.NDArray[np.float32]

WHOLE_ANSWER_CHARACTERS = MAX_TEXT_CHARACTERS
"""The answer of a pair is given whole if it is no longer than a message may be."""
WHOLE_ARTICLE_CHARACTERS = 300
"""A shorter article leaves nothing to choose."""


def draft_answer(
    passage: Passage, question: str, pieces: Sequence[tuple[Chunk, Floats]], lang: str
) -> Draft | None:
    """An answer out of the passage's article, or None when it holds no sentence.

    `pieces` are the article's chunks in order, each with the question's cosines with its sentences.
    """
    article = passage.article
    quotes = [article.text[start:end] for start, end in _spans(passage, question, pieces)]
    text = "\n".join(shown for quote in quotes if (shown := render(quote)))
    if not text:
        return None
    if article.lang != lang:
        text = phrases(lang).say("answer_in_other_language") + "\n" + text
    return Draft(
        text=text,
        citations=tuple(
            Citation(article.article_id, article.title, article.url, quote) for quote in quotes
        ),
        lang=lang,
    )


def _spans(
    passage: Passage, question: str, pieces: Sequence[tuple[Chunk, Floats]]
) -> Sequence[Span]:
    sentences = Sentences.of(passage.article, passage.chunk, pieces)
    return _whole(passage.article, sentences.spans) or choose_sentences(sentences, question)


def _whole(article: Article, sentences: Sequence[Span]) -> list[Span]:
    if article.is_answer and len(article.text) <= WHOLE_ANSWER_CHARACTERS:
        return [(0, len(article.text))]
    if sentences and sentences[-1][1] - sentences[0][0] <= WHOLE_ARTICLE_CHARACTERS:
        return [(sentences[0][0], sentences[-1][1])]
    return []


def render(quote: str) -> str:
    """A quote as a chat message: table rows become lines, marks of headings go."""
    lines = []
    for line in quote.split("\n"):
        bare = line.strip()
        if bare.startswith("|"):
            if set(bare) <= set("|-: "):
                continue
            bare = " — ".join(cell for part in bare.strip("|").split("|") if (cell := part.strip()))
        elif bare.startswith("#"):
            bare = bare.lstrip("# ")
        lines.append(bare)
    text = "\n".join(lines).strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text
