"""The routing rules tried on a message: what they see of it and what they decide. Nothing is kept
and nobody is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.deciding import Context, Decider
from assistant.domain import Customer
from assistant.handoff import Situation, facts_of
from assistant.routing import Rule, choose
from assistant.text import clean_message, detect_language


def try_rules(
    decider: Decider,
    rules: Sequence[Rule],
    text: str,
    customer: Customer,
    *,
    is_open: bool,
    locale: str,
) -> dict[str, Any]:
    """Who would get a dialog that opens with `text`, with all that the rules can ask for; `locale`
    is the language of a text that has no words.

    `action` is what the bot would do; the route counts where that is `handoff`, and later whenever
    the customer calls a person. Raises TextRejectedError for text that cannot be worked on.
    """
    text = clean_message(text)
    context = Context(text, customer=customer, locale=detect_language(text, locale))
    outcome, _sight = decider.consider(context)  # asks no language model
    situation = Situation(
        text=text,
        lang=outcome.lang,
        intent=outcome.intent,
        signals=outcome.signals,
        history=(),
        passages=outcome.passages,
        customer=customer,
        articles={},
    )
    facts = facts_of(situation, is_open=is_open)
    route = choose(rules, facts)
    return {
        "queue": route.queue,
        "priority": route.priority.value,
        "rule": route.rule,
        "topic": route.topic,
        "intent": facts.intent.value if facts.intent else None,
        "segment": facts.segment,
        "language": facts.language,
        "hours": facts.hours,
        "signals": sorted(signal.value for signal in facts.signals),
        "action": outcome.action.value,
    }
