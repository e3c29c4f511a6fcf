"""Hints for an operator: which message is to be answered, what is known on it, three replies.

Nothing is stored and nothing is read from a store here but past answers, so that an evaluation runs
the same code on labelled dialogs as a server on live ones. No language model is asked: what one
makes better comes later (`assistant.hints.written`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.confidence_features import Sight
from assistant.deciding import Context, Decider
from assistant.domain import IntentLabel, Signal, Turn
from assistant.hints.advising import advice_on
from assistant.hints.choosing import different, shown
from assistant.hints.drafting import (
    complaint_frame,
    frame,
    frame_after,
    from_articles,
    from_past,
    open_frame,
)
from assistant.hints.hint import Asked, Candidate, Hint, Made, Question
from assistant.hints.matter import FITS_FROM, fits_from, looked_up, matter_of
from assistant.hints.past import FindsPast
from assistant.hints.question import Looks, asks_nothing, question_in
from assistant.hints.reusing import Stated, stated_in
from assistant.hints.template import say
from assistant.hints.tone import is_complaint
from assistant.understanding import Understanding

SURE_FROM = 0.15
"""Confidence from which an article's reply stands first. Below it, on the sample dialogs, one in
ten answers."""

ON_THE_MATTER_FROM = 0.6
"""Confidence of an article for a kind of trouble as such from which its steps stand in the frame
for a complaint of that kind that no article fits."""


class Prompter:
    """Makes hints. Safe to use from several threads."""

    def __init__(self, decider: Decider, past: FindsPast) -> None:
        self._decider = decider
        self._past = past
        self._stated: tuple[str, Stated] = ("", frozenset())

    def make(self, asked: Asked, lang: str = "ru") -> Made:
        """Up to three replies in the customer's language, and notes on the situation in `lang`."""

        def looks(text: str, before: Sequence[Turn]) -> tuple[Understanding, Sight]:
            return self._look(text, before, asked)

        question = question_in(asked.turns, looks)
        if question is None:
            return self._nothing_asked(asked)
        past = self._past_answers(asked, question)
        if is_complaint(question) and _wants_an_answer(question):
            question = looked_up(question, looks)
        articles = self._articles(asked, question)
        hints = self._hints(asked, question, articles, past, looks)
        advice = advice_on(asked, question, hints, [*articles, *past], lang)
        return Made(hints, advice, question, tuple(articles), self._snapshot())

    def _look(self, text: str, before: Sequence[Turn], asked: Asked) -> tuple[Understanding, Sight]:
        context = Context(
            text, history=before, customer=asked.customer, locale=asked.locale, known=asked.known
        )
        return self._decider.look(context)

    def _nothing_asked(self, asked: Asked) -> Made:
        hint = frame(say(asked.locale, "what_happened"))
        return Made((hint,), (), None, (), self._snapshot())

    def _snapshot(self) -> str:
        retriever = self._decider.retriever()
        return retriever.knowledge.snapshot_id if retriever else ""

    def _articles(self, asked: Asked, question: Question) -> list[Candidate]:
        retriever = self._decider.retriever()
        if retriever is None or not _wants_an_answer(question):
            return []
        model = self._decider.confidence_model(question.meant.lang)
        least = fits_from(question) if is_complaint(question) else 0.0
        return different(from_articles(model, retriever, asked, question, least))

    def _past_answers(self, asked: Asked, question: Question) -> list[Candidate]:
        if not _wants_an_answer(question):
            return []
        sight = question.sight
        remembered = self._past.find(sight.vector, sight.lang, without=asked.dialog_id)
        if not remembered:
            return []
        return different(from_past(remembered, asked, question, self._stated_now()))

    def _stated_now(self) -> Stated:
        """The numbers of the articles that serve; read once for each snapshot."""
        retriever = self._decider.retriever()
        if retriever is None:
            return frozenset()
        knowledge = retriever.knowledge
        if self._stated[0] != knowledge.snapshot_id:
            texts = [article.text for article in knowledge.articles.values()]
            self._stated = (knowledge.snapshot_id, stated_in(texts))
        return self._stated[1]

    def _complaint_frame(self, asked: Asked, question: Question, looks: Looks) -> Hint:
        """With what an article on such a matter says, where one plainly does."""
        subject = matter_of(question.text, question.meant.lang)
        if subject is not None:
            sight = looks(subject.named, ())[1]
            found = self._articles(asked, replace(question, sight=sight))
            best = next((one for one in found if not one.was_told), None)
            if best is not None and (best.hint.confidence or 0.0) >= ON_THE_MATTER_FROM:
                return frame_after(best, asked, question)
        return complaint_frame(asked, question)

    def _hints(
        self,
        asked: Asked,
        question: Question,
        articles: Sequence[Candidate],
        past: Sequence[Candidate],
        looks: Looks,
    ) -> tuple[Hint, ...]:
        lang, signals = question.meant.lang, question.meant.signals
        if Signal.DISTRESS in signals:
            return (open_frame("unsafe", asked, question),)
        if asks_nothing(question):
            return (open_frame("what_happened", asked, question),)
        if question.meant.intent.label is IntentLabel.THANKS:
            keys = ("thanks", "thanks_while_open") if asked.ticket_number else ("thanks",)
            return tuple(frame(say(lang, key), "source_thanks") for key in keys)
        if is_complaint(question):
            fits = any(not one.was_told for one in articles)
            step = (
                complaint_frame(asked, question)
                if fits
                else self._complaint_frame(asked, question, looks)
            )
            return shown(articles, past, step, sure=FITS_FROM, is_complaint=True)
        unknown = open_frame("no_source", asked, question)
        return shown(articles, past, unknown, sure=SURE_FROM, is_complaint=False)


def _wants_an_answer(question: Question) -> bool:
    thanks = question.meant.intent.label is IntentLabel.THANKS
    unsafe = Signal.DISTRESS in question.meant.signals
    return not thanks and not unsafe and not asks_nothing(question)
