"""`souffleur eval calibrate`: from labelled dialogs to a confidence that serves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from tqdm import tqdm

from assistant.command_options import (
    Finite,
    data_dir_option,
    json_option,
    print_json,
    settings_for,
)
from eval.cautions import SEEN_SHARE, share_seen, told_unknown

if TYPE_CHECKING:
    from assistant.knowledge.contents import Knowledge
    from eval.calibration import Example
    from eval.cases import Case


@click.command()
@click.argument(
    "datasets",
    metavar="DATASET.jsonl...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
)
@click.option(
    "--risk",
    type=Finite(0, 1, min_open=True, max_open=True),
    help="Share of wrong answers to allow (default: TARGET_RISK, else 0.05).",
)
@click.option("--dry-run", is_flag=True, help="Print what it is worth, publish nothing.")
@data_dir_option
@json_option
def calibrate(
    datasets: tuple[Path, ...],
    *,
    risk: float | None,
    dry_run: bool,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Fit on labelled dialogs how likely an answer is right here, and from when on it is given.

    Publishes it with the knowledge base. Figures and thresholds come from questions that were held
    back.
    """
    from assistant.confidence import TARGET_RISK, load_confidence  # noqa: PLC0415
    from assistant.errors import KnowledgeError  # noqa: PLC0415
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models
    from eval import calibration  # noqa: PLC0415
    from eval.cases import load_datasets  # noqa: PLC0415

    cases = load_datasets(datasets)
    settings = settings_for(data_dir)
    parts = build_parts(settings)
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    with tqdm(total=len(cases), unit="turn", disable=not sys.stderr.isatty(), leave=False) as bar:
        examples = calibration.examples_of(cases, parts.decider, bar.update)
    _require_untuned(examples, knowledge)
    wanted = risk or settings.target_risk or TARGET_RISK
    fitted = calibration.fit(examples, knowledge.model_id, risk=wanted)
    shipped = load_confidence()
    before = np.array([shipped.confidence(example.sight).probability for example in examples])
    _tell_unknown(cases, knowledge)
    document = calibration.report(fitted, before) | {"snapshot": None}
    if document["chosen"]["threshold"] is not None and not dry_run:
        held = calibration.calibration_of(fitted, examples, knowledge)
        with parts.snapshots.exclusive():
            _require_same(parts.snapshots.current_id(), knowledge.snapshot_id)
            document["snapshot"] = parts.snapshots.publish_calibrated(knowledge, held)
    if as_json:
        print_json(document)
    else:
        _print(document, settings.target_risk, knowledge)


def _require_untuned(examples: Sequence[Example], knowledge: Knowledge) -> None:
    """Retrieval finds what it was tuned on too well, and a confidence fitted there would believe
    that it always does."""
    from assistant.errors import DatasetError  # noqa: PLC0415

    tuned = knowledge.tuning
    if tuned is None or not len(tuned.case_vectors) or not examples:
        return
    vectors = np.array([example.sight.vector for example in examples], np.float32)
    share = share_seen(vectors, tuned.case_vectors)
    if share > SEEN_SHARE:
        raise DatasetError(
            f"{share:.0%} of these questions are those that `kb tune` learnt from, so that they "
            "are found better than others: calibrate on other dialogs"
        )


def _tell_unknown(cases: Sequence[Case], knowledge: Knowledge) -> None:
    if told := told_unknown(cases, knowledge.articles):
        click.echo(told, err=True)


def _require_same(now: str, fitted_on: str) -> None:
    from assistant.errors import ConflictError  # noqa: PLC0415

    if now != fitted_on:
        raise ConflictError(
            "another snapshot was published while this was fitted: run `souffleur eval calibrate` "
            "again"
        )


def _print(document: dict[str, Any], setting: float | None, before: Knowledge) -> None:
    figures, chosen = (document["before"], document["after"]), document["chosen"]
    click.echo(
        f"{document['after']['questions']} labelled questions; the calibrated confidence is judged "
        "where it was held back, the one that ships was fitted on the sample dialogs:\n"
    )
    click.echo(f"{'':26}{'shipped':>9}{'calibrated':>12}")
    for name in ("auroc", "ece", "coverage_at_5pct_risk", "coverage_at_10pct_risk"):
        click.echo(f"{name:26}{figures[0][name]:>9.3f}{figures[1][name]:>12.3f}")
    click.echo(f"\n{'wrong at most':>14}{'from':>8}{'answered':>10}")
    for promise in document["promises"]:
        click.echo(_promise_line(promise))
    click.echo(f"\n{_chosen_line(chosen, document['delta'])}")
    if setting is not None and setting != chosen["risk"]:
        click.echo(f"SOUFFLEUR_TARGET_RISK={setting:g} is set and goes before --risk.")
    if document["snapshot"] is None:
        click.echo(f"Nothing was published.{_within_reach(document)}")
        return
    languages = document["languages"]
    click.echo(
        f"Published as snapshot {document['snapshot']}, serves {', '.join(languages)}; questions "
        "in other languages keep the confidence that ships."
    )
    held = before.calibration
    if lost := sorted(set(held.languages) - set(languages)) if held else []:
        click.echo(
            f"It takes the place of a calibration that served {', '.join(lost)} too: give all "
            "dialogs at once to keep that."
        )


def _within_reach(document: dict[str, Any]) -> str:
    if document["chosen"]["threshold"] is not None:
        return ""
    reached = [row["risk"] for row in document["promises"] if row["threshold"] is not None]
    return f" The smallest share within reach is --risk {min(reached):g}." if reached else ""


def _promise_line(promise: dict[str, Any]) -> str:
    if promise["threshold"] is None:
        return f"{promise['risk']:>14.1%}{'—':>8}{'':10}  not reachable with this much data"
    note = "" if promise["guaranteed"] else "  aimed at; no guarantee with this much data"
    return f"{promise['risk']:>14.1%}{promise['threshold']:>8.3f}{promise['answered']:>10.1%}{note}"


def _chosen_line(chosen: dict[str, Any], delta: float) -> str:
    risk = f"{chosen['risk']:.1%}"
    if chosen["threshold"] is None:
        return f"At most {risk} wrong is not reachable with this much data."
    shares = f"{chosen['answered']:.1%} are answered, {chosen['wrong']:.1%} of them wrong"
    if chosen["guaranteed"]:
        return (
            f"From {chosen['threshold']:.3f} on: {shares}. At most {risk} wrong holds for dialogs "
            f"like these with probability {1 - delta:.0%} (Learn then Test)."
        )
    return (
        f"From {chosen['threshold']:.3f} on: {shares}. At most {risk} wrong is aimed at; a "
        "guarantee is not reachable with this much data."
    )
