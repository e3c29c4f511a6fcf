"""Fits the heads for labels and signals on the shipped messages; the same data, the same weights.

The label head is fitted in `label_head.py`, a logistic detector for each signal here. Figures in
the result are of a tenth held out for the label, of five folds for the signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from assistant.domain import IntentLabel, Signal
from assistant.knowledge.embedder import BuiltinEmbedder
from assistant.message_heads import MessageHeads
from assistant.reading import said_in
from assistant.text import for_model
from eval.fitting.label_head import fit_label_head
from eval.fitting.messages import LANGUAGES, Message, digest_of, intent_messages, signal_messages

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

SIGNAL_STRENGTH = 10.0
"""Inverse regularisation of the detectors (scikit-learn's C)."""

THRESHOLDS = {
    # Calling a person when nobody asked costs little; not calling when asked costs the customer.
    Signal.WANTS_HUMAN: 0.8,
    Signal.ASKS_IF_BOT: 0.8,
    Signal.NOT_HELPED: 0.8,
    Signal.DISTRESS: 0.93,
    Signal.PROFANITY: 0.9,
    Signal.GREETING_ONLY: 0.85,
}


def fit_heads(embedder: BuiltinEmbedder) -> MessageHeads:
    """Embed every shipped message once by the message branch and fit all heads on them."""
    messages = intent_messages()
    texts = _said(embedder, messages)
    vectors = embedder.embed_wants(texts)
    labels = [label.value for label in IntentLabel]
    truth = np.array([labels.index(message.label) for message in messages])
    label_head, held_out, guesses = fit_label_head(vectors, texts, truth, len(labels))
    tried = [message for message, held in zip(messages, held_out, strict=True) if held]
    signals, about_signals = _fit_signals(embedder, vectors)
    return MessageHeads(
        model_id=embedder.model_id,
        labels=tuple(labels),
        label_head=label_head,
        about={
            "messages": len(messages),
            "data": digest_of(messages),
            "held_out_macro_f1": _by_language(tried, truth[held_out], guesses),
            "signals": about_signals,
        },
        **signals,
    )


def fit_signals_anew(embedder: BuiltinEmbedder, heads: MessageHeads) -> MessageHeads:
    """The heads with the detectors fitted anew and the label head left as it is."""
    vectors = embedder.embed_wants(_said(embedder, intent_messages()))
    signals, about_signals = _fit_signals(embedder, vectors)
    return replace(heads, about={**heads.about, "signals": about_signals}, **signals)


def _fit_signals(
    embedder: BuiltinEmbedder, others: Floats
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """The fields of MessageHeads on signals, and figures; `others`: vectors of intent messages."""
    weights, bias, about = [], [], {}
    pooled = others[:, : embedder.dimension]
    for signal in Signal:
        head, figures = _fit_signal(embedder, signal_messages(signal), pooled, THRESHOLDS[signal])
        weights.append(head.coef_[0])
        bias.append(head.intercept_[0])
        about[signal.value] = figures
    fields = {
        "signals": tuple(signal.value for signal in Signal),
        "signal_weights": np.asarray(weights, np.float32),
        "signal_bias": np.asarray(bias, np.float32),
        "thresholds": tuple(THRESHOLDS[signal] for signal in Signal),
    }
    return fields, about


def _logistic(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=5000, class_weight="balanced")


def _folds() -> StratifiedKFold:
    return StratifiedKFold(5, shuffle=True, random_state=0)


def _said(embedder: BuiltinEmbedder, messages: Sequence[Message]) -> list[str]:
    return [for_model(said_in(message.text, embedder.fluency)) for message in messages]


def _by_language(
    messages: Sequence[Message], truth: npt.NDArray[np.int64], guesses: npt.NDArray[np.int64]
) -> dict[str, float]:
    figures = {}
    for lang in LANGUAGES:
        rows = np.array([message.lang == lang for message in messages])
        figures[lang] = round(float(f1_score(truth[rows], guesses[rows], average="macro")), 3)
    return figures


def _fit_signal(
    embedder: BuiltinEmbedder, own: Sequence[Message], others: Floats, threshold: float
) -> tuple[LogisticRegression, dict[str, float]]:
    """A detector with its own hard negatives; all intent messages count as negatives too (a few
    carry the signal: they only make the detector more careful)."""
    positive = np.array([message.kind == "positive" for message in own])
    own_vectors = embedder.embed_wants(_said(embedder, own))[:, : embedder.dimension]
    vectors = np.concatenate([own_vectors, others])
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
