"""What could be learnt now, judged on dialogs that it was not learnt from, and what of it is worth
publishing.

Retrieval and confidence are cross-fitted over the same dialogs: each is asked about over an index
that was tuned without it, and the confidence is fitted on what was seen there. So one set of
labelled dialogs serves both, where `kb tune` and `eval calibrate` need two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.certainty import Certainty
from assistant.confidence import load_confidence, promise_for
from assistant.errors import DatasetError
from assistant.knowledge.calibration import Calibration
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.tuning import Tuning
from assistant.wiring import Parts
from eval.calibration import calibration_of, fit
from eval.cases import Case
from eval.cautions import SAME_QUESTION, SEEN_SHARE
from eval.learning.figures import CONFIDENCE, RETRIEVAL, paired, table_of
from eval.learning.lessons import Lessons
from eval.learning.trials import (
    Step,
    Trial,
    decider_over,
    try_all,
    try_held_back,
    vectors_of,
    with_confidence,
)
from eval.tuning import CrossFitted, cross_fit, learn_whole, ranks

LEAST_UNSEEN = 30
"""Questions that what serves has not learnt from, from which on it can be compared with."""
SERVES, SHIPS = "what serves", "what ships"


@dataclass(frozen=True)
class Proposal:
    """What would serve, and why."""

    tuning: Tuning | None
    calibration: Calibration | None
    retrieval_wins: bool
    confidence_holds: bool
    figures: Mapping[str, Any]
    why: tuple[str, ...]
    """What was not learnt and why, a sentence each."""


@dataclass(frozen=True)
class Ground:
    """What is learnt on."""

    lessons: Lessons
    serving: Knowledge
    kept_tuning: Tuning | None
    """What goes on serving where nothing better is learnt: from a file with `kb tune`, or from
    verdicts that all still count."""
    kept_is_own: bool
    """Whether it was learnt from verdicts, so from these very dialogs."""
    learnt: Sequence[int]
    """Verdicts that what serves was learnt from."""
    parts: Parts
    risk: float
    seed: int

    @property
    def plain(self) -> Knowledge:
        """The articles with nothing learnt about them."""
        return replace(self.serving, tuning=None, calibration=None)


@dataclass(frozen=True)
class Baseline:
    """What is held against: how a service that has not learnt from these questions does."""

    against: str
    """SERVES or SHIPS."""
    trials: Sequence[Trial]
    """Of every labelled case."""
    unseen: npt.NDArray[np.bool_]
    """(trials,): those that it has not learnt from; only they are compared."""


def propose(ground: Ground, step: Step) -> Proposal:
    """Learn, judge, decide; `step` is called after each step done."""
    cases = [
        case
        for case in ground.lessons.cases
        if case.labels.article_ids is not None or case.labels.wrong_article_ids is not None
    ]
    baseline = _baseline(ground, cases, step)
    retrieval = _retrieval(ground, cases, baseline, step)
    base = replace(ground.plain, tuning=retrieval.tuning or ground.kept_tuning)
    # What was learnt here, now or before, has seen these dialogs: tunings learnt without each of
    # them stand in for it.
    stands_in = retrieval.fitted if retrieval.tuning or ground.kept_is_own else None
    after = (
        try_held_back(cases, ground.plain, stands_in, ground.parts, step)
        if stands_in and base.tuning
        else try_all(cases, decider_over(base, ground.parts, shipped=True), step)
    )
    stood_in = base.tuning is not None and stands_in is not None
    confidence = _confidence(ground, base, baseline, after, stood_in=stood_in)
    figures = {
        "against": baseline.against,
        "questions": len(cases),
        "dialogs": len({case.dialog_id for case in cases}),
        "compared": int(baseline.unseen.sum()),
        **retrieval.figures,
        **confidence.figures,
    }
    return Proposal(
        tuning=base.tuning,
        calibration=confidence.calibration,
        retrieval_wins=retrieval.tuning is not None,
        confidence_holds=confidence.calibration is not None,
        figures=figures,
        why=(*retrieval.why, *confidence.why),
    )


def _baseline(ground: Ground, cases: Sequence[Case], step: Step) -> Baseline:
    trials = try_all(cases, decider_over(ground.serving, ground.parts), step)
    unseen = _unseen(trials, ground)
    if unseen.sum() >= LEAST_UNSEEN:
        return Baseline(SERVES, trials, unseen)
    shipped = decider_over(ground.plain, ground.parts, shipped=True)
    return Baseline(SHIPS, try_all(cases, shipped, step), np.ones(len(cases), bool))


def _unseen(trials: Sequence[Trial], ground: Ground) -> np.ndarray:
    """Of each question whether what serves has learnt nothing from its dialog, nor from the very
    same question."""
    new = ground.lessons.new_since(ground.learnt)
    real = ground.lessons.verdicts
    fresh = np.array(
        [trial.case.dialog_id in new or trial.case.dialog_id not in real for trial in trials], bool
    )
    layers = (ground.serving.tuning, ground.serving.calibration)
    vectors = vectors_of(trials)
    for layer in layers:
        if layer is not None and len(layer.case_vectors) and vectors.size:
            fresh &= (vectors @ layer.case_vectors.T).max(axis=1) < SAME_QUESTION
    return fresh


@dataclass(frozen=True)
class _Retrieval:
    figures: Mapping[str, Any]
    why: tuple[str, ...]
    fitted: CrossFitted | None = None
    tuning: Tuning | None = None
    """None where it does not win."""


def _retrieval(ground: Ground, cases: Sequence[Case], baseline: Baseline, step: Step) -> _Retrieval:
    try:
        found = cross_fit(cases, ground.plain, ground.parts.understander, step)
    except DatasetError as error:
        return _Retrieval({}, (f"retrieval: {error}",))
    figures = _ranked(ground, found, baseline)
    gain = figures["retrieval"]["mrr"]["difference"]
    if not found.verdict.wins:
        why = "retrieval: no sure gain over the articles alone on dialogs held back"
        return _Retrieval(figures, (why,), found)
    if gain is not None and gain < 0:
        why = (
            "retrieval: what serves finds more on dialogs that neither has learnt from; were the "
            "dialogs of `kb tune` given with --with?"
        )
        return _Retrieval(figures, (why,), found)
    return _Retrieval(figures, (), found, learn_whole(found, ground.plain, step))


def _ranked(ground: Ground, found: CrossFitted, baseline: Baseline) -> dict[str, Any]:
    pairs = zip(baseline.trials, baseline.unseen.tolist(), strict=True)
    fresh = {trial.case.dialog_id for trial, unseen in pairs if unseen}
    rows = [at for at, item in enumerate(found.labelled) if item.dialog_id in fresh]
    asked = [found.labelled[at] for at in rows]
    serves = baseline.against == SERVES
    earlier = ranks(ground.serving, asked) if serves else found.before[rows]
    tables = {"rank": earlier}, {"rank": found.after[rows]}
    gain, low, high = found.verdict.gain_in_mrr
    over_plain = {"value": gain, "ci_low": low, "ci_high": high, "n": len(found.labelled)}
    return {
        "retrieval": paired(RETRIEVAL, *tables, [item.dialog_id for item in asked], ground.seed),
        "gain_in_mrr_over_articles_alone": over_plain,
    }


@dataclass(frozen=True)
class _Confidence:
    figures: Mapping[str, Any]
    why: tuple[str, ...]
    calibration: Calibration | None = None
    """None where it does not hold."""


def _confidence(
    ground: Ground,
    base: Knowledge,
    baseline: Baseline,
    after: Sequence[Trial],
    *,
    stood_in: bool,
) -> _Confidence:
    examples = [trial.example for trial in after if trial.example is not None]
    try:
        if not stood_in:
            _require_not_tuned_on(base, after)
        fitted = fit(examples, base.model_id, risk=ground.risk)
    except DatasetError as error:
        return _Confidence({}, (f"confidence: {error}",))
    chosen = promise_for(fitted.model.promises, ground.risk)
    threshold = None if chosen is None else chosen.threshold
    given = with_confidence(after, fitted.confidences.tolist(), threshold)
    figures = _judged(baseline, given, ground.seed)
    if chosen is None or threshold is None:
        why = (
            f"confidence: at most {ground.risk:.1%} wrong is not reachable with this much data; "
            "a larger --risk may be"
        )
        return _Confidence(figures, (why,))
    figures |= {
        "answers_from": round(threshold, 4),
        "risk": ground.risk,
        "guaranteed": chosen.guaranteed,
    }
    change = figures["confidence"]["brier"]["difference"]
    if change is None or change > 0:
        why = "confidence: its numbers are no better on dialogs held back than those that serve"
        return _Confidence(figures, (why,))
    return _Confidence(figures, (), calibration_of(fitted, examples, base))


def _require_not_tuned_on(base: Knowledge, trials: Sequence[Trial]) -> None:
    """What a tuning was learnt from is found too well over it."""
    if base.tuning is None:
        return
    vectors = vectors_of(trials)
    if not len(base.tuning.case_vectors) or not vectors.size:
        return
    share = float(((vectors @ base.tuning.case_vectors.T).max(axis=1) >= SAME_QUESTION).mean())
    if share > SEEN_SHARE:
        raise DatasetError(
            f"{share:.0%} of these questions are those that the tuning was learnt from"
        )


def _judged(baseline: Baseline, given: Sequence[Trial], seed: int) -> dict[str, Any]:
    rows = [
        (then, now)
        for then, now, unseen in zip(baseline.trials, given, baseline.unseen.tolist(), strict=True)
        if unseen and then.right is not None and now.right is not None
    ]
    dialogs = [then.case.dialog_id for then, _ in rows]
    tables = table_of([then for then, _ in rows]), table_of([now for _, now in rows])
    return {"confidence": paired(CONFIDENCE, *tables, dialogs, seed)}


def calibration_serves(knowledge: Knowledge) -> bool:
    """Whether a calibrated confidence judges answers now."""
    standing = Certainty(load_confidence()).standing(knowledge)
    return knowledge.calibration is not None and standing.problem is None
