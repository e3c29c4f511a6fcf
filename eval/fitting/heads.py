"""Fits the heads for labels and signals on the shipped messages; the same data, the same weights.

Kernel ridge regression for the label, a logistic detector for each signal, both over the message's
embedding. Figures in the result are of a tenth held out for the label, of five folds for the
signals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from assistant.domain import IntentLabel, Signal
from assistant.knowledge.embedder import BuiltinEmbedder
from assistant.message_heads import EXAMPLE_STEP, LabelHead, MessageHeads
from assistant.reading import said_in
from assistant.text import for_model
from eval.fitting.messages import LANGUAGES, Message, digest_of, intent_messages, signal_messages

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

WIDTH = 0.5
"""Kernel width times the dimension."""
RIDGE = 0.2
HELD_OUT_EVERY = 10
OFFSETS = {IntentLabel.COMPLAINT: 0.1}
"""A complaint taken for a question costs the customer more than the other way round."""
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
    vectors = _embed(embedder, messages)
    labels = [label.value for label in IntentLabel]
    truth = np.array([labels.index(message.label) for message in messages])
    label_head, held_out, guesses = fit_label_head(vectors, truth, len(labels))
    tried = [message for message, held in zip(messages, held_out, strict=True) if held]
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
        label_head=label_head,
        signals=tuple(signal.value for signal in Signal),
        signal_weights=np.asarray(signal_weights, np.float32),
        signal_bias=np.asarray(signal_bias, np.float32),
        thresholds=tuple(THRESHOLDS[signal] for signal in Signal),
        about={
            "messages": len(messages),
            "data": digest_of(messages),
            "held_out_macro_f1": _by_language(tried, truth[held_out], guesses),
            "signals": about_signals,
        },
    )


def fit_label_head(
    vectors: Floats, truth: npt.NDArray[np.int64], labels: int
) -> tuple[LabelHead, Bools, npt.NDArray[np.int64]]:
    """The head; which tenth of the messages a head fitted on the rest was tried on, and what that
    one said of them."""
    mean, scale = vectors.mean(axis=0), vectors.std(axis=0)
    steps = np.round((vectors - mean) / scale / EXAMPLE_STEP)
    examples = np.clip(steps, -127, 127).astype(np.int8)
    kernel = _kernel(examples.astype(np.float32) * np.float32(EXAMPLE_STEP))
    targets = np.where(np.eye(labels)[truth] > 0, 1.0, -1.0).astype(np.float32)
    offsets = np.array([OFFSETS.get(label, 0.0) for label in IntentLabel][:labels], np.float32)
    held_out = np.arange(len(truth)) % HELD_OUT_EVERY == 0
    rest = np.flatnonzero(~held_out)
    tried = kernel[np.ix_(held_out, rest)] @ _weights(kernel[np.ix_(rest, rest)], targets[rest])
    tried = tried + offsets
    head = LabelHead(
        mean=mean,
        scale=scale,
        examples=examples,
        weights=_weights(kernel, targets),
        offsets=offsets,
        gamma=WIDTH / vectors.shape[1],
        sharpness=_best_sharpness(tried, truth[held_out]),
    )
    return head, held_out, np.argmax(tried, axis=1)


def _kernel(centres: Floats) -> Floats:
    squares = np.einsum("ij,ij->i", centres, centres)
    distances = squares[:, None] + squares - 2 * centres @ centres.T
    return np.asarray(np.exp(-WIDTH / centres.shape[1] * np.maximum(distances, 0)), np.float32)


def _weights(kernel: Floats, targets: Floats) -> Floats:
    """What each message says for each label, float32 (messages, labels)."""
    ridged = kernel + RIDGE * np.eye(len(kernel), dtype=np.float32)
    return np.asarray(solve(ridged, targets, assume_a="pos", overwrite_a=True), np.float32)


def _best_sharpness(scores: Floats, truth: npt.NDArray[np.int64]) -> float:
    """The softmax sharpness with the least log loss."""

    def loss(sharpness: float) -> float:
        powers = np.exp(sharpness * (scores - scores.max(axis=1, keepdims=True)))
        shares = powers / powers.sum(axis=1, keepdims=True)
        return float(-np.log(shares[np.arange(len(truth)), truth]).mean())

    return min((round(0.5 + 0.1 * step, 1) for step in range(60)), key=loss)


def _logistic(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=5000, class_weight="balanced")


def _folds() -> StratifiedKFold:
    return StratifiedKFold(5, shuffle=True, random_state=0)


def _embed(embedder: BuiltinEmbedder, messages: Sequence[Message]) -> Floats:
    said = (said_in(message.text, embedder.fluency) for message in messages)
    return embedder.embed_wants([for_model(text) for text in said])


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
