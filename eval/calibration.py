"""`souffleur eval calibrate`: fits on labelled dialogs how likely an answer is right here, and from
when on it may be given.

Everything that is told of the fit, and every threshold, comes from questions that were held back:
ten folds over dialogs, and the labelled questions that the confidence looks at are those of the
other folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from assistant.confidence import (
    LEAST_SCORE,
    TARGET_RISK,
    ConfidenceModel,
    Logistic,
    Promise,
    document_of,
    names_with,
    promise_for,
)
from assistant.confidence_features import FEATURES, Cases, Sight, features_of, known_of
from assistant.deciding import Decider
from assistant.errors import DatasetError
from assistant.knowledge.calibration import Calibration
from assistant.knowledge.contents import Knowledge
from assistant.reliability import expected_calibration_error
from eval.cases import Case
from eval.folds import folds_of_dialogs
from eval.metrics import coverage_at_risk
from eval.promise import DELTA, RISKS, promises

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FOLDS = 10
STRENGTH = 0.05
"""Of the ridge (scikit-learn's C); from 0.01 to 0.1 the held-back figures differ by chance."""
SHIPPED_STRENGTH = 0.01
"""The shipped one is pulled harder: what it learns must hold for other knowledge bases."""
LEAST_QUESTIONS = 60
LEAST_OF_EACH = 10
"""Right and wrong ones; with fewer there is nothing to tell apart."""
LEAST_OF_LANGUAGE = 30
EVIDENCE_FROM = 0.15
PROVISIONAL_FROM, PROVISIONAL_SURE_FROM = 0.65, 0.8
"""The shipped confidence promises nothing on another knowledge base (docs/confidence.md)."""


@dataclass(frozen=True)
class Example:
    """A labelled question with the answer that was considered."""

    dialog_id: str
    lang: str
    sight: Sight
    article_ids: tuple[str, ...] | None
    """Every article that answers; None where it is only known that the best does not."""

    @property
    def right(self) -> bool:
        """Whether the best article answers."""
        best = self.sight.passages[0].article.article_id
        return self.article_ids is not None and best in self.article_ids

    @property
    def either_right(self) -> bool:
        """Whether the best article does or the one that competes with it."""
        rest, known = self.sight.rest, self.article_ids or ()
        return self.right or (bool(rest) and rest[0].article.article_id in known)


def examples_of(
    cases: Sequence[Case], decider: Decider, progress: Callable[[], object] | None = None
) -> list[Example]:
    """The labelled turns of `cases` for which the bot considers an answer, as it sees them."""
    found = []
    for case in cases:
        labels = case.labels
        if labels.article_ids is not None or labels.wrong_article_ids is not None:
            outcome, sight = decider.consider(case.context())
            if sight is not None and tells(case, sight):
                found.append(Example(case.dialog_id, outcome.lang, sight, labels.article_ids))
        if progress:
            progress()
    return found


def tells(case: Case, sight: Sight) -> bool:
    """Whether the labels say if the best article answers: of one that nobody judged a verdict on
    another says nothing."""
    labels = case.labels
    best = sight.passages[0].article.article_id
    return labels.article_ids is not None or best in (labels.wrong_article_ids or ())


@dataclass(frozen=True)
class Looked:
    """Examples as numbers."""

    features: Floats
    """(examples, features)"""
    right: Flags
    either_right: Flags


def looked_at(examples: Sequence[Example], folds: npt.NDArray[np.int64] | None) -> Looked:
    """With `folds` each example sees the labelled questions of the other folds; without, none."""
    seen = np.array([features_of(example.sight) for example in examples], np.float64)
    if folds is not None:
        known = np.array([example.article_ids is not None for example in examples], bool)
        everything, fold_of = cases_of(examples), folds[known]
        others = {fold: everything.only(fold_of != fold) for fold in set(folds.tolist())}
        pairs = zip(examples, folds.tolist(), strict=True)
        rows = [known_of(example.sight, others[fold]) for example, fold in pairs]
        seen = np.hstack([seen, np.array(rows, np.float64)])
    return Looked(
        features=seen,
        right=np.array([example.right for example in examples], bool),
        either_right=np.array([example.either_right for example in examples], bool),
    )


def cases_of(examples: Sequence[Example]) -> Cases:
    """The labelled questions of which it is known what answers them."""
    known = [
        (item.sight.vector, item.article_ids) for item in examples if item.article_ids is not None
    ]
    vectors = np.array([vector for vector, _ in known], np.float32)
    return Cases(vectors.reshape(len(known), -1), tuple(ids for _, ids in known))


def folds_of(examples: Sequence[Example], seed: int = 0) -> npt.NDArray[np.int64]:
    """A fold for each example; all of a dialog's are in one."""
    return folds_of_dialogs([example.dialog_id for example in examples], FOLDS, seed)


def fit_logistic(features: Floats, target: Flags, strength: float) -> Logistic:
    """Ridge logistic regression on standardised features."""
    scaler = StandardScaler().fit(features)
    fitted = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(features), target)
    return Logistic(
        mean=np.asarray(scaler.mean_, np.float32),
        scale=np.asarray(scaler.scale_, np.float32),
        weights=np.asarray(fitted.coef_[0], np.float32),
        bias=float(fitted.intercept_[0]),
    )


def held_back(looked: Looked, folds: npt.NDArray[np.int64], strength: float) -> Floats:
    """Of each example the confidence of a fit on the other folds, 0 where the best article hardly
    stands out, as in `ConfidenceModel`. Raises DatasetError when the other folds hold only right or
    only wrong ones."""
    confidences = np.zeros(len(looked.right))
    stands_out = looked.features[:, FEATURES.index("score")] >= LEAST_SCORE
    for fold in sorted(set(folds.tolist())):
        rest = folds != fold
        if looked.right[rest].all() or not looked.right[rest].any():
            raise DatasetError(
                "nearly all questions for which the best article is "
                f"{'wrong' if looked.right[rest].all() else 'right'} stand in a tenth of the "
                "dialogs, so that nothing can be held back: label more dialogs"
            )
        fitted = fit_logistic(looked.features[rest], looked.right[rest], strength)
        for at in np.flatnonzero((folds == fold) & stands_out).tolist():
            confidences[at] = fitted(looked.features[at].astype(np.float32))
    return confidences


@dataclass(frozen=True)
class Fitted:
    """A confidence with what it is worth where it was held back."""

    model: ConfidenceModel
    confidences: Floats
    """Of each example, held back."""
    right: Flags
    cases: Cases
    languages: tuple[str, ...]
    """Those with enough questions, which it will serve."""


def fit(
    examples: Sequence[Example], model_id: str, *, risk: float = TARGET_RISK, known: bool = True
) -> Fitted:
    """Fit on all examples; thresholds and figures from held-back ones.

    `risk`: the share of wrong answers to answer with. `known`: let it look at the labelled
    questions; without, it is the shipped confidence, which must do on other knowledge bases, and
    promises nothing. Raises DatasetError when there is too little to learn from.
    """
    _require_enough(examples)
    folds = folds_of(examples)
    looked = looked_at(examples, folds if known else None)
    strength = STRENGTH if known else SHIPPED_STRENGTH
    confidences = held_back(looked, folds, strength)
    cases = cases_of(examples)
    best = fit_logistic(looked.features, looked.right, strength)
    either = looked.either_right
    kept = _promises(examples, confidences, looked.right, risk) if known else ()
    model = ConfidenceModel(
        model_id=model_id,
        names=names_with(cases if known else None),
        best=best,
        either=best if either.all() else fit_logistic(looked.features, either, strength),
        answer_from=PROVISIONAL_FROM,
        sure_from=PROVISIONAL_SURE_FROM,
        evidence_from=EVIDENCE_FROM,
        about={"provisional": not known, **figures(confidences, looked.right)},
        risk=risk,
        promises=kept,
        cases=cases if known else None,
    )
    return Fitted(model, confidences, looked.right, cases, languages_of(examples))


def _promises(
    examples: Sequence[Example], confidences: Floats, right: Flags, risk: float
) -> tuple[Promise, ...]:
    """Over the languages that will be served."""
    served = languages_of(examples)
    if not served:
        raise DatasetError(f"no language has {LEAST_OF_LANGUAGE} labelled questions")
    inside = np.array([item.lang in served for item in examples], bool)
    dialogs = [item.dialog_id for item in examples if item.lang in served]
    return promises(confidences[inside], right[inside], dialogs, [*RISKS, risk, risk / 2])


def languages_of(examples: Sequence[Example]) -> tuple[str, ...]:
    """The languages with enough questions, in order."""
    langs = [example.lang for example in examples]
    return tuple(sorted(lang for lang in set(langs) if langs.count(lang) >= LEAST_OF_LANGUAGE))


def _require_enough(examples: Sequence[Example]) -> None:
    right = sum(example.right for example in examples)
    wrong = len(examples) - right
    if len(examples) < LEAST_QUESTIONS or min(right, wrong) < LEAST_OF_EACH:
        raise DatasetError(
            f"{len(examples)} labelled questions got so far that an answer was considered, the "
            f"best article being right for {right} and wrong for {wrong}; calibration needs at "
            f"least {LEAST_QUESTIONS}, {LEAST_OF_EACH} of each"
        )
    if len({example.dialog_id for example in examples}) < FOLDS:
        raise DatasetError(f"the labelled questions are of fewer than {FOLDS} dialogs")


def figures(confidences: Floats, right: Flags) -> dict[str, float | int]:
    """What a held-back confidence is worth: AUROC, calibration error, coverage at two risks."""
    return {
        "questions": len(right),
        "share_right": round(float(right.mean()), 4),
        "auroc": round(float(roc_auc_score(right, confidences)), 4),
        "ece": round(expected_calibration_error(confidences, right), 4),
        "coverage_at_5pct_risk": round(coverage_at_risk(confidences, right, 0.05), 4),
        "coverage_at_10pct_risk": round(coverage_at_risk(confidences, right, 0.1), 4),
    }


def calibration_of(
    fitted: Fitted, examples: Sequence[Example], knowledge: Knowledge
) -> Calibration:
    """What is kept with the snapshot."""
    return Calibration(
        document=document_of(fitted.model),
        model_id=knowledge.model_id,
        tuning=knowledge.tuning_identity,
        languages=fitted.languages,
        texts=knowledge.text_hashes(),
        case_vectors=fitted.cases.vectors,
        case_articles=fitted.cases.article_ids,
    )


def report(fitted: Fitted, before: Floats) -> dict[str, Any]:
    """What the command prints; `before` is the shipped confidence in the same answers."""
    chosen = promise_for(fitted.model.promises, fitted.model.risk)
    assert chosen is not None  # noqa: S101 - `fit` makes one for its risk
    above = (
        fitted.confidences >= chosen.threshold
        if chosen.threshold is not None
        else np.zeros(len(fitted.right), bool)
    )
    return {
        "before": figures(before, fitted.right),
        "after": figures(fitted.confidences, fitted.right),
        "languages": list(fitted.languages),
        "delta": DELTA,
        "chosen": asdict(chosen)
        | {"wrong": round(float((~fitted.right[above]).mean()), 4) if above.any() else None},
        "promises": [asdict(promise) for promise in fitted.model.promises],
    }
