"""Fits the message branch: vectors from which complaint, question and thanks can be told.

Plain classification over the shipped messages, repaired the way a live message is; the last layer
is thrown away and the heads are fitted anew on the vectors (`heads.py`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn import functional

from assistant.domain import IntentLabel
from eval.fitting.encoder import BranchModule, Schedule, Tokens, Trunk, base_model
from eval.fitting.messages import Message

EPOCHS = 3
RATE = 1e-3
SMOOTHING = 0.05
"""Label smoothing: a few of the labels are debatable."""
_BATCH = 32
_SEED = 0
_SHARPNESS = 8.0


def fit_message_branch(
    texts: Sequence[str],
    messages: Sequence[Message],
    tokens: Tokens,
    progress: Callable[[float], object],
) -> tuple[BranchModule, Trunk]:
    """The fitted branch and its trunk; `texts` are the messages as they are read."""
    draw = random.Random(_SEED)  # noqa: S311 - no secret
    torch.manual_seed(_SEED)
    model = base_model()
    trunk, branch = Trunk(model, tokens), BranchModule(model, dropout=0.1)
    labels = [label.value for label in IntentLabel]
    truth = torch.tensor([labels.index(message.label) for message in messages])
    last = nn.Linear(branch.width, len(labels))
    asked = [f"query: {text}" for text in texts]
    steps = EPOCHS * len(_batches(asked, draw))
    schedule = Schedule([(branch.learnt(), RATE), (list(last.parameters()), 5 * RATE)], steps)
    for _ in range(EPOCHS):
        for rows in _batches(asked, draw):
            branch.train()
            vectors = branch(*trunk.states([asked[row] for row in rows]))
            loss = functional.cross_entropy(
                last(_SHARPNESS * vectors), truth[rows], label_smoothing=SMOOTHING
            )
            schedule.step(loss)
            progress(float(loss.detach()))
    return branch, trunk


def _batches(texts: Sequence[str], draw: random.Random) -> list[list[int]]:
    """Rows of texts of about equal length, in a random order."""
    rows = sorted(range(len(texts)), key=lambda row: len(texts[row]) + 20 * draw.random())
    batches = [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
    draw.shuffle(batches)
    return batches
