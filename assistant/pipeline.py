"""The street one customer's message walks down: keep it, decide on it, keep the answer, give it
back. What is decided, and by which steps, stands in `assistant.deciding`."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from assistant import domain
from assistant.bursts import Burst
from assistant.care import rating_in
from assistant.deciding import Context, Decider
from assistant.domain import Action, AuthorKind, BotReply, HandoffReason, IncomingMessage, Owner
from assistant.endings import not_the_same_again, thanks_for_rating, with_survey
from assistant.errors import ConflictError, LanguageModelStoppedError, NotFoundError, StoreError
from assistant.known import Known, KnownWhenAsked, find_known
from assistant.privacy.masker import Masker
from assistant.replies import Outcome, handoff_document, reply_document, suggestion_document
from assistant.store.dialogs import DialogStore, Received
from assistant.store.posting import Considered
from assistant.store.surveys import Courtesy
from assistant.store.turns import Standing, Turn, lease_name
from assistant.suggesting import Suggester
from assistant.text import clean_message, detect_language
from assistant.ticket_news import HandoffTickets
from assistant.ticket_questions import TicketQuestions
from assistant.tickets import HandoffTicket
from assistant.writing.task import Listener

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.02
_SLOW_POLL_SECONDS = 0.25
_SOON = 2.0
"""How many seconds a reply is looked for often; after that it is long in coming."""
MOST_TAKEN_IN = 3
"""How often an answer is begun anew because the customer wrote more."""
_BUTTON_ATTEMPTS = 5
MOST_ATTEMPTS = 6
"""A turn that so many workers began and none finished is not tried again: a person gets it."""


@dataclass(frozen=True)
class Answered:
    """The reply object of the contract, and whether this message opened its dialog."""

    document: dict[str, Any]
    opened_dialog: bool


@dataclass
class Accepted:
    """A message that is kept, on its way to its reply."""

    received: Received
    burst: Burst
    turn: Turn | None
    """The work on it, while it is ours."""
    since: float
    """Monotonic seconds."""
    pause_seconds: float = 0.0
    """How long to wait before one looks again."""


@dataclass(frozen=True)
class _Decided:
    """What comes of a turn, and the manners that go with it."""

    outcome: Outcome
    decided_for: Owner
    """Whose the dialog was."""
    rating: int | None = None
    with_survey: BotReply | None = None


class Assistant:
    """The service without its HTTP: messages in, replies out, everything kept."""

    def __init__(
        self,
        *,
        decider: Decider,
        store: DialogStore,
        suggester: Suggester,
        locale: str,
        patience_seconds: float = 30.0,
        masker: Masker | None = None,
        tickets: HandoffTickets | None = None,
        ticket_questions: TicketQuestions | None = None,
    ) -> None:
        self.decider = decider
        self.store = store
        self.suggester = suggester
        self._locale = locale
        self._patience_seconds = patience_seconds
        self._masker = Masker() if masker is None else masker
        self._tickets = tickets
        self._ticket_questions = ticket_questions

    def reply(self, incoming: IncomingMessage, listener: Listener | None = None) -> Answered:
        """Answer a customer's message; the same message again gets the same answer.

        The listener hears an answer that a language model writes sentence by sentence; the reply
        begins with what it heard, unless a person took the dialog meanwhile.

        Raises what `accept` and `advance` raise.
        """
        return self.finish(self.accept(incoming), listener)

    def finish(self, accepted: Accepted, listener: Listener | None = None) -> Answered:
        """Wait for the reply to a message that is kept, or make it; raises what `advance` does."""
        while (answered := self.advance(accepted, listener)) is None:
            time.sleep(accepted.pause_seconds)
        return answered

    def accept(self, incoming: IncomingMessage) -> Accepted:
        """Keep a message: from here on it is answered, by this process or another.

        Raises TextRejectedError for text that cannot be worked on, MessageIdReusedError when the
        id came before with another text, StoreError when the message could not be kept.
        """
        text = clean_message(incoming.text)
        locale = incoming.locale or detect_language(text, self._locale)
        received = self.store.receive(incoming, text, locale)
        burst = Burst(self.store.burst_seconds, time.monotonic)
        return Accepted(received, burst, received.turn, time.monotonic())

    def advance(self, accepted: Accepted, listener: Listener | None = None) -> Answered | None:
        """One step towards the reply: None, and `pause_seconds`, while the customer may still be
        writing or another worker has the dialog.

        Raises ConflictError when it takes too long, StoreError when the database fails; the message
        is kept and can be sent again.
        """
        received, turn = accepted.received, accepted.turn
        accepted.turn = None
        if turn is None:
            standing = self.store.standing(received.dialog.dialog_id, received.row)
            if standing.reply is not None:
                return Answered(standing.reply, received.is_new_dialog)
            accepted.pause_seconds = self._pause(accepted, standing)
            if accepted.pause_seconds > 0:
                return None
            name = lease_name(received.dialog.dialog_id)
            free = self.store.is_free(name)
            turn = self.store.take_turn(received.dialog.dialog_id) if free else None
        if turn is not None:
            document = self.answer(turn, listener)
            if document is not None and received.row == turn.rows[-1]:
                return Answered(document, received.is_new_dialog)
            accepted.pause_seconds = 0.0
        else:
            accepted.pause_seconds = self._poll(accepted)
        return None

    def _pause(self, accepted: Accepted, standing: Standing) -> float:
        return 0.0 if standing.nothing_follows else accepted.burst.seconds_left(standing.newest)

    def _poll(self, accepted: Accepted) -> float:
        waited = time.monotonic() - accepted.since
        if waited > self._patience_seconds:
            raise ConflictError("the message is kept and still being answered; send it again")
        return _POLL_SECONDS if waited < _SOON else _SLOW_POLL_SECONDS

    def answer(self, turn: Turn, listener: Listener | None = None) -> dict[str, Any] | None:
        """Work on a turn that is ours and post what came of it; None when the customer wrote more
        meanwhile, another took it over, or the dialog was deleted: it is no longer ours then."""
        ears = _Ears(self.store, turn, listener) if listener else None
        try:
            decided = self._decide(turn, ears)
            return self._post(turn, decided, take_in=not (ears and ears.heard))
        except NotFoundError:
            self._leave(turn)
            return None
        except BaseException:
            self._leave(turn)
            raise

    def _leave(self, turn: Turn) -> None:
        """Give a turn back that could not be finished; what went wrong is told already."""
        try:
            self.store.give_back(turn)
        except StoreError:
            log.warning("a turn could not be given back; another takes it when its lease ends")

    def _decide(self, turn: Turn, ears: _Ears | None) -> _Decided:
        dialog = self.store.dialog(turn.dialog.dialog_id)
        if turn.attempts > MOST_ATTEMPTS or turn.is_old:
            log.error("turn %s of %s goes to a person", turn.message_ids[-1], dialog.dialog_id)
            unread = Context("—", dialog.owner, (), dialog.customer, dialog.locale)
            return _Decided(self.decider.hand_over_now(unread, HandoffReason.OUTAGE), dialog.owner)
        context = Context(
            text=turn.text,
            owner=dialog.owner,
            history=self.store.history(dialog.dialog_id, without=turn.rows),
            customer=dialog.customer,
            locale=dialog.locale,
            queue=dialog.queue,
            dialog_id=dialog.dialog_id,
            known=KnownWhenAsked(partial(self.known, dialog.dialog_id)),
            ticket_number=self.store.open_ticket_number(dialog.dialog_id),
        )
        rating, rest = self._rating(turn, context)
        if rating is not None and not rest:
            asked_of_the_bot = replace(context, owner=Owner.BOT, history=())
            understood = self.decider.hand_over_now(asked_of_the_bot)
            thanks = thanks_for_rating(understood, dialog.owner)
            said = not_the_same_again(thanks, context.history)
            return _Decided(said, dialog.owner, rating)
        asked = replace(context, text=rest or turn.text)
        about_ticket = self._ticket_questions.outcome(asked) if self._ticket_questions else None
        outcome = about_ticket or self.decider.decide(asked, ears.listener if ears else None)
        outcome = not_the_same_again(outcome, context.history)
        return _Decided(outcome, dialog.owner, rating, with_survey(outcome, context.history))

    def _rating(self, turn: Turn, context: Context) -> tuple[int | None, str]:
        """The rating that the turn begins with, where the customer was just asked for one, and what
        he wrote after it; None and all of it otherwise."""
        first, _, rest = turn.text.partition("\n")
        rating = rating_in(first)
        if rating is None or context.owner is Owner.HUMAN:
            return None, turn.text
        if not self.store.awaits_rating(turn.dialog.dialog_id, turn.rows[0]):
            return None, turn.text
        more = [line for line in rest.split("\n") if rating_in(line) is None]
        return rating, "\n".join(more).strip()

    def _post(self, turn: Turn, decided: _Decided, *, take_in: bool) -> dict[str, Any] | None:
        outcome = decided.outcome
        ids = (turn.dialog.dialog_id, turn.message_ids[-1], f"t-{uuid.uuid4().hex[:16]}")
        silent = replace(
            outcome,
            action=Action.SILENT,
            owner=Owner.HUMAN,
            reply=None,
            handoff=None,
            confidence=None,
        )
        document = self.store.post_reply(
            turn,
            reply_document(outcome, *ids),
            new_owner=outcome.owner,
            handoff=_kept_handoff(outcome) if outcome.handoff else None,
            silent_reply=reply_document(silent, *ids),
            considered=Considered(
                outcome.considered,
                outcome.features,
                outcome.written.missing if outcome.written else "",
            ),
            ticket=self._ticket_for(outcome, turn.text),
            contact=asdict(outcome.contact) if outcome.contact else None,
            raised=outcome.raised,
            take_in=take_in and turn.attempts <= MOST_TAKEN_IN,
            decided_for=decided.decided_for,
            courtesy=Courtesy(
                reply_document(replace(outcome, reply=decided.with_survey), *ids)
                if decided.with_survey
                else None,
                decided.rating,
            ),
        )
        if document is not None:
            log.info(
                "message answered",
                extra={"dialog_id": ids[0], "action": document["action"], "trace_id": ids[2]},
            )
        return document

    def known(self, dialog_id: str) -> tuple[Known, ...]:
        """What the customer has said of himself, in this dialog and his earlier ones, newest first.

        Raises NotFoundError.
        """
        return find_known(self.store.said_by_customer(dialog_id), self._masker)

    def known_of(self, customer_id: str) -> tuple[Known, ...]:
        """The same of a customer by his id."""
        return find_known(self.store.said_by(customer_id), self._masker)

    def _ticket_for(self, outcome: Outcome, subject: str) -> HandoffTicket | None:
        return None if self._tickets is None else self._tickets.ticket_for(outcome, subject)

    def call_a_person(self, dialog_id: str) -> dict[str, Any]:
        """The customer pressed the button; returns the reply object.

        Raises NotFoundError for a dialog that does not exist, ConflictError when it changes hands
        faster than anything can be said.
        """
        for _attempt in range(_BUTTON_ATTEMPTS):
            called = self._call_a_person(dialog_id)
            if called is not None:
                return called
        raise ConflictError("the dialog changes hands just now; try again in a moment")

    def _call_a_person(self, dialog_id: str) -> dict[str, Any] | None:
        """None when the dialog went to somebody else meanwhile."""
        dialog = self.store.dialog(dialog_id)
        text, before = _latest_words(self.store.history(dialog_id))
        context = Context(
            text,
            dialog.owner,
            before,
            dialog.customer,
            dialog.locale,
            dialog.queue,
            known=KnownWhenAsked(partial(self.known, dialog_id)),
        )
        outcome = self.decider.hand_over_now(context)
        ids = (dialog_id, f"h-{uuid.uuid4().hex[:16]}", f"t-{uuid.uuid4().hex[:16]}")
        document = reply_document(outcome, *ids)
        return self.store.post_handoff(
            dialog_id,
            document,
            _kept_handoff(outcome) if outcome.handoff else None,
            self._ticket_for(outcome, text),
            decided_for=dialog.owner,
        )


class _Ears:
    """The listener of one answer: he hears nothing once a person owns the dialog, and no first word
    of an answer that has to be begun anew because the customer wrote more."""

    def __init__(self, store: DialogStore, turn: Turn, listener: Listener) -> None:
        self._store = store
        self._turn = turn
        self._told = listener
        self.heard = False
        """Whether the customer has read a word of it: then it is finished as it was begun."""
        self.listener = replace(listener, hear=self._hear) if listener.hear else listener

    def _hear(self, text: str) -> None:
        dialog_id = self._turn.dialog.dialog_id
        if self._store.dialog(dialog_id).owner is Owner.HUMAN:
            self._told.stop.set()
            raise LanguageModelStoppedError("a person took the dialog")
        newest = self._store.standing(dialog_id, self._turn.rows[-1]).newest
        if not self.heard and newest > self._turn.rows[-1] and self._turn.attempts <= MOST_TAKEN_IN:
            raise LanguageModelStoppedError("the customer wrote more")
        assert self._told.hear is not None  # noqa: S101 - else this is not listened with
        self.heard = True
        self._told.hear(text)


def _kept_handoff(outcome: Outcome) -> dict[str, Any]:
    """The handoff as the dialog keeps it: with the rule that decided, the passages tried, and how
    the customer can be reached."""
    assert outcome.handoff is not None  # noqa: S101 - asked by the caller
    tried = [suggestion_document(passage) for passage in outcome.passages[:5]]
    kept: dict[str, Any] = {"rule": outcome.handoff.rule, "passages": tried}
    if outcome.handoff.known:
        kept["known"] = outcome.handoff.known
    if outcome.contact is not None:
        kept["contact"] = asdict(outcome.contact)
    return handoff_document(outcome.handoff) | kept


def _latest_words(history: Sequence[domain.Turn]) -> tuple[str, list[domain.Turn]]:
    """What the customer wrote last, and the rest of the dialog without it."""
    for at in range(len(history) - 1, -1, -1):
        if history[at].author is AuthorKind.CUSTOMER:
            return history[at].text, [*history[:at], *history[at + 1 :]]
    return "—", list(history)
