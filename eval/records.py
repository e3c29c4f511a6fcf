"""What is written down of one turn: everything the decision used and everything it is scored by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from assistant.domain import Action
from assistant.replies import Outcome, model_document
from assistant.text import words
from assistant.writing.task import Written
from eval.cases import Case
from eval.facts import share_of_facts_kept


@dataclass(frozen=True)
class Record:
    """One customer's turn: labels, decision, scores. A score is None where it does not apply."""

    dialog_id: str
    turn: int
    locale: str
    channel: str
    text: str
    question: str
    lang: str
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
    features: dict[str, float]
    """What the confidence was computed from, by name; empty where no answer was considered."""
    ranking: list[dict[str, Any]]
    article_labels: list[str] | None
    cited: list[str]
    quotes: list[str]
    """What the answer quotes, word for word, in order."""
    reply: str | None
    answer_label: str | None
    handoff_label: bool | None
    grounded: bool | None
    answer_token_f1: float | None
    answer_facts_kept: float | None
    explanations: dict[str, str]
    """Of each score, in a sentence, why it is what it is."""
    versions: dict[str, str]
    """The word lists and phrases that were used, with their hashes."""
    model: dict[str, Any] | None = None
    """What a language model did for the reply and what it took; None where none was asked."""
    latency_ms: float | None = None
    """Not written with the rest, which is the same in every run."""
    places_known: int | None = None
    """How many places of the ranking are known; None where the decision was seen from inside, so
    that all of it is."""

    @property
    def was_written(self) -> bool | None:
        """Whether a language model's words are the answer; None where none was asked."""
        return None if self.model is None else bool(self.model["wrote_the_answer"])

    @property
    def answered(self) -> bool:
        """Whether the bot answered."""
        return self.action == Action.ANSWER

    @property
    def handed_over(self) -> bool:
        """Whether the bot handed over."""
        return self.action == Action.HANDOFF

    @cached_property
    def rank_of_right(self) -> int | None:
        """Rank, from 1, of the first right article; None when it is not in the ranking."""
        right = set(self.article_labels or ())
        ids = [row["article_id"] for row in self.ranking]
        return next((rank for rank, found in enumerate(ids, start=1) if found in right), None)

    @property
    def best_is_right(self) -> bool:
        """Whether the article an answer would come from answers."""
        return self.rank_of_right == 1

    @cached_property
    def cites_right(self) -> bool:
        """Whether the answer cites an article that answers."""
        return bool(set(self.cited) & set(self.article_labels or ()))


def make_record(case: Case, outcome: Outcome, articles: Mapping[str, str]) -> Record:
    """The record of a turn; `articles` are the texts by id, to check quotes against."""
    answered = outcome.action is Action.ANSWER and outcome.reply is not None
    citations = outcome.reply.citations if outcome.reply else ()
    said = outcome.reply.text if outcome.reply else None
    labels = case.labels
    expected, answer = labels.answer if answered else None, outcome.answer or said or ""
    foreign = [c.quote for c in citations if c.quote not in articles.get(c.article_id, "")]
    record = Record(
        dialog_id=case.dialog_id,
        turn=case.turn,
        locale=case.locale,
        channel=case.channel,
        text=case.text,
        question=outcome.question,
        lang=outcome.lang,
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
        features=dict(outcome.features),
        ranking=[
            {"article_id": passage.article.article_id, "score": round(passage.score, 4)}
            for passage in outcome.passages
        ],
        article_labels=list(labels.article_ids) if labels.article_ids is not None else None,
        cited=list(dict.fromkeys(citation.article_id for citation in citations)),
        quotes=[citation.quote for citation in citations],
        reply=said,
        answer_label=labels.answer,
        handoff_label=labels.handoff,
        grounded=not foreign if answered else None,
        answer_token_f1=token_f1(answer, expected) if expected is not None else None,
        answer_facts_kept=share_of_facts_kept(answer, expected) if expected is not None else None,
        explanations={},
        versions=dict(outcome.prompt_versions),
        model=_model(outcome.written) if outcome.written else None,
    )
    return replace(record, explanations=explain(record, foreign))


def _model(written: Written) -> dict[str, Any]:
    """The trace's words on it, and what it wrote that was not said; without times, which differ
    from run to run."""
    document = model_document(written)
    outcomes = [call["outcome"] for call in document.pop("calls")]
    return document | {"outcomes": outcomes, "removed": list(written.removed)}


def explain(record: Record, foreign: Sequence[str]) -> dict[str, str]:
    """Why each score that a turn has is what it is; `foreign`: quotes that no article holds."""
    found = {}
    if record.intent_label is not None:
        same = "is" if record.intent == record.intent_label else "is not"
        found["intent"] = f"said {record.intent}, which {same} {record.intent_label}"
    if record.article_labels is not None:
        found["ranking"] = _explain_ranking(record)
    if record.answered and record.article_labels is not None:
        right = "one of" if record.cites_right else "none of"
        found["answer"] = (
            f"cites {', '.join(record.cited)}: {right} the articles that answer "
            f"({', '.join(record.article_labels) or 'there is none'})"
        )
    if record.grounded is not None:
        found["grounded"] = (
            f"no article holds {foreign[0]!r}" if foreign else "every quote stands in its article"
        )
    if record.handoff_label is not None:
        wanted = "a person" if record.handoff_label else "no person"
        found["handoff"] = f"{wanted} was needed; {record.action}"
        if record.handoff_reason:
            found["handoff"] += f" ({record.handoff_reason})"
    return found


def _explain_ranking(record: Record) -> str:
    if not record.article_labels:
        return "no article answers"
    rank = record.rank_of_right
    if rank is None:
        found = "was found"
        if record.places_known is not None:
            found = f"is among the {record.places_known} that the reply shows"
        return f"none of {', '.join(record.article_labels)} {found}"
    return f"{record.ranking[rank - 1]['article_id']} answers and is number {rank}"


def token_f1(said: str, expected: str) -> float:
    """Harmonic mean of precision and recall over shared words, counted with repetition
    (Rajpurkar et al., "SQuAD", 2016)."""
    one, other = Counter(words(said)), Counter(words(expected))
    shared = sum((one & other).values())
    total = sum(one.values()) + sum(other.values())
    return 2 * shared / total if total else 0.0
