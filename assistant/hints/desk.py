"""Hints where operators work: for a dialog of the store, kept so that their use can be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from assistant.domain import AuthorKind, Said, Turn
from assistant.hints.documents import advice_document, hint_document, shown_in
from assistant.hints.hint import Asked, Made
from assistant.hints.prompter import Prompter
from assistant.hints.written import WritesHints
from assistant.known import Known
from assistant.store.base import Clock, utc_now
from assistant.store.dialogs import DialogStore
from assistant.store.hints import new_hint_id


@dataclass
class Ready:
    """Hints that were made, as they stand now."""

    asked: Asked
    made: Made
    dialog_id: str | None
    message_id: str | None
    """Of the customer's message that they answer; None where there is none of an id."""
    lang: str
    """Of the operator who asks."""
    hints: list[dict[str, Any]] = field(default_factory=list)
    """As the API shows them, the best first."""

    @property
    def advice(self) -> list[dict[str, str]]:
        """As the API shows it."""
        return [advice_document(note) for note in self.made.advice]


class HintDesk:
    """Makes hints and keeps them. Safe to use from several threads."""

    def __init__(
        self,
        store: DialogStore,
        prompter: Prompter,
        known: Callable[[str], Sequence[Known]],
        known_in: Callable[[Sequence[Said]], Sequence[Known]],
        *,
        writes: WritesHints | None = None,
        now: Clock = utc_now,
    ) -> None:
        """`known`: what the customer of a dialog has said of himself; `known_in`: the same out of
        messages that come newest first. `writes`: None where there is no language model."""
        self._store = store
        self._prompter = prompter
        self._known = known
        self._known_in = known_in
        self._writes = writes
        self._now = now

    @property
    def can_write(self) -> bool:
        """Whether a language model may make them better."""
        return self._writes is not None

    def of_dialog(self, dialog_id: str, lang: str, operator_id: str | None = None) -> Ready:
        """Hints for a dialog's open question, for an operator of that language. The same question
        again gets the same hints, as long as the articles are the same. `operator_id`: who sees
        them, where that is known. Raises NotFoundError, StoreError."""
        dialog, view = self._store.dialog(dialog_id), self._store.desk_view(dialog_id)
        waits = view.waits_since
        asked = Asked(
            turns=[spoken.turn for spoken in view.spoken],
            customer=dialog.customer,
            locale=dialog.locale,
            known=self._known(dialog_id),
            ticket_number=self._store.open_ticket_number(dialog_id),
            dialog_id=dialog_id,
            waiting_minutes=None
            if waits is None
            else int((self._now() - waits).total_seconds() // 60),
            score=view.score,
        )
        made = self._prompter.make(asked, lang)
        documents = [hint_document(hint) for hint in made.hints]
        if made.question is None:
            return Ready(asked, made, None, None, lang, _shown(_with_ids(documents), lang))
        message_id = view.spoken[made.question.at].message_id
        kept = self._store.keep_hints(dialog_id, message_id, made.snapshot, documents, operator_id)
        return Ready(asked, made, dialog_id, message_id, lang, _shown(kept, lang))

    def of_messages(self, turns: Sequence[Turn], locale: str, lang: str) -> Ready:
        """Hints for messages that are in no store, to a customer of that locale; they are not kept
        either."""
        now = self._now()
        said = [
            Said(turn.text, "", "", now)
            for turn in reversed(turns)
            if turn.author is AuthorKind.CUSTOMER
        ]
        asked = Asked(turns=turns, locale=locale, known=self._known_in(said))
        made = self._prompter.make(asked, lang)
        documents = _with_ids([hint_document(hint) for hint in made.hints])
        return Ready(asked, made, None, None, lang, _shown(documents, lang))

    def better(self, ready: Ready, stop: Event) -> Iterator[dict[str, Any]]:
        """Hints in a language model's words, one after the other; in `ready` each takes the place
        of the one that says the same in the article's words. None where no model is there, or
        where it wrote before."""
        if self._writes is None or any(hint["source"]["kind"] == "model" for hint in ready.hints):
            return
        for better in self._writes.better(ready.asked, ready.made, stop):
            at = next(
                (at for at, one in enumerate(ready.hints) if one["text"] == better.instead_of), None
            )
            if at is None:
                continue  # other hints were shown for this question before
            kept = self._keep(ready, ready.hints[at]["hint_id"], hint_document(better.hint))
            document = shown_in(kept, ready.lang)
            ready.hints[at] = document
            yield document

    def _keep(self, ready: Ready, instead_of: str, document: dict[str, Any]) -> dict[str, Any]:
        if ready.dialog_id is None:
            return _with_ids([document])[0]
        return self._store.replace_hint(ready.dialog_id, instead_of, document)


def _shown(documents: Sequence[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    return [shown_in(document, lang) for document in documents]


def _with_ids(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [document | {"hint_id": new_hint_id()} for document in documents]
