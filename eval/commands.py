"""`souffleur eval …`"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from assistant.command_options import data_dir_option, json_option, print_json, settings_for
from eval.fitting.commands import fit
from eval.simulation.commands import simulate
from prompts.loader import LANGUAGES


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
@click.option("--workers", type=click.IntRange(1, 64), default=2, help="Turns at a time.")
@click.option("--seed", type=int, default=0, help="Of the bootstrap.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Of the report (default: LOCALE).")
@data_dir_option
@json_option
def run(
    dataset: Path,
    *,
    out: Path | None,
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
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models
    from eval.cases import load_cases  # noqa: PLC0415
    from eval.journal import read_records  # noqa: PLC0415
    from eval.report.page import write_report  # noqa: PLC0415
    from eval.runner import run as walk  # noqa: PLC0415

    settings = settings_for(data_dir)
    cases = load_cases(dataset)
    folder = out or settings.data_dir / "eval" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    parts = build_parts(settings)
    with tqdm(total=len(cases), unit="turn", disable=not sys.stderr.isatty(), leave=False) as bar:
        finished = walk(
            dataset, cases, parts, folder, lambda: bar.update(1), workers=workers, seed=seed
        )
    document = finished.document()
    report = write_report(
        document, read_records(finished.records), folder, lang=lang or settings.locale
    )
    if as_json:
        print_json(document)
    else:
        _print_table(document)
        click.echo(f"report:  {report}")


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
evaluation.add_command(simulate)
