"""Fits the search branch: a customer's message comes near to the article that answers it.

Contrastive learning over our own help centres (`support_pairs.py`): a batch is one business, so
that an article must be told from its nearest neighbours, with a few articles of another. The
message is compared with the title and with the title and answer (or the answer alone), by InfoNCE
(van den Oord et al., "Representation Learning with Contrastive Predictive Coding", 2018): vector
with vector, and token by token (Khattab and Zaharia, "ColBERT", 2020). The second is only a
teacher, which keeps single words apart that one vector would blur; it is not served.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from assistant.text import for_model
from eval.fitting.encoder import BranchModule, Schedule, Tokens, Trunk, base_model
from eval.fitting.support_pairs import Business, PairedArticle

TEMPERATURE = 0.03
TOKEN_TEMPERATURE = 0.05
ROUNDS = 7
"""How often each business is gone through."""
RATE = 1e-3
_OWN, _OTHERS = 24, 10
_TYPO_SHARE = 0.1
_BARE_SHARE = 0.3
"""How often an answer is to be found without its title."""
_SEED = 0
_TEACHER_WIDTH = 96
_PREFIX_TOKENS = 3
"""The beginning mark and the prefix."""


def fit_search_branch(
    businesses: Sequence[Business], tokens: Tokens, progress: Callable[[float], object]
) -> tuple[BranchModule, Trunk]:
    """The fitted branch, and the trunk with all its states; `progress` gets each batch's loss."""
    draw = random.Random(_SEED)  # noqa: S311 - no secret
    torch.manual_seed(_SEED)
    model = base_model()
    trunk, branch = Trunk(model, tokens), BranchModule(model, dropout=0.0)
    teacher = nn.Linear(branch.width, _TEACHER_WIDTH, bias=False)
    nn.init.orthogonal_(teacher.weight)
    learnt = [*branch.learnt(), *teacher.parameters()]
    schedule = Schedule([(learnt, RATE)], ROUNDS * len(businesses))
    for _ in range(ROUNDS):
        for business in draw.sample(businesses, len(businesses)):
            articles = _batch(business, businesses, draw)
            messages = [mistyped(draw.choice(item.messages), draw) for item in articles]
            branch.train()
            bodies = [
                item.answer if draw.random() < _BARE_SHARE else item.body for item in articles
            ]
            loss = _loss(Sides(branch, trunk, teacher), messages, articles, bodies)
            schedule.step(loss)
            progress(float(loss.detach()))
    return branch, trunk


def _batch(
    business: Business, businesses: Sequence[Business], draw: random.Random
) -> list[PairedArticle]:
    own = draw.sample(business.articles, min(_OWN, len(business.articles)))
    other = draw.choice([item for item in businesses if item is not business] or [business])
    return own + draw.sample(other.articles, min(_OTHERS, len(other.articles)))


@dataclass(frozen=True)
class Sides:
    """Turns texts into vectors, one a text and one a token."""

    branch: BranchModule
    trunk: Trunk
    teacher: nn.Linear

    def of(self, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
        """Unit vectors (texts, hidden), unit token vectors (texts, tokens, width), the mask."""
        states, mask = self.trunk.states(texts)
        tokens = self.branch.tokens(states, mask)
        by_token = functional.normalize(self.teacher(tokens), dim=-1) * mask[..., None]
        return self.branch.pooled(tokens, mask), by_token, mask


def _loss(
    sides: Sides,
    messages: Sequence[str],
    articles: Sequence[PairedArticle],
    bodies: Sequence[str],
) -> Tensor:
    asked, asked_tokens, asked_mask = sides.of([f"query: {for_model(text)}" for text in messages])
    body, body_tokens, body_mask = sides.of([f"passage: {text}" for text in bodies])
    title, _, _ = sides.of(
        [f"passage: {item.answer if item.names_a_topic else item.title}" for item in articles]
    )
    by_title, by_body = asked @ title.T / TEMPERATURE, asked @ body.T / TEMPERATURE
    nearest = _mean_of_nearest(asked_tokens, asked_mask, body_tokens, body_mask)
    by_token = nearest / TOKEN_TEMPERATURE
    right = torch.arange(len(articles))
    return torch.as_tensor(
        functional.cross_entropy(by_title, right)
        + functional.cross_entropy(by_body, right)
        + functional.cross_entropy(by_token, right)
        + functional.cross_entropy((by_title + by_body + by_token) / 2, right)
    )


def _mean_of_nearest(asked: Tensor, asked_mask: Tensor, body: Tensor, body_mask: Tensor) -> Tensor:
    """Of every message and every body the mean over the message's tokens of the cosine with the
    nearest token of the body; (messages, bodies)."""
    messages, bodies = len(asked), len(body)
    cosines = asked.flatten(0, 1) @ body.flatten(0, 1).T
    cosines = cosines.view(messages, asked.shape[1], bodies, body.shape[1])
    nearest = cosines.masked_fill(body_mask[None, None] == 0, -1.0).amax(-1)
    counted = asked_mask.clone()
    counted[:, :_PREFIX_TOKENS] = 0
    shares = counted / counted.sum(1, keepdim=True).clamp(min=1)
    return torch.as_tensor((nearest * shares[..., None]).sum(1))


def mistyped(text: str, draw: random.Random) -> str:
    """One message in ten with a letter lost, swapped or doubled."""
    if len(text) < 6 or draw.random() >= _TYPO_SHARE:
        return text
    at = draw.randrange(1, len(text) - 1)
    if not text[at].isalpha():
        return text
    kind = draw.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at] + text[at:]
