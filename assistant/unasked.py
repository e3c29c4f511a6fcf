"""What the bot says to a customer who has not asked: the question for a rating after a person
closed his dialog, and notices of the deployment's own systems. When it may is decided in
`assistant.care` and held in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant import disclosure
from assistant.care import is_reason_allowed
from assistant.domain import Owner
from assistant.endings import survey_message
from assistant.errors import ReasonNotAllowedError, WordingRefusedError
from assistant.knowledge.library import Library
from assistant.replies import bot_document
from assistant.store.dialogs import DialogStore
from assistant.text import clean_message, detect_language, sentence_spans
from assistant.tickets import TellsNews
from assistant.wording.checking import find_faults
from assistant.wording.fault import Fault, FaultCode, WordingContext

_FACTS_OF_THE_SHOP = {"is_done"}
"""«Заказ передан в доставку» promises nothing: the system that sends a notice knows it."""
_NO_FAULT_HERE = {FaultCode.EMPTY_APOLOGY}
"""A notice of a delay may say sorry though nobody has complained yet."""
_PRICE = "price"


class Unasked:
    """Says it. Safe to use from several threads."""

    def __init__(
        self, store: DialogStore, library: Library, bot_name: str, news: TellsNews
    ) -> None:
        self._store = store
        self._news = news
        self._library = library
        self._bot_name = bot_name

    def resolve(self, dialog_id: str, operator_id: str) -> None:
        """Close a dialog for an operator: tell that the ticket of its handoff is solved, then,
        where that is a good ending, ask for a rating.

        Raises what `DialogStore.resolve` raises.
        """
        lang = self._store.dialog(dialog_id).locale
        survey = bot_document(survey_message(lang, self._bot_name))
        self._store.resolve(dialog_id, operator_id, survey, self._news)

    def notice(
        self,
        customer_id: str,
        *,
        reason: str,
        text: str,
        dialog_id: str | None = None,
        notice_id: str | None = None,
    ) -> tuple[dict[str, Any], bool]:
        """Write to a customer first, for a named reason, in the dialog of that id or his latest;
        returns the message with its dialog, and whether it is new.

        Raises ReasonNotAllowedError, TextRejectedError, WordingRefusedError, NotFoundError, and
        what `DialogStore.post_notice` raises.
        """
        if not is_reason_allowed(reason, self._store.manners.proactive_reasons):
            raise ReasonNotAllowedError(
                f"nobody may be written to first because of {reason!r}; the reasons that may are "
                "listed in SOUFFLEUR_PROACTIVE_REASONS"
            )
        text = clean_message(text)
        place = self._store.place_of_notice(customer_id, dialog_id)
        lang = detect_language(text, place.dialog.locale)
        self._require_good_wording(text, lang, complains=place.complains)
        offer_person = place.dialog.owner is not Owner.WAITING  # one is called already
        signed = disclosure.sign(text, lang, bot_name=self._bot_name, offer_person=offer_person)
        return self._store.post_notice(
            customer_id, place.dialog.dialog_id, bot_document(signed), notice_id
        )

    def _require_good_wording(self, text: str, lang: str, *, complains: bool) -> None:
        # As a whole, for what stands in headings and across lines, and sentence by sentence.
        pieces = [(0, len(text)), *sentence_spans(text)]
        found = [
            (start + fault.start, start + fault.end, fault)
            for start, end in pieces
            for fault in _faults(text[start:end], lang, self._links(), self._bot_name, complains)
            if fault.code is not FaultCode.TOO_LONG or (start, end) != pieces[0]
        ]
        for start, end, fault in sorted(found, key=lambda one: one[:2]):
            whom = " to somebody whose complaint is open" if _is_offer(fault) else ""
            raise WordingRefusedError(
                f"text[{start}:{end}] «{text[start:end]}»: {fault.code.value} ({fault.rule}){whom}"
            )

    def _links(self) -> frozenset[str]:
        """Addresses that may be sent: those of the articles."""
        knowledge = self._library.current()
        articles = knowledge.articles.values() if knowledge else ()
        return frozenset(article.url for article in articles if article.url)


def _faults(
    sentence: str, lang: str, links: frozenset[str], bot_name: str, complains: bool
) -> Iterator[Fault]:
    """What a notice must not say. Its offers and prices are the shop's own and count as stated, but
    nothing is offered to somebody who complains; its promises do not."""
    for evidence in ((), (sentence,)):
        facts = WordingContext(evidence=evidence, allowed_links=links, bot_name=bot_name)
        for fault in find_faults(sentence, lang, facts=facts):
            is_offer = _is_offer(fault)
            if is_offer and not (complains and not evidence and fault.rule != _PRICE):
                continue
            if fault.code not in _NO_FAULT_HERE and fault.rule not in _FACTS_OF_THE_SHOP:
                yield fault


def _is_offer(fault: Fault) -> bool:
    return fault.code is FaultCode.OFFER
