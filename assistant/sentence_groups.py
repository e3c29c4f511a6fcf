"""What a sentence of an article cannot stand without: a table row its head, a step the other steps
and the line that introduces them, a statement the condition after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise

from assistant.text import lower_plain, words
from prompts.loader import patterns

Span = tuple[int, int]

LIST_CHARACTERS = 900
"""A list is given whole within this, else the items around the chosen one."""

_STEP = re.compile(r"\d{1,2}[.)]\s")
_BULLET = re.compile(r"[-*•–+]\s")


class _Kind(StrEnum):
    PROSE = "prose"
    BULLET = "bullet"
    STEP = "step"
    ROW = "row"


class SentenceGroups:
    """The sentences of one article, named by their number, and what belongs together."""

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._texts = [text[start:end] for start, end in spans]
        self._gaps = [text[before[1] : after[0]] for before, after in pairwise(spans)]
        self._kinds: list[_Kind] = []
        for at, sentence in enumerate(self._texts):
            self._kinds.append(self._kind(at, sentence))

    def _kind(self, at: int, sentence: str) -> _Kind:
        own = _own_kind(sentence)
        # What goes on below or behind an item without an empty line is the item's.
        goes_on = own is _Kind.PROSE and at > 0 and self._follows(at)
        item = goes_on and self._kinds[at - 1] in (_Kind.BULLET, _Kind.STEP)
        return self._kinds[at - 1] if item else own

    def characters(self, chosen: Iterable[int]) -> int:
        """How long these sentences are together."""
        return sum(self._spans[at][1] - self._spans[at][0] for at in chosen)

    def may_be_chosen(self, at: int) -> bool:
        """False for what only comes along with others: a table's head, «Sorry!», a bare "No."."""
        if self._kinds[at] is _Kind.ROW:
            run = self._run(at)
            return len(run) == 1 or at > min(run)
        return len(self._texts) == 1 or len(words(self._texts[at])) > 1

    def with_company(self, at: int) -> set[int]:
        """The sentence and all that it cannot stand without."""
        if self._kinds[at] is _Kind.ROW:
            return {min(self._run(at)), at}
        if self._kinds[at] is not _Kind.PROSE:
            return self._list_around(at)
        if self._introduces(at):
            return {at} | self._list_around(at + 1)
        return {at, *self._before(at), *self._after(at)}

    def spans_of(self, chosen: Iterable[int]) -> list[Span]:
        """The chosen sentences in order, neighbours of one section joined."""
        joined: list[Span] = []
        latest = -2
        for at in sorted(chosen):
            start, end = self._spans[at]
            if at == latest + 1 and not self._heading_before(at):
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
            latest = at
        return joined

    # --- lists and tables ---------------------------------------------------------------------

    def _run(self, at: int) -> set[int]:
        """The neighbours of the same list or table."""
        first = last = at
        while first > 0 and self._is_one_list(first):
            first -= 1
        while last + 1 < len(self._texts) and self._is_one_list(last + 1):
            last += 1
        return set(range(first, last + 1))

    def _is_one_list(self, at: int) -> bool:
        """Whether this sentence goes on with the list or table of the one before it."""
        kind = self._kinds[at]
        if kind is _Kind.PROSE or kind is not self._kinds[at - 1] or self._heading_before(at):
            return False
        return kind is not _Kind.ROW or self._follows(at)

    def _list_around(self, at: int) -> set[int]:
        items = self._run(at)
        first = min(items)
        introduction = {first - 1} if first > 0 and self._introduces(first - 1) else set()
        room = LIST_CHARACTERS - self.characters(introduction)
        return introduction | (items if self.characters(items) <= room else self._cut(at, room))

    def _cut(self, at: int, room: int) -> set[int]:
        """The items nearest to one, while they fit."""
        items, kept = self._run(at), {at}
        for near in sorted(items - kept, key=lambda item: (abs(item - at), item)):
            if self.characters(kept | {near}) > room:
                break
            kept.add(near)
        return kept

    def _introduces(self, at: int) -> bool:
        if not self._texts[at].endswith(":") or at + 1 == len(self._texts):
            return False
        return self._kinds[at + 1] in (_Kind.BULLET, _Kind.STEP) and not self._heading_before(
            at + 1
        )

    # --- prose --------------------------------------------------------------------------------

    def _before(self, at: int) -> set[int]:
        if at == 0 or not self._follows(at) or self._kinds[at - 1] is not _Kind.PROSE:
            return set()
        opening = self._is("bare_yes_or_no", at - 1)
        return {at - 1} if opening or self._is("leans", at) else set()

    def _after(self, at: int) -> set[int]:
        after = at + 1
        if after == len(self._texts) or not self._follows(after):
            return set()
        says_why = self._is("bare_yes_or_no", at)
        return {after} if says_why or self._is("limits", after) else set()

    def _is(self, sort: str, at: int) -> bool:
        return bool(patterns("lexicon/answers")[sort].search(lower_plain(self._texts[at])))

    def _follows(self, at: int) -> bool:
        """Whether this sentence stands in the paragraph of the one before it."""
        return not _EMPTY_LINE.search(self._gaps[at - 1]) and not self._heading_before(at)

    def _heading_before(self, at: int) -> bool:
        return "\n#" in self._gaps[at - 1]


_EMPTY_LINE = re.compile(r"\n\s*\n")


def _own_kind(sentence: str) -> _Kind:
    if sentence.startswith("|"):
        return _Kind.ROW
    if _STEP.match(sentence):
        return _Kind.STEP
    return _Kind.BULLET if _BULLET.match(sentence) else _Kind.PROSE
