"""Customers who insist and an operator who takes some of them over: the load while servers die.

Every call is repeated until it succeeds, as a client with a queue of its own does; what was sent,
in which order, and what came back is written down for `eval.bench.kills.verdict`.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

_PAUSE_SECONDS = 0.1
_SAID: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent.parent.parent / "datasets" / "load.yaml").read_text(encoding="utf-8")
)


@dataclass
class Sent:
    """A message that a client sent until it was accepted, and what it was told last."""

    dialog_id: str
    turn: int
    """Messages of one turn are sent without waiting for each other's reply."""
    message_id: str
    text: str
    reply: dict[str, Any] | None = None
    tries: int = 0


@dataclass
class Book:
    """What all clients did; safe to write to from several threads."""

    sent: list[Sent] = field(default_factory=list)
    operator_messages: list[str] = field(default_factory=list)
    """Ids of those that were accepted."""
    takes: int = 0
    differing_replies: list[str] = field(default_factory=list)
    """Message ids whose retries got another reply."""
    refused: dict[str, int] = field(default_factory=dict)
    """How often a call had to be repeated, by what it met."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def met(self, what: str) -> None:
        """Count a call that did not succeed."""
        with self.lock:
            self.refused[what] = self.refused.get(what, 0) + 1


class Insisting:
    """Calls a service at any of its addresses until it succeeds or time is up."""

    def __init__(self, urls: Callable[[], list[str]], book: Book, seed: int) -> None:
        self._urls = urls
        self._book = book
        self._random = random.Random(seed)
        self._client = httpx.Client(timeout=20, trust_env=False)

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, until: float
    ) -> tuple[httpx.Response | None, int]:
        """The first answer that is not a failure of the service, and how many tries it took; None
        when there was none until that monotonic moment."""
        tries = 0
        while time.monotonic() < until:
            tries += 1
            url = self._random.choice(self._urls())
            try:
                response = self._client.request(method, url + path, json=body)
            except httpx.TransportError as error:
                self._book.met(type(error).__name__)
            else:
                if response.status_code < 500 and response.status_code != 429:
                    return response, tries
                self._book.met(str(response.status_code))
            time.sleep(_PAUSE_SECONDS)
        return None, tries


class Customer:
    """Opens one dialog after the other, some turns of them bursts, until he is told to stop."""

    def __init__(self, caller: Insisting, book: Book, number: int, patience_seconds: float) -> None:
        self._caller = caller
        self._book = book
        self._random = random.Random(number)
        self._number = number
        self._patience_seconds = patience_seconds

    def work(self, stop: threading.Event) -> None:
        """Until stopped, and then to the end of the dialog that is open."""
        count = 0
        while not stop.is_set():
            count += 1
            dialog_id = f"d-{self._number}-{count}-{uuid.uuid4().hex[:8]}"
            for turn in range(self._random.randint(2, 4)):
                self._say(dialog_id, turn)
                time.sleep(self._random.uniform(0, 0.2))

    def _say(self, dialog_id: str, turn: int) -> None:
        burst = self._random.random() < 0.3
        texts = (
            _SAID["burst"][: self._random.randint(2, 4)]
            if burst
            else [self._random.choice(_SAID["texts"])]
        )
        sending = []
        for text in texts:
            sent = Sent(dialog_id, turn, uuid.uuid4().hex, text)
            with self._book.lock:
                self._book.sent.append(sent)
            thread = threading.Thread(target=self._send, args=(sent,))
            thread.start()
            sending.append(thread)
            time.sleep(self._random.uniform(0.01, 0.1))
        for thread in sending:
            thread.join()

    def _send(self, sent: Sent) -> None:
        until = time.monotonic() + self._patience_seconds
        body = {"dialog_id": sent.dialog_id, "message_id": sent.message_id, "text": sent.text}
        caller = Insisting(self._caller._urls, self._book, hash(sent.message_id))
        for _ in range(1 if self._random.random() < 0.8 else 2):
            response, tries = caller.call("POST", "/v1/messages", body, until=until)
            sent.tries += tries
            if response is None:
                return
            reply = _without_token(response.json())
            if sent.reply is not None and reply != sent.reply:
                with self._book.lock:
                    self._book.differing_replies.append(sent.message_id)
            sent.reply = reply


class Leaver:
    """Sends one message into a dialog, does not wait for the answer and never comes back."""

    def __init__(self, urls: Callable[[], list[str]], book: Book, number: int) -> None:
        self._urls = urls
        self._book = book
        self._random = random.Random(2000 + number)

    def work(self, stop: threading.Event) -> None:
        """Until stopped."""
        with httpx.Client(trust_env=False) as client:
            while not stop.is_set():
                body = {
                    "dialog_id": f"d-left-{uuid.uuid4().hex[:12]}",
                    "message_id": uuid.uuid4().hex,
                    "text": self._random.choice(_SAID["texts"]),
                }
                url = self._random.choice(self._urls())
                try:
                    client.post(f"{url}/v1/messages", json=body, timeout=0.1)
                except httpx.TransportError:
                    self._book.met("left")
                time.sleep(self._random.uniform(0.3, 1.0))


class Operator:
    """Takes dialogs that wait (and now and then one of the bot's), says something, closes or
    releases them."""

    def __init__(self, caller: Insisting, book: Book, number: int) -> None:
        self._caller = caller
        self._book = book
        self._random = random.Random(1000 + number)
        self._id = f"op-{number}"

    def work(self, stop: threading.Event) -> None:
        """Until stopped."""
        while not stop.is_set():
            owner = self._random.choice(["waiting", "waiting", "bot"])
            response, _ = self._call("GET", f"/v1/dialogs?owner={owner}&limit=50")
            rows = response.json()["dialogs"] if response is not None else []
            if rows:
                self._serve(self._random.choice(rows[-10:])["dialog_id"])
            time.sleep(self._random.uniform(0.05, 0.3))

    def _serve(self, dialog_id: str) -> None:
        me = {"operator_id": self._id}
        taken, _ = self._call("POST", f"/v1/dialogs/{dialog_id}/take", me)
        if taken is None or taken.status_code != 200:
            return
        self._book.takes += 1
        time.sleep(self._random.uniform(0, 0.5))
        said, _ = self._call(
            "POST",
            f"/v1/dialogs/{dialog_id}/operator-messages",
            {**me, "text": _SAID["operator"], "message_id": uuid.uuid4().hex},
        )
        if said is not None and said.status_code == 200:
            with self._book.lock:
                self._book.operator_messages.append(said.json()["message_id"])
        time.sleep(self._random.uniform(0, 0.5))
        leaves = self._random.choice(["resolve", "release", "stay"])
        if leaves != "stay":
            self._call("POST", f"/v1/dialogs/{dialog_id}/{leaves}", me)

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[httpx.Response | None, int]:
        return self._caller.call(method, path, body, until=time.monotonic() + 60)


def _without_token(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply.items() if name != "dialog_token"}
