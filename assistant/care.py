"""Manners: what the bot may say unasked, and how often. Each rule is a function of plain values;
the database only fetches them (`assistant.store.telling`)."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """Why a message was sent that answers no message."""

    NEWS = "news"
    """A ticket changed."""
    ALARM = "alarm"
    """The customer waits too long and is told so, once."""
    SURVEY = "survey"
    PROACTIVE = "proactive"
    """For a reason that the deployment has named."""


CONTACTS_PER_DAY = 5


def is_within_budget(sent_today: int, contacts_per_day: int = CONTACTS_PER_DAY) -> bool:
    """Whether one more unasked message may go to a customer today. `sent_today`: how many he got in
    all his dialogs, on every channel, since midnight where the operators are."""
    return sent_today < contacts_per_day
