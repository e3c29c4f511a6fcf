"""What to do with one message, given its dialog: understand, find, draft, check, decide, sign.

Nothing is stored and nothing is read from a store here, so that an evaluation runs the same code
on labelled dialogs as a server on live ones. Every step is its own file; here is their order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from assistant.answering import answer_from
from assistant.certainty import Certainty
from assistant.clarifying import chosen, titles_to_choose_from
from assistant.confidence import NONE, Confidence, ConfidenceModel
from assistant.confidence_features import Sight
from assistant.contacts import Contacts
from assistant.domain import Action, Draft, HandoffReason, IntentLabel, Owner, Passage, Signal
from assistant.errors import StoreError
from assistant.greeting import greet
from assistant.handoff import Staffing
from assistant.history import last_bot_action, previous_questions, was_cited, was_told
from assistant.knowledge.library import Library
from assistant.places import place_not_covered
from assistant.privacy.masker import Masker
from assistant.rephrasing import ADVANCE, announces_a_question, leans_on_nothing, replies_to_nothing
from assistant.replies import Outcome
from assistant.retrieval import Retriever
from assistant.retrievers import Retrievers
from assistant.routing import Rule
from assistant.saying import Context, Pending, Speaker
from assistant.text import has_words, is_supported_script, words
from assistant.understanding import Floats, Understander, Understanding
from assistant.writing.task import Listener
from assistant.written_answers import WrittenAnswers
from prompts.loader import phrases

log = logging.getLogger(__name__)

__all__ = ["PASSAGES", "Context", "Decider"]

PASSAGES = 10

_SURE_LABEL = 0.6
_BOT_QUESTION_WORDS = 8
"""A longer message that asks whether this is a bot asks something else as well."""


class Decider:
    """Decides on messages with the parts it was built from. Safe to use from several threads."""

    def __init__(
        self,
        *,
        library: Library,
        understander: Understander,
        certainty: Certainty,
        staffing: Callable[[], Staffing],
        bot_name: str = "",
        operators_lang: str = "ru",
        rules: Sequence[Rule],
        written: WrittenAnswers | None = None,
        contacts: Contacts | None = None,
    ) -> None:
        self._library = library
        self._understander = understander
        self._certainty = certainty
        self._staffing = staffing
        self._written = written
        self._speaker = Speaker(
            bot_name=bot_name,
            operators_lang=operators_lang,
            rules=rules,
            contacts=contacts or Contacts(Masker()),
        )
        self._retrievers = Retrievers(library)

    def decide(self, context: Context, listener: Listener | None = None) -> Outcome:
        """The outcome for a message whose text has passed `clean_message`.

        Where a language model writes the answer, the listener hears it sentence by sentence; what
        it heard is how the reply begins.
        """
        return self._decide(context, listener)[1]

    def consider(self, context: Context) -> tuple[Outcome, Sight | None]:
        """The outcome, and what the answer was judged by; None where none was considered. No
        language model is asked: how an answer is worded changes nothing about it."""
        case, outcome = self._decide(context, may_write=False)
        considered = outcome.considered is not None and bool(case.passages)
        return outcome, self._sight(case) if considered else None

    def see(self, context: Context) -> Sight:
        """What an answer to a message would be judged by, whatever is decided on it."""
        return self.look(context)[1]

    def look(self, context: Context) -> tuple[Understanding, Sight]:
        """The same after what the message was taken to mean."""
        case = self._begin(context)
        case.understanding = self._understand(context)
        case.passages = self._find(case)
        return case.meant, self._sight(case)

    def _decide(
        self, context: Context, listener: Listener | None = None, *, may_write: bool = True
    ) -> tuple[Pending, Outcome]:
        case = self._begin(context)
        case.listener = case.listener if listener is None else listener
        case.may_write = may_write
        with case.timed("understand"):
            case.understanding = self._understand(context)
        if context.owner is Owner.HUMAN:
            return case, self._speaker.outcome(case, Action.SILENT, Owner.HUMAN)
        with case.timed("find"):
            case.passages = self._find(case)
        outcome = (
            self._speaker.while_waiting(case, asks_if_bot=self._asks_only_if_bot(case))
            or self._without_words(case)
            or self._chosen(case)
            or self._bare(case)
            or self._by_signal(case)
            or self._by_intent(case)
            or self._answer_or_hand_over(case)
        )
        return case, self._speaker.with_contact(case, self._introduce(case, outcome))

    def _begin(self, context: Context) -> Pending:
        staffing = self._staffing().of(context.queue)
        return Pending(context, staffing, self._library.current())

    # --- understand and find -----------------------------------------------------------------

    def _understand(self, context: Context) -> Understanding:
        return self._understander.understand(context.text, context.history, context.locale)

    def _find(self, case: Pending) -> list[Passage]:
        """What is found for the reading of the message that finds more."""
        meant = case.meant
        if case.knowledge is None or not has_words(case.context.text):
            return []
        alone = self._look_up(case, meant.question, meant.vector)
        # What is said while waiting («заказ 88213») belongs to what the person will answer.
        if meant.joined is None or case.context.owner is Owner.WAITING:
            return alone
        joined = self._look_up(case, *meant.joined)
        if not joined or (alone and joined[0].score + ADVANCE < alone[0].score):
            return alone
        question, vector = meant.joined
        case.understanding = replace(meant, question=question, vector=vector)
        return joined

    def _look_up(self, case: Pending, question: str, vector: Floats) -> list[Passage]:
        assert case.knowledge is not None  # noqa: S101 - looked at before
        return self._retrievers.over(case.knowledge).find_passages(
            question, vector, case.meant.lang, limit=PASSAGES, customers_on=case.staffing.today
        )

    def retriever(self) -> Retriever | None:
        """The retriever over what serves now; None without knowledge."""
        return self._retrievers.current()

    def today(self) -> date:
        """The date where the operators are: it decides which articles are still valid."""
        return self._staffing().today

    # --- what needs no look-up ---------------------------------------------------------------

    def _without_words(self, case: Pending) -> Outcome | None:
        text = case.context.text
        if has_words(text) and is_supported_script(text):
            return None
        thanks = case.meant.intent.probabilities[IntentLabel.THANKS] >= _SURE_LABEL
        if thanks and not has_words(text) and "://" not in text:
            return None
        return self._clarify(case, "unknown_language" if has_words(text) else "only_marks")

    def _chosen(self, case: Pending) -> Outcome | None:
        """Whoever was asked which of two articles he means gets the one he says, however that
        reads («Не проходит оплата» is no complaint here), as an answer to his first question.

        How sure that is: that one of the two answers, since he knows which he means.
        """
        history = case.context.history
        before_it = previous_questions(history)
        if last_bot_action(history) is not Action.CLARIFY or not before_it:
            return None
        if case.knowledge is None:
            return None
        asked = replace(case.context, text=before_it[0], history=())
        before = replace(case, understanding=self._understand(asked))
        before.passages = self._look_up(before, before.meant.question, before.meant.vector)
        picked = chosen(case.context.text, history, before.passages)
        if picked is None:
            return None
        considered = self._confidence_in_answer(before)
        case.understanding = replace(before.meant, intent=case.meant.intent, asked_before=False)
        case.passages = [picked, *(item for item in before.passages if item is not picked)]
        return self._answer(case, replace(considered, probability=considered.either))

    def _bare(self, case: Pending) -> Outcome | None:
        """«нет» to nothing that was said is neither a complaint nor a question yet, and «можно
        вопрос?» is not one yet."""
        history = case.context.history
        # After an answer «мне нужна помощь» says that it was none.
        if announces_a_question(case.context.text) and last_bot_action(history) != Action.ANSWER:
            return self._ask_away(case)
        if replies_to_nothing(case.context.text, case.context.history):
            return self._clarify(case, "which_matter")
        return None

    def _ask_away(self, case: Pending) -> Outcome:
        """Once; whoever only announces a question again wants somebody to turn to him."""
        if last_bot_action(case.context.history) is Action.CLARIFY:
            return self._speaker.hand_over(case, HandoffReason.CUSTOMER_REQUEST)
        return self._clarify(case, "ask_away")

    def _clarify(self, case: Pending, phrase: str) -> Outcome:
        """Ask once; a second message that cannot be worked on goes to a person."""
        if last_bot_action(case.context.history) is Action.CLARIFY:
            return self._speaker.hand_over(case, HandoffReason.NO_EVIDENCE)
        return self._speaker.say(case, Action.CLARIFY, phrases(case.meant.lang).say(phrase))

    def _by_signal(self, case: Pending) -> Outcome | None:
        signals, say = case.meant.signals, phrases(case.meant.lang)
        if Signal.DISTRESS in signals:
            return self._speaker.hand_over(case, HandoffReason.UNSAFE)
        if self._asks_only_if_bot(case):
            return self._speaker.say(case, Action.ACKNOWLEDGE, say.say("am_a_bot"))
        if Signal.WANTS_HUMAN in signals:
            return self._speaker.hand_over(case, HandoffReason.CUSTOMER_REQUEST)
        if Signal.GREETING_ONLY in signals:
            context, staffing = case.context, case.staffing
            zone = staffing.hours.zone
            text = greet(context.customer, context.history, staffing.now, zone, say)
            return self._speaker.say(case, Action.ACKNOWLEDGE, text)
        if Signal.NOT_HELPED in signals and last_bot_action(case.context.history) is Action.ANSWER:
            return self._speaker.hand_over(case, HandoffReason.REPEATED)
        return None

    @staticmethod
    def _asks_only_if_bot(case: Pending) -> bool:
        signals = case.meant.signals
        asks = Signal.ASKS_IF_BOT in signals and Signal.WANTS_HUMAN not in signals
        return asks and len(words(case.context.text)) <= _BOT_QUESTION_WORDS

    def _by_intent(self, case: Pending) -> Outcome | None:
        label = case.meant.intent.label
        if self._is_rather_a_question(case):
            return None
        if label is IntentLabel.COMPLAINT:
            return self._speaker.hand_over(case, HandoffReason.COMPLAINT)
        if label is IntentLabel.THANKS:
            text = phrases(case.meant.lang).say("thanks")
            return self._speaker.say(case, Action.ACKNOWLEDGE, text, offer_person=False)
        return None

    def _is_rather_a_question(self, case: Pending) -> bool:
        """A label that is hardly surer than the others, over an article that surely answers.
        Unsure thanks are none: a cheerful line in answer to a question hurts more than a person."""
        intent = case.meant.intent
        if intent.probabilities[intent.label] >= _SURE_LABEL:
            return False
        thanks = intent.label is IntentLabel.THANKS
        confidence = self._confidence_in_answer(case).probability
        return thanks or confidence >= self._model(case).answer_from

    # --- answers -----------------------------------------------------------------------------

    def confidence_model(self, lang: str) -> ConfidenceModel:
        """What judges answers to questions in a language, out of what serves now."""
        return self._certainty.model(self._library.current(), lang)

    def _answer_or_hand_over(self, case: Pending) -> Outcome:
        if case.knowledge is None and self._library.problem_is_ours:
            return self._speaker.hand_over(case, HandoffReason.OUTAGE)
        considered, model = self._confidence_in_answer(case), self._model(case)
        self._note(case, considered)
        if leans_on_nothing(case.meant.said, case.context.history):
            return self._clarify(case, "which_matter")
        waiting = case.context.owner is Owner.WAITING
        if considered.probability < (model.sure_from if waiting else model.answer_from):
            return self._ask_which(case, considered) or self._speaker.hand_over(
                case,
                HandoffReason.NO_EVIDENCE
                if considered.probability < model.evidence_from
                else HandoffReason.LOW_CONFIDENCE,
            )
        return self._answer(case, considered) or self._speaker.hand_over(
            case, HandoffReason.NOT_GROUNDED
        )

    def _answer(self, case: Pending, considered: Confidence) -> Outcome | None:
        """The answer out of the best passage; None when none of it can be said."""
        self._note(case, considered)
        best = case.passages[0].article
        if place_not_covered(case.meant.question, f"{best.title}\n{best.text}"):
            return self._speaker.hand_over(case, HandoffReason.NO_EVIDENCE)
        with case.timed("draft"):
            draft = self._draft(case)
        if draft is None:
            return None
        history = case.context.history
        if (case.meant.asked_before and was_cited(draft, history)) or was_told(draft.text, history):
            return self._speaker.hand_over(case, HandoffReason.REPEATED)
        sure = considered.probability >= self._model(case).sure_from
        return self._write(case, draft, sure=sure) or self._speaker.answer(case, draft, sure=sure)

    def _write(self, case: Pending, quoted: Draft, *, sure: bool) -> Outcome | None:
        """What a language model makes of it; None where there is none or nothing of its draft can
        be said: then the article's own sentences are."""
        if self._written is None or not case.may_write:
            return None
        try:
            with case.timed("write"):
                case.written = self._written.write(case, quoted, self._opening(case))
        except StoreError:
            raise  # the reply could not be kept either
        except Exception:  # a fault of ours in reading a draft: the customer gets the quotes
            log.exception("a draft could not be read")
            return None
        if case.written.draft is not None:
            return self._speaker.answer(case, case.written.draft, sure=sure)
        if case.written.declined:
            return self._speaker.hand_over(case, HandoffReason.NO_EVIDENCE)
        if case.written.question and self._may_ask_back(case):
            return self._speaker.say(case, Action.CLARIFY, case.written.question)
        return None

    def _opening(self, case: Pending) -> str:
        introduction = self._speaker.introduction(case) if self._must_introduce(case) else ""
        return introduction + self._speaker.opening(case)

    def _note(self, case: Pending, considered: Confidence) -> None:
        case.considered, case.features = round(considered.probability, 4), considered.features
        case.provisional = self._model(case).provisional

    def _ask_which(self, case: Pending, considered: Confidence) -> Outcome | None:
        """One question back where two articles are close, never twice in a row and never to
        somebody who waits for a person."""
        if not self._may_ask_back(case):
            return None
        if not case.passages or case.meant.asked_before:
            return None
        titles = titles_to_choose_from(self._sight(case), considered)
        if titles is None:
            return None
        first, second = titles
        text = phrases(case.meant.lang).say("which_of_two", first=first, second=second)
        return self._speaker.say(case, Action.CLARIFY, text, choices=titles)

    @staticmethod
    def _may_ask_back(case: Pending) -> bool:
        asked = last_bot_action(case.context.history) is Action.CLARIFY
        return case.context.owner is Owner.BOT and not asked

    def _model(self, case: Pending) -> ConfidenceModel:
        return self._certainty.model(case.knowledge, case.meant.lang)

    def _confidence_in_answer(self, case: Pending) -> Confidence:
        if not any(char.isalpha() for char in case.meant.question):
            return NONE  # a bare number asks nothing
        return self._model(case).confidence(self._sight(case))

    @staticmethod
    def _sight(case: Pending) -> Sight:
        meant = case.meant
        return Sight(
            question=meant.question,
            vector=meant.vector,
            lang=meant.lang,
            passages=case.passages,
            labelled_question=meant.intent.probabilities[IntentLabel.QUESTION],
        )

    def _draft(self, case: Pending) -> Draft | None:
        """An answer out of the best passage that passes the grounding check, or None."""
        assert case.knowledge is not None  # noqa: S101 - there are passages
        meant = case.meant
        retriever = self._retrievers.over(case.knowledge)
        return answer_from(retriever, case.passages[0], meant.question, meant.vector, meant.lang)

    def hand_over_now(
        self, context: Context, reason: HandoffReason = HandoffReason.CUSTOMER_REQUEST
    ) -> Outcome:
        """Hand over without looking for an answer: the customer pressed the button."""
        case = self._begin(context)
        case.understanding = self._understand(context)
        if context.owner is Owner.HUMAN:
            return self._speaker.outcome(case, Action.SILENT, Owner.HUMAN)
        return self._speaker.hand_over(case, reason)

    def _introduce(self, case: Pending, outcome: Outcome) -> Outcome:
        """Whoever asks, among other things, whether this is a bot is told so first."""
        return self._speaker.introduced(case, outcome) if self._must_introduce(case) else outcome

    def _must_introduce(self, case: Pending) -> bool:
        return Signal.ASKS_IF_BOT in case.meant.signals and not self._asks_only_if_bot(case)
