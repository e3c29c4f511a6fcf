"""A server on loopback that speaks the OpenAI-compatible POST /chat/completions, as scripted."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the server sends back."""

    content: str | None = ""
    status: int = 200
    body: bytes | None = None
    """Instead of a well-formed completion."""


HANG = Answer(status=0)
"""Says nothing until the server is closed."""

Script = Callable[[dict[str, Any]], Answer]


@dataclass
class ChatServer:
    """Answers each request body by the script; remembers bodies and keys."""

    script: Script
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.closing = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                owner.bodies.append(body)
                owner.keys.append(self.headers.get("Authorization", ""))
                found = self.path.endswith("/chat/completions")
                answer = owner.script(body) if found else Answer(status=404)
                if answer is HANG:
                    owner.closing.wait(30)
                    return
                data = answer.body if answer.body is not None else _body(body, answer)
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        """End it, and whatever hangs."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


def _body(request: dict[str, Any], answer: Answer) -> bytes:
    if answer.status != 200:
        return json.dumps({"error": {"message": answer.content, "type": "error"}}).encode()
    message = {"role": "assistant", "content": answer.content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    document = {
        "id": "c-1",
        "object": "chat.completion",
        "created": 1,
        "model": request["model"],
        "choices": [choice],
        "usage": usage,
    }
    return json.dumps(document).encode()
