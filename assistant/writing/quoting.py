"""From a written sentence to the words of the articles that it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.domain import Citation, Passage
from assistant.text import sentence_spans, stems
from assistant.writing.reply_format import ReplySentence
from assistant.writing.task import shown_text

_MOST_QUOTES = 2
_WORTH_A_QUOTE = 2
"""Words of the sentence that a further quote must hold and those before it do not."""


def citations_of(
    sentences: Sequence[ReplySentence], passages: Sequence[Passage]
) -> tuple[Citation, ...]:
    """For each sentence the stretches of its passages that hold most of its words, each once and
    word for word as it stands in the article."""
    found: dict[tuple[str, str], Citation] = {}
    for sentence in sentences:
        for number in sentence.passages:
            article = passages[number - 1].article
            for quote in _quotes(sentence.text, shown_text(passages[number - 1])):
                citation = Citation(article.article_id, article.title, article.url, quote)
                found.setdefault((article.article_id, quote), citation)
    return tuple(found.values())


def _quotes(sentence: str, text: str) -> list[str]:
    spans = sentence_spans(text) or [(0, len(text))]
    candidates = [text[start:end] for start, end in spans]
    open_words = set(stems(sentence))
    chosen: list[str] = []
    while candidates and len(chosen) < _MOST_QUOTES:
        best = max(candidates, key=lambda quote: len(open_words & set(stems(quote))))
        covered = open_words & set(stems(best))
        if chosen and len(covered) < _WORTH_A_QUOTE:
            break
        chosen.append(best)
        candidates.remove(best)
        open_words -= covered
    return sorted(chosen, key=text.index)
