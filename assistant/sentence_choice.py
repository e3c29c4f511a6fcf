"""Which sentences of an article answer a question.

Every sentence gets a score in the unit of a cosine of USUAL_SPREAD: its own cosine, and for every
other sign that it answers what that sign was worth on the sample dialogs (docs/decisions/0006).
The best are taken while they are nearly as good as the best of all and the answer stays short, each
with what it cannot stand without.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.domain import Article, Chunk
from assistant.sentence_groups import SentenceGroups, Span
from assistant.text import lower_plain, stems
from prompts.loader import patterns

Floats = npt.NDArray[np.float32]

USUAL_SPREAD = 0.026
"""How far a question's cosines with sentences spread where the numbers below were fitted; whoever
brings cosines of another model brings them to this spread (`assistant.answering`)."""

ANSWER_CHARACTERS = 560
"""Sentences are added while all of them stay within this."""
MARGIN = 0.06
"""How much less than the best sentence another may score and still be added."""

RARE_WORDS = 0.05
"""For holding all the question's words, those that few sentences hold counting more."""
BEST_CHUNK = 0.06
"""For standing in the chunk by which the article was found."""
HEADING_WORDS = 0.08
"""For standing under a heading that holds all the question's words."""
NUMBER = 0.06
"""For a number: what is asked for is most often a term, a price or a limit."""
WAY = 0.08
"""For a menu path, a button or a link when the question is where or how."""

_DIGIT = re.compile(r"\d")
_LIST_NUMBER = re.compile(r"^\d{1,2}[.)]\s")


@dataclass(frozen=True)
class Sentences:
    """An article's sentences in order, with what the choice looks at."""

    article: Article
    spans: tuple[Span, ...]
    cosines: Floats
    """Of the question with each sentence, float32 (sentences,)."""
    headings: tuple[str, ...]
    """The headings above each sentence, the article's title left out."""
    in_best_chunk: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, article: Article, best: Chunk, pieces: Sequence[tuple[Chunk, Floats]]) -> Sentences:
        """Those of the article's chunks, in order, each given with its sentences' cosines."""
        chunk_of = [chunk for chunk, _ in pieces for _ in chunk.sentences]
        return cls(
            article=article,
            spans=tuple(span for chunk, _ in pieces for span in chunk.sentences),
            cosines=np.concatenate([np.empty(0, np.float32), *(values for _, values in pieces)]),
            headings=tuple(" ".join(chunk.heading_path[1:]) for chunk in chunk_of),
            in_best_chunk=np.array([chunk.start == best.start for chunk in chunk_of], bool),
        )


def choose_sentences(sentences: Sentences, question: str) -> list[Span]:
    """Spans of the article's text that answer, in its order; none when it has no sentence."""
    groups = SentenceGroups(sentences.article.text, sentences.spans)
    scores = score_sentences(sentences, question)
    texts = [sentences.article.text[start:end] for start, end in sentences.spans]
    # A question of the article's own («Нужен перфоратор на одну стену?») answers none.
    tell = [at for at in range(len(scores)) if not texts[at].rstrip("*_»” ").endswith("?")]
    candidates = [at for at in tell if groups.may_be_chosen(at)]
    candidates.sort(key=lambda at: (-scores[at], at))
    chosen: set[int] = set()
    for at in candidates:
        if scores[at] < scores[candidates[0]] - MARGIN:
            break
        more = chosen | groups.with_company(at)
        if not chosen or groups.characters(more) <= ANSWER_CHARACTERS:
            chosen = more
    return groups.spans_of(chosen)


def score_sentences(sentences: Sentences, question: str) -> Floats:
    """How well each sentence answers, in cosines, float32 (sentences,)."""
    texts = [sentences.article.text[start:end] for start, end in sentences.spans]
    wanted = set(stems(question))
    headings = [_share(wanted, set(stems(heading))) for heading in sentences.headings]
    return np.asarray(
        sentences.cosines
        + RARE_WORDS * _rare_words(wanted, [set(stems(text)) for text in texts])
        + BEST_CHUNK * sentences.in_best_chunk
        + HEADING_WORDS * np.array(headings)
        + NUMBER * np.array([_has_number(text) for text in texts])
        + WAY * _tells_the_way(texts, question),
        np.float32,
    )


def _share(wanted: set[str], found: set[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0


def _rare_words(wanted: set[str], sentences: Sequence[set[str]]) -> Floats:
    """Share of the question's words that each sentence holds, weighted by how few hold them."""
    occurs = Counter(word for sentence in sentences for word in sentence & wanted)
    weights = {word: math.log(1 + len(sentences) / (n + 0.5)) for word, n in occurs.items()}
    total = sum(weights.values())
    if not total:
        return np.zeros(len(sentences), np.float32)
    found = [sum(weights[word] for word in wanted & sentence) for sentence in sentences]
    return np.array(found, np.float32) / np.float32(total)


def _has_number(text: str) -> bool:
    return bool(_DIGIT.search(_LIST_NUMBER.sub("", text)))


def _tells_the_way(texts: Sequence[str], question: str) -> Floats:
    """Of each sentence, 1 where it says where to go and the question asks for it."""
    sort = patterns("lexicon/answers")
    if not sort["asks_the_way"].search(lower_plain(question)):
        return np.zeros(len(texts), np.float32)
    told = [bool(sort["tells_the_way"].search(lower_plain(text))) for text in texts]
    return np.array(told, np.float32)
