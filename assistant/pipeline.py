"""The street one customer's message walks down: keep it, decide on it, keep the answer, give it
back. What is decided, and by which steps, stands in `assistant.deciding`."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from assistant.deciding import Context, Decider
from assistant.domain import Action, AuthorKind, IncomingMessage, Owner, Turn
from assistant.errors import ConflictError, LanguageModelStoppedError
from assistant.replies import Outcome, handoff_document, reply_document, suggestion_document
from assistant.store.dialogs import Considered, DialogStore, Received
from assistant.suggesting import Suggester
from assistant.text import clean_message, detect_language
from assistant.writing.task import Listener

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.02
_RETAKE_SECONDS = 1.0


@dataclass(frozen=True)
class Answered:
    """The reply object of the contract, and whether this message opened its dialog."""

    document: dict[str, Any]
    opened_dialog: bool


class Assistant:
    """The service without its HTTP: messages in, replies out, everything kept."""

    def __init__(
        self, *, decider: Decider, store: DialogStore, suggester: Suggester, locale: str
    ) -> None:
        self.decider = decider
        self.store = store
        self.suggester = suggester
        self._locale = locale
        self._locks = _DialogLocks()

    def reply(self, incoming: IncomingMessage, listener: Listener | None = None) -> Answered:
        """Answer a customer's message; the same message again gets the same answer.

        The listener hears an answer that a language model writes sentence by sentence; the reply
        begins with what it heard, unless a person took the dialog meanwhile.

        Raises TextRejectedError for text that cannot be worked on, MessageIdReusedError when the
        id came before with another text, StoreError when the message could not be kept.
        """
        text = clean_message(incoming.text)
        locale = incoming.locale or detect_language(text, self._locale)
        with self._locks.of(incoming.dialog_id or incoming.message_id or ""):
            received = self.store.receive(incoming, text, locale)
            if received.reply is None and not received.is_ours:
                received = self._wait_for_the_other(received, incoming, text, locale)
            document = received.reply or self._answer(received, text, listener)
        return Answered(document, received.is_new_dialog)

    def _answer(self, received: Received, text: str, listener: Listener | None) -> dict[str, Any]:
        dialog = self.store.dialog(received.dialog.dialog_id)
        context = Context(
            text=text,
            owner=dialog.owner,
            history=self.store.history(dialog.dialog_id, received.row),
            customer=dialog.customer,
            locale=dialog.locale,
            dialog_id=dialog.dialog_id,
        )
        heard_by = self._unless_taken(dialog.dialog_id, listener) if listener else None
        return self._keep(received, self.decider.decide(context, heard_by))

    def _unless_taken(self, dialog_id: str, listener: Listener) -> Listener:
        """The listener, who hears nothing more once a person owns the dialog."""
        hear = listener.hear
        if hear is None:
            return listener

        def hear_from_the_bot(text: str) -> None:
            if self.store.dialog(dialog_id).owner is Owner.HUMAN:
                listener.stop.set()
                raise LanguageModelStoppedError("a person took the dialog")
            hear(text)

        return replace(listener, hear=hear_from_the_bot)

    def _keep(self, received: Received, outcome: Outcome) -> dict[str, Any]:
        ids = (received.dialog.dialog_id, received.message_id, f"t-{uuid.uuid4().hex[:16]}")
        silent = replace(
            outcome,
            action=Action.SILENT,
            owner=Owner.HUMAN,
            reply=None,
            handoff=None,
            confidence=None,
        )
        document = self.store.post_reply(
            received,
            reply_document(outcome, *ids),
            new_owner=outcome.owner,
            handoff=_kept_handoff(outcome) if outcome.handoff else None,
            silent_reply=reply_document(silent, *ids),
            considered=Considered(
                outcome.considered,
                outcome.features,
                outcome.written.missing if outcome.written else "",
            ),
        )
        log.info(
            "message answered",
            extra={"dialog_id": ids[0], "action": document["action"], "trace_id": ids[2]},
        )
        return document

    def _wait_for_the_other(
        self, received: Received, incoming: IncomingMessage, text: str, locale: str
    ) -> Received:
        """Another process is answering this very message: wait for what it says, or take the
        message over when that process is gone and its claim has run out."""
        until = time.monotonic() + 2 * self.store.claim_seconds
        next_try = time.monotonic() + _RETAKE_SECONDS
        while time.monotonic() < until:
            if (reply := self.store.stored_reply(received.row)) is not None:
                return replace(received, reply=reply)
            if time.monotonic() >= next_try:
                next_try += _RETAKE_SECONDS
                again = self.store.receive(incoming, text, locale)
                if again.is_ours or again.reply is not None:
                    return again
            time.sleep(_POLL_SECONDS)
        raise ConflictError("the same message is still being answered; send it again in a moment")

    def call_a_person(self, dialog_id: str) -> dict[str, Any]:
        """The customer pressed the button; returns the reply object.

        Raises NotFoundError for a dialog that does not exist.
        """
        with self._locks.of(dialog_id):
            dialog = self.store.dialog(dialog_id)
            history = self.store.history(dialog_id, before=2**31 - 1)
            text, before = _latest_words(history)
            context = Context(text, dialog.owner, before, dialog.customer, dialog.locale)
            outcome = self.decider.hand_over_now(context)
            ids = (dialog_id, f"h-{uuid.uuid4().hex[:16]}", f"t-{uuid.uuid4().hex[:16]}")
            document = reply_document(outcome, *ids)
            return self.store.post_handoff(
                dialog_id, document, _kept_handoff(outcome) if outcome.handoff else None
            )


class _DialogLocks:
    """One message of a dialog at a time within this process, in the order they came. A fixed
    number of locks: two dialogs that share one wait for each other now and then, no more."""

    def __init__(self, count: int = 512) -> None:
        self._locks = [threading.Lock() for _ in range(count)]

    def of(self, name: str) -> AbstractContextManager[Any]:
        """The lock of a dialog (or of a first message by its id); none for no name."""
        return self._locks[hash(name) % len(self._locks)] if name else nullcontext()


def _kept_handoff(outcome: Outcome) -> dict[str, Any]:
    """The handoff as the dialog keeps it: with the rule that decided and the passages tried."""
    assert outcome.handoff is not None  # noqa: S101 - asked by the caller
    tried = [suggestion_document(passage) for passage in outcome.passages[:5]]
    kept = {"rule": outcome.handoff.rule, "passages": tried}
    return handoff_document(outcome.handoff) | kept


def _latest_words(history: Sequence[Turn]) -> tuple[str, list[Turn]]:
    """What the customer wrote last, and the rest of the dialog without it."""
    for at in range(len(history) - 1, -1, -1):
        if history[at].author is AuthorKind.CUSTOMER:
            return history[at].text, [*history[:at], *history[at + 1 :]]
    return "—", list(history)
