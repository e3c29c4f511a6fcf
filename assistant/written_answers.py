"""From a decision to answer to an answer in a language model's words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.domain import Draft
from assistant.knowledge.embedder import Embedder
from assistant.saying import Pending
from assistant.text import sentence_spans
from assistant.writing.task import Listener, WritingTask, Written
from assistant.writing.writer import Answers, Writer

PASSAGES = 3
"""Articles that a model is shown."""
NEAR_ENOUGH = 0.03
"""How much less like the question than the article's own best sentence a written one may be and
still answer it, in cosines."""


class WrittenAnswers:
    """Answers written by a model over the passages found. Safe to use from several threads."""

    def __init__(self, writer: Writer, embedder: Embedder) -> None:
        self._writer = writer
        self._embedder = embedder

    def write(self, case: Pending, quoted: Draft, opening: str) -> Written:
        """What a model makes of the question; `quoted` is the answer in the article's own words,
        `opening` what is said before any answer."""
        task = WritingTask(
            message=case.context.text,
            passages=case.passages[:PASSAGES],
            lang=case.meant.lang,
            history=case.context.history,
            intent=case.meant.intent.label,
            snapshot=case.knowledge.snapshot_id if case.knowledge else "",
            dialog_id=case.context.dialog_id,
        )
        listener = _after(opening, case.listener)
        return self._writer.write(task, listener, self._answers(case, quoted))

    def _answers(self, case: Pending, quoted: Draft) -> Answers:
        """Whether a sentence is as near to the question as the article's own words are."""
        vector = case.meant.vector
        spans = sentence_spans(quoted.text) or [(0, len(quoted.text))]
        texts = [quoted.text[start:end] for start, end in spans]
        floor = float(np.max(self._embedder.embed_passages(texts) @ vector)) - NEAR_ENOUGH

        def answers(sentence: str) -> bool:
            return float(self._embedder.embed_passages([sentence])[0] @ vector) >= floor

        return answers


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
