"""The walk of a simulation: one scenario's customer against the assistant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.domain import Action, Customer, IncomingMessage
from eval.simulation.customer import Farewell, Move, Outcome, Said, behave, satisfies
from eval.simulation.reply import Reply, read_reply
from eval.simulation.scenario import Scenario

Respond = Callable[[IncomingMessage], dict[str, Any]]
"""Gives the reply object of the contract's section 3 for a message."""

MOST_TURNS = 20


@dataclass(frozen=True)
class Exchange:
    """One message of the customer with what came back."""

    turn: int
    """From 1, counted in messages of the customer."""
    text: str
    move: Move
    question: int | None
    """Index of the question it belongs to; None for thanks and for what is said while waiting."""
    reply: Reply


@dataclass(frozen=True)
class Dialogue:
    """A finished dialog."""

    scenario: Scenario
    exchanges: tuple[Exchange, ...]
    outcome: Outcome
    goal_reached: bool

    @property
    def handed_over_at(self) -> int | None:
        """The turn of the first handoff; None where there is none."""
        handoffs = (e.turn for e in self.exchanges if e.reply.action is Action.HANDOFF)
        return next(handoffs, None)

    def is_satisfying(self, exchange: Exchange) -> bool:
        """Whether the reply settles the question that its message belongs to."""
        if exchange.question is None:
            return False
        return satisfies(exchange.reply, self.scenario.questions[exchange.question])


def hold(scenario: Scenario, respond: Respond, most_turns: int = MOST_TURNS) -> Dialogue:
    """The dialog of a scenario; cut off before the customer's message number `most_turns` + 1."""
    script = behave(scenario)
    exchanges: list[Exchange] = []
    said = next(script)
    while len(exchanges) + len(said.texts) <= most_turns:
        heard = _send(said, scenario, respond, len(exchanges))
        exchanges += heard
        try:
            said = script.send([exchange.reply for exchange in heard])
        except StopIteration as end:
            farewell: Farewell = end.value
            return Dialogue(scenario, tuple(exchanges), farewell.outcome, farewell.goal_reached)
    script.close()
    return Dialogue(scenario, tuple(exchanges), Outcome.CUT_OFF, goal_reached=False)


def _send(said: Said, scenario: Scenario, respond: Respond, before: int) -> list[Exchange]:
    """The messages one after another, each with its reply."""
    dialog_id = f"simulated-{scenario.scenario_id}"
    found = []
    for turn, text in enumerate(said.texts, start=before + 1):
        incoming = IncomingMessage(
            text=text,
            dialog_id=dialog_id,
            message_id=f"{dialog_id}-{turn}",
            locale=scenario.locale,
            customer=Customer(name=scenario.name),
            caller="simulation",
        )
        reply = read_reply(respond(incoming))
        found.append(Exchange(turn, text, said.move, said.question, reply))
    return found
