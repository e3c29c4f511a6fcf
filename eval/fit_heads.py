"""Fits the heads for labels and signals on the shipped messages; the same data, the same weights.

Logistic regressions over the message's embedding, classes weighted equally. Figures in the result
are five-fold cross-validated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from assistant.domain import IntentLabel, Signal
from assistant.knowledge.embedder import Embedder
from assistant.message_heads import MessageHeads
from assistant.text import for_model
from eval.messages import LANGUAGES, Message, digest_of, intent_messages, signal_messages

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

LABEL_STRENGTH = 3.0
SIGNAL_STRENGTH = 10.0
"""Inverse regularisation (scikit-learn's C), picked by cross-validation on the shipped messages."""

THRESHOLDS = {
    # Calling a person when nobody asked costs little; not calling when asked costs the customer.
    Signal.WANTS_HUMAN: 0.7,
    Signal.ASKS_IF_BOT: 0.7,
    Signal.NOT_HELPED: 0.75,
    Signal.DISTRESS: 0.85,
    Signal.PROFANITY: 0.9,
    Signal.GREETING_ONLY: 0.85,
}


def fit_heads(embedder: Embedder) -> MessageHeads:
    """Embed every shipped message once and fit all heads on them."""
    messages = intent_messages()
    vectors = _embed(embedder, messages)
    labels = [label.value for label in IntentLabel]
    truth = np.array([labels.index(message.label) for message in messages])
    label_head = _logistic(LABEL_STRENGTH).fit(vectors, truth)
    guesses = cross_val_predict(_logistic(LABEL_STRENGTH), vectors, truth, cv=_folds())
    signal_weights, signal_bias, about_signals = [], [], {}
    for signal in Signal:
        own = signal_messages(signal)
        head, figures = _fit_signal(embedder, own, vectors, THRESHOLDS[signal])
        signal_weights.append(head.coef_[0])
        signal_bias.append(head.intercept_[0])
        about_signals[signal.value] = figures
    return MessageHeads(
        model_id=embedder.model_id,
        labels=tuple(labels),
        label_weights=np.asarray(label_head.coef_, np.float32),
        label_bias=np.asarray(label_head.intercept_, np.float32),
        signals=tuple(signal.value for signal in Signal),
        signal_weights=np.asarray(signal_weights, np.float32),
        signal_bias=np.asarray(signal_bias, np.float32),
        thresholds=tuple(THRESHOLDS[signal] for signal in Signal),
        about={
            "messages": len(messages),
            "data": digest_of(messages),
            "cross_validated_macro_f1": _by_language(messages, truth, guesses),
            "signals": about_signals,
        },
    )


def _logistic(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=5000, class_weight="balanced")


def _folds() -> StratifiedKFold:
    return StratifiedKFold(5, shuffle=True, random_state=0)


def _embed(embedder: Embedder, messages: Sequence[Message]) -> Floats:
    return embedder.embed_queries([for_model(message.text) for message in messages])


def _by_language(
    messages: Sequence[Message], truth: npt.NDArray[np.int64], guesses: npt.NDArray[np.int64]
) -> dict[str, float]:
    figures = {}
    for lang in LANGUAGES:
        rows = np.array([message.lang == lang for message in messages])
        figures[lang] = round(float(f1_score(truth[rows], guesses[rows], average="macro")), 3)
    return figures


def _fit_signal(
    embedder: Embedder, own: Sequence[Message], others: Floats, threshold: float
) -> tuple[LogisticRegression, dict[str, float]]:
    """A detector with its own hard negatives; all intent messages count as negatives too (a few
    carry the signal: they only make the detector more careful)."""
    positive = np.array([message.kind == "positive" for message in own])
    vectors = np.concatenate([_embed(embedder, own), others])
    truth = np.concatenate([positive, np.zeros(len(others), np.bool_)])
    chances = cross_val_predict(
        _logistic(SIGNAL_STRENGTH), vectors, truth, cv=_folds(), method="predict_proba"
    )[:, 1]
    return _logistic(SIGNAL_STRENGTH).fit(vectors, truth), _figures(
        positive, chances[: len(own)] >= threshold, chances[len(own) :] >= threshold
    )


def _figures(truth: Bools, found: Bools, found_elsewhere: Bools) -> dict[str, float]:
    return {
        "messages": len(truth),
        "precision": round(float(truth[found].mean()), 3),
        "recall": round(float(found[truth].mean()), 3),
        "share_of_intent_messages": round(float(found_elsewhere.mean()), 4),
    }
