"""An answer without a generative model: the passage's own sentences, chosen so that they answer.

A short answer is given whole. Of a long passage the sentence nearest to the question is taken with
its surroundings: the sentences around it while they fit, a list with the line that introduces it.
Every piece is one quote, word for word as it stands in the article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.domain import Article, Chunk, Citation, Draft, Passage
from assistant.text import stems
from prompts.loader import phrases

Floats = npt.NDArray[np.float32]

WHOLE_ANSWER_CHARACTERS = 700
WHOLE_CHUNK_CHARACTERS = 420
WINDOW_CHARACTERS = 420
LIST_CHARACTERS = 900
_ROW = re.compile(r"[-*•–+]\s|\||\d{1,2}[.)]\s")
_SHARED_WORDS = 0.08
"""What sharing all the question's words adds to a sentence's cosine (e5's spread by 0.03)."""


def draft_answer(
    passage: Passage, question: str, sentence_cosines: Floats, lang: str
) -> Draft | None:
    """An answer out of the passage, or None when it holds no sentence.

    `sentence_cosines` are the question's with each of the chunk's sentences, in order.
    """
    article, chunk = passage.article, passage.chunk
    span = _whole(article, chunk) or _window(article, chunk, question, sentence_cosines)
    if span is None:
        return None
    quote = article.text[span[0] : span[1]]
    text = render(quote)
    if not text:
        return None
    if article.lang != lang:
        text = phrases(lang).say("answer_in_other_language") + "\n" + text
    return Draft(
        text=text,
        citations=(Citation(article.article_id, article.title, article.url, quote),),
        lang=lang,
    )


def _whole(article: Article, chunk: Chunk) -> tuple[int, int] | None:
    if article.is_answer and len(article.text) <= WHOLE_ANSWER_CHARACTERS:
        return 0, len(article.text)
    if chunk.sentences and len(chunk.text) <= WHOLE_CHUNK_CHARACTERS:
        return chunk.sentences[0][0], chunk.sentences[-1][1]
    return None


def _window(
    article: Article, chunk: Chunk, question: str, cosines: Floats
) -> tuple[int, int] | None:
    spans = chunk.sentences
    if not spans:
        return None
    pieces = [article.text[start:end] for start, end in spans]
    fit = cosines + _SHARED_WORDS * _shared_words(pieces, question)
    first = last = int(np.argmax(fit))
    if _is_row(pieces[first]):
        first, last = _around_rows(pieces, first)
        limit = LIST_CHARACTERS
    else:
        limit = WINDOW_CHARACTERS
        if pieces[last].endswith(":") and last + 1 < len(pieces) and _is_row(pieces[last + 1]):
            _, last = _around_rows(pieces, last + 1)
            limit = LIST_CHARACTERS
    first, last = _widen(spans, pieces, fit, (first, last), limit)
    first, last = _shrink(spans, fit, first, last)
    return spans[first][0], spans[last][1]


def _shared_words(pieces: Sequence[str], question: str) -> Floats:
    wanted = set(stems(question))
    if not wanted:
        return np.zeros(len(pieces), np.float32)
    return np.array([len(wanted & set(stems(piece))) / len(wanted) for piece in pieces], np.float32)


def _is_row(piece: str) -> bool:
    """A list item or a table row: it belongs together with its neighbours."""
    return bool(_ROW.match(piece))


def _around_rows(pieces: Sequence[str], at: int) -> tuple[int, int]:
    first = last = at
    while first > 0 and _is_row(pieces[first - 1]):
        first -= 1
    while last + 1 < len(pieces) and _is_row(pieces[last + 1]):
        last += 1
    introduced = first > 0 and pieces[first - 1].rstrip().endswith(":")
    return (first - 1 if introduced else first), last


def _widen(
    spans: Sequence[tuple[int, int]],
    pieces: Sequence[str],
    fit: Floats,
    stretch: tuple[int, int],
    limit: int,
) -> tuple[int, int]:
    """Take in the better neighbour while the stretch stays within `limit` characters."""
    first, last = stretch
    while True:
        # A line that asks begins the next answer, and the one above ours begins our own.
        before = first - 1 if first > 0 and not pieces[first].endswith("?") else None
        after = last + 1 if last + 1 < len(spans) and not pieces[last + 1].endswith("?") else None
        room = [
            at
            for at in (before, after)
            if at is not None
            and max(spans[at][1], spans[last][1]) - min(spans[at][0], spans[first][0]) <= limit
        ]
        if not room:
            return first, last
        best = max(room, key=lambda at: float(fit[at]))
        first, last = min(first, best), max(last, best)


def _shrink(
    spans: Sequence[tuple[int, int]], fit: Floats, first: int, last: int
) -> tuple[int, int]:
    """Cut a list that is too long down to the rows around the best one."""
    best = first + int(np.argmax(fit[first : last + 1]))
    while spans[last][1] - spans[first][0] > LIST_CHARACTERS and first < last:
        if last - best >= best - first:
            last -= 1
        else:
            first += 1
    return first, last


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
