"""A piece of advice, and what is known while it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assistant.domain import NOBODY, Customer, IntentLabel, Turn
from assistant.known import Known
from assistant.review.sources import NOTHING_AT_HAND, Sources


class Severity(StrEnum):
    """How much harm is done when the draft goes out as it stands."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class AdviceCode(StrEnum):
    """What is wrong, in the order in which equally severe pieces are told."""

    UNFILLED = "unfilled"
    """A blank of a hint that nobody has filled in."""
    ASKS_FOR_SECRET = "asks_for_secret"  # noqa: S105 - a code, no secret
    """Asks for a code from an SMS, a CVV, a password."""
    OTHERS_PERSONAL_DATA = "others_personal_data"
    """A name, number or address that is not this customer's nor the company's."""
    OPERATORS_ONLY = "operators_only"
    """Words of an article that is written for operators."""
    CONTRADICTS_ARTICLE = "contradicts_article"
    """A number, a term, a price or a denial that an article states otherwise."""
    RUDE = "rude"
    BLAME = "blame"
    """Puts the blame on the customer."""
    DISCOUNT_TO_COMPLAINT = "discount_to_complaint"
    """Answers a complaint with a discount, a promo code, points or a gift."""
    FALSE_PROMISE = "false_promise"
    """Guarantees what nobody can: «такого больше не повторится»."""
    NO_NEXT_STEP = "no_next_step"
    """Answers a complaint and says neither what happens next nor what to do."""
    ALREADY_ANSWERED = "already_answered"
    """Asks what the customer has said."""
    NO_TIME = "no_time"
    """Says what happens next and not when."""
    OFFER = "offer"
    """A discount or a gift that no article states."""
    HOLLOW = "hollow"
    """Says nothing: «мы ценим ваш выбор»."""
    EMPTY_APOLOGY = "empty_apology"
    """An apology to a complaint that does not say for what."""
    CAPS = "caps"
    """Capitals or rows of exclamation marks."""
    CHATTER = "chatter"
    """"Anything else?" """
    TYPO = "typo"
    TOO_LONG = "too_long"


SEVERITY: Mapping[AdviceCode, Severity] = {
    AdviceCode.UNFILLED: Severity.HIGH,
    AdviceCode.ASKS_FOR_SECRET: Severity.HIGH,
    AdviceCode.OTHERS_PERSONAL_DATA: Severity.HIGH,
    AdviceCode.OPERATORS_ONLY: Severity.HIGH,
    AdviceCode.CONTRADICTS_ARTICLE: Severity.HIGH,
    AdviceCode.RUDE: Severity.HIGH,
    AdviceCode.BLAME: Severity.HIGH,
    AdviceCode.DISCOUNT_TO_COMPLAINT: Severity.HIGH,
    AdviceCode.FALSE_PROMISE: Severity.HIGH,
    AdviceCode.NO_NEXT_STEP: Severity.HIGH,
    AdviceCode.ALREADY_ANSWERED: Severity.MEDIUM,
    AdviceCode.NO_TIME: Severity.MEDIUM,
    AdviceCode.OFFER: Severity.MEDIUM,
    AdviceCode.HOLLOW: Severity.MEDIUM,
    AdviceCode.EMPTY_APOLOGY: Severity.LOW,
    AdviceCode.CAPS: Severity.MEDIUM,
    AdviceCode.CHATTER: Severity.LOW,
    AdviceCode.TYPO: Severity.LOW,
    AdviceCode.TOO_LONG: Severity.LOW,
}


@dataclass(frozen=True)
class Advice:
    """One piece: `draft[span[0]:span[1]]` (code points, never empty) had better be `suggestion`."""

    code: AdviceCode
    severity: Severity
    span: tuple[int, int]
    text: str
    """Why, in the operator's language, a short sentence."""
    suggestion: str | None
    """What to put in the place of the span, in the draft's language: the span with something added
    where something is missing, empty where it had better go, None where nobody can know."""


@dataclass(frozen=True)
class Finding:
    """Advice before its words are chosen."""

    code: AdviceCode
    start: int
    end: int
    suggestion: str | None
    why: str = ""
    """Key of the reason in `prompts/review.*.yaml`; empty: the code."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Variables of the reason."""


@dataclass(frozen=True)
class ReviewContext:
    """What is known of the dialog that the draft answers; everything may be unknown."""

    intent: IntentLabel | None = None
    """Of the customer's message that is answered."""
    history: Sequence[Turn] = ()
    """What was said so far, oldest first."""
    known: Sequence[Known] = ()
    """What the customer has said of himself, in earlier dialogs too, newest first."""
    customer: Customer = NOBODY
    operator_name: str = ""
    ticket_number: str | None = None
    sources: Sources = NOTHING_AT_HAND
    """The articles that the draft may be checked against."""

    @property
    def answers_complaint(self) -> bool:
        """Whether the draft answers a complaint."""
        return self.intent is IntentLabel.COMPLAINT


def advice_document(advice: Advice) -> dict[str, Any]:
    """As the API shows it."""
    return {
        "code": advice.code.value,
        "severity": advice.severity.value,
        "span": list(advice.span),
        "text": advice.text,
        "suggestion": advice.suggestion,
    }
