"""Folds that hold whole dialogs, since turns of one dialog tell of one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def folds_of_dialogs(dialogs: Sequence[str], folds: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """Of each item (given by the dialog it stands in) its fold, int64 (items,); drawn by lot over
    dialogs, the same for the same seed."""
    names = list(dict.fromkeys(dialogs))
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {name: int(at) % folds for name, at in zip(names, order, strict=True)}
    return np.array([fold_of[name] for name in dialogs], np.int64)
