"""Which of the customer's messages an operator is to answer.

The last one, unless it only calls for a person, says that he waits, or thanks before anybody has
helped: then the one before it that asked something.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.confidence_features import Sight
from assistant.domain import Action, AuthorKind, IntentLabel, Signal, Turn
from assistant.hint_use import is_holding
from assistant.hints.hint import Question
from assistant.signals import only_calls
from assistant.text import has_words, words
from assistant.understanding import Understanding
from assistant.waiting import answer_to_remark

Looks = Callable[[str, Sequence[Turn]], tuple[Understanding, Sight]]
"""What a message was taken to mean after what was said before, and what was found for it."""

_CALLS = {Signal.WANTS_HUMAN, Signal.NOT_HELPED, Signal.ASKS_IF_BOT, Signal.GREETING_ONLY}
_MAY_ANSWER = (Action.ANSWER, None)
"""A dialog that is kept elsewhere does not tell what the bot did."""
_FEW_WORDS = 6
"""Words up to which a message with such a signal asks nothing else."""
_MOST_LOOKED_AT = 4
"""Messages, the last first; each costs a look of the model."""


def question_in(turns: Sequence[Turn], looks: Looks) -> Question | None:
    """The message to answer; None where the customer has written nothing. Where none of the last
    asks anything it is the very last, and it is for the caller to see what its signals say."""
    places = [at for at, turn in enumerate(turns) if turn.author is AuthorKind.CUSTOMER]
    last: Question | None = None
    since: frozenset[Signal] = frozenset()
    for at in reversed(places[-_MOST_LOOKED_AT:]):
        looked = replace(_question(turns, at, looks), said_since=since)
        last = last or looked
        if not asks_nothing(looked):
            return looked
        since |= looked.meant.signals
    return last


def _question(turns: Sequence[Turn], at: int, looks: Looks) -> Question:
    before, text = tuple(turns[:at]), turns[at].text
    return Question(at, text, before, tuple(turns[at + 1 :]), *looks(text, before))


def asks_nothing(question: Question) -> bool:
    """Whether a message only calls for a person, waits, or thanks for nothing yet."""
    meant, text = question.meant, question.text
    if Signal.DISTRESS in meant.signals:
        return False
    if not has_words(text) or only_calls(text):
        return True
    if meant.signals & _CALLS and len(words(text)) <= _FEW_WORDS:
        return True
    if meant.intent.label is IntentLabel.THANKS:
        return not was_helped(question.before)
    waits = any(turn.action is Action.HANDOFF for turn in question.before)
    return waits and answer_to_remark(text, meant, asks_if_bot=False) is not None


def was_helped(before: Sequence[Turn]) -> bool:
    """Whether anything was answered that a customer could thank for."""
    return any(
        (turn.author is AuthorKind.BOT and turn.action in _MAY_ANSWER)
        or (turn.author is AuthorKind.HUMAN and not is_holding(turn.text))
        for turn in before
    )


def was_answered(question: Question) -> bool:
    """Whether an operator has answered it already."""
    return any(
        turn.author is AuthorKind.HUMAN and not is_holding(turn.text) for turn in question.after
    )


def did_not_help(question: Question) -> bool:
    """Whether the customer said so of an answer, in the message that is answered or since."""
    return Signal.NOT_HELPED in question.meant.signals | question.said_since
