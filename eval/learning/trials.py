"""What a service makes of labelled questions: what serves, and a candidate that has not learnt from
the dialog it is asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.certainty import NEVER, Certainty
from assistant.confidence import load_confidence
from assistant.deciding import Decider
from assistant.domain import Action, HandoffReason
from assistant.knowledge.contents import Knowledge
from assistant.wiring import Parts
from eval.calibration import Example, tells
from eval.cases import Case
from eval.tuning import CrossFitted

Step = Callable[[], object]

_UNSURE = frozenset({HandoffReason.LOW_CONFIDENCE, HandoffReason.NO_EVIDENCE})


class FixedLibrary:
    """The knowledge that it was given, whatever is published."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    problem = None
    problem_is_ours = False

    def current(self) -> Knowledge:
        """Always the same."""
        return self._knowledge


@dataclass(frozen=True)
class Trial:
    """What a service makes of one labelled question."""

    case: Case
    right: bool | None
    """Whether the best article answers; None where nobody said. False where none was considered."""
    confidence: float
    """Probability that it does, 0 where no answer was considered."""
    answered: bool
    open_to_answer: bool
    """Whether it was answered, or would have been, had the confidence been high enough."""
    example: Example | None
    """To calibrate on; None where no answer was considered, or nobody said whether it was right."""


def decider_over(knowledge: Knowledge, parts: Parts, *, shipped: bool = False) -> Decider:
    """Decides as the service would over this knowledge; `shipped`: with the confidence that ships,
    whatever was calibrated. No language model is asked."""
    target = parts.settings.target_risk
    return Decider(
        library=FixedLibrary(knowledge),  # type: ignore[arg-type] # all that a decider asks of it
        understander=parts.understander,
        certainty=Certainty(load_confidence(), target, whatever_was_calibrated=shipped),
        staffing=parts.staffing,
        rules=parts.rules,
    )


def try_all(cases: Sequence[Case], decider: Decider, step: Step) -> list[Trial]:
    """Of each labelled case; `step` is called after each."""
    found = []
    for case in cases:
        found.append(_try(case, decider))
        step()
    return found


def try_held_back(
    cases: Sequence[Case], knowledge: Knowledge, fitted: CrossFitted, parts: Parts, step: Step
) -> list[Trial]:
    """Of each labelled case over the index as it was tuned without its dialog. A dialog that no
    tuning learnt from is asked about over the first."""
    names = [item.dialog_id for item in fitted.labelled]
    fold_of = dict(zip(names, fitted.folds.tolist(), strict=True))
    found: dict[int, Trial] = {}
    for fold, tuning in enumerate(fitted.tunings):
        decider = decider_over(replace(knowledge, tuning=tuning), parts, shipped=True)
        for at, case in enumerate(cases):
            if fold_of.get(case.dialog_id, 0) == fold:
                found[at] = _try(case, decider)
                step()
    return [found[at] for at in range(len(cases))]


def with_confidence(
    trials: Sequence[Trial], confidences: Sequence[float], threshold: float | None
) -> list[Trial]:
    """The same as another confidence would decide: `confidences` of the trials with an example, in
    their order; no threshold: nothing is answered."""
    given = iter(confidences)
    least = NEVER if threshold is None else threshold
    found = []
    for trial in trials:
        if trial.example is None:
            found.append(replace(trial, answered=False))
            continue
        confidence = next(given)
        answered = trial.open_to_answer and confidence >= least
        found.append(replace(trial, confidence=confidence, answered=answered))
    return found


def vectors_of(trials: Sequence[Trial]) -> np.ndarray:
    """(trials, dimension): the questions as they were looked up; zeros where none was."""
    rows = [trial.example.sight.vector if trial.example else None for trial in trials]
    width = next((len(row) for row in rows if row is not None), 0)
    return np.array([np.zeros(width) if row is None else row for row in rows], np.float32)


def _try(case: Case, decider: Decider) -> Trial:
    outcome, sight = decider.consider(case.context())
    labels, answered = case.labels, outcome.action is Action.ANSWER
    if sight is None:
        none = labels.article_ids is None
        return Trial(case, None if none else False, 0.0, False, False, None)
    known = tells(case, sight)
    example = Example(case.dialog_id, outcome.lang, sight, labels.article_ids) if known else None
    reason = outcome.handoff.reason if outcome.handoff else None
    return Trial(
        case=case,
        right=example.right if example else None,
        confidence=outcome.considered or 0.0,
        answered=answered,
        open_to_answer=answered or outcome.action is Action.CLARIFY or reason in _UNSURE,
        example=example,
    )
