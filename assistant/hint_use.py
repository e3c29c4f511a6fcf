"""What an operator did with a hint: took it as it was, changed it, or wrote something else.

No model and no state; the store asks while it keeps the operator's message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from assistant.text import lower_plain, words
from assistant.verdicts import HintOutcome
from prompts.loader import patterns

NEARLY = 0.35
"""Up to so much of its words changed, a message without a hint's id is that hint all the same."""
LEAST_WORDS = 4
"""A shorter message is nobody's hint unless it says which: «Добрый день» is like many."""
_LONGEST_FILLING = 200
_HOLDING_WORDS = 14
"""A longer message says more than that one is at it."""
_WORD = re.compile(r"\w+(?:[-.,:/@]\w+)*")


@dataclass(frozen=True, slots=True)
class Blank:
    """A place that the operator has to fill in: `text[start:end]`, in Python characters."""

    start: int
    end: int
    label: str
    """What is wanted, in the accusative: «срок», "the date"."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A hint as far as its use is told by it."""

    hint_id: str
    text: str
    blanks: tuple[Blank, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What was changed between a hint and what was sent."""

    words: int
    """Words put in, taken out or replaced: the edit distance of the two word rows (Levenshtein,
    1966)."""
    share: float
    """That, divided by the words of the longer text: 0 for the same words, 1 for other ones."""
    removed: tuple[str, ...]
    """Runs of words of the hint that were not sent, in order, spelled as they were."""
    added: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Use:
    """Which hint was used, and how."""

    hint_id: str
    outcome: HintOutcome
    difference: Difference | None
    """None for one that was taken as it was; what was written into its blanks is no difference."""


def use_of(sent: str, shown: Sequence[Shown], hint_id: str | None) -> Use | None:
    """Which of the hints shown a message is: the one it names, else the nearest where it is near;
    None where the operator wrote something else."""
    named = next((hint for hint in shown if hint.hint_id == hint_id), None)
    if named is not None:
        return _use(sent, named)
    if len(words(sent)) < LEAST_WORDS:
        return None
    uses = [_use(sent, hint) for hint in shown]
    near = [use for use in uses if use.difference is None or use.difference.share <= NEARLY]
    return min(near, key=lambda use: use.difference.share if use.difference else 0.0, default=None)


def _use(sent: str, hint: Shown) -> Use:
    if is_filled_in(sent, hint):
        return Use(hint.hint_id, HintOutcome.ACCEPTED, None)
    return Use(hint.hint_id, HintOutcome.EDITED, difference(hint.text, sent))


def is_filled_in(sent: str, hint: Shown) -> bool:
    """Whether a message is the hint word for word, whatever stands in its blanks; spaces and line
    ends do not count."""
    pieces, at = list[str](), 0
    for blank in hint.blanks:
        pieces.append(_spaceless(hint.text[at : blank.start]))
        at = blank.end
    pieces.append(_spaceless(hint.text[at:]))
    text, first = _spaceless(sent), pieces[0]
    if len(pieces) == 1:
        return text == first
    if not text.startswith(first) or len(text) > len("".join(pieces)) + _filled(hint):
        return False
    return _in_order(text, len(first), pieces[1:])


def _filled(hint: Shown) -> int:
    """Characters that may be filled in at most."""
    return _LONGEST_FILLING * len(hint.blanks)


def _in_order(text: str, at: int, pieces: Sequence[str]) -> bool:
    """Whether the pieces follow one another from there to the end, each behind one character at
    least. The first place of each is as good as any later one, so that this takes linear time; a
    pattern would try them all."""
    for piece in pieces[:-1]:
        found = text.find(piece, at + 1)
        if found < 0:
            return False
        at = found + len(piece)
    return text.endswith(pieces[-1]) and len(text) - len(pieces[-1]) > at


def _spaceless(text: str) -> str:
    return "".join(text.split())


def difference(before: str, after: str) -> Difference:
    """How a text was changed into another, by words; case and punctuation do not count."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    one, two = [lower_plain(word) for word in old], [lower_plain(word) for word in new]
    changed = edit_distance(one, two)
    steps = Levenshtein.opcodes(one, two)
    removed = _runs(old, [(step.src_start, step.src_end) for step in steps if step.tag != "equal"])
    added = _runs(new, [(step.dest_start, step.dest_end) for step in steps if step.tag != "equal"])
    share = changed / max(len(one), len(two), 1)
    return Difference(changed, round(share, 4), removed, added)


def _runs(row: Sequence[str], places: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The words at these places; steps that follow one another at once are one run, whichever way
    the distance was reached: «7 дней» and not «7», «дней»."""
    runs = list[list[int]]()
    for start, end in places:
        if start == end:
            continue
        if runs and runs[-1][1] == start:
            runs[-1][1] = end
        else:
            runs.append([start, end])
    return tuple(" ".join(row[start:end]) for start, end in runs)


def edit_distance(one: Sequence[str], two: Sequence[str]) -> int:
    """Fewest words to put in, take out or replace to get from one row to the other (Levenshtein,
    1966)."""
    return Levenshtein.distance(one, two)


def is_holding(text: str) -> bool:
    """Whether an operator's message only says that he is there or at it («минуту, уточняю»), so
    that it answers nothing."""
    said = lower_plain(text)
    if len(words(said)) > _HOLDING_WORDS:
        return False
    rest = patterns("lexicon/operator_lines")["holding"].sub(" ", said)
    rest = patterns("lexicon/operator_lines")["greeting"].sub(" ", rest)
    return not words(patterns("lexicon/operator_lines")["beside"].sub(" ", rest))
