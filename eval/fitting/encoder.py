"""Fits a branch of the encoder: low-rank changes to its last layers, on a CPU, in minutes.

The trunk does not change, so every text passes it once and its states are kept; only the branch is
run and differentiated again and again. Needs torch and transformers (`souffleur[train]`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from assistant.knowledge.builtin_model import (
    LAYER_MATRICES,
    bert_configuration,
    bert_weights,
    packed_model,
)
from assistant.knowledge.tuned_layers import TRUNK_LAYERS, Changes

RANK = 16
_LONGEST_TOKENS = 256
_BATCH = 32

Tokens = Callable[[str], list[int]]


def base_model() -> nn.Module:
    """The unchanged e5 as a torch module."""
    packed = packed_model()
    configuration = BertConfig(**bert_configuration(packed))
    model: nn.Module = BertModel(configuration, add_pooling_layer=False)
    weights = {name: torch.from_numpy(np.array(w)) for name, w in bert_weights(packed).items()}
    model.load_state_dict(weights, strict=False)
    model.train(False)
    return model


def layers_of(model: nn.Module) -> list[nn.Module]:
    """The encoder's layers, first to last."""
    return list(model.get_submodule("encoder.layer").children())


class Trunk:
    """The shared layers; remembers the state of every text in half precision."""

    def __init__(self, model: nn.Module, tokens: Tokens) -> None:
        self._model = model
        self._tokens = tokens
        self._states: dict[str, Tensor] = {}

    def states(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """(texts, tokens, hidden) and the mask (texts, tokens)."""
        self._fill(texts)
        found = [self._states[text] for text in texts]
        width = max(map(len, found))
        states = torch.zeros(len(found), width, found[0].shape[1])
        mask = torch.zeros(len(found), width)
        for row, state in enumerate(found):
            states[row, : len(state)] = state.float()
            mask[row, : len(state)] = 1
        return states, mask

    @torch.no_grad()
    def _fill(self, texts: Iterable[str]) -> None:
        missing = sorted({text for text in texts if text not in self._states}, key=len)
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            ids, mask = _padded([self._tokens(text)[:_LONGEST_TOKENS] for text in batch])
            state = self._model.get_submodule("embeddings")(ids)
            for layer in layers_of(self._model)[:TRUNK_LAYERS]:
                state = _run(layer, state, mask)
            for row, text in enumerate(batch):
                self._states[text] = state[row, : int(mask[row].sum())].half()


def _padded(lines: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    ids = torch.ones(len(lines), max(map(len, lines)), dtype=torch.long)
    mask = torch.zeros(ids.shape)
    for row, line in enumerate(lines):
        ids[row, : len(line)] = torch.tensor(line)
        mask[row, : len(line)] = 1
    return ids, mask


def _run(layer: nn.Module, state: Tensor, mask: Tensor) -> Tensor:
    hidden = layer(state, (1 - mask[:, None, None, :]) * -1e9)
    return torch.as_tensor(hidden[0] if isinstance(hidden, tuple) else hidden)


class _LowRank(nn.Module):
    """A linear layer that stays, with a low-rank change that is learnt; at first it is none."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        width = linear.in_features
        self.down = nn.Parameter(torch.randn(RANK, width) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(linear.out_features, RANK))

    def forward(self, state: Tensor) -> Tensor:
        change = state @ self.down.T @ self.up.T
        return torch.as_tensor(self.linear(state) + change)


class BranchModule(nn.Module):
    """The layers behind the trunk, with a low-rank change in every matrix."""

    def __init__(self, model: nn.Module, dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers_of(model)[TRUNK_LAYERS:])
        for weight in self.layers.parameters():
            weight.requires_grad_(False)
        for layer in self.layers:
            for name in LAYER_MATRICES.values():
                owner, _, last = name.rpartition(".")
                place = layer.get_submodule(owner)
                setattr(place, last, _LowRank(getattr(place, last)))
            for part in layer.modules():
                if isinstance(part, nn.Dropout):
                    part.p = dropout

    @property
    def width(self) -> int:
        """Length of a vector."""
        norm = self.layers[-1].get_submodule("output.LayerNorm")
        assert isinstance(norm, nn.LayerNorm)  # noqa: S101 - BertLayer has it
        return int(norm.normalized_shape[0])

    def tokens(self, states: Tensor, mask: Tensor) -> Tensor:
        """States behind the last layer, (texts, tokens, hidden)."""
        for layer in self.layers:
            states = _run(layer, states, mask)
        return states

    def pooled(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors (texts, hidden), the mean over the mask."""
        return functional.normalize((tokens * mask[..., None]).sum(1), dim=-1)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors (texts, hidden) of states behind the trunk."""
        return self.pooled(self.tokens(states, mask), mask)

    def learnt(self) -> list[nn.Parameter]:
        """What is learnt: the low-rank factors."""
        return [weight for weight in self.parameters() if weight.requires_grad]

    def changes(self, share: float = 1.0) -> Changes:
        """The changes by the packed model's names; with `share` under 1 a part of the way from the
        base (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022)."""
        pairs = {}
        for index, layer in enumerate(self.layers):
            for short, name in LAYER_MATRICES.items():
                part = layer.get_submodule(name)
                assert isinstance(part, _LowRank)  # noqa: S101 - put there above
                pairs[f"l{TRUNK_LAYERS + index}.{short}.w"] = (
                    (share * part.up).detach().numpy(),
                    part.down.detach().numpy(),
                )
        return Changes(pairs)

    @torch.no_grad()
    def vectors(self, trunk: Trunk, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts in order, float32 (texts, hidden)."""
        self.eval()
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found: list[np.ndarray | None] = [None] * len(texts)
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            for row, vector in zip(
                rows, self(*trunk.states([texts[r] for r in rows])), strict=True
            ):
                found[row] = vector.numpy()
        return np.stack([vector for vector in found if vector is not None])


class Schedule:
    """AdamW with a short warm-up and a linear way down; gradients are clipped to length 1."""

    def __init__(self, groups: Sequence[tuple[Sequence[nn.Parameter], float]], steps: int) -> None:
        self._weights = [weight for weights, _ in groups for weight in weights]
        self._optimiser = torch.optim.AdamW(
            [{"params": list(weights), "lr": rate} for weights, rate in groups], weight_decay=0.01
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimiser,
            lambda step: min(1.0, (step + 1) / (0.06 * steps)) * max(0.01, 1 - step / steps),
        )

    def step(self, loss: Tensor) -> None:
        """Follow the gradient of `loss` once."""
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimiser.step()
        self._schedule.step()
