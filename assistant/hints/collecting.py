"""Collects what operators answered in dialogs that ended well, for those who are asked the same.

Beside the requests, event by event: a dialog that is resolved gives its answers, one that is opened
again or rated badly loses them. Everything is masked before it is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from assistant.confidence_features import Sight
from assistant.deciding import Context, Decider
from assistant.domain import AuthorKind, IntentLabel, Signal, Turn
from assistant.errors import StoreError
from assistant.hint_use import is_holding
from assistant.hints.past import Floats
from assistant.hints.question import asks_nothing, question_in
from assistant.hints.reusing import stripped
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from assistant.store.dialogs import DialogStore
from assistant.store.hints import Spoken
from assistant.store.past_answers import NewPastAnswer
from assistant.text import words
from assistant.understanding import Understanding

log = logging.getLogger(__name__)

COLLECT_PAUSE_SECONDS = 5.0
LEAST_WORDS = 4
"""A shorter answer («да, верно») says nothing without its dialog."""
LONGEST_ANSWER = 1500
LONGEST_QUESTION = 600
_AT_ONCE = 50
_REEMBEDDED_AT_ONCE = 64


class PastAnswerCollector:
    """One process at a time does it."""

    def __init__(
        self,
        store: DialogStore,
        decider: Decider,
        embed: Callable[[Sequence[str]], Floats],
        model_id: str,
        masker: Masker,
    ) -> None:
        """`embed`: the vectors that questions are looked up by, of the model of that id."""
        self._store = store
        self._decider = decider
        self._embed = embed
        self._model_id = model_id
        self._masker = masker

    def look(self) -> int:
        """Look at all that has ended since the last time; returns how many dialogs that were."""
        if not self._has_work():
            return 0
        lease = self._store.take_lease("past answers")
        if lease is None:
            return 0
        try:
            self._renew()
            return self._collect()
        finally:
            self._store.give_back_lease(lease)

    def _has_work(self) -> bool:
        stale = self._store.past_answers_of_other_models(self._model_id, 1)
        return bool(stale or self._store.endings_to_look_at(1))

    def _renew(self) -> None:
        """Vectors of a model that no longer serves are made anew."""
        while old := self._store.past_answers_of_other_models(self._model_id, _REEMBEDDED_AT_ONCE):
            vectors = self._embed([answer.question for answer in old])
            numbers = [answer.message for answer in old]
            self._store.renew_past_vectors(dict(zip(numbers, vectors, strict=True)), self._model_id)

    def _collect(self) -> int:
        looked_at = 0
        while endings := self._store.endings_to_look_at(_AT_ONCE):
            for event, dialog_id in endings:
                self._store.keep_past_answers(dialog_id, self._found(dialog_id), event)
                looked_at += 1
        return looked_at

    def _found(self, dialog_id: str) -> list[NewPastAnswer]:
        """The answers of a dialog; none of one that cannot be read, which would stop all others."""
        if not self._store.is_good_ending(dialog_id):
            return []
        try:
            return list(self._answers(self._store.desk_view(dialog_id).spoken))
        except StoreError:
            raise  # it is not the dialog; the next round tries again
        except Exception:
            log.exception("past answers could not be read", extra={"dialog_id": dialog_id})
            return []

    def _answers(self, spoken: Sequence[Spoken]) -> Iterator[NewPastAnswer]:
        """Each stretch of an operator's words that answers a question."""
        at = 0
        for author, stretch in groupby(spoken, key=lambda one: one.turn.author):
            said = list(stretch)
            if author is AuthorKind.HUMAN:
                before = [one.turn for one in spoken[:at]]
                after = [one.turn for one in spoken[at + len(said) :]]
                answer = self._answer(before, said, after)
                if answer is not None:
                    yield answer
            at += len(said)

    def _answer(
        self, before: Sequence[Turn], said: Sequence[Spoken], after: Sequence[Turn]
    ) -> NewPastAnswer | None:
        parts = [one for one in said if not is_holding(one.turn.text)]
        # A greeting is taken off with the name in it, which only its placeholder tells from a word.
        masking = Masking(self._masker)
        masked = [masking.mask(one.turn.text).text for one in parts]
        text = "\n".join(filter(None, map(stripped, masked)))
        if len(words(text)) < LEAST_WORDS or len(text) > LONGEST_ANSWER or text.endswith("?"):
            return None
        question = question_in(before, self._look)
        if question is None or asks_nothing(question) or self._did_not_help(after):
            return None
        if question.meant.intent.label is IntentLabel.THANKS:
            return None
        asked = masking.mask(question.sight.question[-LONGEST_QUESTION:]).text
        return NewPastAnswer(
            message_id=parts[0].message_id,
            question=asked,
            answer=text,
            lang=question.meant.lang,
            intent=question.meant.intent.label.value,
            vector=self._embed([asked])[0],
            model_id=self._model_id,
        )

    def _did_not_help(self, after: Sequence[Turn]) -> bool:
        reply = next((turn for turn in after if turn.author is AuthorKind.CUSTOMER), None)
        if reply is None:
            return False
        meant, _ = self._look(reply.text, ())
        return Signal.NOT_HELPED in meant.signals

    def _look(self, text: str, before: Sequence[Turn]) -> tuple[Understanding, Sight]:
        return self._decider.look(Context(text, history=before))
