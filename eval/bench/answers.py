"""How good are drafts when the article is the right one? Apart from retrieval and threshold:

`python -m eval.bench.answers DIALOGS.jsonl [DIALOGS.jsonl ...] --data-dir DIR`

Drafts an answer from a right article for every customer's turn that has `answer` and `article_ids`,
and prints JSON: token F1, share of the labelled answer's facts kept, length against the labelled
answer's, each with n. `facts_in_article` is what the facts could reach at most: the share that the
whole article holds. `folds` holds the figures of five fifths of the dialogs, to tell luck apart.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answering import answer_from
from assistant.command_options import settings_for
from assistant.domain import Passage
from assistant.retrieval import Retriever
from assistant.text import detect_language, for_model
from assistant.wiring import Parts, build_parts
from eval.cases import Case, load_cases
from eval.facts import share_of_facts_kept
from eval.records import token_f1

FOLDS = 5


@dataclass(frozen=True)
class Scored:
    """One drafted answer against the labelled one; None where the label holds no fact."""

    dialog_id: str
    token_f1: float
    facts_kept: float | None
    facts_in_article: float | None
    length_ratio: float
    citations: int


def main() -> None:
    """Draft for every data set and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--data-dir", type=Path, required=True)
    options = parser.parse_args()
    parts = build_parts(settings_for(options.data_dir))
    figures = {str(path): measure(load_cases(path), parts) for path in options.datasets}
    print(json.dumps(figures, ensure_ascii=False, indent=1))


def measure(cases: Sequence[Case], parts: Parts) -> dict[str, Any]:
    """The figures over all turns that can be drafted, and those of each fold."""
    retriever = parts.decider.retriever()
    if retriever is None:
        raise SystemExit("there is no knowledge base in --data-dir; run `souffleur kb ingest`")
    found = [_score(case, parts, retriever) for case in cases]
    scored = [item for item in found if item is not None]
    numbers = {name: at for at, name in enumerate(dict.fromkeys(item.dialog_id for item in scored))}
    folds = [
        [item for item in scored if numbers[item.dialog_id] % FOLDS == fold]
        for fold in range(FOLDS)
    ]
    return {**_figures(scored), "folds": [_figures(fold) for fold in folds]}


def _figures(scored: Sequence[Scored]) -> dict[str, Any]:
    facts = [item.facts_kept for item in scored if item.facts_kept is not None]
    whole = [item.facts_in_article for item in scored if item.facts_in_article is not None]
    return {
        "n": len(scored),
        "token_f1": _mean([item.token_f1 for item in scored]),
        "n_with_facts": len(facts),
        "facts_kept": _mean(facts),
        "facts_in_article": _mean(whole),
        "length_ratio": _mean([item.length_ratio for item in scored]),
        "citations": _mean([float(item.citations) for item in scored]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 4) if values else None


def _score(case: Case, parts: Parts, retriever: Retriever) -> Scored | None:
    expected = case.labels.answer
    if not expected or not case.labels.article_ids:
        return None
    question = parts.understander.readings(case.text, case.history, case.locale)[-1].question
    vector = parts.embedder.embed_queries([for_model(question)])[0]
    lang = detect_language(case.text, case.locale)
    articles = retriever.knowledge.articles
    ranked = retriever.find_passages(question, vector, lang, limit=len(articles))
    passage = _right_one(ranked, case.labels.article_ids)
    if passage is None:
        return None
    draft = answer_from(retriever, passage, question, vector, lang)
    said = draft.text if draft else ""
    return Scored(
        dialog_id=case.dialog_id,
        token_f1=token_f1(said, expected),
        facts_kept=share_of_facts_kept(said, expected),
        facts_in_article=share_of_facts_kept(passage.article.text, expected),
        length_ratio=len(said) / len(expected),
        citations=len(draft.citations) if draft else 0,
    )


def _right_one(ranked: Sequence[Passage], article_ids: Sequence[str]) -> Passage | None:
    """The right article that stands highest, with its best chunk."""
    return next((item for item in ranked if item.article.article_id in article_ids), None)


if __name__ == "__main__":
    main()
