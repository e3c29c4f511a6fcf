"""Which of the possible replies are shown: few, different, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.hints.hint import Candidate, Hint
from assistant.hints.past import texts_alike

MOST_HINTS = 3


def different(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of those that say nearly the same, the first; told ones behind all others."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda one: one.was_told):
        if not any(texts_alike(one.substance, candidate.substance) for one in kept):
            kept.append(candidate)
    return kept


def shown(
    articles: Sequence[Candidate], past: Sequence[Candidate], frames: Sequence[Hint], sure: float
) -> tuple[Hint, ...]:
    """At most MOST_HINTS. An article's reply of which one can be `sure` comes first, then the best
    past answer, then the other articles; where no article is sure a past answer comes first.
    Frames come behind, but one always has a place where no article is sure."""
    first, rest = articles[:1], articles[1:]
    confident = bool(first) and (first[0].hint.confidence or 0.0) >= sure
    ordered = [*first, *past[:1], *rest] if confident else [*past[:1], *first, *rest, *past[1:]]
    fresh = [one.hint for one in ordered if not one.was_told]
    if not fresh:
        return (*frames, *(one.hint for one in ordered))[:MOST_HINTS]
    if confident or not frames:
        return (*fresh, *frames)[:MOST_HINTS]
    return (*fresh[: MOST_HINTS - 1], *frames)[:MOST_HINTS]
