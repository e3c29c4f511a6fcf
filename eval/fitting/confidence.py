"""Fits the provisional confidence on labelled dialogs: logistic regression over what retrieval saw,
the target being whether the best article is one that answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import StandardScaler

from assistant.confidence import ConfidenceModel, features_of
from assistant.deciding import Decider
from assistant.domain import IntentLabel
from assistant.reliability import expected_calibration_error
from eval.cases import Case

STRENGTH = 0.1
ANSWER_FROM = 0.5
EVIDENCE_FROM = 0.15


def fit_confidence(cases: Sequence[Case], decider: Decider, model_id: str) -> ConfidenceModel:
    """Fit on every question turn whose right articles are labelled."""
    rows, right = [], []
    for case in cases:
        if case.labels.article_ids is None or case.labels.intent is not IntentLabel.QUESTION:
            continue
        outcome = decider.decide(case.context())
        if outcome.passages:
            rows.append(features_of(outcome.question, outcome.passages))
            right.append(outcome.passages[0].article.article_id in case.labels.article_ids)
    scaler = StandardScaler().fit(np.array(rows))
    features, truth = scaler.transform(np.array(rows)), np.array(right)
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    chances = cross_val_predict(model, features, truth, cv=10, method="predict_proba")[:, 1]
    model.fit(features, truth)
    return ConfidenceModel(
        model_id=model_id,
        mean=np.asarray(scaler.mean_, np.float32),
        scale=np.asarray(scaler.scale_, np.float32),
        weights=np.asarray(model.coef_[0], np.float32),
        bias=round(float(model.intercept_[0]), 6),
        answer_from=ANSWER_FROM,
        evidence_from=EVIDENCE_FROM,
        about={
            "provisional": True,
            "turns": len(truth),
            "share_right": round(float(truth.mean()), 3),
            "cross_validated_auroc": round(float(roc_auc_score(truth, chances)), 3),
            "cross_validated_ece": round(expected_calibration_error(chances, truth), 3),
        },
    )
