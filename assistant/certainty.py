"""Which confidence judges an answer: the one calibrated on this very knowledge, else the shipped
one; and from when on the bot answers, by the share of wrong answers that is allowed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from assistant.confidence import ConfidenceModel, model_of, promise_for
from assistant.confidence_features import Cases
from assistant.knowledge.calibration import Calibration
from assistant.knowledge.contents import Knowledge

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """What is known of the calibration of a snapshot, for people and records."""

    model: ConfidenceModel
    """What judges questions in the languages that were calibrated."""
    problem: str | None
    """Why the snapshot's calibration does not serve; None where it does or there is none."""


NEVER = 1.01
"""A threshold that no confidence reaches."""


class Certainty:
    """Chooses the confidence for a snapshot and a language. Safe to use from several threads."""

    def __init__(
        self,
        shipped: ConfidenceModel,
        target_risk: float | None = None,
        *,
        whatever_was_calibrated: bool = False,
    ) -> None:
        """`target_risk`: the share of wrong answers allowed; None for the one that a calibration
        was asked for. `whatever_was_calibrated`: use `shipped` all the same, to measure it."""
        self._shipped = shipped
        self._only_shipped = whatever_was_calibrated
        self._target_risk = target_risk
        self._latest: tuple[Knowledge, Standing] | None = None
        self._looking = Lock()

    def model(self, knowledge: Knowledge | None, lang: str) -> ConfidenceModel:
        """What judges an answer out of this knowledge to a question in this language."""
        if knowledge is None or knowledge.calibration is None or self._only_shipped:
            return self._shipped
        if lang not in knowledge.calibration.languages:
            return self._shipped
        return self.standing(knowledge).model

    def described(self, knowledge: Knowledge) -> dict[str, Any]:
        """What serves for a snapshot, for people and scripts."""
        standing, held = self.standing(knowledge), knowledge.calibration
        model = standing.model
        return {
            "provisional": model.provisional,
            "problem": standing.problem,
            "languages": list(held.languages) if held and not model.provisional else [],
            "risk": model.risk,
            "answer_from": model.answer_from,
            "guaranteed": model.guaranteed,
            "elsewhere_from": self._shipped.answer_from,
            "wanted_risk": self._target_risk,
        }

    def standing(self, knowledge: Knowledge) -> Standing:
        """The calibration of a snapshot, looked at once."""
        held = knowledge.calibration
        if held is None or self._only_shipped:
            return Standing(self._shipped, None)
        with self._looking:
            if self._latest is None or self._latest[0] is not knowledge:
                self._latest = (knowledge, self._look_at(knowledge, held))
            return self._latest[1]

    def _look_at(self, knowledge: Knowledge, held: Calibration) -> Standing:
        problem = held.mismatch(
            knowledge.model_id, knowledge.tuning_identity, knowledge.text_hashes()
        )
        if problem is None:
            try:
                return Standing(self._kept(held), None)
            except ValueError as error:
                problem = str(error)
        log.warning(
            "the calibration of %s does not serve: %s; run `souffleur eval calibrate` again",
            knowledge.snapshot_id,
            problem,
        )
        return Standing(self._shipped, problem)

    def _kept(self, calibration: Calibration) -> ConfidenceModel:
        """The calibrated model with the threshold for the risk that is allowed."""
        cases = Cases(calibration.case_vectors, calibration.case_articles)
        model = model_of(calibration.document, cases)
        cases.prepare()
        risk = self._target_risk or model.risk
        threshold = threshold_for(model, risk)
        if threshold == NEVER:
            log.warning("no confidence keeps wrong answers at %.1f %%: none is given", 100 * risk)
        sure_from = max(threshold, threshold_for(model, risk / 2))
        return replace(model, risk=risk, answer_from=threshold, sure_from=sure_from)


def threshold_for(model: ConfidenceModel, risk: float) -> float:
    """The confidence from which a calibrated model answers; NEVER where none keeps the risk."""
    promise = promise_for(model.promises, risk)
    return NEVER if promise is None or promise.threshold is None else promise.threshold
