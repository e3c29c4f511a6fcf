"""What is looked at in a simulated dialog, message by message.

Each check gives the exchanges it applies to, each with whether the thing in question happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from assistant.domain import Action, HandoffReason
from assistant.text import lower_plain, sentence_spans
from eval.simulation.customer import Move
from eval.simulation.dialogue import Dialogue, Exchange
from prompts.loader import LANGUAGES, patterns, phrases

Looked = list[tuple[Exchange, bool]]


@dataclass(frozen=True)
class Check:
    """A share over exchanges."""

    look: Callable[[Dialogue], Looked]
    fault: bool
    """True when it is a fault that the thing happens, False when it is one that it does not."""
    promised: float | None = None
    """What the share has to be, whatever the knowledge base; None where nothing is promised."""


def _said(dialogue: Dialogue) -> list[Exchange]:
    """The exchanges in which the bot said something."""
    return [exchange for exchange in dialogue.exchanges if exchange.reply.text is not None]


def _loops(dialogue: Dialogue) -> Looked:
    """Each message of the bot after its first: is it the one before again, in its words or in
    what it quotes?"""
    return [
        (
            later,
            later.reply.text == earlier.reply.text
            or (
                bool(later.reply.citations)
                and set(later.reply.citations) == set(earlier.reply.citations)
            ),
        )
        for earlier, later in pairwise(_said(dialogue))
    ]


def _repeated_answers(dialogue: Dialogue) -> Looked:
    """Each answer: did an earlier one of the dialog quote all the same?"""
    found: Looked = []
    quoted: list[frozenset[tuple[str, str]]] = []
    for exchange in _answers(dialogue):
        now = frozenset(exchange.reply.citations)
        found.append((exchange, any(now <= before for before in quoted)))
        quoted.append(now)
    return found


def _answers(dialogue: Dialogue) -> list[Exchange]:
    return [e for e in dialogue.exchanges if e.reply.action is Action.ANSWER]


def _wrong_answers(dialogue: Dialogue) -> Looked:
    """Each answer to a question of the scenario: does it cite none of the articles that answer?"""
    return [
        (exchange, not dialogue.is_satisfying(exchange))
        for exchange in _answers(dialogue)
        if exchange.question is not None
    ]


def _person_at_once(dialogue: Dialogue) -> Looked:
    """Each time a person is asked for: is one called by the end of what was sent at once?"""
    asked = []
    for number, question in enumerate(dialogue.scenario.questions):
        openings = _moves(dialogue, Move.ASKS, number)
        if question.wants_human and openings:
            asked.append(openings)
    asked += [[e] for e in dialogue.exchanges if e.move is Move.CALLS_A_PERSON]
    return [(burst[-1], _has_handoff(burst)) for burst in asked]


def _complaints_handed_over(dialogue: Dialogue) -> Looked:
    """Each complaint of the script: is a person called, rather than a phrase said?"""
    complaints = []
    for number, question in enumerate(dialogue.scenario.questions):
        openings = _moves(dialogue, Move.ASKS, number)
        if question.complaint and openings:
            complaints.append(openings)
    complaints += [[e] for e in dialogue.exchanges if e.move is Move.GETS_ANGRY]
    return [(burst[-1], _has_handoff(burst)) for burst in complaints]


def _handed_over_needlessly(dialogue: Dialogue) -> Looked:
    """Each question that an article answers and for which the customer wants no person: was one
    called before they asked for one or got angry?"""
    found: Looked = []
    for number, question in enumerate(dialogue.scenario.questions):
        about = [
            exchange
            for move in (Move.ASKS, Move.REPHRASES, Move.CLARIFIES)
            for exchange in _moves(dialogue, move, number)
        ]
        if about and question.satisfied_by and not question.is_content_with_a_person:
            handoffs = [e for e in about if e.reply.action is Action.HANDOFF]
            found.append((handoffs[0] if handoffs else about[-1], bool(handoffs)))
    return found


def _moves(dialogue: Dialogue, move: Move, question: int) -> list[Exchange]:
    return [e for e in dialogue.exchanges if e.move is move and e.question == question]


def _has_handoff(burst: list[Exchange]) -> bool:
    return any(exchange.reply.action is Action.HANDOFF for exchange in burst)


def _clarifications_in_a_row(dialogue: Dialogue) -> Looked:
    """Each time the bot asks back: had it asked back just before?"""
    found: Looked = []
    had_asked = False
    for exchange in _said(dialogue):
        asks = exchange.reply.action is Action.CLARIFY
        if asks:
            found.append((exchange, had_asked))
        had_asked = asks
    return found


def _disclosed(dialogue: Dialogue) -> Looked:
    return [(exchange, exchange.reply.is_disclosed) for exchange in _said(dialogue)]


def _offered_again(dialogue: Dialogue) -> Looked:
    """Each message of the bot: does it ask "anything else?" although an earlier one did?"""
    offers = patterns("lexicon/closing_offers")
    found: Looked = []
    offered = False
    for exchange in _said(dialogue):
        plain = lower_plain(exchange.reply.text or "")
        now = any(shape.search(plain) for shape in offers.values())
        found.append((exchange, now and offered))
        offered = offered or now
    return found


def _while_waiting(dialogue: Dialogue) -> list[Exchange]:
    """What the customer says after a person was called."""
    at = dialogue.handed_over_at
    return [e for e in dialogue.exchanges if at is not None and e.turn > at]


def _handed_over_again(dialogue: Dialogue) -> Looked:
    """Each reply while waiting: is the dialog handed over once more? For danger it may be."""
    return [
        (e, e.reply.action is Action.HANDOFF and e.reply.reason != HandoffReason.UNSAFE)
        for e in _while_waiting(dialogue)
    ]


def _repeats_while_waiting(dialogue: Dialogue) -> Looked:
    """Each reply while waiting: does it hold a sentence that the bot has said before?"""
    found: Looked = []
    told: set[str] = set()
    waiting = _while_waiting(dialogue)
    for exchange in _said(dialogue):
        now = _sentences(exchange.reply.text or "")
        if exchange in waiting:
            found.append((exchange, bool(now & told)))
        told |= now
    return found


def _sentences(text: str) -> set[str]:
    return {text[start:end] for start, end in sentence_spans(text)}


def _noticed_while_waiting(dialogue: Dialogue) -> Looked:
    """Each thing said to pass the time or to add to the request: does the reply show that the bot
    knows of the person called, rather than greet, look something up or say goodbye?"""
    return [
        (exchange, (exchange.reply.text or "").startswith(_openings_while_waiting()))
        for exchange in dialogue.exchanges
        if exchange.move is Move.WAITS and exchange.reply.action is not Action.SILENT
    ]


@cache
def _openings_while_waiting() -> tuple[str, ...]:
    """How the bot's replies to one who waits begin, but for answers out of an article."""
    return tuple(
        template.split("{")[0].strip()
        for lang in LANGUAGES
        for key, template in phrases(lang).file.content.items()
        if key.startswith("waiting_") and key != "waiting_meanwhile"
    )


def _thanks_taken(dialogue: Dialogue) -> Looked:
    """Each thanks: is it taken as thanks, with a kind word and no article or person?"""
    return [
        (exchange, exchange.reply.action is Action.ACKNOWLEDGE)
        for exchange in dialogue.exchanges
        if exchange.move is Move.THANKS
    ]


CHECKS: dict[str, Check] = {
    "wrong_answers": Check(_wrong_answers, fault=True),
    "handed_over_needlessly": Check(_handed_over_needlessly, fault=True),
    "loops": Check(_loops, fault=True),
    "repeated_answers": Check(_repeated_answers, fault=True),
    "person_at_once": Check(_person_at_once, fault=False, promised=1.0),
    "complaints_handed_over": Check(_complaints_handed_over, fault=False),
    "clarifications_in_a_row": Check(_clarifications_in_a_row, fault=True, promised=0.0),
    "disclosed": Check(_disclosed, fault=False, promised=1.0),
    "offered_again": Check(_offered_again, fault=True),
    "handed_over_again": Check(_handed_over_again, fault=True, promised=0.0),
    "noticed_while_waiting": Check(_noticed_while_waiting, fault=False),
    "repeats_while_waiting": Check(_repeats_while_waiting, fault=True),
    "thanks_taken": Check(_thanks_taken, fault=False),
}
