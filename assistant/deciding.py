"""What to do with one message, given its dialog: understand, find, draft, check, decide, sign.

Nothing is stored and nothing is read from a store here, so that an evaluation runs the same code
on labelled dialogs as a server on live ones. Every step is its own file; here is their order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock

from assistant import disclosure
from assistant.answering import answer_from
from assistant.confidence import NONE, Confidence, ConfidenceModel
from assistant.domain import (
    NOBODY,
    Action,
    Customer,
    Draft,
    HandoffReason,
    IntentLabel,
    Owner,
    Passage,
    Signal,
    Turn,
)
from assistant.handoff import (
    Situation,
    Staffing,
    make_handoff,
    tell_customer,
    topic_in,
    what_happens_next,
)
from assistant.history import last_bot_action, was_cited, was_told
from assistant.knowledge.library import Library
from assistant.knowledge.snapshot import Knowledge
from assistant.rephrasing import ADVANCE, leans_on_nothing, replies_to_nothing
from assistant.replies import Outcome
from assistant.retrieval import Retriever
from assistant.routing import Rule
from assistant.text import has_words, is_supported_script, words
from assistant.understanding import Floats, Understander, Understanding
from prompts.loader import phrases, read

PASSAGES = 10

_SURE_LABEL = 0.6
_BOT_QUESTION_WORDS = 8
"""A longer message that asks whether this is a bot asks something else as well."""


@dataclass(frozen=True)
class Context:
    """A customer's message with what is known around it."""

    text: str
    owner: Owner = Owner.BOT
    history: Sequence[Turn] = ()
    customer: Customer = NOBODY
    locale: str = "ru"
    """The language to fall back on when the message has no letters."""


@dataclass
class _Case:
    """One message on its way: what is known so far and how long each step took."""

    context: Context
    staffing: Staffing
    knowledge: Knowledge | None = None
    understanding: Understanding | None = None
    passages: list[Passage] = field(default_factory=list)
    considered: float | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.timings_ms[step] = round((time.perf_counter() - started) * 1000, 2)

    @property
    def meant(self) -> Understanding:
        assert self.understanding is not None  # noqa: S101 - the first step sets it
        return self.understanding


class Decider:
    """Decides on messages with the parts it was built from. Safe to use from several threads."""

    def __init__(
        self,
        *,
        library: Library,
        understander: Understander,
        confidence: ConfidenceModel,
        staffing: Callable[[], Staffing],
        bot_name: str = "",
        operators_lang: str = "ru",
        rules: Sequence[Rule],
    ) -> None:
        self._library = library
        self._understander = understander
        self._confidence = confidence
        self._staffing = staffing
        self._bot_name = bot_name
        self._operators_lang = operators_lang
        self._rules = rules
        self._retriever: Retriever | None = None
        self._building = Lock()

    @property
    def answer_from(self) -> float:
        """The confidence from which the bot answers."""
        return self._confidence.answer_from

    def decide(self, context: Context) -> Outcome:
        """The outcome for a message whose text has passed `clean_message`."""
        case = _Case(context, self._staffing(), self._library.current())
        with case.timed("understand"):
            case.understanding = self._understand(context)
        if context.owner is Owner.HUMAN:
            return self._outcome(case, Action.SILENT, Owner.HUMAN)
        with case.timed("find"):
            case.passages = self._find(case)
        outcome = (
            self._without_words(case)
            or self._bare(case)
            or self._by_signal(case)
            or self._by_intent(case)
            or self._answer_or_hand_over(case)
        )
        return self._introduce(case, outcome)

    # --- understand and find -----------------------------------------------------------------

    def _understand(self, context: Context) -> Understanding:
        return self._understander.understand(context.text, context.history, context.locale)

    def _find(self, case: _Case) -> list[Passage]:
        """What is found for the reading of the message that finds more."""
        meant = case.meant
        if case.knowledge is None or not has_words(case.context.text):
            return []
        alone = self._look_up(case, meant.question, meant.vector)
        if meant.joined is None:
            return alone
        joined = self._look_up(case, *meant.joined)
        if not joined or (alone and joined[0].score + ADVANCE < alone[0].score):
            return alone
        question, vector = meant.joined
        case.understanding = replace(meant, question=question, vector=vector)
        return joined

    def _look_up(self, case: _Case, question: str, vector: Floats) -> list[Passage]:
        assert case.knowledge is not None  # noqa: S101 - looked at before
        return self._retriever_of(case.knowledge).find_passages(
            question, vector, case.meant.lang, limit=PASSAGES, customers_on=case.staffing.today
        )

    def retriever(self) -> Retriever | None:
        """The retriever over what serves now; None without knowledge."""
        knowledge = self._library.current()
        return self._retriever_of(knowledge) if knowledge else None

    def _retriever_of(self, knowledge: Knowledge) -> Retriever:
        """One retriever a snapshot: to build it takes a while, so others wait for the first."""
        retriever = self._retriever
        if retriever is not None and retriever.knowledge is knowledge:
            return retriever
        with self._building:
            retriever = self._retriever
            if retriever is None or retriever.knowledge is not knowledge:
                retriever = Retriever(knowledge)
                if knowledge is self._library.current():
                    self._retriever = retriever
        return retriever

    def today(self) -> date:
        """The date where the operators are: it decides which articles are still valid."""
        return self._staffing().today

    # --- what needs no look-up ---------------------------------------------------------------

    def _without_words(self, case: _Case) -> Outcome | None:
        text = case.context.text
        if has_words(text) and is_supported_script(text):
            return None
        thanks = case.meant.intent.probabilities[IntentLabel.THANKS] >= _SURE_LABEL
        if thanks and not has_words(text) and "://" not in text:
            return None
        return self._clarify(case, "unknown_language" if has_words(text) else "only_marks")

    def _bare(self, case: _Case) -> Outcome | None:
        """«нет» to nothing that was said is neither a complaint nor a question yet."""
        if replies_to_nothing(case.context.text, case.context.history):
            return self._clarify(case, "which_matter")
        return None

    def _clarify(self, case: _Case, phrase: str) -> Outcome:
        """Ask once; a second message that cannot be worked on goes to a person."""
        if last_bot_action(case.context.history) is Action.CLARIFY:
            return self._hand_over(case, HandoffReason.NO_EVIDENCE)
        return self._say(case, Action.CLARIFY, phrases(case.meant.lang).say(phrase))

    def _by_signal(self, case: _Case) -> Outcome | None:
        signals, say = case.meant.signals, phrases(case.meant.lang)
        if Signal.DISTRESS in signals:
            return self._hand_over(case, HandoffReason.UNSAFE)
        if self._asks_only_if_bot(case):
            return self._say(case, Action.ACKNOWLEDGE, say.say("am_a_bot"))
        if Signal.WANTS_HUMAN in signals:
            return self._hand_over(case, HandoffReason.CUSTOMER_REQUEST)
        if Signal.GREETING_ONLY in signals:
            name = case.context.customer.name
            text = say.say("greeting_by_name", name=name) if name else say.say("greeting")
            return self._say(case, Action.ACKNOWLEDGE, text)
        if Signal.NOT_HELPED in signals and last_bot_action(case.context.history) is Action.ANSWER:
            return self._hand_over(case, HandoffReason.REPEATED)
        return None

    @staticmethod
    def _asks_only_if_bot(case: _Case) -> bool:
        signals = case.meant.signals
        asks = Signal.ASKS_IF_BOT in signals and Signal.WANTS_HUMAN not in signals
        return asks and len(words(case.context.text)) <= _BOT_QUESTION_WORDS

    def _by_intent(self, case: _Case) -> Outcome | None:
        label = case.meant.intent.label
        if self._is_rather_a_question(case):
            return None
        if label is IntentLabel.COMPLAINT:
            return self._hand_over(case, HandoffReason.COMPLAINT)
        if label is IntentLabel.THANKS:
            text = phrases(case.meant.lang).say("thanks")
            return self._say(case, Action.ACKNOWLEDGE, text, offer_person=False)
        return None

    def _is_rather_a_question(self, case: _Case) -> bool:
        """A label that is hardly surer than the others, over an article that surely answers.
        Unsure thanks are none: a cheerful line in answer to a question hurts more than a person."""
        intent = case.meant.intent
        if intent.probabilities[intent.label] >= _SURE_LABEL:
            return False
        thanks = intent.label is IntentLabel.THANKS
        return thanks or self._confidence_in_answer(case).probability >= self.answer_from

    # --- answers -----------------------------------------------------------------------------

    def _answer_or_hand_over(self, case: _Case) -> Outcome:
        if case.knowledge is None and self._library.problem_is_ours:
            return self._hand_over(case, HandoffReason.OUTAGE)
        considered = self._confidence_in_answer(case)
        confidence = considered.probability
        case.considered, case.features = round(confidence, 4), considered.features
        if leans_on_nothing(case.meant.said, case.context.history):
            return self._clarify(case, "which_matter")
        if confidence < self._confidence.evidence_from:
            return self._hand_over(case, HandoffReason.NO_EVIDENCE)
        if confidence < self._confidence.answer_from:
            return self._hand_over(case, HandoffReason.LOW_CONFIDENCE)
        with case.timed("draft"):
            draft = self._draft(case)
        if draft is None:
            return self._hand_over(case, HandoffReason.NOT_GROUNDED)
        if case.meant.asked_before and was_cited(draft, case.context.history):
            return self._hand_over(case, HandoffReason.REPEATED)
        text = draft.text
        if case.context.owner is Owner.WAITING:
            text = phrases(case.meant.lang).say("waiting_meanwhile") + "\n" + text
        outcome = self._say(case, Action.ANSWER, text, draft=draft)
        return replace(outcome, confidence=case.considered)

    def _confidence_in_answer(self, case: _Case) -> Confidence:
        if not any(char.isalpha() for char in case.meant.question):
            return NONE  # a bare number asks nothing
        return self._confidence.confidence(case.meant.question, case.passages)

    def _draft(self, case: _Case) -> Draft | None:
        """An answer out of the best passage that passes the grounding check, or None."""
        assert case.knowledge is not None  # noqa: S101 - there are passages
        meant = case.meant
        retriever = self._retriever_of(case.knowledge)
        return answer_from(retriever, case.passages[0], meant.question, meant.vector, meant.lang)

    # --- outcomes ----------------------------------------------------------------------------

    def _say(
        self,
        case: _Case,
        action: Action,
        text: str,
        *,
        draft: Draft | None = None,
        offer_person: bool = True,
    ) -> Outcome:
        waiting = case.context.owner is Owner.WAITING
        reply = disclosure.sign(
            text,
            case.meant.lang,
            bot_name=self._bot_name,
            citations=draft.citations if draft else (),
            offer_person=offer_person and not waiting,
        )
        owner = Owner.WAITING if waiting else Owner.BOT
        return replace(self._outcome(case, action, owner), reply=reply)

    def _hand_over(self, case: _Case, reason: HandoffReason) -> Outcome:
        """Hand over and say so; a dialog that waits already is not handed over again."""
        if case.context.owner is Owner.WAITING and reason is not HandoffReason.UNSAFE:
            return self._still_waiting(case, reason)
        situation = self._situation(case)
        made = make_handoff(reason, situation, case.staffing, self._operators_lang, self._rules)
        text = tell_customer(reason, situation, case.staffing)
        reply = disclosure.sign(text, case.meant.lang, bot_name=self._bot_name, offer_person=False)
        outcome = self._outcome(case, Action.HANDOFF, Owner.WAITING)
        return replace(outcome, reply=reply, handoff=made)

    def _still_waiting(self, case: _Case, reason: HandoffReason) -> Outcome:
        say = phrases(case.meant.lang)
        asked = reason is HandoffReason.CUSTOMER_REQUEST
        opening = say.say("waiting_already" if asked else "waiting_added")
        what_next = what_happens_next(case.staffing, say)
        told = not asked and was_told(what_next, case.context.history)
        text = opening if told else f"{opening} {what_next}"
        return self._say(case, Action.ACKNOWLEDGE, text)

    def hand_over_now(self, context: Context) -> Outcome:
        """The customer pressed the button: hand over without looking at what he wrote."""
        case = _Case(context, self._staffing(), self._library.current())
        case.understanding = self._understand(context)
        if context.owner is Owner.HUMAN:
            return self._outcome(case, Action.SILENT, Owner.HUMAN)
        return self._hand_over(case, HandoffReason.CUSTOMER_REQUEST)

    def _introduce(self, case: _Case, outcome: Outcome) -> Outcome:
        """Whoever asks, among other things, whether this is a bot is told so first."""
        asks = Signal.ASKS_IF_BOT in case.meant.signals and not self._asks_only_if_bot(case)
        if not asks or outcome.reply is None:
            return outcome
        text = phrases(case.meant.lang).say("am_a_bot") + "\n\n" + outcome.reply.text
        return replace(outcome, reply=replace(outcome.reply, text=text))

    def _situation(self, case: _Case) -> Situation:
        return Situation(
            text=case.context.text,
            lang=case.meant.lang,
            intent=case.meant.intent,
            signals=case.meant.signals,
            history=case.context.history,
            passages=case.passages,
            customer=case.context.customer,
            articles=case.knowledge.articles if case.knowledge else {},
        )

    def _outcome(self, case: _Case, action: Action, owner: Owner) -> Outcome:
        said_from = phrases(case.meant.lang).file
        chosen_by = [read(f"lexicon/{name}") for name in ("signals", "answers")]
        return Outcome(
            action=action,
            owner=owner,
            intent=case.meant.intent,
            lang=case.meant.lang,
            signals=case.meant.signals,
            considered=case.considered,
            features=case.features,
            passages=tuple(case.passages),
            topic=topic_in(self._situation(case)),
            question=case.meant.question,
            snapshot=case.knowledge.snapshot_id if case.knowledge else None,
            prompt_versions={item.name: item.label for item in (said_from, *chosen_by)},
            timings_ms=case.timings_ms,
        )
