"""The nouns of hints: what is asked, what is offered, what it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assistant.confidence_features import Sight
from assistant.domain import NOBODY, Citation, Customer, Passage, Signal, Turn
from assistant.hint_use import Blank
from assistant.known import Known
from assistant.understanding import Understanding


class HintKind(StrEnum):
    """Where the words of a hint are from."""

    ARTICLE = "article"
    PAST_ANSWER = "past_answer"
    WRITTEN = "written"
    """A language model's, checked against the articles it cites, or a frame with blanks."""


class SourceKind(StrEnum):
    """What stands behind a hint."""

    ARTICLE = "article"
    DIALOG = "dialog"
    MODEL = "model"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a hint comes from, for the operator."""

    kind: SourceKind
    title: str
    """An article's title; of other sources empty: `assistant.hints.documents` names them to whoever
    asks, in his language."""
    url: str | None = None
    dialog_id: str | None = None
    answered_at: datetime | None = None
    dialogs: int = 1
    """Of an operator's answer: in how many dialogs it was given, in these or nearly these words."""
    label: str = ""
    """Which of the frames it is, as `prompts/hints` names it: `source_thanks`, …"""

    def document(self) -> dict[str, Any]:
        """As the store keeps it; without what does not apply."""
        shown: dict[str, Any] = {"kind": self.kind.value, "title": self.title}
        if self.label:
            shown["label"] = self.label
        if self.url is not None:
            shown["url"] = self.url
        if self.answered_at is not None:
            at = self.answered_at.isoformat().replace("+00:00", "Z")
            shown |= {"dialog_id": self.dialog_id, "answered_at": at, "dialogs": self.dialogs}
        return shown


@dataclass(frozen=True, slots=True)
class Hint:
    """One reply that the operator may send, as it is or changed."""

    kind: HintKind
    text: str
    source: Source
    citations: tuple[Citation, ...] = ()
    confidence: float | None = None
    """Probability that it answers, in 0..1; None where nobody can say."""
    blanks: tuple[Blank, ...] = ()
    hint_id: str = ""
    """Empty until it is kept."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A short note for the operator about the situation."""

    code: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A dialog at the point where an operator wants to answer."""

    turns: Sequence[Turn]
    """The whole dialog as far as its context goes, oldest first."""
    customer: Customer = NOBODY
    locale: str = "ru"
    known: Sequence[Known] = ()
    """What the customer has said of himself, here and before, newest first."""
    ticket_number: str | None = None
    dialog_id: str | None = None
    waiting_minutes: int | None = None
    """How long the customer waits for a person's word; None: he does not."""
    score: int | None = None
    """His rating of this dialog, where he gave one."""


@dataclass(frozen=True)
class Question:
    """The customer's message that is to be answered, in its dialog."""

    at: int
    """Its place among the dialog's turns; -1 where nothing was asked yet."""
    text: str
    before: Sequence[Turn]
    after: Sequence[Turn]
    """What was said since: remarks of the customer, the bot's handoff, what operators wrote."""
    meant: Understanding
    sight: Sight
    """What was found for it, and what an answer is judged by."""
    said_since: frozenset[Signal] = frozenset()
    """Signals of the customer's remarks that follow it: that it did not help, that he wants a
    person."""


@dataclass(frozen=True)
class Candidate:
    """A reply before it is decided which are shown."""

    hint: Hint
    substance: str
    """What the source says, without what was put around it: replies of like substance are one."""
    was_told: bool = False
    """Whether the customer has read it in this dialog already."""
    passage: Passage | None = None
    """Of an article's reply."""


@dataclass(frozen=True)
class Made:
    """What comes of asking for hints."""

    hints: tuple[Hint, ...]
    advice: tuple[Advice, ...]
    question: Question | None
    """None where the customer has written nothing."""
    articles: tuple[Candidate, ...] = ()
    """Replies from articles, also those that are not shown, the likeliest first."""
    snapshot: str = ""
    """Of the knowledge base; empty without one."""
