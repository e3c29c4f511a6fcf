"""`souffleur eval …` and `souffleur intent …`"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from assistant.command_options import data_dir_option, json_option, print_json, settings_for
from assistant.errors import SettingsError


@click.group(name="eval")
def evaluation() -> None:
    """Measure the assistant against labelled dialogs."""


@evaluation.command()
@click.argument("dataset", metavar="DATASET.jsonl", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for records.jsonl and metrics.json (default: under the data folder).",
)
@data_dir_option
@json_option
def run(dataset: Path, out: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Run every labelled turn of DATASET.jsonl through the assistant and print the metrics."""
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models
    from eval.cases import load_cases  # noqa: PLC0415
    from eval.runner import run as walk  # noqa: PLC0415

    settings = settings_for(data_dir)
    cases = load_cases(dataset)
    folder = out or settings.data_dir / "eval" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    parts = build_parts(settings)
    with tqdm(total=len(cases), unit="turn", disable=not sys.stderr.isatty(), leave=False) as bar:
        finished = walk(dataset, cases, parts, folder, lambda: bar.update(1))
    document = finished.document()
    if as_json:
        print_json(document)
    else:
        _print_table(document)


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


@click.group()
def intent() -> None:
    """What recognises complaint, question, thanks and the signals beside them."""


@intent.command()
@click.option(
    "--shipped", is_flag=True, help="Write the weights that ship with the package instead."
)
@data_dir_option
@json_option
def train(shipped: bool, data_dir: Path | None, as_json: bool) -> None:
    """Fit the heads on the shipped messages for the embedding model that is set."""
    try:
        from eval.fit_heads import fit_heads  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError("training needs scikit-learn: pip install souffleur[train]") from error
    from assistant.message_heads import SHIPPED, save_heads  # noqa: PLC0415
    from assistant.wiring import HEADS_FILE, build_embedder  # noqa: PLC0415

    settings = settings_for(data_dir)
    heads = fit_heads(build_embedder(settings))
    path = SHIPPED if shipped else settings.data_dir / HEADS_FILE
    save_heads(heads, path)
    if as_json:
        print_json({"path": str(path), "model_id": heads.model_id, **heads.about})
        return
    click.echo(f"{heads.about['messages']} messages, embedding model {heads.model_id}")
    for lang, value in heads.about["leave_one_out_macro_f1"].items():
        click.echo(f"  macro-F1 {lang}, leave-one-out: {value:.3f}")
    for name, figures in heads.about["signals"].items():
        click.echo(
            f"  {name}: precision {figures['precision']:.2f}, recall {figures['recall']:.2f}"
        )
    click.echo(f"written to {path}")


@evaluation.command("fit-confidence", hidden=True)
@click.argument("datasets", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_dir_option
def fit_shipped_confidence(datasets: tuple[Path, ...], data_dir: Path | None) -> None:
    """Fit the provisional confidence that ships with the package (`make weights`)."""
    from assistant.confidence import SHIPPED, save_confidence  # noqa: PLC0415
    from assistant.wiring import build_parts  # noqa: PLC0415
    from eval.cases import load_cases  # noqa: PLC0415
    from eval.fit_confidence import fit_confidence  # noqa: PLC0415

    parts = build_parts(settings_for(data_dir))
    cases = [case for dataset in datasets for case in load_cases(dataset)]
    model = fit_confidence(cases, parts.decider, parts.embedder.model_id)
    save_confidence(model, SHIPPED)
    print_json(model.about)
