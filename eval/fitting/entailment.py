"""Fits the network that doubts claims (`assistant/claims/entailment.py`), on a CPU, in minutes.

It learns from claims written by hand (`eval/datasets/claims`, the training half of
`eval/datasets/grounding`), from copied sentences, and from claims made by rule of our own help
centres. The trunk that reads them does not change, so every pair passes it once. Needs torch.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from assistant.claims.checking import stated_sentences
from assistant.claims.entailment import MARKS, SCALE, Entailment
from assistant.claims.reading import Sentence, WordReader, nearest, sentences_of
from eval.grounding_pairs import Pair

WIDTH, HIDDEN = 96, 48
EPOCHS, BATCH = 5, 64
RATE, DECAY, DROPOUT = 1e-3, 0.02, 0.3
WARM_UP_STEPS = 50
_SEED = 0
_FIRST_TEMPERATURE = 8.0
_MEAN_OF = 1500


@dataclass(frozen=True)
class Lesson:
    """A sentence of a claim read with its evidence, and whether the one backs the other."""

    group: str
    states: npt.NDArray[np.float16]
    """(pieces and marks, dimension)."""
    claim_pieces: int
    is_supported: bool
    weight: float


def lessons_of(
    pairs: Iterable[Pair],
    reader: WordReader,
    weight: float = 1.0,
    progress: Callable[[], object] = lambda: None,
) -> list[Lesson]:
    """Each stated sentence of each claim, read with the sentences nearest to it."""
    found = []
    known: dict[tuple[str, ...], list[Sentence]] = {}
    for pair in pairs:
        if pair.evidence not in known:
            known[pair.evidence] = sentences_of(pair.evidence)
        passages = known[pair.evidence]
        for claim in stated_sentences(pair.claim) if passages else ():
            texts = [each.text for each in nearest(claim, passages)]
            read = reader.read_together(claim.text, texts)
            count = len(read.texts[0])
            if count:
                states = read.states.astype(np.float16)
                found.append(Lesson(pair.group, states, count, pair.is_supported, weight))
        progress()
    return found


def fit_entailment(
    lessons: Sequence[Lesson],
    progress: Callable[[float], object] = lambda _: None,
    epochs: int = EPOCHS,
) -> Entailment:
    """The fitted network; `progress` gets the loss of each batch."""
    torch.manual_seed(_SEED)
    draw = random.Random(_SEED)  # noqa: S311 - no secret
    network = _Network(_mean_of(lessons))
    order = sorted(range(len(lessons)), key=lambda at: len(lessons[at].states))
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = epochs * len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min(1.0, (step + 1) / WARM_UP_STEPS) * max(0.02, 1 - step / steps),
    )
    network.train()
    for _ in range(epochs):
        for batch in draw.sample(batches, len(batches)):
            loss = _loss(network, [lessons[at] for at in batch])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            progress(float(loss.detach()))
    return network.weights()


def _mean_of(lessons: Sequence[Lesson]) -> npt.NDArray[np.float32]:
    """The mean state, each lesson counting the same; (dimension,)."""
    step = max(1, len(lessons) // _MEAN_OF)
    means = [each.states.astype(np.float32).mean(axis=0) for each in lessons[::step]]
    return np.asarray(np.mean(means, axis=0), np.float32)


def _loss(network: _Network, lessons: Sequence[Lesson]) -> Tensor:
    weights = torch.tensor([each.weight for each in lessons])
    truth = torch.tensor([float(each.is_supported) for each in lessons])
    loss = functional.binary_cross_entropy_with_logits(
        network(*_padded(lessons)), truth, weight=weights, reduction="sum"
    )
    return loss / weights.sum()


def _padded(lessons: Sequence[Lesson]) -> tuple[Tensor, Tensor, Tensor]:
    """States (lessons, pieces, dimension) with the masks of claim and evidence."""
    width = max(len(each.states) for each in lessons)
    states = torch.zeros(len(lessons), width, lessons[0].states.shape[1])
    claim, evidence = torch.zeros(2, len(lessons), width).unbind()
    for row, each in enumerate(lessons):
        states[row, : len(each.states)] = torch.from_numpy(each.states).float()
        claim[row, 1 : each.claim_pieces + 1] = 1
        evidence[row, each.claim_pieces + MARKS : len(each.states)] = 1
    return states, claim, evidence


class _Network(nn.Module):
    """`Entailment` as torch computes it, over batches and with dropout."""

    def __init__(self, mean: npt.NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.from_numpy(mean))
        size = len(mean)
        self.project = nn.Linear(size, WIDTH)
        self.query = nn.Linear(size, WIDTH, bias=False)
        nn.init.orthogonal_(self.query.weight)
        self.key = nn.Linear(size, WIDTH, bias=False)
        self.key.load_state_dict(self.query.state_dict())
        self.temperature = nn.Parameter(torch.tensor(_FIRST_TEMPERATURE))
        self.compare = nn.Linear(4 * WIDTH + 1, WIDTH)
        self.hidden = nn.Linear(2 * WIDTH, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, claim: Tensor, evidence: Tensor) -> Tensor:
        """Log-odds (lessons,) that the evidence backs the claim."""
        states = functional.normalize(states - self.get_buffer("mean"), dim=-1) * SCALE
        last = int(claim.sum(1).max()) + 1
        asked = functional.normalize(self.query(states[:, :last]), dim=-1)
        offered = functional.normalize(self.key(states), dim=-1)
        fits = (asked @ offered.transpose(1, 2)).masked_fill(evidence[:, None] == 0, -math.inf)
        fits = fits.clamp(min=-2.0)
        share = (self.temperature * fits).masked_fill(evidence[:, None] == 0, -1e4).softmax(-1)
        projected = self.project(self.dropout(states))
        own, theirs = projected[:, :last], share @ projected
        best = fits.amax(-1, keepdim=True)
        both = torch.cat([own, theirs, own - theirs, own * theirs, best], -1)
        compared = functional.gelu(self.compare(self.dropout(both)))
        mask = claim[:, :last, None]
        mean = (compared * mask).sum(1) / mask.sum(1)
        largest = (compared + (mask - 1) * 1e4).amax(1)
        hidden = functional.gelu(self.hidden(self.dropout(torch.cat([mean, largest], -1))))
        return torch.as_tensor(self.out(hidden)[:, 0])

    def weights(self) -> Entailment:
        """The weights by the names that serving uses: `project.weight` is `project`."""
        found = {
            name.removesuffix(".weight").replace(".bias", "_bias"): np.asarray(
                value.detach().numpy(), np.float32
            ).copy()
            for name, value in self.state_dict().items()
        }
        return Entailment(found)
