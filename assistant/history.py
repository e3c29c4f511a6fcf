"""What the dialog so far tells: questions asked, answers given, articles cited."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assistant.domain import Action, AuthorKind, Draft, Turn


def previous_questions(history: Sequence[Turn]) -> list[str]:
    """What the customer wrote before, latest first."""
    return [turn.text for turn in reversed(history) if turn.author is AuthorKind.CUSTOMER]


def unanswered(history: Sequence[Turn]) -> list[str]:
    """What the customer wrote since anybody answered, in order."""
    found: list[str] = []
    for turn in reversed(history):
        if turn.author is not AuthorKind.CUSTOMER:
            break
        found.insert(0, turn.text)
    return found


def last_question_answered(history: Sequence[Turn]) -> list[str]:
    """The customer's last message that the bot answered from an article, if there is one."""
    answered = [
        earlier.text
        for earlier, later in pairwise(history)
        if earlier.author is AuthorKind.CUSTOMER and later.action is Action.ANSWER
    ]
    return answered[-1:]


def last_bot_action(history: Sequence[Turn]) -> Action | None:
    """What the bot did last on a message of the customer's."""
    did = (turn.action for turn in reversed(history) if turn.author is AuthorKind.BOT)
    return next((action for action in did if action is not None), None)


def last_said(history: Sequence[Turn]) -> str:
    """What the bot said last; empty where it said nothing yet."""
    return next((turn.text for turn in reversed(history) if turn.author is AuthorKind.BOT), "")


def was_cited(draft: Draft, history: Sequence[Turn]) -> bool:
    """Whether an article of the draft was cited in this dialog before."""
    cited = {article_id for turn in history for article_id in turn.article_ids}
    return any(citation.article_id in cited for citation in draft.citations)


def was_told(sentence: str, history: Sequence[Turn]) -> bool:
    """Whether the bot has said a sentence in this dialog, word for word."""
    return any(turn.author is AuthorKind.BOT and sentence in turn.text for turn in history)
