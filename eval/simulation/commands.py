"""`souffleur eval simulate`: scripted customers against the assistant."""

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
from prompts.loader import LANGUAGES

MOST_FAULTS_SHOWN = 40


@click.command()
@click.argument(
    "scenarios", metavar="[SCENARIO.yaml]...", nargs=-1, type=click.Path(path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for dialogs.jsonl, simulate.json and transcripts.md (default: nothing is kept).",
)
@click.option("--turns", type=click.IntRange(1, 200), default=20, help="Of a customer, at most.")
@seed_option("bootstrap")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Of transcripts.md (default: LOCALE).")
@data_dir_option
@json_option
def simulate(
    scenarios: tuple[Path, ...],
    *,
    out: Path | None,
    turns: int,
    seed: int,
    lang: str | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Let scripted customers talk to the assistant, and measure loops, repeats and how soon they
    get an answer or a person.

    Without SCENARIO.yaml: those that ship, for the sample shop. Nothing reaches the dialogs of the
    data folder.
    """
    from eval.simulation.scenario_file import load_scenarios, shipped_scenarios  # noqa: PLC0415
    from eval.simulation.simulation import simulate as hold_all  # noqa: PLC0415 - loads the models
    from eval.simulation.simulation import write  # noqa: PLC0415

    settings = settings_for(data_dir)
    loaded = load_scenarios(scenarios or shipped_scenarios())
    hidden = not sys.stderr.isatty()
    with tqdm(total=len(loaded), unit="dialog", disable=hidden, leave=False) as bar:
        finished = hold_all(loaded, settings, lambda: bar.update(1), most_turns=turns, seed=seed)
    if out:
        write(finished, out, lang or settings.locale)
    document = finished.document()
    if as_json:
        print_json(document)
    else:
        _print_table(document)
        if out:
            click.echo(f"\ntranscripts: {out / 'transcripts.md'}")


def _print_table(document: dict[str, Any]) -> None:
    click.echo(
        f"{document['n_dialogs']} dialogs, {document['n_turns']} messages of customers, "
        f"snapshot {document['snapshot']}\n"
    )
    click.echo(f"{'measure':26}{'value':>8}  {'95 % interval':18}{'n':>5}")
    for name, metric in document["metrics"].items():
        click.echo(_row(name, metric, broken=name in document["broken_promises"]))
    faults = document["faults"]
    click.echo(f"\nfaults: {len(faults)}")
    for fault in faults[:MOST_FAULTS_SHOWN]:
        reason = f" ({fault['reason']})" if fault["reason"] else ""
        where = f"{fault['scenario_id']}, message {fault['turn']}"
        click.echo(f"  {fault['check']}: {where}: {fault['action']}{reason}")
    if len(faults) > MOST_FAULTS_SHOWN:
        click.echo(f"  and {len(faults) - MOST_FAULTS_SHOWN} more in --json")


def _row(name: str, metric: dict[str, Any], *, broken: bool) -> str:
    if metric["value"] is None:
        return f"{name:26}{'—':>8}  {'':18}{metric['n']:>5}"
    interval = f"[{metric['ci_low']:.3f}, {metric['ci_high']:.3f}]"
    row = f"{name:26}{metric['value']:>8.3f}  {interval:18}{metric['n']:>5}"
    return f"{row}  promised and not kept" if broken else row
