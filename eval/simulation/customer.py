"""A simulated customer: asks, rephrases, answers what the bot asks back, gets angry, calls for a
person, gives up or says thanks, as the scenario has it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.domain import Action
from eval.simulation.reply import Reply
from eval.simulation.scenario import Question, Scenario


class Move(StrEnum):
    """Why the customer says something."""

    ASKS = "asks"
    REPHRASES = "rephrases"
    CLARIFIES = "clarifies"
    GETS_ANGRY = "gets_angry"
    CALLS_A_PERSON = "calls_a_person"
    WAITS = "waits"
    THANKS = "thanks"


class Verdict(StrEnum):
    """What the customer makes of the replies to one move."""

    HANDED_OVER = "handed_over"
    SATISFIED = "satisfied"
    ASKED_BACK = "asked_back"
    UNHELPFUL = "unhelpful"


class Outcome(StrEnum):
    """How a dialog ended."""

    ANSWERED = "answered"
    HANDED_OVER = "handed_over"
    LEFT = "left"
    CUT_OFF = "cut_off"


@dataclass(frozen=True)
class Said:
    """What the customer sends at once. `question` is its index in the scenario; None for what
    belongs to none."""

    texts: tuple[str, ...]
    move: Move
    question: int | None


@dataclass(frozen=True)
class Farewell:
    """How the customer's part ended, and whether they got what they came for."""

    outcome: Outcome
    goal_reached: bool


Script = Generator[Said, Sequence[Reply], Farewell]
"""Yields what the customer says, is sent the replies to it (one a text), returns the end."""


def behave(scenario: Scenario) -> Script:
    """The customer's part of a dialog, from the first question to the last word."""
    mood = _Mood(scenario)
    for number, question in enumerate(scenario.questions):
        end = yield from _pursue(number, question, mood)
        if end is Verdict.HANDED_OVER:
            yield from _say_once(scenario.waiting, Move.WAITS)
            is_last = number + 1 == len(scenario.questions)
            return Farewell(Outcome.HANDED_OVER, is_last and question.is_content_with_a_person)
        if end is not Verdict.SATISFIED:
            return Farewell(Outcome.LEFT, goal_reached=False)
    heard = yield from _say_once(scenario.thanks, Move.THANKS)
    handed_over = any(reply.action is Action.HANDOFF for reply in heard)
    return Farewell(Outcome.HANDED_OVER if handed_over else Outcome.ANSWERED, goal_reached=True)


def satisfies(reply: Reply, question: Question) -> bool:
    """Whether a reply gives the customer what the question was after."""
    if reply.action is Action.HANDOFF:
        return question.is_content_with_a_person
    answers = reply.action is Action.ANSWER and bool(reply.cited & set(question.satisfied_by))
    return answers or reply.action in question.satisfied_by_actions


def judge(heard: Sequence[Reply], question: Question) -> Verdict:
    """What the replies to messages sent at once come to: a handoff wins, then a reply that
    satisfies, else the last counts."""
    if any(reply.action is Action.HANDOFF for reply in heard):
        return Verdict.HANDED_OVER
    if any(satisfies(reply, question) for reply in heard):
        return Verdict.SATISFIED
    return Verdict.ASKED_BACK if heard[-1].action is Action.CLARIFY else Verdict.UNHELPFUL


def _pursue(
    number: int, question: Question, mood: _Mood
) -> Generator[Said, Sequence[Reply], Verdict]:
    """Ask until it is settled; returns UNHELPFUL when the customer gives up."""
    rephrases = iter(question.rephrases)
    heard = yield Said(question.messages, Move.ASKS, number)
    while (verdict := judge(heard, question)) in (Verdict.ASKED_BACK, Verdict.UNHELPFUL):
        following = mood.next_line(verdict, rephrases, wants_human=question.wants_human)
        if following is None:
            return Verdict.UNHELPFUL
        text, move = following
        heard = yield Said((text,), move, number)
    return verdict


def _say_once(
    lines: Sequence[str], move: Move
) -> Generator[Said, Sequence[Reply], Sequence[Reply]]:
    if not lines:
        return ()
    return (yield Said(tuple(lines), move, None))


class _Mood:
    """How patient the customer still is and what they have not said yet."""

    def __init__(self, scenario: Scenario) -> None:
        self._patience = scenario.patience
        self._angry = iter(scenario.angry)
        self._asks_human = iter(scenario.asks_human)
        self._unhelpful = 0

    def next_line(
        self, verdict: Verdict, rephrases: Iterator[str], *, wants_human: bool
    ) -> tuple[str, Move] | None:
        """What to say to a reply that did not settle the matter; None to give up.

        To be asked back costs no patience as long as there are other words to answer with.
        """
        if verdict is Verdict.ASKED_BACK and (text := next(rephrases, None)) is not None:
            return text, Move.CLARIFIES
        self._unhelpful += 1
        if self._unhelpful >= self._patience.leaves_after:
            return None
        ways = {
            Move.REPHRASES: rephrases,
            Move.CALLS_A_PERSON: self._asks_human,
            Move.GETS_ANGRY: self._angry,
        }
        for move in self._order(wants_human=wants_human):
            if (text := next(ways[move], None)) is not None:
                return text, move
        return None

    def _order(self, *, wants_human: bool) -> tuple[Move, ...]:
        """What the customer would rather do next."""
        if wants_human:
            return Move.CALLS_A_PERSON, Move.GETS_ANGRY, Move.REPHRASES
        if self._unhelpful >= self._patience.angry_after:
            return Move.GETS_ANGRY, Move.REPHRASES, Move.CALLS_A_PERSON
        return Move.REPHRASES, Move.CALLS_A_PERSON, Move.GETS_ANGRY
