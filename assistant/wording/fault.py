"""What can be wrong with a sentence, and what is true while it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class FaultCode(StrEnum):
    """Why a sentence must not go out as it stands."""

    HOLLOW = "hollow"
    """Says nothing: «мы ценим ваш выбор», flattery, thanks for the patience."""
    FALSE_PROMISE = "false_promise"
    """Promises or reports an action that nothing does, or a case number that is none."""
    OFFER = "offer"
    """A discount, gift, compensation, price or "free" that the evidence does not state; in answer
    to a complaint any discount."""
    DENIES_BOT = "denies_bot"
    """Passes itself off as a person."""
    LINK = "link"
    """An address, e-mail, Markdown link, article id or passage marker that is not allowed."""
    LEAK = "leak"
    """Talks of its instructions, its passages or the model behind it."""
    ASKS_FOR_SECRET = "asks_for_secret"  # noqa: S105 - a code, no secret
    """Asks the customer for a CVV, a PIN, a password or a code from an SMS."""
    BLAME = "blame"
    """Puts the blame on the customer."""
    RUDE = "rude"
    SHOUTING = "shouting"
    """Capitals or rows of exclamation marks."""
    TOO_LONG = "too_long"
    CHATTER = "chatter"
    """"Anything else?", wishes, invitations to come back."""
    EMPTY_APOLOGY = "empty_apology"
    """An apology in answer to a plain question, or one that names no matter."""


@dataclass(frozen=True)
class WordingContext:
    """What is true while the sentence is said."""

    handed_over: bool = False
    """The dialog really goes to a person, who answers in this chat."""
    ticket_number: str | None = None
    """The number of the ticket that really was made."""
    complaint: bool = False
    """The sentence answers a complaint."""
    evidence: Sequence[str] = ()
    """Passages that the sentence may rely on."""
    allowed_links: frozenset[str] = frozenset()
    """Addresses, e-mails, ids and markers that may stand in it; none when a model wrote it."""
    bot_name: str = ""


@dataclass(frozen=True)
class Fault:
    """One thing wrong, at `sentence[start:end]`."""

    code: FaultCode
    start: int
    end: int
    rule: str = ""
    """Which rule of its code found it, as named in `prompts/lexicon/wording.*.yaml` or by the
    check; for choosing advice."""
