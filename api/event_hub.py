"""One look for new events a process, however many streams wait for them.

The hub keeps the latest events in memory and wakes the streams when there are more. A stream that
comes from further back, or that a slow client holds up, reads the store until it has caught up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from types import FrameType
from typing import Any, Protocol

from fastapi.concurrency import run_in_threadpool

from assistant.store.events import Event
from assistant.store.who_types import Typing

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
_AT_A_TIME = 500
_KEPT = 1000
_FRAMES_KEPT = 200
"""Words of who types; whoever is so far behind has missed nothing that is still true."""
_UNKNOWN = -1
_DELETED = ".deleted"


class Looked(Protocol):
    """What the hub looks at."""

    def newest_event(self) -> int:
        """The number of what happened last; 0 when nothing did."""

    def events_after(self, number: int, limit: int) -> list[Event]:
        """Events above a number, oldest first."""

    def typing_now(self) -> list[Typing]:
        """Who types."""


class EventHub:
    """What the streams of one process share; used from its event loop only."""

    def __init__(self, store: Looked, look_seconds: float = LOOK_SECONDS) -> None:
        self._store = store
        self._look_seconds = look_seconds
        self._kept: deque[Event] = deque(maxlen=_KEPT)
        self._floor = _UNKNOWN
        self._typing: dict[tuple[str, str], str] = {}
        self._frames: deque[tuple[int, Typing]] = deque(maxlen=_FRAMES_KEPT)
        self.frame = 0
        """Number of the newest word of who types, in this process; kept nowhere else."""
        self._is_wanted = asyncio.Event()
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self.position = _UNKNOWN
        """Number of the newest event that it knows of."""
        self.streams = 0
        """How many listen."""

    @property
    def is_closing(self) -> bool:
        """Whether the process ends, and the streams with it."""
        return self._closing.is_set()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """While somebody listens the hub looks."""
        self.streams += 1
        self._is_wanted.set()
        try:
            yield
        finally:
            self.streams -= 1
            if not self.streams and not self.is_closing:
                self._is_wanted.clear()
                self._floor = self.position = _UNKNOWN
                self._kept.clear()
                self._typing.clear()
                self._frames.clear()

    def typing_since(self, frame: int) -> list[Typing]:
        """Who was found to type, or to go on typing, after a word of that number."""
        return [typing for number, typing in self._frames if number > frame]

    def since(self, number: int) -> list[Event] | None:
        """Events above a number, oldest first; None when the hub does not go back so far."""
        if self._floor == _UNKNOWN or number < self._floor:
            return None
        if number >= self.position:
            return []
        return [event for event in self._kept if event.id > number]

    async def wait_for_news(self, number: int, seconds: float, frame: int | None = None) -> None:
        """Until there is an event above a number, a word of who types above the number `frame`,
        the process ends, or the time is over."""
        news = self._news
        is_behind = frame is not None and self.frame > frame
        if self.position > number or is_behind or self.is_closing:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), seconds)

    async def run(self) -> None:
        """Look again and again, while somebody listens, until it is closed."""
        is_failing = False
        while not self.is_closing:
            await self._is_wanted.wait()
            try:
                await self._look()
                is_failing = False
            except Exception as error:
                if not is_failing:  # once: the database may be away for minutes
                    log.error("events are looked for again: %s", error, exc_info=error)  # noqa: TRY400
                is_failing = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._look_seconds)

    async def _look(self) -> None:
        if self.position == _UNKNOWN:
            newest = await run_in_threadpool(self._store.newest_event)
            self._floor = self.position = newest
            self._wake()
        self._keep_typing(await run_in_threadpool(self._store.typing_now))
        while not self.is_closing:
            before = self.position
            found = await run_in_threadpool(self._store.events_after, before, _AT_A_TIME)
            if not found or self.position != before:  # the last stream left meanwhile
                return
            self._keep(found)
            self._wake()

    def _keep(self, found: list[Event]) -> None:
        if any(event.type.endswith(_DELETED) for event in found):
            # What was deleted is not known by its event, which has only digests of ids: forget all
            # of before. What was found was read after the deletion, so it holds none of it.
            self._kept.clear()
            self._floor = self.position
        for event in found:
            if len(self._kept) == self._kept.maxlen:
                self._floor = self._kept[0].id
            self._kept.append(event)
        self.position = found[-1].id

    def _keep_typing(self, now: list[Typing]) -> None:
        """What is new of who types; nobody is told that he stopped, since he said until when."""
        known, self._typing = self._typing, {(it.dialog_id, it.who): it.until for it in now}
        news = [it for it in now if known.get((it.dialog_id, it.who)) != it.until]
        for typing in news:
            self.frame += 1
            self._frames.append((self.frame, typing))
        if news:
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        """End the streams: the process is about to end."""
        self._closing.set()
        self._is_wanted.set()
        self._wake()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Look while the application serves. The server waits for open streams before it tells the
        application that it ends, so the hub hears the signal itself and lets them end."""
        looking = asyncio.create_task(self.run())
        try:
            with _hearing_signals(asyncio.get_running_loop(), self):
                yield
        finally:
            self.close()
            await looking


@contextlib.contextmanager
def _hearing_signals(loop: asyncio.AbstractEventLoop, hub: EventHub) -> Iterator[None]:
    """Close the hub when a signal ends the process; whoever handled the signal still does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Any] = {}

    def hear(number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(hub.close)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.getsignal(number)
        if callable(before[number]):
            signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is hear:
                signal.signal(number, handler)
