"""The vocabulary: frozen nouns that every step takes and returns. No behaviour lives here
beyond refusing values that must not exist."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class IntentLabel(StrEnum):
    """What a message is; exactly one of three, the one that decides what to do."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    THANKS = "thanks"


class Action(StrEnum):
    """What the service did with a customer's message."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ACKNOWLEDGE = "acknowledge"
    HANDOFF = "handoff"
    SILENT = "silent"


class Owner(StrEnum):
    """Who answers the dialog now."""

    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"
    CLOSED = "closed"


class AuthorKind(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    BOT = "bot"
    HUMAN = "human"


AUTHORS = {
    "customer": AuthorKind.CUSTOMER,
    "bot": AuthorKind.BOT,
    "operator": AuthorKind.HUMAN,
}
"""As labelled dialogs, and messages that come with a call, name whoever wrote."""


class HandoffReason(StrEnum):
    """Why a dialog was handed to a person."""

    LOW_CONFIDENCE = "low_confidence"
    NO_EVIDENCE = "no_evidence"
    COMPLAINT = "complaint"
    CUSTOMER_REQUEST = "customer_request"
    REPEATED = "repeated"
    NOT_GROUNDED = "not_grounded"
    UNSAFE = "unsafe"
    OUTAGE = "outage"
    OUT_OF_SCOPE = "out_of_scope"


class Signal(StrEnum):
    """Noticed in a message beside its label."""

    WANTS_HUMAN = "wants_human"
    ASKS_IF_BOT = "asks_if_bot"
    GREETING_ONLY = "greeting_only"
    NOT_HELPED = "not_helped"
    PROFANITY = "profanity"
    DISTRESS = "distress"


class Priority(StrEnum):
    """How soon a person should look at a dialog."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class ContactKind(StrEnum):
    """How a customer can be reached outside the chat."""

    PHONE = "phone"
    EMAIL = "email"


class Audience(StrEnum):
    """Whom an article is written for."""

    CUSTOMER = "customer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the knowledge base, its text as plain Markdown."""

    article_id: str
    title: str
    text: str
    url: str | None = None
    lang: str = "ru"
    topic: str | None = None
    audience: Audience = Audience.CUSTOMER
    valid_until: date | None = None
    is_answer: bool = False
    """True when the title is a question and the whole text is its answer (CSV, XLSX, JSONL)."""
    source: str = ""
    """Absolute path of the file it came from; a folder ingested again owns what lies under it."""

    def is_for_customers(self, today: date) -> bool:
        """Whether a customer may be shown this article on that day."""
        return self.audience is Audience.CUSTOMER and (
            self.valid_until is None or today <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an article small enough for the embedder: `article.text[start:end]`."""

    article_id: str
    heading_path: tuple[str, ...]
    """Article title first, then the headings above the piece."""
    text: str
    start: int
    end: int
    token_count: int
    """In the embedder's own tokens, special ones included."""
    sentences: tuple[tuple[int, int], ...] = ()
    """Spans of sentences, list items and table rows, as offsets into the article's text."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an article looks like from every side, for judging an answer out of it."""

    views: tuple[float, ...] = ()
    """In the order of `assistant.ranking.VIEWS`; empty where nobody looked."""
    cosines: tuple[float, ...] = ()
    """Of the question with the article's title, text and best sentence, as they are."""
    best_pieces: int = 0
    """How many of the ten best pieces of all candidates are this article's."""


NOTHING_SEEN = Evidence()


@dataclass(frozen=True, slots=True)
class Passage:
    """An article found for a question, with its best chunk and how well it fits."""

    article: Article
    chunk: Chunk
    chunk_index: int
    score: float
    """Fused relevance in standard deviations above this knowledge base's mean; orders results."""
    dense: float
    """How far the best of the article's vectors stands out for this question, in standard
    deviations of all vectors of its language."""
    lexical_coverage: float
    """Share of the question's informative words (by idf) that the article contains, 0..1."""
    evidence: Evidence = NOTHING_SEEN


@dataclass(frozen=True, slots=True)
class Intent:
    """Label of a message with the probabilities of all three labels (they sum to 1)."""

    label: IntentLabel
    probabilities: dict[IntentLabel, float]


@dataclass(frozen=True, slots=True)
class Citation:
    """What the answer used: a quote that stands word for word in the article."""

    article_id: str
    title: str
    url: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before anybody decided to say it."""

    text: str
    citations: tuple[Citation, ...]
    lang: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The bot's name and the sentence that says it is one. Neither can be empty."""

    bot_name: str
    text: str

    def __post_init__(self) -> None:
        if not self.bot_name.strip() or not self.text.strip():
            raise ValueError("a bot must have a name and must say that it is a bot")


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button under a message. The id `handoff` always calls a person; `choice-1`, `choice-2` say
    their own label."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class BotReply:
    """A message of the bot. It cannot be built without a `Disclosure`, which only
    `assistant.disclosure` makes."""

    text: str
    disclosure: Disclosure
    citations: tuple[Citation, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.disclosure, Disclosure):
            raise TypeError("a bot's message must carry its disclosure")
        if not self.text.strip():
            raise ValueError("a bot's message must say something")


@dataclass(frozen=True, slots=True)
class Handoff:
    """Why, to whom and with what a dialog is handed to a person."""

    reason: HandoffReason
    queue: str
    summary: str
    operators_online: bool
    expected_wait_minutes: int | None
    priority: Priority = Priority.NORMAL
    topic: str | None = None
    rule: str = ""
    """Name of the routing rule that decided on queue and priority; for operators only."""
    known: str = ""
    """A line on what the customer said of himself before, in other dialogs too; for operators only:
    whose dialog it is the caller says, and he may not be who he says he is."""


@dataclass(frozen=True, slots=True)
class Customer:
    """What the caller told about the customer; every field may be unknown."""

    id: str | None = None
    name: str | None = None
    segment: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    anonymous_id: str | None = None
    """Of a visitor who has not signed in, or had not before this message."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A telephone number or an e-mail address, as it was typed."""

    kind: ContactKind
    value: str


NOBODY = Customer()
"""A customer of whom nothing is known."""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A customer's message as it reached the service."""

    text: str
    dialog_id: str | None = None
    message_id: str | None = None
    channel: str = "web"
    locale: str | None = None
    customer: Customer = NOBODY
    caller: str = ""
    """Who sent it (the key's name); keeps equal message ids of different callers apart."""
    ends_turn: bool = False
    """Whether the caller knows that no more of this turn follows (a button was pressed)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of the dialog so far, as the steps see it."""

    author: AuthorKind
    text: str
    action: Action | None = None
    article_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a customer wrote, in this dialog or an earlier one of his."""

    text: str
    dialog_id: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dialog:
    """The state of one dialog as the store keeps it."""

    dialog_id: str
    owner: Owner
    channel: str
    locale: str
    customer: Customer
    created_at: datetime
    queue: str | None = None
    operator_id: str | None = None
    operator_name: str | None = None
    handoff_reason: HandoffReason | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article worth offering, with a relevance in 0..1."""

    article_id: str
    title: str
    url: str | None
    snippet: str
    score: float
