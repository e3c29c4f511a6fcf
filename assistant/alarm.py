"""The waiting-time alarm: whoever waits for a person's word longer than his queue promises is told
so once, and so is whoever listens to `sla.breached`.

**What is guaranteed when a clock is set.** Waits are kept as stamps of the clock on the wall, but
only the first round of a process believes them. From then on a process counts each wait that it
knows by its monotonic clock, and a wait that it meets for the first time cannot be older than the
round before. So neither a clock set forward raises alarms, nor one set back or ahead of other
machines' holds them up. What is left: a process that starts after the clock was set counts what
waits already from the stamps, so an hour forward may raise early alarms then, and an hour back (a
stamp from the future counts as now) delays those by what they had waited before. Opening hours are
always read from the clock on the wall.

Each process looks by itself; the store lets only one of them raise the alarm of a wait.
"""

from __future__ import annotations

import logging
import time as clocks
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from math import inf
from typing import Any

from assistant import disclosure
from assistant.contacts import Contacts, customer_said
from assistant.domain import Dialog, HandoffReason, Owner, Turn
from assistant.handoff import Staffing, what_still_happens
from assistant.replies import bot_document
from assistant.store.alarms import Alarm, Wait
from assistant.store.base import Clock, utc_now
from assistant.store.dialogs import DialogStore
from assistant.text import detect_language
from prompts.loader import Phrases, phrases

log = logging.getLogger(__name__)

STILL_NEWS_SECONDS = 24 * 3600
"""Of opening hours past the promise. Whoever has waited for longer, because nothing ran meanwhile,
would only be surprised."""


class WaitingAlarm:
    """Looks at all waits, again and again (`assistant.rounds`). One thread at a time."""

    def __init__(
        self,
        store: DialogStore,
        staffing: Callable[[], Staffing],
        contacts: Contacts,
        bot_name: str = "",
        *,
        now: Clock = utc_now,
        monotonic: Callable[[], float] = clocks.monotonic,
    ) -> None:
        self._store = store
        self._staffing = staffing
        self._contacts = contacts
        self._bot_name = bot_name
        self._now = now
        self._ages = _Ages(monotonic)

    def look(self) -> int:
        """Raise the alarms that are due; returns how many this process raised."""
        waits = self._ages.of(self._store.open_waits, self._now)
        if not waits:
            return 0
        staffing, raised = self._staffing(), 0
        for wait, age in waits:
            desk = staffing.calendar.desk(wait.queue)
            waited = desk.hours.business_seconds(staffing.now - age, staffing.now)
            if not 0 < desk.answer_within_seconds < waited:
                continue
            alarm = self._alarm(wait, waited, desk.answer_within_seconds, staffing.of(wait.queue))
            if self._store.raise_alarm(wait, alarm):
                raised += 1
                log.warning("dialog %s has waited %d s for a person", wait.dialog_id, waited)
        return raised

    def _alarm(self, wait: Wait, waited: float, limit: float, staffing: Staffing) -> Alarm:
        here = staffing.now.astimezone(staffing.hours.zone)
        is_told = wait.owner is Owner.WAITING and waited - limit < STILL_NEWS_SECONDS
        return Alarm(
            waiting_seconds=waited,
            limit_seconds=limit,
            said=self._said(wait, waited, staffing) if is_told else None,
            midnight=datetime.combine(here.date(), time.min, here.tzinfo),
        )

    def _said(self, wait: Wait, waited: float, staffing: Staffing) -> dict[str, Any]:
        """The message, in the language that the customer wrote last."""
        dialog, history = self._store.dialog(wait.dialog_id), self._store.history(wait.dialog_id)
        said = customer_said(history)
        lang = detect_language(said[-1], dialog.locale) if said else dialog.locale
        text = self._told(dialog, history, staffing, waited, phrases(lang))
        signed = disclosure.sign(text, lang, bot_name=self._bot_name, offer_person=False)
        return bot_document(signed)

    def _told(
        self,
        dialog: Dialog,
        history: Sequence[Turn],
        staffing: Staffing,
        waited: float,
        say: Phrases,
    ) -> str:
        """That it takes long, what happens next, and how long it may take where that is known."""
        parts = [say.say("late")]
        if dialog.handoff_reason is HandoffReason.UNSAFE:
            parts.append(say.say("late_unsafe"))
        if staffing.operators_online:
            parts.append(say.say("late_online"))
            minutes = self._store.typical_wait_minutes(default=0)
            if minutes * 60 > waited:  # a usual wait that he has had already promises nothing
                parts.append(say.say("late_typical", minutes=minutes))
            return " ".join(parts)
        parts.append(what_still_happens(staffing, say, history))
        if dialog.handoff_reason is HandoffReason.UNSAFE:
            return " ".join(parts)
        offers = self._contacts.offers(dialog.customer, customer_said(history), history)
        offered = " ".join(say.say(key) for key in offers)
        return " ".join(parts) + (f"\n\n{offered}" if offered else "")


class _Ages:
    """How long each wait has lasted, however the clock on the wall was set meanwhile."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began: dict[tuple[str, datetime], float] = {}
        self._looked_at: float | None = None

    def of(self, look: Callable[[], list[Wait]], now: Clock) -> list[tuple[Wait, timedelta]]:
        """What `look` finds, with its age; what it does not find any more is forgotten."""
        at = self._monotonic()
        most = inf if self._looked_at is None else at - self._looked_at
        waits, wall = look(), now()
        self._began = {
            _key(wait): self._began.get(_key(wait), at - min(most, _seconds(wait.since, wall)))
            for wait in waits
        }
        self._looked_at = at
        return [(wait, timedelta(seconds=at - self._began[_key(wait)])) for wait in waits]


def _key(wait: Wait) -> tuple[str, datetime]:
    return wait.dialog_id, wait.since


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
