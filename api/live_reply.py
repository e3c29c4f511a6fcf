"""A reply that is heard while it is being made, across the border between threads and the loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from threading import Event, Thread

from assistant.pipeline import Answered
from assistant.writing.task import Listener

Makes = Callable[[Listener], Answered]
_DONE = object()
_LOOK_SECONDS = 0.1
"""How often one looks whether the client is still there."""


class LiveReply:
    """One reply, made in a thread of its own so that it is finished and kept though the client
    goes away in the middle."""

    def __init__(self, make: Makes) -> None:
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[object] = asyncio.Queue()
        self._first: object = None
        self._answered: Answered | None = None
        self._error: BaseException | None = None
        self._stop = Event()

    def start(self) -> None:
        """Begin the work; nobody need ever listen."""
        Thread(target=self._work, name="live-reply", daemon=True).start()

    async def begin(self, has_gone: Callable[[], Awaitable[bool]]) -> None:
        """Wait for the first sentence or the end; a client who goes away meanwhile stops the
        writing. Raises whatever refused the message before a word was said."""
        first = asyncio.ensure_future(self._heard.get())
        try:
            while not (await asyncio.wait([first], timeout=_LOOK_SECONDS))[0]:
                if not self._stop.is_set() and await has_gone():
                    self.stop()
        except BaseException:
            self.stop()
            first.cancel()
            raise
        self._first = first.result()
        if self._first is _DONE and self._error is not None:
            raise self._error

    async def pieces(self) -> AsyncIterator[str]:
        """Sentences as they pass the check. Raises what went wrong after the first of them."""
        piece = self._first
        while isinstance(piece, str):
            yield piece
            piece = await self._heard.get()
        if self._error is not None:
            raise self._error

    def answered(self) -> Answered:
        """The whole reply, once there are no more pieces."""
        assert self._answered is not None  # noqa: S101 - `pieces` raised otherwise
        return self._answered

    def stop(self) -> None:
        """Nobody listens any more; a language model is no longer asked. No harm at the end."""
        self._stop.set()

    def _work(self) -> None:
        try:
            self._answered = self._make(Listener(self._hear, self._stop))
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            self._error = error
        self._hear(_DONE)

    def _hear(self, piece: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._heard.put_nowait, piece)
