"""A CRM on loopback that answers well, badly, slowly, as it is told.

with CrmServer() as crm:                                  # knows everybody
with CrmServer(lambda asked: Answer(500)) as crm:         # decides by the request
    … crm.url … crm.asked …
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of 0 seconds: closing sends RST."""
_TRICKLE_SECONDS = 0.02

CARD = '{"tier": "gold", "city": "Казань", "since": 2019, "blocked": false}'


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    """As it stood in the request line, still escaped."""
    headers: dict[str, str]
    """By name in small letters."""


@dataclass(frozen=True)
class Answer:
    """How to answer."""

    status: int = 200
    body: bytes = CARD.encode()
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    wait_for: threading.Event | None = None
    """Say nothing before this is set, or the server is closed."""
    trickles: bool = False
    """Send the head, and then bytes of a body without an end."""
    trickles_head: bool = False
    resets: bool = False
    is_plain_text: bool = False
    """No HTTP at all."""


class CrmServer:
    """The server; a context manager."""

    def __init__(self, behave: Callable[[Asked], Answer] = lambda _asked: Answer()) -> None:
        self.asked: list[Asked] = []
        """What came, in order, before it was answered."""
        self.behave = behave
        self._over = threading.Event()
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.root}/customers/{{customer_id}}"

    def __enter__(self) -> CrmServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.path, headers)
        with self._lock:
            self.asked.append(asked)
        answer = self.behave(asked)
        while answer.wait_for is not None and not answer.wait_for.wait(_TRICKLE_SECONDS):
            if self._over.is_set():
                return
        try:
            self._say(handler, answer)
        except OSError:  # the client has gone, which is what some tests are about
            return

    def _say(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.resets:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            socket.close(handler.connection.detach())
            return
        if answer.is_plain_text:
            handler.wfile.write(b"220 mail.example ESMTP\r\n")
            return
        if answer.trickles_head:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            self._trickle(handler)
            return
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if answer.trickles:
            self._trickle(handler)
        else:
            handler.wfile.write(answer.body)

    def _trickle(self, handler: BaseHTTPRequestHandler) -> None:
        while not self._over.wait(_TRICKLE_SECONDS):
            handler.wfile.write(b" ")
            handler.wfile.flush()
