"""`souffleur eval hints`"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
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

if TYPE_CHECKING:
    from eval.hints.turns import HintedTurn


@click.command()
@click.argument("dataset", metavar="DATASET.jsonl", type=click.Path(path_type=Path))
@click.option(
    "--past",
    is_flag=True,
    help="Also offer the answers of the file's other dialogs, as if operators had given them.",
)
@click.option(
    "--out",
    metavar="FILE.jsonl",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every turn with its hints, a line each.",
)
@seed_option("bootstrap")
@data_dir_option
@json_option
def hints(
    dataset: Path, *, past: bool, out: Path | None, seed: int, data_dir: Path | None, as_json: bool
) -> None:
    """Measure the hints for operators on the labelled dialogs of DATASET.jsonl.

    Whether an article that answers is among them, and how much an operator would have to change to
    get from a hint to the answer that was really given. No language model is asked.
    """
    from assistant.hints.past import NoPast  # noqa: PLC0415 - only when asked
    from assistant.hints.prompter import Prompter  # noqa: PLC0415
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models
    from eval.cases import load_cases  # noqa: PLC0415
    from eval.hints.measuring import measure_hints  # noqa: PLC0415
    from eval.hints.turns import LabelledPast, hinted_turns  # noqa: PLC0415

    cases = load_cases(dataset)
    parts = build_parts(settings_for(data_dir))
    before = LabelledPast(cases, parts.understander.vectors) if past else NoPast()
    prompter = Prompter(parts.decider, before)
    walk = hinted_turns(cases, prompter)
    hidden = not sys.stderr.isatty()
    turns = list(tqdm(walk, total=len(cases), unit="turn", disable=hidden, leave=False))
    knowledge = parts.library.current()
    document = {
        "dataset": str(dataset),
        "n_dialogs": len({case.dialog_id for case in cases}),
        "n_turns": len(cases),
        "snapshot": knowledge.snapshot_id if knowledge else None,
        "past": past,
        "metrics": {name: asdict(one) for name, one in measure_hints(turns, seed).items()},
    }
    if out:
        _write(out, turns)
        document["turns"] = str(out)
    if as_json:
        print_json(document)
    else:
        _print(document)


def _write(path: Path, turns: Sequence[HintedTurn]) -> None:
    lines = [json.dumps(turn.document(), ensure_ascii=False) + "\n" for turn in turns]
    path.write_text("".join(lines), encoding="utf-8")


def _print(document: dict[str, Any]) -> None:
    click.echo(
        f"{document['dataset']}: {document['n_dialogs']} dialogs, {document['n_turns']} turns, "
        f"snapshot {document['snapshot']}\n"
    )
    click.echo(f"{'metric':32}{'value':>10}  {'95 % interval':18}{'n':>6}")
    for name, metric in document["metrics"].items():
        value = "—" if metric["value"] is None else f"{metric['value']:.3f}"
        known = metric["ci_low"] is not None
        interval = f"[{metric['ci_low']:.3f}, {metric['ci_high']:.3f}]" if known else ""
        click.echo(f"{name:32}{value:>10}  {interval:18}{metric['n']:>6}")
