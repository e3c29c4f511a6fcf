"""What is wrong with the draft as a whole: blanks left open, length."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.review.advice import AdviceCode, Finding
from assistant.review.draft import Draft
from assistant.review.lexicon import lists, pattern
from assistant.text import lower_plain
from prompts.loader import LANGUAGES


def shape_findings(draft: Draft) -> Iterator[Finding]:
    """Blanks that nobody filled in, and what goes past a readable length."""
    yield from _blanks(draft)
    yield from _too_long(draft)


def _blanks(draft: Draft) -> Iterator[Finding]:
    plain = lower_plain(draft.text)
    for lang in LANGUAGES:
        for match in pattern(lang, "blanks").finditer(plain):
            yield Finding(AdviceCode.UNFILLED, *match.span(), None, told={"blank": match[0]})


def _too_long(draft: Draft) -> Iterator[Finding]:
    most = int(lists(draft.lang)["most_characters"])
    if len(draft.text) <= most:
        return
    rest = [one for one in draft.sentences if one.end > most]
    if rest:
        told = {"count": str(len(draft.text)), "most": str(most)}
        yield Finding(AdviceCode.TOO_LONG, rest[0].start, rest[-1].end, None, "too_long", told)
