"""Better replies, in a language model's words: over one article each, checked sentence by sentence
as the bot's own answers are, and put into the same frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event

from assistant.domain import Draft
from assistant.hints.facts import told_in
from assistant.hints.hint import (
    Asked,
    Candidate,
    Hint,
    HintKind,
    Made,
    Question,
    Source,
    SourceKind,
)
from assistant.hints.past import texts_alike
from assistant.hints.template import Reply
from assistant.hints.tone import fits_article, framed
from assistant.hints.trimming import new_here, trimmed_text
from assistant.knowledge.embedder import Embedder
from assistant.writing.task import Listener, WritingTask
from assistant.writing.writer import Writer
from assistant.written_answers import answers_to

MOST_WRITTEN = 2
"""Articles that a model is asked about for one message."""
LEAST_CONFIDENCE = 0.15
"""Of an article, below which a model is not asked to write from it."""


@dataclass(frozen=True)
class Better:
    """A reply in a model's words."""

    hint: Hint
    instead_of: str
    """The text of the hint that says the same in the article's words."""


class WritesHints:
    """Asks a language model. Safe to use from several threads."""

    def __init__(self, writer: Writer, embedder: Embedder) -> None:
        self._writer = writer
        self._embedder = embedder

    def better(self, asked: Asked, made: Made, stop: Event) -> Iterator[Better]:
        """Replies that a model wrote and that passed every check, the likeliest article's first;
        none where it fails, declines, or only repeats the article. `stop`: nobody wants them."""
        question = made.question
        if question is None:
            return
        shown = {hint.text for hint in made.hints}
        chosen = [one for one in made.articles if one.hint.text in shown and not one.was_told]
        for candidate in chosen[:MOST_WRITTEN]:
            if stop.is_set():
                return
            if (candidate.hint.confidence or 0.0) >= LEAST_CONFIDENCE:
                hint = self._written(asked, question, candidate, made.snapshot, stop)
                if hint is not None:
                    yield Better(hint, candidate.hint.text)

    def _written(
        self, asked: Asked, question: Question, candidate: Candidate, snapshot: str, stop: Event
    ) -> Hint | None:
        draft = self._draft(asked, question, candidate, snapshot, stop)
        if draft is None or texts_alike(draft.text, candidate.substance):
            return None
        said = told_in([*question.before, *question.after])
        if not trimmed_text(draft.text, new_here(asked.known, said)):
            return None
        reply = framed(Reply(draft.text), asked, question)
        if not fits_article(reply, asked, question, draft.citations):
            return None
        source = candidate.hint.source
        return Hint(
            HintKind.WRITTEN,
            reply.text,
            Source(SourceKind.MODEL, source.title, source.url),
            draft.citations,
            # That the article answers; its words were checked against it.
            candidate.hint.confidence,
            reply.blanks,
        )

    def _draft(
        self, asked: Asked, question: Question, candidate: Candidate, snapshot: str, stop: Event
    ) -> Draft | None:
        assert candidate.passage is not None  # noqa: S101 - it is an article's
        sight, lang = question.sight, question.meant.lang
        task = WritingTask(
            message=question.text,
            passages=[candidate.passage],
            lang=lang,
            history=question.before,
            intent=question.meant.intent.label,
            snapshot=snapshot,
            dialog_id=asked.dialog_id,
            is_handed_over=True,
            known=asked.known,
            ticket_number=asked.ticket_number,
            prompt="operator_drafting",
        )
        quoted = Draft(candidate.substance, candidate.hint.citations, lang)
        answers = answers_to(sight.question, sight.vector, quoted, self._embedder)
        return self._writer.write(task, Listener(stop=stop), answers).draft
