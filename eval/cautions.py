"""What makes the figures of a data set say less than they seem to: questions that something was
fitted on, labels that name articles which are not there."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
import numpy.typing as npt

from eval.cases import Case
from eval.records import Record

SAME_QUESTION = 0.999
"""Cosine of a question with itself, kept in half precision."""
SEEN_SHARE = 0.2
"""Share of the questions that may have been learnt from without flattering the figures much."""


def share_seen(vectors: npt.NDArray[np.float32], among: npt.NDArray[np.float32]) -> float:
    """Share of questions that stand among others, by vectors of length 1."""
    return float(((vectors @ among.T).max(axis=1) >= SAME_QUESTION).mean())


def calibrated_on(records: Sequence[Record]) -> tuple[int, int]:
    """How many of the questions whose labelled neighbours are known are such a neighbour
    themselves, and how many there are."""
    nearest = [record.features.get("familiar") for record in records]
    known = [cosine for cosine in nearest if cosine is not None]
    return sum(cosine >= SAME_QUESTION for cosine in known), len(known)


def flatters(records: Sequence[Record]) -> bool:
    """Whether the confidence was calibrated on these very questions."""
    seen, of = calibrated_on(records)
    return seen > SEEN_SHARE * of


def told_unknown(cases: Sequence[Case], articles: Container[str]) -> str | None:
    """A sentence on labelled articles that the knowledge base does not hold; None without any."""
    named = {name: case for case in reversed(cases) for name in case.labels.article_ids or ()}
    unknown = sorted(name for name in named if name not in articles)
    if not unknown:
        return None
    first = named[unknown[0]]
    return (
        f"{len(unknown)} of {len(named)} labelled articles are not in the knowledge base, e.g. "
        f"{unknown[0]!r} in dialog {first.dialog_id!r}"
    )
