"""How much language models may take: per dialog and per day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from assistant.language_models.ledger import Ledger


@dataclass(frozen=True)
class Limits:
    """0: no limit."""

    tokens_per_dialog: int = 0
    tokens_per_day: int = 0
    usd_per_day: float = 0.0
    """Counts only calls whose price is known."""


@dataclass(frozen=True)
class Budget:
    """Says whether something more may be asked. Calls that run at this moment are not counted yet,
    so a limit is passed by as much as they take."""

    limits: Limits
    ledger: Ledger
    zone: tzinfo = UTC
    """Where a day begins."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def exhausted(self, dialog_id: str | None, tokens: int) -> str | None:
        """Which limit forbids to spend `tokens` more, in words; None where none does."""
        limits = self.limits
        if limits.tokens_per_dialog and dialog_id is not None:
            taken = self.ledger.spent(dialog_id).tokens
            if taken + tokens > limits.tokens_per_dialog:
                return f"the dialog's {limits.tokens_per_dialog} tokens are spent"
        if not limits.tokens_per_day and not limits.usd_per_day:
            return None
        today = self.ledger.spent_since(self._midnight())
        if limits.tokens_per_day and today.tokens + tokens > limits.tokens_per_day:
            return f"the day's {limits.tokens_per_day} tokens are spent"
        if limits.usd_per_day and today.usd >= limits.usd_per_day:
            return f"the day's {limits.usd_per_day:g} USD are spent"
        return None

    def _midnight(self) -> datetime:
        return self.now().astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
