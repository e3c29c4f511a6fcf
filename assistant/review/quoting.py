"""Words of articles that are written for operators, in an answer to a customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft
from assistant.review.internal import SHORTEST_SENTENCE, STRETCH, WORD, Internal, stems_of
from assistant.text import shorten

_NEARLY = 0.8
"""So many of a sentence's words in one of the draft, in any order, are nearly the sentence."""
_TITLE_CHARACTERS = 60


def internal_findings(draft: Draft, context: ReviewContext) -> Iterator[Finding]:
    """At most one piece for each stretch of words and each sentence."""
    for internal in context.sources.internals():
        if internal.is_empty:
            continue
        for sentence in draft.sentences:
            found = _stretch(sentence.plain, internal) or _nearly(sentence.plain, internal)
            if found:
                start, end, title = found
                yield Finding(
                    AdviceCode.OPERATORS_ONLY,
                    sentence.start + start,
                    sentence.start + end,
                    None,
                    told={"title": shorten(title, _TITLE_CHARACTERS)},
                )


def _stretch(plain: str, internal: Internal) -> tuple[int, int, str] | None:
    """From the first row of words that an operators' article has to the last."""
    words = list(WORD.finditer(plain))
    found = [
        (words[at].start(), words[at + size - 1].end(), internal.stretches[row])
        for size in range(SHORTEST_SENTENCE, STRETCH + 1)
        for at in range(len(words) - size + 1)
        if (row := tuple(word[0] for word in words[at : at + size])) in internal.stretches
    ]
    if not found:
        return None
    return min(one[0] for one in found), max(one[1] for one in found), found[0][2]


def _nearly(plain: str, internal: Internal) -> tuple[int, int, str] | None:
    """The whole sentence, where it says nearly what one of the article does."""
    shared: dict[int, int] = defaultdict(int)
    for stem in stems_of(plain):
        for at in internal.by_stem.get(stem, ()):
            shared[at] += 1
    for at, count in shared.items():
        stems, title = internal.sentences[at]
        if count >= _NEARLY * len(stems):
            return 0, len(plain), title
    return None
