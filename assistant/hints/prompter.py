"""Hints for an operator: which message is to be answered, what is known on it, three replies.

Nothing is stored and nothing is read from a store here but past answers, so that an evaluation runs
the same code on labelled dialogs as a server on live ones. No language model is asked: what one
makes better comes later (`assistant.hints.written`).
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.confidence_features import Sight
from assistant.deciding import Context, Decider
from assistant.domain import IntentLabel, Signal, Turn
from assistant.hints.advising import advice_on
from assistant.hints.choosing import different, shown
from assistant.hints.drafting import (
    complaint_frame,
    frame,
    from_articles,
    from_past,
    open_frame,
)
from assistant.hints.hint import Asked, Candidate, Hint, Made, Question
from assistant.hints.past import FindsPast
from assistant.hints.question import asks_nothing, question_in
from assistant.hints.template import say
from assistant.hints.tone import is_complaint
from assistant.understanding import Understanding

SURE_FROM = 0.15
"""Confidence from which an article's reply stands first. Below it, on the sample dialogs, one in
ten answers."""

COMPLAINT_SURE_FROM = 0.4
"""The same in answer to a complaint, which an article seldom settles."""


class Prompter:
    """Makes hints. Safe to use from several threads."""

    def __init__(self, decider: Decider, past: FindsPast, operators_lang: str = "ru") -> None:
        self._decider = decider
        self._past = past
        self._operators_lang = operators_lang

    def make(self, asked: Asked) -> Made:
        """Up to three replies and notes on the situation."""
        question = question_in(asked.turns, lambda text, before: self._look(text, before, asked))
        if question is None:
            return self._nothing_asked(asked)
        articles, past = self._candidates(asked, question)
        hints = self._hints(asked, question, articles, past)
        advice = advice_on(asked, question, hints, [*articles, *past], self._operators_lang)
        return Made(hints, advice, question, tuple(articles), self._snapshot())

    def _look(self, text: str, before: Sequence[Turn], asked: Asked) -> tuple[Understanding, Sight]:
        context = Context(
            text, history=before, customer=asked.customer, locale=asked.locale, known=asked.known
        )
        return self._decider.look(context)

    def _nothing_asked(self, asked: Asked) -> Made:
        hint = frame(say(asked.locale, "what_happened"), asked.locale)
        return Made((hint,), (), None, (), self._snapshot())

    def _snapshot(self) -> str:
        retriever = self._decider.retriever()
        return retriever.knowledge.snapshot_id if retriever else ""

    def _candidates(
        self, asked: Asked, question: Question
    ) -> tuple[list[Candidate], list[Candidate]]:
        sight, retriever = question.sight, self._decider.retriever()
        if not _wants_an_answer(question):
            return [], []
        articles: list[Candidate] = []
        if retriever is not None:
            model = self._decider.confidence_model(question.meant.lang)
            articles = different(from_articles(sight, model, retriever, asked, question))
        remembered = self._past.find(sight.vector, sight.lang, without=asked.dialog_id)
        past = different(from_past(remembered, asked, question))
        return articles, past

    @staticmethod
    def _hints(
        asked: Asked,
        question: Question,
        articles: Sequence[Candidate],
        past: Sequence[Candidate],
    ) -> tuple[Hint, ...]:
        lang, signals = question.meant.lang, question.meant.signals
        if Signal.DISTRESS in signals:
            return (open_frame("unsafe", asked, question),)
        if asks_nothing(question):
            return (open_frame("what_happened", asked, question),)
        if question.meant.intent.label is IntentLabel.THANKS:
            keys = ("thanks", "thanks_while_open") if asked.ticket_number else ("thanks",)
            return tuple(frame(say(lang, key), lang, "source_thanks") for key in keys)
        if is_complaint(question):
            step = complaint_frame(asked, question)
            return shown(articles, past, step, sure=COMPLAINT_SURE_FROM, is_complaint=True)
        unknown = open_frame("no_source", asked, question)
        return shown(articles, past, unknown, sure=SURE_FROM, is_complaint=False)


def _wants_an_answer(question: Question) -> bool:
    thanks = question.meant.intent.label is IntentLabel.THANKS
    unsafe = Signal.DISTRESS in question.meant.signals
    return not thanks and not unsafe and not asks_nothing(question)
