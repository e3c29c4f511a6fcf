"""What the claim check is fitted on."""

from __future__ import annotations

import random

from eval.fitting.made_claims import RENUMBERED, made_pairs
from eval.fitting.support_pairs import load_businesses
from eval.grounding_pairs import HELD_OUT, SHIPPED, TRAIN, Pair, load_pairs, of_split
from eval.written_claims import load_written

MADE = 5000
"""So many made claims; more brought nothing on the held-out pairs."""
_SEED = 0


def shipped_pairs() -> list[Pair]:
    """The training half of the support-style pairs: the weights and the threshold are for these."""
    return of_split([pair for path in SHIPPED for pair in load_pairs(path)], TRAIN)


def written_pairs() -> list[Pair]:
    """All claims written by hand that are not held out: what the network learns from first."""
    return [*shipped_pairs(), *of_split(load_written(), TRAIN)]


def unseen_pairs() -> list[Pair]:
    """The held-out claims written by hand: the threshold is set on these. The held-out half of the
    support-style pairs has no part in anything."""
    return of_split(load_written(), HELD_OUT)


def made_lessons() -> list[Pair]:
    """Claims made by rule of our help centres; changed numbers are left to the rule on facts."""
    made = [pair for pair in made_pairs(load_businesses()) if pair.kind != RENUMBERED]
    return random.Random(_SEED).sample(made, min(MADE, len(made)))  # noqa: S311 - no secret
