"""What is written down of one turn: everything the decision used and everything it is scored by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from assistant.domain import Action
from assistant.replies import Outcome
from assistant.text import words
from eval.cases import Case
from eval.facts import share_of_facts_kept


@dataclass(frozen=True)
class Record:
    """One customer's turn: labels, decision, scores. A score is None where it does not apply."""

    dialog_id: str
    turn: int
    text: str
    question: str
    intent: str
    intent_probabilities: dict[str, float]
    intent_label: str | None
    signals: list[str]
    topic: str | None
    topic_label: str | None
    action: str
    handoff_reason: str | None
    confidence: float | None
    considered: float | None
    ranking: list[dict[str, Any]]
    article_labels: list[str] | None
    cited: list[str]
    reply: str | None
    answer_label: str | None
    handoff_label: bool | None
    grounded: bool | None
    answer_token_f1: float | None
    answer_facts_kept: float | None
    latency_ms: float

    @property
    def answered(self) -> bool:
        """Whether the bot answered."""
        return self.action == Action.ANSWER

    @property
    def handed_over(self) -> bool:
        """Whether the bot handed over."""
        return self.action == Action.HANDOFF

    @property
    def rank_of_right(self) -> int | None:
        """Rank, from 1, of the first right article; None when it is not in the ranking."""
        right = set(self.article_labels or ())
        ids = [row["article_id"] for row in self.ranking]
        return next((rank for rank, found in enumerate(ids, start=1) if found in right), None)

    @property
    def best_is_right(self) -> bool:
        """Whether the article an answer would come from answers."""
        return self.rank_of_right == 1

    @property
    def cites_right(self) -> bool:
        """Whether the answer cites an article that answers."""
        return bool(set(self.cited) & set(self.article_labels or ()))


def make_record(
    case: Case, outcome: Outcome, articles: dict[str, str], latency_ms: float
) -> Record:
    """The record of a turn; `articles` are the texts by id, to check quotes against."""
    answered = outcome.action is Action.ANSWER and outcome.reply is not None
    citations = outcome.reply.citations if outcome.reply else ()
    labels = case.labels
    scored = answered and labels.answer is not None
    return Record(
        dialog_id=case.dialog_id,
        turn=case.turn,
        text=case.text,
        question=outcome.question,
        intent=outcome.intent.label.value,
        intent_probabilities={
            label.value: round(share, 4) for label, share in outcome.intent.probabilities.items()
        },
        intent_label=labels.intent.value if labels.intent else None,
        signals=sorted(signal.value for signal in outcome.signals),
        topic=outcome.topic,
        topic_label=labels.topic,
        action=outcome.action.value,
        handoff_reason=outcome.handoff.reason.value if outcome.handoff else None,
        confidence=outcome.confidence,
        considered=outcome.considered,
        ranking=[
            {"article_id": passage.article.article_id, "score": round(passage.score, 4)}
            for passage in outcome.passages
        ],
        article_labels=list(labels.article_ids) if labels.article_ids is not None else None,
        cited=list(dict.fromkeys(citation.article_id for citation in citations)),
        reply=outcome.reply.text if outcome.reply else None,
        answer_label=labels.answer,
        handoff_label=labels.handoff,
        grounded=all(c.quote in articles.get(c.article_id, "") for c in citations)
        if answered
        else None,
        answer_token_f1=token_f1(outcome.reply.text, labels.answer or "")
        if scored and outcome.reply
        else None,
        answer_facts_kept=share_of_facts_kept(outcome.reply.text, labels.answer or "")
        if scored and outcome.reply
        else None,
        latency_ms=round(latency_ms, 3),
    )


def token_f1(said: str, expected: str) -> float:
    """Harmonic mean of precision and recall over shared words, counted with repetition
    (Rajpurkar et al., "SQuAD", 2016)."""
    one, other = Counter(words(said)), Counter(words(expected))
    shared = sum((one & other).values())
    total = sum(one.values()) + sum(other.values())
    return 2 * shared / total if total else 0.0
