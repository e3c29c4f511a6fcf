"""`souffleur eval judge`: a second opinion on a run's answers, by a language model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from assistant.command_options import (
    data_dir_option,
    json_option,
    print_json,
    seed_option,
    settings_for,
)


@click.command()
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--no-personal-data",
    is_flag=True,
    help="Mask nothing: you confirm that the dialogs hold no personal data.",
)
@click.option(
    "--blind", is_flag=True, help="Show the judge nothing of what people said of the turns."
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Judge a sample of N answers."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the verdicts (default: judged.jsonl in the run's folder).",
)
@click.option("--workers", type=click.IntRange(1, 32), default=4, help="Answers at a time.")
@seed_option("bootstrap")
@data_dir_option
@json_option
def judge(
    run: Path,
    *,
    no_personal_data: bool,
    blind: bool,
    limit: int | None,
    out: Path | None,
    workers: int,
    seed: int,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Let the language model LLM_MODEL judge each answer of a run right or wrong, and measure how
    far it agrees with the labels.

    RUN is a folder that `eval run` wrote, or the records.jsonl in it. Stopped, it goes on where it
    was. No other metric needs it.
    """
    from assistant.llm import language_model_of  # noqa: PLC0415 - only when asked
    from assistant.privacy.masker import Masker  # noqa: PLC0415
    from eval.judging.answered import answered_turns, find_material  # noqa: PLC0415
    from eval.judging.judge import Judge  # noqa: PLC0415
    from eval.judging.judged_file import JUDGED, JudgedFile  # noqa: PLC0415
    from eval.judging.judging import chosen, judge_all, summarise  # noqa: PLC0415
    from eval.recorded import read_run  # noqa: PLC0415

    settings = settings_for(data_dir)
    masker = None if no_personal_data else Masker(settings.order_number_patterns)
    model = Judge(language_model_of(settings), masker=masker)
    recorded = read_run(run)
    material = find_material(recorded, settings.data_dir)
    for warning in material.warnings:
        click.echo(f"warning: {warning}", err=True)
    answered = answered_turns(recorded, material, blind=blind)
    sample = chosen(answered, limit)
    file = JudgedFile(out or recorded.folder / JUDGED, model, blind=blind)
    hidden = not sys.stderr.isatty()
    with tqdm(total=len(sample), unit="answer", disable=hidden, leave=False) as bar:
        lines = judge_all(sample, model, file, lambda: bar.update(1), blind=blind, workers=workers)
    summary = summarise(lines, seed)
    document = {
        "run": str(recorded.folder),
        "model": model.name,
        "blind": blind,
        "n_answers": len(answered),
        "n_asked": len(sample),
        "warnings": list(material.warnings),
        **summary.document(),
        "judged": str(file.path),
    }
    if as_json:
        print_json(document)
    else:
        _print_summary(document)
    _tell_failures(summary.failures)


def _tell_failures(failures: tuple[str, ...]) -> None:
    """Say on standard error that turns failed; exit status 1."""
    if failures:
        click.echo(
            f"souffleur: {len(failures)} answers were not judged, the first because "
            f"{failures[0]}; run it again to ask for them",
            err=True,
        )
        click.get_current_context().exit(1)


def _print_summary(document: dict[str, Any]) -> None:
    mode = ", blind" if document["blind"] else ""
    click.echo(f"{document['run']}: judged by {document['model']}{mode}")
    click.echo(f"{document['n_asked']} of {document['n_answers']} answers\n")
    for name, count in document["counts"].items():
        click.echo(f"{name:14}{count:>6}")
    click.echo(f"\n{'':14}{'value':>8}  {'95 % interval':18}{'n':>6}")
    click.echo(_metric_line("judged right", document["judged_right"]))
    found = document["agreement"]
    click.echo(_metric_line("accuracy", found["accuracy"]))
    click.echo(_metric_line("Cohen's kappa", found["kappa"]))
    click.echo(f"\n{'':14}{'judged right':>14}{'judged wrong':>14}")
    for name, row in found["table"].items():
        label = name.replace("_", " ")
        click.echo(f"{label:14}{row['judged_right']:>14}{row['judged_wrong']:>14}")
    click.echo(
        f"\nAccuracy and kappa are the judge's against the labels; {found['cannot_tell']} labelled "
        f"answers\nof which it cannot tell are left out.\nverdicts: {document['judged']}"
    )


def _metric_line(name: str, metric: dict[str, Any]) -> str:
    if metric["value"] is None:
        return f"{name:14}{'—':>8}  {'':18}{metric['n']:>6}"
    interval = f"[{metric['ci_low']:.3f}, {metric['ci_high']:.3f}]"
    return f"{name:14}{metric['value']:>8.3f}  {interval:18}{metric['n']:>6}"
