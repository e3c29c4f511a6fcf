"""A reply in pieces as they come, that ends when its time is up or nobody wants it any more.

litellm is read as a coroutine on one event loop of the process (a daemon thread), whoever asked
waits on a queue with a limit of his own. So whatever a server does, and whatever keeps the loop
busy, the caller goes on in time; and cancelling the coroutine really closes the connection, while
connecting, before the first byte or in the middle, with every provider that litellm knows. A thread
that is blocked in a socket could be left alone only.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from assistant.errors import (
    LanguageModelError,
    LanguageModelRefusedError,
    LanguageModelStoppedError,
    LanguageModelTimeoutError,
    MalformedReplyError,
    SettingsError,
)
from assistant.language_models.asking import Message, ModelRequest
from assistant.llm import LanguageModel, is_loaded, library

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05
"""How often a waiting caller looks whether he is still wanted."""
_CHARACTERS_PER_TOKEN = 16
"""No usual text has more on average; runs of spaces have."""
_SLACK_CHARACTERS = 1000
_BYTES_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
"""What a chat format adds to each message: role and separators."""
_MILLION = 1_000_000
_NOBODY = "http://127.0.0.1:9/v1"
"""The discard port of this machine: a connection to it is refused."""
_RESOLVERS = 64
"""Threads that look up host names; one whose name server hangs must not stop the others."""
_LEAVING_SECONDS = 60.0
"""How long a process that ends waits for the loop: importing takes seconds, on a busy machine more.
"""
_CLOSING_SECONDS = 2.0
"""How much of that connections get to be closed properly."""
_ONE_AT_A_TIME = threading.Lock()
"""litellm keeps connections for a loop: there must not be two."""


@dataclass(frozen=True)
class Usage:
    """What a reply took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    """None where the price is not known."""


@dataclass(frozen=True)
class Price:
    """USD per million tokens."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """USD for that many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION


class Reply(Protocol):
    """The pieces of one reply, and what it took."""

    def __iter__(self) -> Iterator[str]:
        """Itself."""

    def __next__(self) -> str:
        """The next piece; raises a LanguageModelError where none can come."""

    @property
    def usage(self) -> Usage:
        """What it took so far; final once it ended or was closed."""

    def close(self) -> None:
        """End it and its connection; may be called twice."""


class Streams(Protocol):
    """What gives replies in pieces: a StreamingModel, or a double in tests."""

    @property
    def name(self) -> str:
        """How it is called in traces and metrics."""

    def stream(self, request: ModelRequest) -> Reply:
        """Begin to ask. Raises nothing; failures come out of the reply."""


@dataclass(frozen=True)
class StreamingModel:
    """A language model that is read while it writes. Safe to use from several threads."""

    model: LanguageModel
    price: Price | None = None
    """None: as litellm's own list has it, if it does."""
    label: str = ""
    """Its name where two models would have the same."""

    @property
    def name(self) -> str:
        """How it is called in traces and metrics."""
        return self.label or self.model.model

    def stream(self, request: ModelRequest) -> ReplyStream:
        """Begin to ask; the request is on its way when this returns."""
        return ReplyStream(self, request)

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """USD for that many tokens; None where the price is not known."""
        if not prompt_tokens and not completion_tokens:
            return 0.0
        if self.price is not None:
            return self.price.of(prompt_tokens, completion_tokens)
        return _listed_cost(self.model.model, prompt_tokens, completion_tokens)


class ReplyStream:
    """The pieces of one reply. Close it; a reply that ended or failed has closed itself.

    Out of the iterator come LanguageModelTimeoutError when the request's time is up,
    LanguageModelStoppedError within a tenth of a second after its `stop` was set,
    MalformedReplyError for a reply without a text, one that breaks off and one that does not end,
    and whatever else `LanguageModel.named` says.
    """

    def __init__(self, model: StreamingModel, request: ModelRequest) -> None:
        self._model = model
        self._request = request
        self._arrived: queue.SimpleQueue[str | LanguageModelError | None] = queue.SimpleQueue()
        self._counted: tuple[int, int] | None = None
        self._characters = 0
        self._bytes = 0
        self._is_sent = False
        self._was_turned_away = False
        self._failure: LanguageModelError | None = None
        self._is_over = False
        self._reading = asyncio.run_coroutine_threadsafe(self._read(), _loop())

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._failure is not None:
            raise self._failure
        if self._is_over:
            raise StopIteration
        piece = self._wait()
        if piece is None:
            self._is_over = True
            raise StopIteration
        if isinstance(piece, str):
            return piece
        self._failure = piece
        self.close()
        raise piece

    @property
    def usage(self) -> Usage:
        """Tokens as the provider counts them. Where it did not get so far, they are estimated: four
        bytes of UTF-8 make a token (four letters in English, two in Russian: near to what OpenAI's
        and Qwen's tokenizers make of support dialogs); none where the server turned us away."""
        prompt, completion = self._counted or self._estimate()
        return Usage(prompt, completion, self._model.cost(prompt, completion))

    def close(self) -> None:
        """End the connection, whatever it is doing."""
        self._is_over = True
        self._reading.cancel()

    def _estimate(self) -> tuple[int, int]:
        if not self._bytes and (self._was_turned_away or not self._is_sent):
            return 0, 0
        said = min(-(-self._bytes // _BYTES_PER_TOKEN), self._request.max_tokens)
        return estimated_tokens(self._request.messages), said

    def _wait(self) -> str | LanguageModelError | None:
        """The next thing that arrived; an error of ours when it may not be waited for."""
        name = self._model.model.model
        while True:
            if self._request.stop.is_set():
                return LanguageModelStoppedError(f"{name}: nobody waits for the reply any more")
            left = self._request.deadline.left()
            if left <= 0:
                return LanguageModelTimeoutError(f"{name}: no usable reply in time")
            with contextlib.suppress(queue.Empty):
                return self._arrived.get(timeout=min(left, _LOOK_SECONDS))

    async def _read(self) -> None:
        """Runs on the loop: puts pieces into the queue, then None or an error."""
        response = None
        try:
            response = await self._begin()
            async for chunk in response:
                self._take(chunk)
            self._check_end(response)
        except LanguageModelError as error:
            self._arrived.put(error)
        except SettingsError as error:
            self._arrived.put(LanguageModelRefusedError(str(error)))
        except Exception as error:  # noqa: BLE001 - given to the caller under a name of ours
            ours = self._model.model.named(error)
            self._was_turned_away = not isinstance(ours, LanguageModelTimeoutError)
            self._arrived.put(ours)
        else:
            self._arrived.put(None)
        finally:
            if response is not None:
                await response.aclose()

    async def _begin(self) -> Any:
        # Importing takes seconds: not on the loop, which others are read on.
        litellm = library() if is_loaded() else await asyncio.to_thread(library)
        request = self._request
        self._is_sent = True
        return await litellm.acompletion(
            **self._model.model.arguments(request.messages, request.max_tokens),
            **_form(request.schema),
            stream=True,
            stream_options={"include_usage": True},
        )

    def _take(self, chunk: Any) -> None:
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self._counted = int(usage.prompt_tokens), int(usage.completion_tokens)
        piece = chunk.choices[0].delta.content if chunk.choices else None
        if not piece:
            return
        self._characters += len(piece)
        self._bytes += len(piece.encode())
        if self._characters > self._most_characters():
            raise MalformedReplyError(f"{self._model.model.model}: the reply does not end")
        self._arrived.put(piece)

    def _most_characters(self) -> int:
        return self._request.max_tokens * _CHARACTERS_PER_TOKEN + _SLACK_CHARACTERS

    def _check_end(self, response: Any) -> None:
        name = self._model.model.model
        if not self._characters:
            # litellm counts a prompt also for a page of HTML that it takes for an empty reply.
            raise MalformedReplyError(f"{name}: the reply is empty")
        # litellm makes up an end for a reply that has none; this it does not make up.
        if getattr(response, "received_finish_reason", "") is None:
            self._counted = None
            raise MalformedReplyError(f"{name}: the reply breaks off")


def estimated_tokens(messages: Sequence[Message]) -> int:
    """Tokens of a prompt, estimated as `ReplyStream.usage` says."""
    sizes = (len(message["content"].encode()) for message in messages)
    return sum(-(-size // _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE for size in sizes)


def warm_up() -> Future[None]:
    """Import litellm and all that it imports with the first question, beside other work: 4 seconds
    that the first customer does not have. Nothing leaves this machine. Nobody need wait for it."""
    return asyncio.run_coroutine_threadsafe(_warm_up(), _loop())


def warn_of_unknown(names: Sequence[str]) -> None:
    """Log the models whose provider litellm does not know by their name: they would fail with every
    question, and each time look like a provider's fault."""
    for name in names:
        try:
            library().get_llm_provider(name)
        except Exception:  # noqa: BLE001 - it has no error of its own for this
            log.error(  # noqa: TRY400 - its words are a page of advice
                "%s: litellm knows no such provider; write the model as openai/gpt-4.1-mini", name
            )


async def _warm_up() -> None:
    try:
        litellm = await asyncio.to_thread(library)
        asked = {"model": "openai/nobody", "messages": [{"role": "user", "content": "-"}]}
        made_up = await litellm.acompletion(**asked, stream=True, mock_response="-")
        async for _chunk in made_up:
            pass
        await litellm.acompletion(**asked, api_base=_NOBODY, api_key="-", max_retries=0)
    except Exception as error:  # noqa: BLE001 - nobody listens there; the next question tells more
        log.debug("warmed up, until %s", type(error).__name__)


def _form(schema: Mapping[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {}
    form = {"name": "reply", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def _listed_cost(model: str, prompt_tokens: int, completion_tokens: int) -> float | None:
    try:
        prompt, completion = library().cost_per_token(
            model=model, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens
        )
    except Exception:  # noqa: BLE001 - litellm has several ways to say that it does not know
        return None
    return float(prompt) + float(completion)


def _loop() -> asyncio.AbstractEventLoop:
    """The loop that all replies of this process are read on."""
    with _ONE_AT_A_TIME:
        return _started_loop()


@cache
def _started_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(_RESOLVERS, "resolving"))
    thread = threading.Thread(target=loop.run_forever, name="language models", daemon=True)
    thread.start()
    # Not threading._register_atexit, which is private and comes earlier: by now every thread that
    # may wait for a reply has been joined, with its reply.
    atexit.register(_leave, loop, thread)
    return loop


def _leave(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """Close what is being read and end the thread. Python freezes daemon threads as it goes: one
    that is in the middle of an import holds that module's lock for good, and whatever imports the
    module later, e.g. a finalizer of litellm's, waits for ever."""
    asyncio.run_coroutine_threadsafe(_close_all(), loop)
    thread.join(_LEAVING_SECONDS)
    if thread.is_alive():
        log.warning("language models are still busy after %.0f s", _LEAVING_SECONDS)


async def _close_all() -> None:
    """Cancel all that runs on this loop, then stop it."""
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=_CLOSING_SECONDS)
    asyncio.get_running_loop().stop()
