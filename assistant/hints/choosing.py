"""Which of the possible replies are shown: few, different, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.hints.facts import same_facts
from assistant.hints.hint import Candidate, Hint
from assistant.hints.past import texts_alike

MOST_HINTS = 3


def different(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of those that say nearly the same, in these or other words, the first; told ones behind all
    others. No more are looked at than are needed for MOST_HINTS that were not told."""
    fresh, told = list[Candidate](), list[Candidate]()
    for candidate in candidates:
        if candidate.was_told:
            told.append(candidate)
        elif not any(_alike(one, candidate) for one in fresh):
            fresh.append(candidate)
        if len(fresh) == MOST_HINTS:
            break
    return [*fresh, *told]


def _alike(one: Candidate, other: Candidate) -> bool:
    return texts_alike(one.substance, other.substance) or same_facts(one.substance, other.substance)


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
    What was told is told no second time.
    """
    fresh = [one for one in articles if not one.was_told]
    others = _new_beside(fresh, [one for one in past if not one.was_told])
    confident = bool(fresh) and (fresh[0].hint.confidence or 0.0) >= sure
    first, rest = fresh[:1], fresh[1:]
    ordered = (
        [*first, *others[:1], *rest] if confident else [*others[:1], *first, *rest, *others[1:]]
    )
    hints = [one.hint for one in ordered]
    if confident and not is_complaint:
        return (*hints, frame)[:MOST_HINTS]
    kept = hints[: MOST_HINTS - 1]
    return (frame, *kept) if is_complaint and not confident else (*kept, frame)


def _new_beside(articles: Sequence[Candidate], past: Sequence[Candidate]) -> list[Candidate]:
    """Past answers that say something else than the best article."""
    return [one for one in past if not any(_alike(article, one) for article in articles[:1])]
