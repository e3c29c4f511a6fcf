"""What is found: a kind and a span. Where finds overlap, the surer one wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

KINDS = (
    "account",
    "address",
    "birth_date",
    "card",
    "email",
    "inn",
    "ip",
    "name",
    "order",
    "passport",
    "phone",
    "plate",
    "snils",
    "ssn",
    "username",
)

_WORTH_KEEPING = 3
"""Letters and digits that the rest of an overlapped find must have to be masked by itself."""


@dataclass(frozen=True)
class Entity:
    """One piece of personal data: `text[start:end]` in Python characters."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Find:
    """A possible entity in the folded text; of two that overlap the higher `rank` wins."""

    kind: str
    start: int
    end: int
    rank: int


def settle(finds: Iterable[Find], text: str, closed: Sequence[tuple[int, int]] = ()) -> list[Find]:
    """Finds without overlaps, in order of their start.

    What a weaker find covers beyond a stronger one is kept when it holds something: a leak is worse
    than one placeholder too many. Nothing is found in the `closed` spans.
    """
    kept = [Find("", start, end, 0) for start, end in closed]
    for find in sorted(finds, key=lambda one: (-one.rank, one.start - one.end, one.start)):
        parts = (_trimmed(part, text) for part in _free_parts(find, kept))
        kept.extend(part for part in parts if _holds_something(part, find, text))
    return sorted((one for one in kept if one.kind), key=lambda one: one.start)


def _free_parts(find: Find, taken: Iterable[Find]) -> list[Find]:
    parts = [find]
    for other in taken:
        parts = [
            piece
            for part in parts
            for piece in (
                replace(part, end=min(part.end, other.start)),
                replace(part, start=max(part.start, other.end)),
            )
            if piece.start < piece.end
        ]
    return parts


def _trimmed(part: Find, text: str) -> Find:
    """Without the space and the commas around it."""
    start, end = part.start, part.end
    while start < end and (text[start].isspace() or text[start] in ",;"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;"):
        end -= 1
    return replace(part, start=start, end=end)


def _holds_something(part: Find, find: Find, text: str) -> bool:
    if (part.start, part.end) == (find.start, find.end):
        return part.start < part.end
    solid = sum(char.isalnum() for char in text[part.start : part.end])
    return solid >= _WORTH_KEEPING
