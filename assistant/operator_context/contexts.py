"""What an operator should know of a dialog before he answers: the `context` of `/v1/hints`.

For operators only: it holds what the customer said in other dialogs and what the CRM knows of him,
and whose dialog it is the caller says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any, Protocol

from assistant.contacts import Contacts, customer_said
from assistant.domain import AUTHORS, NOBODY, AuthorKind, Customer, Intent, Owner, Said, Turn
from assistant.known import find_known
from assistant.operator_context.documents import (
    articles_tried,
    asked_by_us_documents,
    given_documents,
    handoff_document,
    question_documents,
)
from assistant.operator_context.exchange import Exchange, read_exchange
from assistant.operator_context.finding import MaskerOfOneDialog
from assistant.operator_context.previous import open_tickets, previous_documents
from assistant.operator_context.summary import Standing, summarise_for_operator
from assistant.operator_context.words import ContextWords
from assistant.privacy.masker import Masker
from assistant.store.base import Clock, utc_now
from assistant.store.dialog_lines import Line
from assistant.store.dialogs import DialogStore
from assistant.store.looking import NO_LIMIT
from assistant.store.rows import parse_stamp
from assistant.verdicts import MarkKind
from assistant.withdrawing import withdrawn_in


class OperatorContexts:
    """Makes the documents. Safe in several threads."""

    def __init__(
        self,
        store: DialogStore,
        intents: Callable[[Sequence[str]], list[Intent]],
        masker: Masker,
        zone: tzinfo,
        *,
        crm: LooksUp | None = None,
        now: Clock = utc_now,
    ) -> None:
        self._store = store
        self._intents = intents
        self._masker = masker
        self._zone = zone
        self._crm = crm
        self._now = now

    def expect(self, dialog_id: str) -> None:
        """The context of a dialog will be asked for: begin what takes time. Raises NotFoundError,
        StoreError."""
        if self._crm is not None:
            dialog = self._store.dialog(dialog_id)
            self._look_up(dialog.customer, dialog.channel)

    def of_dialog(self, dialog_id: str, lang: str) -> dict[str, Any]:
        """The context of a dialog, with labels in the operators' language.

        Raises NotFoundError, StoreError.
        """
        store, words, masker = self._store, self._words(lang), MaskerOfOneDialog(self._masker)
        view = store.view(dialog_id, after=NO_LIMIT)
        customer = Customer(**view["customer"])
        looking = self._look_up(customer, view["channel"])
        rows = store.previous_dialogs(dialog_id)
        said = store.said_by_customer(dialog_id)
        known = find_known(said, masker)
        wrong = _flagged_wrong(store.marks(dialog_id))
        exchange = read_exchange(store.lines(dialog_id), known, masker, wrong)
        previous = previous_documents(rows, said, words)
        channels = list(dict.fromkeys([view["channel"], *(row["channel"] for row in rows)]))
        intent, ticket = self._intent(exchange), store.ticket_of(dialog_id)
        standing = replace(
            _standing_of(view, exchange, words),
            customer=customer,
            known=known,
            channels=channels,
            previous=previous,
            intent=intent["label"] if intent else None,
            ticket=ticket,
        )
        contact = _contact(masker, view["handoff"], customer, exchange)
        return self._document(standing, intent) | {
            "customer": {
                "told": view["customer"],
                "crm": looking.document(words),
                "contact": contact,
                "channels": channels,
            },
            "previous_dialogs": previous,
            "handoff": handoff_document(view, words),
            "ticket": ticket,
            "open_tickets": open_tickets(rows),
            "rating": view["csat"],
        }

    def of_messages(self, messages: Sequence[Mapping[str, str]], lang: str) -> dict[str, Any]:
        """The same of messages that are kept nowhere: `{"author": "customer|bot|operator",
        "text"}`, oldest first. Raises KeyError for another author."""
        words, masker = self._words(lang), MaskerOfOneDialog(self._masker)
        lines = [
            Line(AUTHORS[item["author"]], item["text"], message_id=f"{at}")
            for at, item in enumerate(messages)
        ]
        said = [
            Said(line.text, "", "", words.now)
            for line in reversed(lines)
            if line.author is AuthorKind.CUSTOMER
        ]
        known = find_known(said, masker)
        exchange = read_exchange(lines, known, masker)
        intent = self._intent(exchange)
        label = intent["label"] if intent else None
        standing = Standing(exchange, words, NOBODY, known, intent=label)
        return self._document(standing, intent) | {
            "customer": {
                "told": None,
                "crm": _Nobody().document(words),
                "contact": _contact(masker, None, NOBODY, exchange),
                "channels": [],
            },
            "previous_dialogs": [],
            "handoff": None,
            "ticket": None,
            "open_tickets": [],
            "rating": None,
        }

    def forget(self, customer_id: str) -> None:
        """Drop what the CRM told of a customer."""
        if self._crm is not None:
            self._crm.forget(customer_id)

    def _document(self, standing: Standing, intent: dict[str, Any] | None) -> dict[str, Any]:
        exchange = standing.exchange
        return {
            "summary": summarise_for_operator(standing),
            "intent": intent,
            "asked_already": question_documents(exchange),
            "given": given_documents(standing.known, standing.words.lang),
            "asked_by_us": asked_by_us_documents(exchange),
            "tried": articles_tried(exchange, standing.handoff),
        }

    def _words(self, lang: str) -> ContextWords:
        return ContextWords(lang, self._zone, self._now())

    def _look_up(self, customer: Customer, channel: str) -> LookedUp:
        if self._crm is None:
            return _Nobody()
        return self._crm.look_up(customer.id, channel)

    def _intent(self, exchange: Exchange) -> dict[str, Any] | None:
        """Of the customer's latest message; worked out where nobody kept it."""
        said = [line for line in exchange.lines if line.author is AuthorKind.CUSTOMER]
        if not said:
            return None
        if said[-1].intent is not None:
            return said[-1].intent
        found = self._intents([said[-1].text])[0]
        shares = {label.value: round(share, 4) for label, share in found.probabilities.items()}
        return {"label": found.label.value, "probabilities": shares}


def _standing_of(view: Mapping[str, Any], exchange: Exchange, words: ContextWords) -> Standing:
    """As far as the dialog as the API shows it (`view`) tells it."""
    return Standing(
        exchange=exchange,
        words=words,
        customer=NOBODY,
        known=(),
        owner=Owner(view["owner"]),
        operator=(view["operator"] or {}).get("name"),
        handoff=view["handoff"],
        waiting_since=_moment(view["waiting_since"]),
        unanswered_since=_moment(view["unanswered_since"]),
        rating=(view["csat"] or {}).get("score"),
    )


def _flagged_wrong(marks: Sequence[Mapping[str, Any]]) -> set[str]:
    """Messages whose answers an operator flagged as wrong."""
    return {
        mark["message_id"]
        for mark in marks
        if mark["kind"] == MarkKind.OPERATOR
        and mark["right"] is False
        and mark["taken_back_at"] is None
    }


def _contact(
    masker: Masker, handoff: Mapping[str, Any] | None, customer: Customer, exchange: Exchange
) -> dict[str, Any] | None:
    """What he left last in this dialog; what the handoff keeps where he left it long ago."""
    turns = [Turn(line.author, line.text) for line in exchange.lines]
    said = customer_said(turns)[-_LATEST:]
    found = Contacts(masker).known(customer, said)
    if found is not None:
        return {"kind": found.kind.value, "value": found.value}
    kept: dict[str, Any] | None = (handoff or {}).get("contact")
    is_taken_back = any(kept and kept["kind"] in withdrawn_in(text, ()) for text in said)
    return None if is_taken_back else kept


_LATEST = 60
"""So many messages are looked through for a contact."""


class LookedUp(Protocol):
    """What is known of a customer outside, now."""

    def document(self, words: ContextWords) -> dict[str, Any]:
        """As the API shows it."""
        ...


class LooksUp(Protocol):
    """Knows customers from outside, as a CRM does."""

    def look_up(self, customer_id: str | None, channel: str) -> LookedUp:
        """Begin to look a customer up."""
        ...

    def forget(self, customer_id: str) -> None:
        """Drop what is kept of a customer."""
        ...


class _Nobody:
    """No CRM is connected."""

    def document(self, words: ContextWords) -> dict[str, Any]:
        """As the API shows it."""
        reason = words.put("crm_not_configured")
        return {"state": "off", "fetched_at": None, "fields": [], "error": reason}


def _moment(stamp: str | None) -> datetime | None:
    return parse_stamp(stamp) if stamp else None
