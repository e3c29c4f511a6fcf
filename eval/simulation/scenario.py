"""What a simulated customer wants and how they go about it; read from YAML by `scenario_file`."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.domain import Action


@dataclass(frozen=True)
class Patience:
    """How many unhelpful replies a customer takes, counted over the whole dialog."""

    angry_after: int = 2
    leaves_after: int = 4


@dataclass(frozen=True)
class Question:
    """One thing the customer wants to know or to have done."""

    messages: tuple[str, ...]
    """The opening; several are sent one after another without waiting for a reply."""
    satisfied_by: tuple[str, ...] = ()
    """Articles; an answer that cites any of them is what the customer wanted."""
    satisfied_by_actions: frozenset[Action] = frozenset()
    """What else the customer is content with, whatever is cited."""
    rephrases: tuple[str, ...] = ()
    wants_human: bool = False
    """The opening asks for a person."""
    complaint: bool = False
    """The opening complains."""

    @property
    def is_content_with_a_person(self) -> bool:
        """Whether a handoff is what the customer wanted."""
        return self.wants_human or self.complaint or Action.HANDOFF in self.satisfied_by_actions


@dataclass(frozen=True)
class Scenario:
    """One customer with a goal."""

    scenario_id: str
    locale: str
    goal: str
    """A sentence for whoever reads the transcript."""
    questions: tuple[Question, ...]
    name: str | None = None
    patience: Patience = Patience()
    angry: tuple[str, ...] = ()
    asks_human: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """What is said once a person has been called and has not come yet."""
