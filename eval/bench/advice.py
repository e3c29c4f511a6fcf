"""Recall and precision of the advice on operators' drafts, by code, and false alarms.

    python -m eval.bench.advice [--split dev|heldout|fresh|all] [--errors]
    python -m eval.bench.advice --answers DIALOGS.jsonl [--data-dir DIR] [--show N]

The first over the drafts that ship (`eval/datasets/advice`); `--errors` shows what went wrong,
which is not to be looked at for the fresh ones. The second over real answers without labels:
the `answer` labels of dialogs, each reviewed with its customer's message; it counts which get
advice and shows the first N of them.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from assistant.domain import AuthorKind, IntentLabel, Turn
from assistant.knowledge.snapshot import SnapshotStore
from assistant.privacy.masker import Masker
from assistant.review.advice import AdviceCode
from assistant.review.of_dialog import context_of_history
from assistant.review.reviewing import Reviewer
from assistant.review.sources import NOTHING_AT_HAND, KnowledgeSources, Sources
from assistant.review.spelling import Dictionaries
from eval.advice_scores import (
    ADVICE_SET,
    SPLITS,
    AdviceScores,
    Reviewed,
    false_alarms,
    read_drafts,
    review_all,
    scores_of,
)
from eval.cases import load_cases


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=[*SPLITS, "all"], default="all")
    parser.add_argument("--errors", action="store_true", help="show what went wrong")
    parser.add_argument("--answers", type=Path, help="dialogs whose answers are reviewed instead")
    parser.add_argument("--data-dir", type=Path, help="knowledge base for --answers")
    parser.add_argument("--show", type=int, default=0, help="how many answers with advice to show")
    options = parser.parse_args()
    masker = Masker()
    reviewer = Reviewer(masker, Dictionaries())
    if options.answers:
        _review_answers(options.answers, options.data_dir, options.show, reviewer, masker)
        return
    drafts = [one for path in sorted(ADVICE_SET.glob("*.jsonl")) for one in read_drafts(path)]
    for split in SPLITS:
        for lang in ("ru", "en"):
            own = [one for one in drafts if (one.split, one.lang) == (split, lang)]
            if own and options.split in ("all", split):
                reviewed = review_all(own, reviewer, masker)
                _report(f"{split}, {lang}", reviewed, errors=options.errors)
        both = [one for one in drafts if one.split == split]
        if both and options.split in ("all", split):
            _report(f"{split}, both", review_all(both, reviewer, masker), errors=False)


def _report(name: str, reviewed: Sequence[Reviewed], *, errors: bool) -> None:
    alarmed, fine = false_alarms(reviewed)
    print(f"\n{name}: {len(reviewed)} drafts, of {fine} fine ones {alarmed} get advice")
    for code in AdviceCode:
        scores = scores_of(reviewed, code)
        if scores.labelled or scores.told:
            _line(code.value, scores)
    _line("all", scores_of(reviewed))
    for one in reviewed if errors else ():
        if one.false or one.missed:
            print(f"  {one.labelled.draft_id} {one.labelled.draft}")
            for label in one.missed:
                print(f"      missed {label.code} {one.labelled.draft[label.start : label.end]!r}")
            for advice in one.false:
                shown = one.labelled.draft[slice(*advice.span)]
                print(
                    f"      false {advice.code} {shown!r}: {advice.text} -> {advice.suggestion!r}"
                )


def _line(name: str, scores: AdviceScores) -> None:
    print(
        f"  {name:<22} recall {_rate(scores.recall)} (n {scores.labelled:>3})"
        f"  precision {_rate(scores.precision)} (n {scores.told:>3})"
    )


def _rate(value: float | None) -> str:
    return "   –" if value is None else f"{value:.2f}"


def _review_answers(
    path: Path, data_dir: Path | None, show: int, reviewer: Reviewer, masker: Masker
) -> None:
    sources: Sources = NOTHING_AT_HAND
    if data_dir:
        sources = KnowledgeSources(SnapshotStore(data_dir).load(), datetime.now(UTC).date())
    cases = [case for case in load_cases(path) if case.labels.answer]
    codes: Counter[str] = Counter()
    advised = 0
    for case in cases:
        answer = case.labels.answer or ""
        history = [Turn(AuthorKind.CUSTOMER, case.text)]
        intent = case.labels.intent or IntentLabel.QUESTION
        context = context_of_history(history, IntentLabel(intent), masker, sources)
        advice = reviewer.review_draft(answer, case.locale, context)
        codes.update(one.code.value for one in advice)
        advised += bool(advice)
        if advice and advised <= show:
            print(f"{case.text!r}\n  {answer!r}")
            for one in advice:
                print(f"    {one.code} {answer[slice(*one.span)]!r}: {one.text}")
    print(f"{len(cases)} answers, {advised} get advice: {dict(codes.most_common())}")


if __name__ == "__main__":
    main()
