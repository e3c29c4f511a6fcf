"""Calls of language models: what was asked, what came of it, what it took. No text of a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, insert, select

from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.language_models.ledger import Spent
from assistant.store.base import StoreBase
from assistant.store.live import Span
from assistant.store.rows import format_stamp
from assistant.store.tables import model_calls

_TOKENS = model_calls.c.prompt_tokens + model_calls.c.completion_tokens
_KNOWN_COST = case(
    (func.sum(_TOKENS) > 0, func.sum(case((_TOKENS > 0, model_calls.c.cost_usd)))),
    else_=func.sum(model_calls.c.cost_usd),
)
"""As `language_models.ledger.known_cost` has it: what took no tokens cost 0, also where the price
is not known."""


@dataclass(frozen=True)
class CallCount:
    """Calls of one model for one purpose with one outcome."""

    model: str
    purpose: str
    outcome: CallOutcome
    count: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """Of the calls whose price is known; None where no price is known."""


@dataclass(frozen=True)
class DialogSpending:
    """What dialogs took for which a model was asked or passed over."""

    dialogs: int
    tokens: int
    cost_usd: float | None
    """Of the calls whose price is known; None where no price is known."""


class ModelCalls(StoreBase):
    """A ledger (`language_models.ledger.Ledger`) in the store, and what is counted in it."""

    def add_calls(self, calls: Sequence[ModelCall], dialog_id: str | None) -> None:
        """Keep calls as of now."""
        if not calls:
            return
        stamp = self._stamp()
        rows = [
            {
                "dialog_id": dialog_id,
                "created_at": stamp,
                "model": call.model,
                "purpose": call.purpose,
                "outcome": call.outcome.value,
                "prompt_tokens": call.prompt_tokens,
                "completion_tokens": call.completion_tokens,
                "cost_usd": call.cost_usd,
                "milliseconds": call.milliseconds,
            }
            for call in calls
        ]
        with self._database.writing() as connection:
            connection.execute(insert(model_calls), rows)

    def spent(self, dialog_id: str) -> Spent:
        """On one dialog so far."""
        return self._spent(model_calls.c.dialog_id == dialog_id)

    def spent_since(self, moment: datetime) -> Spent:
        """On everything from `moment` (with a zone) on."""
        return self._spent(model_calls.c.created_at >= format_stamp(moment))

    def call_counts(self, span: Span) -> list[CallCount]:
        """Calls within a span by model, purpose and outcome, in that order."""
        kinds = (model_calls.c.model, model_calls.c.purpose, model_calls.c.outcome)
        query = (
            select(
                *kinds,
                func.count().label("n"),
                func.sum(model_calls.c.prompt_tokens).label("prompt_tokens"),
                func.sum(model_calls.c.completion_tokens).label("completion_tokens"),
                _KNOWN_COST.label("cost_usd"),
            )
            .where(span.holds(model_calls.c.created_at))
            .group_by(*kinds)
            .order_by(*kinds)
        )
        with self._database.reading() as connection:
            return [
                CallCount(
                    row.model,
                    row.purpose,
                    CallOutcome(row.outcome),
                    int(row.n),
                    int(row.prompt_tokens),
                    int(row.completion_tokens),
                    row.cost_usd,
                )
                for row in connection.execute(query)
            ]

    def dialog_spending(self, span: Span) -> DialogSpending:
        """What dialogs took within a span; calls that belong to no dialog are left out."""
        query = select(
            func.count(model_calls.c.dialog_id.distinct()).label("dialogs"),
            func.coalesce(func.sum(_TOKENS), 0).label("tokens"),
            _KNOWN_COST.label("cost_usd"),
        ).where(span.holds(model_calls.c.created_at), model_calls.c.dialog_id.is_not(None))
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        return DialogSpending(int(row.dialogs), int(row.tokens), row.cost_usd)

    def _spent(self, which: ColumnElement[bool]) -> Spent:
        query = select(
            func.coalesce(func.sum(_TOKENS), 0).label("tokens"),
            func.coalesce(func.sum(model_calls.c.cost_usd), 0.0).label("usd"),
        ).where(which)
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        return Spent(int(row.tokens), float(row.usd))
