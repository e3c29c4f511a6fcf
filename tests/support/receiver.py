"""A server on loopback that receives webhooks: well, badly, slowly, as it is told.

with Receiver() as receiver:                        # takes everything
with Receiver(lambda post: Reply(500)) as receiver: # decides by the request
    … receiver.url … receiver.posts …
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of 0 seconds: closing sends RST."""


@dataclass(frozen=True)
class Post:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    """By name in small letters."""
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """What it tells."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def delivery(self) -> str:
        """The id that is the same at every attempt."""
        return self.headers["x-souffleur-delivery"]


@dataclass(frozen=True)
class Reply:
    """How to answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait_for: threading.Event | None = None
    """Say nothing before this is set, or the server is closed."""
    trickles: bool = False
    """Send the head byte by byte, without an end."""
    resets: bool = False
    """Break the connection off."""


def take(_post: Post) -> Reply:
    """Takes everything."""
    return Reply()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Senders die in some tests, which is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*_)  # type: ignore[arg-type]


class Receiver:
    """The server; a context manager."""

    def __init__(self, behave: Callable[[Post], Reply] = take) -> None:
        self.posts: list[Post] = []
        """What came, in order, before it was answered."""
        self._behave = behave
        self._lock = threading.Lock()
        self._over = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                owner._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def documents(self) -> list[dict[str, Any]]:
        """What was told, in order, each delivery once: as a receiver who honours ids sees it."""
        with self._lock:
            first = {post.delivery: post for post in reversed(self.posts)}
            return [post.document for post in self.posts if first[post.delivery] is post]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length)
        if len(body) < length:  # the sender died in the middle
            handler.close_connection = True
            return
        headers = {name.lower(): value for name, value in handler.headers.items()}
        post = Post(handler.path, headers, body)
        reply = self._behave(post)
        with self._lock:
            self.posts.append(post)
        while reply.wait_for is not None and not reply.wait_for.wait(0.02):
            if self._over.is_set():
                return
        if reply.resets:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            handler.close_connection = True
            socket.close(handler.connection.detach())
            return
        try:
            self._say(handler, reply)
        except OSError:  # the client has gone, which is what some tests are about
            handler.close_connection = True

    def _say(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.trickles:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self._over.is_set():
                handler.wfile.write(b"a")
                time.sleep(0.02)
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "6")
        handler.end_headers()
        handler.wfile.write(b"secret")
