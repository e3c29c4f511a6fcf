"""Which of the possible replies are shown: few, different, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.hints.hint import Candidate, Hint
from assistant.hints.past import texts_alike

MOST_HINTS = 3


def different(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of those that say nearly the same, the first; told ones behind all others. No more are looked
    at than are needed for MOST_HINTS that were not told."""
    fresh, told = list[Candidate](), list[Candidate]()
    for candidate in candidates:
        if any(texts_alike(one.substance, candidate.substance) for one in (*fresh, *told)):
            continue
        (told if candidate.was_told else fresh).append(candidate)
        if len(fresh) == MOST_HINTS:
            break
    return [*fresh, *told]


def shown(
    articles: Sequence[Candidate],
    past: Sequence[Candidate],
    frame: Hint,
    *,
    sure: float,
    is_complaint: bool,
) -> tuple[Hint, ...]:
    """At most MOST_HINTS. An article's reply of which one can be `sure` comes first, then the best
    past answer, then the other articles; where no article is sure a past answer comes first.

    The frame has a place wherever no article is sure, behind the others; to a complaint always,
    before the others where no article is sure: what happens next is what a complaint asks for.
    What was told comes only where nothing else is there.
    """
    confident = bool(articles) and (articles[0].hint.confidence or 0.0) >= sure
    first, rest = articles[:1], articles[1:]
    ordered = [*first, *past[:1], *rest] if confident else [*past[:1], *first, *rest, *past[1:]]
    fresh = [one.hint for one in ordered if not one.was_told]
    if not fresh:
        return (frame, *(one.hint for one in ordered))[:MOST_HINTS]
    if confident and not is_complaint:
        return (*fresh, frame)[:MOST_HINTS]
    kept = fresh[: MOST_HINTS - 1]
    return (frame, *kept) if is_complaint and not confident else (*kept, frame)
