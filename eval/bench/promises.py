"""What thresholds keep on dialogs that they were not chosen on: chosen on two thirds of the
labelled questions' dialogs, judged on the rest, many times.

    python -m eval.bench.promises DIALOGS.jsonl... [--data-dir DIR] [--draws 100]

Confidences are held back once, in ten folds over dialogs. Of every wanted share of wrong answers:
in how many draws it could be guaranteed and aimed at, and then the share of wrong answers and the
share answered on the rest, over all draws together.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.command_options import settings_for
from assistant.wiring import build_parts
from eval.calibration import STRENGTH, examples_of, folds_of, held_back, looked_at
from eval.cases import load_datasets
from eval.promise import Flags, Floats, aimed_threshold, one_a_dialog, promised_threshold

_RISKS = (0.05, 0.1, 0.15, 0.2)
_PART = 2 / 3


@dataclass(frozen=True)
class Answers:
    """Considered answers: each one's held-back confidence, rightness and dialog."""

    confidences: Floats
    right: Flags
    dialogs: npt.NDArray[np.str_]

    def only(self, kept: Flags) -> Answers:
        """Those that are marked."""
        return Answers(self.confidences[kept], self.right[kept], self.dialogs[kept])


Choose = Callable[[Answers, float], "float | None"]


def main() -> None:
    """Print a row a share and way of choosing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--draws", type=int, default=100)
    options = parser.parse_args()
    parts = build_parts(settings_for(options.data_dir))
    if parts.library.current() is None:
        parser.error("no knowledge base: run `make sample` first")
    examples = examples_of(load_datasets(options.dialogs), parts.decider)
    folds = folds_of(examples)
    looked = looked_at(examples, folds)
    answers = Answers(
        held_back(looked, folds, STRENGTH),
        looked.right,
        np.array([example.dialog_id for example in examples]),
    )
    print(f"{len(examples)} questions, {options.draws} draws")
    print(f"{'':18}{'reached':>9}{'wrong':>8}{'answered':>10}")
    for risk in _RISKS:
        for name, choose in {"guaranteed": _guaranteed, "aimed at": _aimed}.items():
            print(f"{f'{risk:.0%} {name}':18}{_row(answers, choose, risk, options.draws)}")


def _guaranteed(answers: Answers, risk: float) -> float | None:
    lots = one_a_dialog(answers.dialogs.tolist())
    return promised_threshold(answers.confidences[lots], answers.right[lots], risk)


def _aimed(answers: Answers, risk: float) -> float | None:
    return aimed_threshold(answers.confidences, answers.right, risk)


def _row(answers: Answers, choose: Choose, risk: float, draws: int) -> str:
    names = np.unique(answers.dialogs)
    reached = given = wrong = 0
    shares = []
    for draw in range(draws):
        order = np.random.default_rng(draw).permutation(names)
        chosen_on = np.isin(answers.dialogs, order[: round(_PART * len(names))])
        threshold = choose(answers.only(chosen_on), risk)
        rest = answers.only(~chosen_on)
        said = rest.confidences >= (np.inf if threshold is None else threshold)
        shares.append(float(said.mean()))
        reached += threshold is not None
        given, wrong = given + int(said.sum()), wrong + int((~rest.right[said]).sum())
    told = f"{wrong / given:.3f}" if given else "—"
    return f"{reached:>9}{told:>8}{np.mean(shares):>10.3f}"


if __name__ == "__main__":
    main()
