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
    """For each sentence the stretches of its passages that hold its words, each once and word for
    word as it stands in the article; of a passage that adds nothing to the one that holds most of
    them, none."""
    found: dict[tuple[str, str], Citation] = {}
    for sentence in sentences:
        words = set(stems(sentence.text))
        shown = [passages[number - 1] for number in sentence.passages]
        shown.sort(key=lambda passage, own=words: -_held(own, passage))  # type: ignore[misc]
        for place, passage in enumerate(shown):
            article = passage.article
            for quote in _quotes(words, shown_text(passage), least=_WORTH_A_QUOTE if place else 1):
                citation = Citation(article.article_id, article.title, article.url, quote)
                found.setdefault((article.article_id, quote), citation)
                words = words - set(stems(quote))
    return tuple(found.values())


def _held(open_words: set[str], passage: Passage) -> int:
    return len(open_words & set(stems(shown_text(passage))))


def _quotes(words: set[str], text: str, *, least: int) -> list[str]:
    """The stretches of a text that hold most of the words; the first holds at least so many."""
    spans = sentence_spans(text) or [(0, len(text))]
    candidates = [text[start:end] for start, end in spans]
    open_words, chosen = set(words), list[str]()
    while candidates and len(chosen) < _MOST_QUOTES:
        best = max(candidates, key=lambda quote: len(open_words & set(stems(quote))))
        covered = open_words & set(stems(best))
        if len(covered) < (_WORTH_A_QUOTE if chosen else least):
            break
        chosen.append(best)
        candidates.remove(best)
        open_words -= covered
    return sorted(chosen, key=text.index)
