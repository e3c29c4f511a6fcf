"""The text of one client's stream of events: from memory where the hub goes back so far, from the
store where not, with a comment now and then so that nobody between takes the line for dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from fastapi.concurrency import run_in_threadpool

from api.event_hub import EventHub
from api.event_lines import event_lines
from assistant.store.events import Event, Events
from assistant.store.who_types import Typing

HEARTBEAT_SECONDS = 15.0
_RETRY_MILLISECONDS = 2000
_AT_A_TIME = 200

_CHECK_SECONDS = 1.0
"""So long after it was last known to be allowed a stream tells no more unasked."""

ShowTyping = Callable[[Typing], dict[str, Any] | None]
"""Who types, as this client may see it; None: not at all."""
MayGoOn = Callable[[], bool]
"""Whether the client may still listen; it may ask the store."""
Show = Callable[[Event], dict[str, Any] | None]
"""An event as this client may see it; None: not at all."""


@dataclass(frozen=True)
class Start:
    """Where a stream begins."""

    number: int
    """Of the last event that it does not tell."""
    reset: dict[str, Any] | None = None
    """What to say first when events may be missing before the next one."""


class EventText:
    """One client's stream, as text."""

    def __init__(
        self,
        hub: EventHub,
        store: Events,
        dialog_id: str | None,
        show: Show,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        *,
        show_typing: ShowTyping = lambda _typing: None,
        may_go_on: MayGoOn | None = None,
    ) -> None:
        """`dialog_id`: tell of this dialog only."""
        self._show_typing = show_typing
        self._may_go_on = may_go_on
        self._allowed_until = 0.0
        self._frame = hub.frame
        self._hub = hub
        self._store = store
        self._dialog_id = dialog_id
        self._show = show
        self._heartbeat_seconds = heartbeat_seconds
        self._position = 0

    async def lines(self, start: Start) -> AsyncIterator[str]:
        """The stream, until the client goes away or the process ends."""
        self._position = start.number
        clock = asyncio.get_running_loop().time
        yield f"retry: {_RETRY_MILLISECONDS}\n\n"
        if start.reset is not None:
            yield _lines(start.number, "reset", start.reset)
        spoken = clock()
        with self._hub.listening():
            while not self._hub.is_closing and await self._is_allowed(clock()):
                for event in await self._next():
                    document = self._document(event)
                    if document is not None:
                        yield _lines(event.id, event.type, document)
                        spoken = clock()
                for typing in self._typing():
                    yield event_lines("typing", typing)
                    spoken = clock()
                left = spoken + self._heartbeat_seconds - clock()
                if left <= 0:
                    yield ": alive\n\n"
                    spoken, left = clock(), self._heartbeat_seconds
                await self._hub.wait_for_news(self._position, left, self._frame)

    async def _is_allowed(self, now: float) -> bool:
        if self._may_go_on is not None and now >= self._allowed_until:
            self._allowed_until = now + _CHECK_SECONDS
            return await run_in_threadpool(self._may_go_on)
        return True

    def _typing(self) -> list[dict[str, Any]]:
        """Who types, told of once, without a number: what is over needs no resuming."""
        found = self._hub.typing_since(self._frame)
        self._frame = self._hub.frame
        shown = [self._show_typing(it) for it in found if self._dialog_id in (None, it.dialog_id)]
        return [document for document in shown if document is not None]

    async def _next(self) -> list[Event]:
        """Events that were not sent yet: from memory, or, where that does not go back so far, from
        the store."""
        found = self._hub.since(self._position)
        if found is None:
            return await self._from_store()
        if found:
            self._position = found[-1].id
        return found

    async def _from_store(self) -> list[Event]:
        known = self._hub.position
        found = await run_in_threadpool(
            self._store.events_after, self._position, _AT_A_TIME, dialog_id=self._dialog_id
        )
        if found:
            self._position = found[-1].id
        if len(found) < _AT_A_TIME:  # of this dialog there is no more up to what the hub knew
            self._position = max(self._position, known)
        return found

    def _document(self, event: Event) -> dict[str, Any] | None:
        if self._dialog_id is not None and event.dialog_id != self._dialog_id:
            return None
        return self._show(event)


def _lines(number: int, name: str, data: dict[str, Any]) -> str:
    return f"id: {number}\n{event_lines(name, data)}"
