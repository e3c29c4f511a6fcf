"""How well claims are told that their evidence does not back.

    python -m eval.bench.grounding [PAIRS.jsonl...] [--folds 10] [--train-network]

Without files: the pairs that ship, on the half that nothing was fitted on, then the claims written
by hand, on the third that nothing was fitted on. A line of a file: {"id", "claim", "evidence":
["…"], "supported", "kind"?, "group"?}. Of each set and language: AUROC with its 95 % interval by
bootstrap over groups, the share of supported claims refused and of the others caught, by kind; then
the time a claim takes. Of a file given, also the AUROC of weights fitted on that file by
cross-validation over groups: what these features could tell there; with --train-network the network
is fitted in the folds too, on our own claims and the other folds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from assistant.claims.checking import ClaimChecker
from assistant.claims.entailment import Entailment, load_entailment
from assistant.claims.reading import WordReader
from assistant.command_options import settings_for
from assistant.wiring import build_claim_checker, build_word_reader
from eval.fitting.entailment import fit_entailment, lessons_of
from eval.fitting.grounding import Example, hardest, read_pairs
from eval.fitting.grounding_lessons import made_lessons, written_pairs
from eval.grounding_pairs import HELD_OUT, SHIPPED, Pair, load_pairs, of_split
from eval.written_claims import load_written

_MADE_BESIDE, _TIMES = 2000, 2
"""Made claims beside a file's own, and how often an epoch goes through those of the file."""
_DRAWS = 1000
_TIMED = 100


def main() -> None:
    """Print the figures of each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path, nargs="*")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--train-network", action="store_true")
    options = parser.parse_args()
    checker = build_claim_checker(settings_for(None))
    if not options.pairs:
        for path in SHIPPED:
            _print_each(f"{path.parent.name}/{path.name}", load_pairs(path), checker)
        _print_each("claims", load_written(), checker)
    for path in options.pairs:
        pairs = load_pairs(path)
        _print_each(f"{path.parent.name}/{path.name}", pairs, checker)
        found = _cross_validated(pairs, options.folds, train_network=options.train_network)
        print(f"  fitted here, {options.folds} folds: {found:.3f}")


def _print_each(name: str, pairs: Sequence[Pair], checker: ClaimChecker) -> None:
    held_out = of_split(pairs, HELD_OUT)
    for lang in sorted({pair.lang for pair in held_out}):
        _print(f"{name} {lang}", _of(held_out, lang), checker)


def _of(pairs: Sequence[Pair], lang: str) -> list[Pair]:
    return [pair for pair in pairs if pair.lang == lang]


def _print(name: str, pairs: Sequence[Pair], checker: ClaimChecker) -> None:
    verdicts = [checker.check(pair.claim, pair.evidence) for pair in pairs]
    truth = np.array([pair.is_supported for pair in pairs])
    scores = np.array([verdict.score for verdict in verdicts])
    refused = np.array([not verdict.is_supported for verdict in verdicts])
    low, high = _interval(pairs, truth, scores)
    print(
        f"{name}: n {len(pairs)}, AUROC {roc_auc_score(truth, scores):.3f} [{low:.3f}, {high:.3f}],"
        f" refused of the supported {refused[truth].mean():.1%},"
        f" of the others {refused[~truth].mean():.1%}"
    )
    for kind in sorted({pair.kind for pair in pairs if pair.kind and not pair.is_supported}):
        own = np.array([pair.kind == kind for pair in pairs])
        both = own | truth
        print(
            f"  {kind:<14} n {own.sum():>3}, caught {refused[own].mean():>4.0%},"
            f" AUROC {roc_auc_score(truth[both], scores[both]):.3f}"
        )
    print(f"  {_milliseconds(pairs[:_TIMED], checker):.1f} ms a claim")


def _interval(
    pairs: Sequence[Pair], truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """95 % of the AUROC over draws of groups with replacement."""
    chance = np.random.default_rng(0)
    groups = sorted({pair.group for pair in pairs})
    rows = {group: [at for at, pair in enumerate(pairs) if pair.group == group] for group in groups}
    found = []
    for _ in range(_DRAWS):
        drawn = chance.choice(len(groups), len(groups))
        at = [row for number in drawn for row in rows[groups[number]]]
        if 0 < truth[at].sum() < len(at):
            found.append(roc_auc_score(truth[at], scores[at]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _milliseconds(pairs: Sequence[Pair], checker: ClaimChecker) -> float:
    """Median time of a claim."""
    taken = []
    for pair in pairs:
        start = time.perf_counter()
        checker.check(pair.claim, pair.evidence)
        taken.append(time.perf_counter() - start)
    return 1000 * float(np.median(taken))


def _cross_validated(pairs: Sequence[Pair], folds: int, *, train_network: bool) -> float:
    """AUROC of a logistic over the same features fitted on the file itself, group by group."""
    reader = build_word_reader(settings_for(None))
    networks = _fitted_there(pairs, reader, folds) if train_network else {}
    examples = read_pairs(pairs, reader, lambda pair: networks.get(pair.group) or load_entailment())
    rows = np.array([_row(example) for example in examples])
    rows = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6)
    truth = np.array([example.pair.is_supported for example in examples])
    scores = cross_val_predict(
        LogisticRegression(C=0.3, max_iter=1000),
        rows,
        truth,
        groups=[example.pair.group for example in examples],
        cv=GroupKFold(folds),
        method="predict_proba",
    )[:, 1]
    return float(roc_auc_score(truth, scores))


def _fitted_there(pairs: Sequence[Pair], reader: WordReader, folds: int) -> dict[str, Entailment]:
    """For each group a network fitted on our own claims and the file's other folds."""
    own = lessons_of([*written_pairs(), *made_lessons()[:_MADE_BESIDE]], reader)
    there = lessons_of(pairs, reader)
    groups = [each.group for each in there]
    found: dict[str, Entailment] = {}
    for rest, fold in GroupKFold(folds).split(groups, groups=groups):
        network = fit_entailment([*own, *(there[at] for at in rest for _ in range(_TIMES))])
        found |= {groups[at]: network for at in fold}
    return found


def _row(example: Example) -> npt.NDArray[np.float64]:
    return np.array([*hardest(example), example.has_missing_fact], np.float64)


if __name__ == "__main__":
    main()
