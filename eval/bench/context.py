"""How long the context of a dialog takes: `python -m eval.bench.context [--messages 300]
[--dialogs 200] [--asks 30]`.

A dialog of so many messages, of a customer with so many dialogs before it, in a SQLite file and
without a CRM: what an operator waits for at the first ask and at the ones after it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from assistant.domain import Action, Customer, IncomingMessage, Intent, IntentLabel, Owner
from assistant.operator_context.contexts import OperatorContexts
from assistant.privacy.masker import Masker
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore, Received

_CUSTOMER = Customer(id="c-1", name="Anna", segment="vip")
_SAID = (
    "Where is my order {n}? My phone is +7 916 123-45-67",
    "and if I am away on day {n}, can it be moved?",
    "thanks, and how long does a refund to a card take for {n}",
    "the courier did not come again, time {n}, give me my money back",
)
_TOLD = "It comes tomorrow from 10 to 18; a refund takes up to 10 working days. No. {n}"


def _intents(texts: object) -> list[Intent]:
    return [Intent(IntentLabel.QUESTION, dict.fromkeys(IntentLabel, 1 / 3))]


def _reply(received: Received, text: str) -> dict[str, object]:
    cited = [{"article_id": "a-1", "title": "Delivery", "url": None, "quote": text}]
    looked_at = [{"article_id": "a-1", "title": "Delivery", "url": None, "score": 0.5}]
    author = {"kind": "bot", "name": "Bot", "disclosure": "A bot answers."}
    return {
        "dialog_id": received.dialog.dialog_id,
        "message_id": received.message_id,
        "intent": {"label": "question", "probabilities": {}},
        "action": Action.ANSWER.value,
        "reply": {"text": text, "author": author, "citations": cited, "quick_replies": []},
        "handoff": None,
        "suggested_articles": looked_at,
    }


def _talk(store: DialogStore, messages: int) -> str:
    dialog_id: str | None = None
    for number in range(messages // 2):
        text = _SAID[number % len(_SAID)].format(n=10_000 + number)
        incoming = IncomingMessage(text, dialog_id=dialog_id, customer=_CUSTOMER)
        received = store.receive(incoming, text, "ru")
        dialog_id = received.dialog.dialog_id
        assert received.turn is not None
        reply = _reply(received, _TOLD.format(n=number))
        store.post_reply(
            received.turn,
            reply,
            new_owner=Owner.BOT,
            handoff=None,
            silent_reply=reply | {"reply": None},
        )
    assert dialog_id is not None
    return dialog_id


def main() -> None:
    """Build the dialogs, ask, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=300)
    options.add_argument("--dialogs", type=int, default=200)
    options.add_argument("--asks", type=int, default=30)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = DialogStore(Database(f"sqlite:///{Path(folder) / 'dialogs.db'}"))
        for _ in range(chosen.dialogs):
            _talk(store, 4)
        dialog_id = _talk(store, chosen.messages)
        contexts = OperatorContexts(store, _intents, Masker(), ZoneInfo("Europe/Moscow"))
        took, worked = [], time.process_time()
        for _ in range(chosen.asks):
            began = time.perf_counter()
            summary = contexts.of_dialog(dialog_id, "ru")["summary"]
            took.append(1000 * (time.perf_counter() - began))
        worked = 1000 * (time.process_time() - worked) / chosen.asks
        rest = sorted(took[1:])
        print(summary)
        print(
            f"\n{chosen.messages} messages, {chosen.dialogs} dialogs before, n = {len(rest)} asks:"
            f" first {took[0]:.0f} ms, then p50 {statistics.median(rest):.0f} ms,"
            f" p95 {rest[int(0.95 * len(rest)) - 1]:.0f} ms, longest {rest[-1]:.0f} ms;"
            f" of a core's time {worked:.0f} ms each"
        )


if __name__ == "__main__":
    main()
