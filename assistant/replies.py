"""The reply object of the contract's section 3, as it is stored, sent and printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.domain import (
    Action,
    BotReply,
    Citation,
    Contact,
    Handoff,
    Intent,
    Owner,
    Passage,
    Priority,
    Signal,
)
from assistant.language_models.ledger import known_cost
from assistant.retrieval import relevance
from assistant.text import shorten
from assistant.writing.task import Written

SNIPPET_CHARACTERS = 200


@dataclass(frozen=True)
class Outcome:
    """What was decided on a message, before it is stored."""

    action: Action
    owner: Owner
    intent: Intent
    lang: str
    signals: frozenset[Signal] = frozenset()
    confidence: float | None = None
    """Probability that the answer given is right; None where none is given."""
    considered: float | None = None
    """The same of the answer that was considered, also where the dialog was handed over instead;
    None where no answer was considered."""
    features: Mapping[str, float] = field(default_factory=dict)
    """What that probability was computed from."""
    provisional: bool | None = None
    """Whether it was judged by the shipped confidence, which is fitted on other articles than
    these; None where no answer was considered."""
    reply: BotReply | None = None
    answer: str | None = None
    """The answer alone, without what the bot says around it; None where there is none."""
    written: Written | None = None
    """What came of asking a language model; None where none was asked."""
    handoff: Handoff | None = None
    contact: Contact | None = None
    """How the customer can be reached, where a person who takes the dialog should know it."""
    raised: Priority | None = None
    """How urgent this message is by the routing rules, where its dialog waits already; None where
    it says nothing of that."""
    passages: tuple[Passage, ...] = ()
    topic: str | None = None
    """What the dialog is about; None where it cannot be told."""
    question: str = ""
    """What was looked up; differs from the message when that was a follow-up."""
    snapshot: str | None = None
    prompt_versions: dict[str, str] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)


def reply_document(
    outcome: Outcome, dialog_id: str, message_id: str, trace_id: str
) -> dict[str, Any]:
    """The reply object; `reply` is null only when the action is `silent`."""
    return {
        "dialog_id": dialog_id,
        "message_id": message_id,
        "owner": outcome.owner.value,
        "intent": intent_document(outcome.intent),
        "action": outcome.action.value,
        "confidence": outcome.confidence,
        "reply": bot_document(outcome.reply) if outcome.reply else None,
        "handoff": handoff_document(outcome.handoff) if outcome.handoff else None,
        "suggested_articles": [suggestion_document(item) for item in outcome.passages[:3]],
        "trace": {
            "id": trace_id,
            "language": outcome.lang,
            "signals": sorted(signal.value for signal in outcome.signals),
            "prompt_versions": outcome.prompt_versions,
            "index_snapshot": outcome.snapshot,
            "confidence_provisional": outcome.provisional,
            "timings_ms": outcome.timings_ms,
            "model": model_document(outcome.written) if outcome.written else None,
        },
    }


def model_document(written: Written) -> dict[str, Any]:
    """What a language model did for this reply and what it cost; no text of the dialog."""
    cost = known_cost(
        (call.prompt_tokens + call.completion_tokens, call.cost_usd) for call in written.calls
    )
    return {
        "wrote_the_answer": written.draft is not None,
        "declined": written.declined,
        "broke_off": written.broke_off or None,
        "refused_sentences": dict(written.refused),
        "prompt_tokens": sum(call.prompt_tokens for call in written.calls),
        "completion_tokens": sum(call.completion_tokens for call in written.calls),
        "cost_usd": round(cost, 6) if cost is not None else None,
        "calls": [
            {
                "model": call.model,
                "outcome": call.outcome.value,
                "milliseconds": round(call.milliseconds, 1),
                "detail": call.detail,
            }
            for call in written.calls
        ],
    }


def intent_document(intent: Intent) -> dict[str, Any]:
    """Label and probabilities, rounded so that they still sum to 1 within a thousandth."""
    return {
        "label": intent.label.value,
        "probabilities": {
            label.value: round(share, 4) for label, share in intent.probabilities.items()
        },
    }


def bot_document(reply: BotReply) -> dict[str, Any]:
    """A bot's message: who says it always stands beside what is said."""
    return {
        "text": reply.text,
        "author": {
            "kind": "bot",
            "name": reply.disclosure.bot_name,
            "disclosure": reply.disclosure.text,
        },
        "citations": [citation_document(citation) for citation in reply.citations],
        "quick_replies": [asdict(button) for button in reply.quick_replies],
    }


def citation_document(citation: Citation) -> dict[str, Any]:
    """What the answer used."""
    return asdict(citation)


def handoff_document(handoff: Handoff) -> dict[str, Any]:
    """Why, to whom and with what the dialog is handed over; the rule and what is known of the
    customer are for operators alone."""
    document = asdict(handoff) | {
        "reason": handoff.reason.value,
        "priority": handoff.priority.value,
    }
    del document["rule"], document["known"]
    return document


def suggestion_document(passage: Passage) -> dict[str, Any]:
    """An article worth a look."""
    article = passage.article
    return {
        "article_id": article.article_id,
        "title": article.title,
        "url": article.url,
        "snippet": shorten(passage.chunk.text, SNIPPET_CHARACTERS),
        "score": round(relevance(passage), 4),
    }
