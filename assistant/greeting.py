"""Greeting back: by name, and by the time of day where the customer is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from assistant.domain import AuthorKind, Customer, Turn
from assistant.text import plain_name, told_zone
from prompts.loader import Phrases

_MORNING, _DAY, _EVENING, _NIGHT = 5, 12, 18, 23
"""Hours from which a time of day is called so."""


def greet(
    customer: Customer, history: Sequence[Turn], now: datetime, support_zone: ZoneInfo, say: Phrases
) -> str:
    """The greeting; with what the bot does only where it has said nothing in this dialog yet."""
    hello = say.say(_hello(now.astimezone(told_zone(customer.attributes) or support_zone).hour))
    name = plain_name(customer.name)
    greeting = (
        say.say("greeting_by_name", hello=hello, name=name)
        if name
        else say.say("greeting", hello=hello)
    )
    spoke = any(turn.author is AuthorKind.BOT for turn in history)
    rest = say.say("greeting_short" if spoke else "introduction")
    return f"{greeting} {rest}"


def _hello(hour: int) -> str:
    """The phrase of an hour; at night no time of day is wished."""
    if _MORNING <= hour < _DAY:
        return "hello_morning"
    if _DAY <= hour < _EVENING:
        return "hello_day"
    return "hello_evening" if _EVENING <= hour < _NIGHT else "hello_night"
