"""Makes a follow-up stand alone: «а в Казань?» after a question about delivery.

Without a generative model by similarity: the message is looked up twice, as it stands and together
with what went before, and the reading that finds more counts. Standing alone gets an advance, or a
short change of topic would be drawn back to the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.domain import Turn
from assistant.history import previous_questions, unanswered
from assistant.text import shorten, stems, words
from prompts.loader import read

ADVANCE = 1.0
"""By how much (in the units of `Passage.score`) the joined reading may be worse and still count,
since more words find less of each."""

_LONGEST_BEFORE = 300
_MOST_PIECES = 5
_LONGEST_FOLLOW_UP_WORDS = 8


def readings(
    question: str,
    history: Sequence[Turn],
    quoted: str = "",
    as_read: Callable[[str], str] = str.strip,
) -> list[str]:
    """How a message can be looked up: as it stands, and with what it may lean on before it; only
    with that when it plainly leans on it («а в Казань?»).

    What the customer wrote in a row, with no answer between, is one question. `as_read` gives a
    message as its writer meant it. What came before is shortened, since an embedder reads only the
    beginning of a long text, and the message itself stands at the end.
    """
    pieces = unanswered(history)[-_MOST_PIECES:]
    alone = " ".join([*(shorten(as_read(piece), _LONGEST_BEFORE) for piece in pieces), question])
    earlier = previous_questions(history[: len(history) - len(pieces)])
    before = shorten(as_read(earlier[0]) if earlier else quoted, _LONGEST_BEFORE)
    if not before:
        return [alone]
    joined = f"{before} {alone}"
    return [joined] if _leans(question) else [alone, joined]


def leans_on_nothing(text: str, history: Sequence[Turn]) -> bool:
    """Whether a message continues a question that was never asked: «а в Казань?» as the first."""
    return _leans(text) and not previous_questions(history)


def replies_to_nothing(text: str, history: Sequence[Turn]) -> bool:
    """Whether a message says yes, no or «ну и?» and nothing else, and is the customer's first."""
    said = words(text)
    bare = bool(said) and set(said) <= set(read("lexicon/follow_ups").content["bare"])
    return bare and not previous_questions(history)


def announces_a_question(text: str) -> bool:
    """Whether a message says that a question will come and asks nothing yet: «можно вопрос?»."""
    lexicon, said = read("lexicon/follow_ups").content, set(words(text))
    of = lexicon["announced" if len(said) > 1 else "announced_alone"]
    return said <= set(lexicon["announcing"]) and bool(said & set(of))


def _leans(text: str) -> bool:
    opening = words(text)[:1]
    short = 0 < len(words(text)) <= _LONGEST_FOLLOW_UP_WORDS and len(stems(text)) <= 1
    return short and bool(opening) and opening[0] in read("lexicon/follow_ups").content["leans"]
