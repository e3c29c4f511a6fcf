"""From a decision to answer to an answer in a language model's words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.domain import Draft, Owner, Passage
from assistant.knowledge.embedder import Embedder
from assistant.known import asks_for_known
from assistant.places import place_not_covered
from assistant.saying import Pending
from assistant.text import lower_plain, sentence_spans, stems
from assistant.understanding import Floats
from assistant.writing.task import Listener, WritingTask, Written
from assistant.writing.writer import Answers, Writer
from prompts.loader import patterns, phrases

PASSAGES = 3
"""At most so many articles are shown to a model."""
NEAR_THE_BEST = 2.0
"""How far below the best article's score another's may be and still be shown, in standard
deviations. On the sample dialogs that is every fourth answer at 1.5 and four of ten at 2.0; three
articles always would cost three times the tokens."""
NEAR_ENOUGH = 0.03
"""How much less like the question than the article's own best sentence a written one may be and
still answer it, in cosines."""
NEW_WORDS = 2
"""So many words that say something and are not the question's own."""


class WrittenAnswers:
    """Answers written by a model over the passages found. Safe to use from several threads."""

    def __init__(self, writer: Writer, embedder: Embedder, bot_name: str = "") -> None:
        self._writer = writer
        self._bot_name = bot_name
        self._embedder = embedder

    def write(self, case: Pending, quoted: Draft, opening: str) -> Written:
        """What a model makes of the question; `quoted` is the answer in the article's own words,
        `opening` what is said before any answer."""
        task = WritingTask(
            message=case.context.text,
            passages=_worth_showing(case),
            lang=case.meant.lang,
            history=case.context.history,
            intent=case.meant.intent.label,
            snapshot=case.knowledge.snapshot_id if case.knowledge else "",
            dialog_id=case.context.dialog_id,
            bot_name=self._bot_name or phrases(case.meant.lang).say("bot_name"),
            is_handed_over=case.context.owner is Owner.WAITING,
            known=case.context.known,
            ticket_number=case.context.ticket_number,
        )
        listener = _after(opening, case.listener)
        written = self._writer.write(task, listener, self._answers(case, quoted))
        # Nobody is asked again what he has said; the article's own words are given instead.
        if asks_for_known(written.question, case.context.known):
            return replace(written, question="")
        return written

    def _answers(self, case: Pending, quoted: Draft) -> Answers:
        return answers_to(case.meant.question, case.meant.vector, quoted, self._embedder)


def answers_to(question: str, vector: Floats, quoted: Draft, embedder: Embedder) -> Answers:
    """Tells whether a sentence is as near to the question, whose vector this is, as the article's
    own words are, and tells what was asked."""
    spans = sentence_spans(quoted.text) or [(0, len(quoted.text))]
    texts = [quoted.text[start:end] for start, end in spans]
    floor = float(np.max(embedder.embed_passages(texts) @ vector)) - NEAR_ENOUGH

    def answers(sentence: str) -> bool:
        if not tells_what_was_asked(sentence, question):
            return False
        return float(embedder.embed_passages([sentence])[0] @ vector) >= floor

    return answers


def tells_what_was_asked(sentence: str, question: str) -> bool:
    """Whether a sentence says more than the question does, where that asks how, where, how many:
    «да, вы можете выдать доступ» says nothing to who asks how to give it."""
    lists = patterns("lexicon/written")
    asks_what = lists["asks_what"].search(lower_plain(question))
    telling = lists["adds_nothing"].sub(" ", lower_plain(sentence))
    new = set(stems(telling)) - set(stems(question))
    return asks_what is None or len(new) >= NEW_WORDS or any(stem.isdigit() for stem in new)


def _worth_showing(case: Pending) -> list[Passage]:
    """The best article and those near to it, as long as they speak of the place asked about."""
    best, *others = case.passages
    question = case.meant.question
    near = [
        other
        for other in others
        if best.score - other.score <= NEAR_THE_BEST
        and not place_not_covered(question, f"{other.article.title}\n{other.article.text}")
    ]
    return [best, *near][:PASSAGES]


def _after(opening: str, listener: Listener) -> Listener:
    """The listener, who hears the opening with the first sentence."""
    hear = listener.hear
    if hear is None or not opening:
        return listener
    first: list[str] = [opening]

    def hear_it(text: str) -> None:
        before = first.pop() if first else ""
        hear(before + text)

    return replace(listener, hear=hear_it)
