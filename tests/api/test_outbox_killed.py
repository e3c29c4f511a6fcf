"""`souffleur serve` is killed while it delivers: whoever honours ids gets each event once."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from tests.assistant.conftest import ask, post
from tests.conftest import Server
from tests.support.receiver import Post, Receiver, Reply

KILLS = 3
DIALOGS = 6


class Killer:
    """Takes what comes, and at a random delivery of each round kills the server before it hears
    that it was taken."""

    def __init__(self, seed: int) -> None:
        self.server: Server | None = None
        self.unheard: list[str] = []
        self._chance = random.Random(seed)
        self._left = 0
        self._lock = threading.Lock()

    def aim_at(self, server: Server) -> None:
        """Let this server live for some deliveries more."""
        with self._lock:
            self._left = self._chance.randint(1, 15)
            self.server = server

    def __call__(self, came: Post) -> Reply:
        """As a behaviour of the receiver."""
        with self._lock:
            self._left -= 1
            if self._left == 0 and self.server is not None:
                self.server.process.send_signal(signal.SIGKILL)
                self.server.process.wait()
                self.unheard.append(came.delivery)
                self.server = None
        return Reply()


def test_each_event_arrives_once_and_in_order_though_the_server_is_killed(
    start_server: Callable[..., Server],
    shop: Path,
    database_url: str,
    counted: Callable[..., None],
) -> None:
    store = DialogStore(Database(database_url))
    killer = Killer(seed=6)
    with Receiver(killer) as receiver:
        store.put_webhook("crm", receiver.url, [])
        for _ in range(KILLS):
            server = start_server(shop, SOUFFLEUR_DATABASE_URL=database_url)
            killer.aim_at(server)
            for number in range(2 * DIALOGS):
                post(store, ask(store, dialog_id=f"d-{number % DIALOGS}"))
            server.process.wait(60)
        start_server(shop, SOUFFLEUR_DATABASE_URL=database_url)
        until_settled(store)
    events = store.events_after(0, 10_000)
    told = receiver.documents()
    assert Counter(each["id"] for each in told) == Counter(event.id for event in events)
    for name in {event.dialog_id for event in events}:
        of_dialog = [each["id"] for each in told if each["dialog_id"] == name]
        assert of_dialog == sorted(of_dialog)
    sent = Counter(came.delivery for came in receiver.posts)
    assert len(killer.unheard) == KILLS
    assert all(sent[delivery] >= 2 for delivery in killer.unheard), "sent again with its id"
    counted("servers killed while they delivered", KILLS)


def until_settled(store: DialogStore, seconds: float = 60) -> None:
    """Until everything is delivered."""
    end = time.monotonic() + seconds
    while store.targets_behind() or store.delivery_counts()["pending"]:
        if time.monotonic() > end:
            raise TimeoutError(str(store.delivery_list(None, None, 0, 1000)))
        time.sleep(0.1)
