"""A provider of language models on loopback that behaves as scripted: mostly badly.

A real HTTP server of threads that speaks the OpenAI chat API (`POST …/chat/completions`), streamed
when the request asks for it and whole when not:

    with MisbehavingProvider([hang(), says("Здравствуйте")]) as provider:
        …                                   # provider.url as the model's api_base
        provider.requests[0].body           # what was asked; .was_left: the client closed first

A script is a list of behaviours, one a request (the last one goes on), or a function from the
request to a behaviour. A behaviour is a function of the open connection.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST_SECONDS = 60.0
"""After which a behaviour without an end ends, whatever the client does."""
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of 0 seconds: closing sends RST in place of FIN."""


@dataclass
class Request:
    """A request as it came."""

    body: dict[str, Any]
    headers: dict[str, str]
    """By name in small letters."""
    closed_first: threading.Event = field(default_factory=threading.Event)

    @property
    def is_streamed(self) -> bool:
        """Whether it asked for a reply in pieces."""
        return bool(self.body.get("stream"))

    def was_left(self, seconds: float = 5.0) -> bool:
        """Whether the client closed the connection before the reply was over; waits for it."""
        return self.closed_first.wait(seconds)


class ClientGoneError(Exception):
    """The client closed the connection."""


class Connection:
    """What a behaviour works on: sends bytes, and notices when the client goes away."""

    def __init__(self, handler: BaseHTTPRequestHandler, request: Request, over: threading.Event):
        self.request = request
        self._handler = handler
        self._socket: socket.socket = handler.connection
        self._over = over

    def send(self, data: bytes) -> None:
        """Send bytes; raises ClientGoneError."""
        if self._is_gone():
            raise ClientGoneError
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise ClientGoneError from error

    def wait(self, seconds: float = LONGEST_SECONDS) -> None:
        """Do nothing; raises ClientGoneError once the client has gone or the server is closed."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._is_gone() or self._over.is_set():
                raise ClientGoneError
            self._over.wait(0.01)

    def reset(self) -> None:
        """Break the connection off with RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # The handler's files hold the socket open: it is closed beneath them.
        socket.close(self._socket.detach())

    def head(
        self, status: int, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send status and headers of a reply that ends with the connection."""
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {content_type}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.send("\r\n".join([*lines, "Connection: close", "", ""]).encode())

    def events(self, status: int = 200) -> None:
        """Send the head of a streamed reply."""
        self.head(status, "text/event-stream")

    def chunk(self, data: bytes) -> None:
        """Send one server-sent event."""
        self.send(b"data: " + data + b"\n\n")

    def _is_gone(self) -> bool:
        readable, _, _ = select.select([self._socket], [], [], 0)
        if not readable:
            return False
        try:
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True


Behaviour = Callable[[Connection], None]
Script = Sequence[Behaviour] | Callable[[Request], Behaviour]


class MisbehavingProvider:
    """The server; a context manager. `url` is the model's api_base, `requests` what came, in
    order."""

    def __init__(self, script: Script) -> None:
        self.requests: list[Request] = []
        self._script = script
        self._lock = threading.Lock()
        self._over = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> MisbehavingProvider:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it and whatever hangs; from now on the port refuses connections."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def is_idle(self) -> bool:
        """Whether nothing was asked."""
        return not self.requests

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        length = int(handler.headers.get("Content-Length", 0))
        body = json.loads(handler.rfile.read(length))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(body, headers)
        behaviour = self._next(request)
        try:
            behaviour(Connection(handler, request, self._over))
        except ClientGoneError:
            if not self._over.is_set():
                request.closed_first.set()

    def _next(self, request: Request) -> Behaviour:
        with self._lock:
            position = len(self.requests)
            self.requests.append(request)
        if callable(self._script):
            return self._script(request)
        return self._script[min(position, len(self._script) - 1)]


def refusing_url() -> str:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


@contextlib.contextmanager
def deaf_url() -> Iterator[str]:
    """An address that neither takes connections nor refuses them: connecting to it hangs."""
    with contextlib.ExitStack() as opened:
        listening = opened.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        # Linux takes one connection more than the backlog; whoever comes later waits.
        for _ in range(4):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


# --- behaving well --------------------------------------------------------------------------------


def says(
    content: str,
    *,
    usage: tuple[int, int] | None = (11, 7),
    pieces: int = 8,
    pause_seconds: float = 0.0,
) -> Behaviour:
    """Answers `content`: in `pieces` with a pause after each where the request is streamed, else
    whole. `usage`: tokens of prompt and reply; None: not said."""

    def behave(connection: Connection) -> None:
        if not connection.request.is_streamed:
            document = {"choices": [_choice(message={"role": "assistant", "content": content})]}
            _send_document(connection, 200, _document(document, usage))
            return
        connection.events()
        for piece in _pieces(content, pieces):
            connection.chunk(text_chunk(piece))
            connection.wait(pause_seconds)
        connection.chunk(_chunk([_choice(delta={}, finish_reason="stop")]))
        if usage is not None:
            connection.chunk(json.dumps(_document({"choices": []}, usage)).encode())
        connection.chunk(b"[DONE]")

    return behave


def says_and_waits(content: str, at: int, until: threading.Event) -> Behaviour:
    """Streams `content` in two pieces, the second only once somebody sets the event."""

    def behave(connection: Connection) -> None:
        connection.events()
        connection.chunk(text_chunk(content[:at]))
        if not until.wait(LONGEST_SECONDS):
            raise ClientGoneError
        connection.chunk(text_chunk(content[at:]))
        connection.chunk(_chunk([_choice(delta={}, finish_reason="stop")]))
        connection.chunk(b"[DONE]")

    return behave


def text_chunk(piece: str) -> bytes:
    """One piece of a streamed reply as JSON."""
    return _chunk([_choice(delta={"content": piece}, finish_reason=None)])


# --- behaving badly -------------------------------------------------------------------------------


def hang() -> Behaviour:
    """Takes the request and never says a word."""
    return lambda connection: connection.wait()


def hang_after_head() -> Behaviour:
    """Says that a stream comes, and then nothing."""

    def behave(connection: Connection) -> None:
        connection.events()
        connection.wait()

    return behave


def half(content: str, then: str = "hang") -> Behaviour:
    """Half a streamed reply, then `hang`, `close` or `reset`."""

    def behave(connection: Connection) -> None:
        connection.events()
        for piece in _pieces(content[: len(content) // 2], 3):
            connection.chunk(text_chunk(piece))
        connection.wait(0.05)  # what was sent must arrive before a reset discards it
        if then == "hang":
            connection.wait()
        elif then == "reset":
            connection.reset()

    return behave


def reset() -> Behaviour:
    """Breaks the connection off before a word was said."""
    return lambda connection: connection.reset()


def status(code: int, message: str = "no", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Answers with an error in OpenAI's form."""

    def behave(connection: Connection) -> None:
        error = {"error": {"message": message, "type": "error", "code": code}}
        _send_document(connection, code, error, headers)

    return behave


def body(data: bytes, content_type: str = "application/json", code: int = 200) -> Behaviour:
    """Answers with any bytes."""

    def behave(connection: Connection) -> None:
        connection.head(code, content_type, {"Content-Length": str(len(data))})
        connection.send(data)

    return behave


def events(*data: bytes, done: bool = True) -> Behaviour:
    """Answers with server-sent events of any content."""

    def behave(connection: Connection) -> None:
        connection.events()
        for item in data:
            connection.chunk(item)
        if done:
            connection.chunk(b"[DONE]")

    return behave


def trickle(seconds: float = 1.0) -> Behaviour:
    """A byte of a proper stream, and another one each `seconds`."""

    def behave(connection: Connection) -> None:
        connection.events()
        for byte in b"data: " + text_chunk("и" * 200) + b"\n\n":
            connection.send(bytes([byte]))
            connection.wait(seconds)

    return behave


def endless(piece: str = "") -> Behaviour:
    """A stream that does not end, as fast as it is read: numbers, or the same piece for ever."""

    def behave(connection: Connection) -> None:
        connection.events()
        until = time.monotonic() + LONGEST_SECONDS
        for number in itertools.count():
            if time.monotonic() > until:
                return
            connection.chunk(text_chunk(piece or f"И в-{number}-х, и снова, и ещё раз. "))

    return behave


def flood(size: int = 5_000_000) -> Behaviour:
    """One piece of `size` letters."""
    return events(text_chunk("a" * size))


def _pieces(content: str, count: int) -> Iterator[str]:
    size = max(1, -(-len(content) // count))
    for start in range(0, len(content), size):
        yield content[start : start + size]


def _choice(finish_reason: str | None = "stop", **said: object) -> dict[str, Any]:
    return {"index": 0, "finish_reason": finish_reason, **said}


def _chunk(choices: list[dict[str, Any]]) -> bytes:
    document = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return json.dumps(document | {"choices": choices}, ensure_ascii=False).encode()


def _document(extra: Mapping[str, Any], usage: tuple[int, int] | None) -> dict[str, Any]:
    document = {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", **extra}
    if usage is not None:
        prompt, completion = usage
        document["usage"] = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
    return document


def _send_document(
    connection: Connection,
    code: int,
    document: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> None:
    data = json.dumps(document, ensure_ascii=False).encode()
    length = {"Content-Length": str(len(data))}
    connection.head(code, "application/json", length | dict(headers or {}))
    connection.send(data)
