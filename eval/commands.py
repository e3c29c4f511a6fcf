"""`souffleur eval …`"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from assistant.command_options import (
    data_dir_option,
    json_option,
    print_json,
    seed_option,
    settings_for,
)
from eval.calibrating import calibrate
from eval.cautions import calibrated_on, flatters, told_unknown
from eval.commands_on_runs import compare
from eval.fitting.commands import fit
from eval.hints.commands import hints
from eval.importing.commands import importing
from eval.judging.commands import judge
from eval.live.commands import live
from eval.simulation.commands import simulate
from prompts.loader import LANGUAGES

if TYPE_CHECKING:
    from assistant.settings import Settings
    from eval.cases import Case
    from eval.gating import Gate
    from eval.records import Record
    from eval.runner import Run


@click.group(name="eval")
def evaluation() -> None:
    """Measure the assistant against labelled dialogs."""


@evaluation.command()
@click.argument("dataset", metavar="DATASET.jsonl", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for report.html, records.jsonl and metrics.json (default: under the data folder).",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="An earlier run's folder or metrics.json: exit 1 when a metric fell by more than its "
    "interval (times are told but never fail).",
)
@click.option("--url", help="Ask a running server instead, e.g. http://127.0.0.1:8000.")
@click.option(
    "--api-key",
    metavar="KEY",
    help="For --url (default: one of SOUFFLEUR_API_KEYS); an operator's also closes the dialogs.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=2,
    help="Turns at a time, with --url dialogs at a time.",
)
@seed_option("bootstrap")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Of the report (default: LOCALE).")
@data_dir_option
@json_option
def run(
    dataset: Path,
    *,
    out: Path | None,
    baseline: Path | None,
    url: str | None,
    api_key: str | None,
    workers: int,
    seed: int,
    lang: str | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Run every labelled turn of DATASET.jsonl through the assistant, print the metrics and write
    a report.

    Stopped, it goes on where it was when --out is the same.
    """
    from eval.cases import load_cases  # noqa: PLC0415
    from eval.gating import hold_against, read_baseline_run  # noqa: PLC0415
    from eval.journal import read_records  # noqa: PLC0415
    from eval.report.page import write_report  # noqa: PLC0415

    if api_key and not url:
        raise click.UsageError("--api-key goes with --url")
    settings = settings_for(data_dir)
    # Before this run may write over it.
    earlier = read_baseline_run(baseline) if baseline else None
    cases = load_cases(dataset)
    folder = out or settings.data_dir / "eval" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    walk = _through_server(url, api_key, settings) if url else _in_process(settings)
    with tqdm(total=len(cases), unit="turn", disable=not sys.stderr.isatty(), leave=False) as bar:
        step = partial(bar.update, 1)
        finished = walk(dataset, cases, folder, step, workers=workers, seed=seed)
    document, records = finished.document(), read_records(finished.records)
    gate = hold_against(earlier, document, records, seed=seed) if earlier else None
    report = write_report(
        document,
        records,
        folder,
        lang=lang or settings.locale,
        baseline=gate.shown if gate else None,
    )
    if as_json:
        print_json(document | ({"baseline": gate.document()} if gate else {}))
    else:
        _print_table(document)
        click.echo(f"report:  {report}")
    _tell_seen(records)
    if gate:
        _tell(gate)


def _in_process(settings: Settings) -> Callable[..., Run]:
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models
    from eval.runner import run as walk  # noqa: PLC0415

    parts = build_parts(settings)
    parts.wait_for_models()

    def run_here(dataset: Path, cases: Sequence[Case], *what: Any, **how: Any) -> Run:
        knowledge = parts.library.current()
        if told := told_unknown(cases, knowledge.articles) if knowledge else None:
            click.echo(told, err=True)
        return walk(dataset, cases, parts, *what, **how)

    return run_here


def _through_server(url: str, api_key: str | None, settings: Settings) -> Callable[..., Run]:
    from eval.remote import run_remote  # noqa: PLC0415 - only with --url
    from eval.server import Server, key_among  # noqa: PLC0415

    def walk(dataset: Path, cases: Sequence[Case], *what: Any, **how: Any) -> Run:
        with Server(url, api_key or key_among(settings.keys)) as server:
            done = run_remote(dataset, cases, server, *what, **how)
        if done.staying:
            click.echo(
                f"{done.staying} dialogs of this evaluation (channel eval) stay in the operators' "
                "queue; an operator's key closes them",
                err=True,
            )
        return done.run

    return walk


def _tell_seen(records: Sequence[Record]) -> None:
    """Say on standard error when the confidence was calibrated on these very questions."""
    if flatters(records):
        seen, of = calibrated_on(records)
        click.echo(
            f"{seen} of {of} questions are those that the confidence was calibrated on: its "
            "figures flatter it here; those of `souffleur eval calibrate` were held back",
            err=True,
        )


def _tell(gate: Gate) -> None:
    """Say on standard error what changed; exit status 1 when that fails a build."""
    for line in gate.lines():
        click.echo(f"baseline: {line}", err=True)
    if gate.fallen:
        click.get_current_context().exit(1)


@click.command()
@click.argument("dataset", metavar="DATASET.jsonl", type=click.Path(path_type=Path))
@data_dir_option
@json_option
def tune(dataset: Path, data_dir: Path | None, as_json: bool) -> None:
    """Learn from labelled dialogs what helps retrieval here; publish it when it wins.

    Judged on questions that were held back; takes minutes.
    """
    from assistant.errors import ConflictError, KnowledgeError  # noqa: PLC0415
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models
    from eval import tuning  # noqa: PLC0415
    from eval.cases import load_cases  # noqa: PLC0415

    cases = load_cases(dataset)
    parts = build_parts(settings_for(data_dir))
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    with tqdm(
        total=tuning.steps(), unit="step", disable=not sys.stderr.isatty(), leave=False
    ) as bar:
        learnt, verdict = tuning.tune(cases, knowledge, parts.understander, bar.update)
    document = tuning.report(verdict)
    if verdict.wins:
        with parts.snapshots.exclusive():
            if parts.snapshots.current_id() != knowledge.snapshot_id:
                raise ConflictError(
                    "articles were published while this was learnt, so it may not fit them: "
                    "run `souffleur kb tune` again"
                )
            document["snapshot"] = parts.snapshots.publish_tuned(knowledge, learnt)
    if verdict.wins and knowledge.calibration:
        click.echo(
            "the calibration does not hold for the tuned index and no longer serves: run "
            "`souffleur eval calibrate` on dialogs that this did not learn from",
            err=True,
        )
    if as_json:
        print_json(document)
    else:
        _print_verdict(document)


def _print_verdict(document: dict[str, Any]) -> None:
    click.echo(f"{document['questions']} questions, judged where they were held back:\n")
    click.echo(f"{'':14}{'before':>8}{'after':>8}")
    for name, value in document["before"].items():
        click.echo(f"{name:14}{value:>8.3f}{document['after'][name]:>8.3f}")
    gain = document["gain_in_mrr"]
    interval = f"[{gain['ci_low']:+.3f}, {gain['ci_high']:+.3f}]"
    click.echo(f"\nmrr {gain['value']:+.3f} {interval}: ", nl=False)
    if document["published"]:
        click.echo(f"better, published as snapshot {document['snapshot']}.")
    else:
        click.echo("no sure gain, nothing published.")


def _print_table(document: dict[str, Any]) -> None:
    click.echo(
        f"{document['dataset']}: {document['n_dialogs']} dialogs, {document['n_turns']} turns, "
        f"snapshot {document['snapshot']}\n"
    )
    click.echo(f"{'metric':26}{'value':>10}  {'95 % interval':18}{'n':>6}")
    for name, metric in document["metrics"].items():
        if metric["value"] is None:
            click.echo(f"{name:26}{'—':>10}  {'':18}{metric['n']:>6}")
        else:
            interval = f"[{metric['ci_low']:.3f}, {metric['ci_high']:.3f}]"
            click.echo(f"{name:26}{metric['value']:>10.3f}  {interval:18}{metric['n']:>6}")
    click.echo(f"\nrecords: {document['records']}")


evaluation.add_command(fit)
evaluation.add_command(calibrate)
evaluation.add_command(compare)
evaluation.add_command(importing)
evaluation.add_command(judge)
evaluation.add_command(simulate)
evaluation.add_command(live)
evaluation.add_command(hints)
