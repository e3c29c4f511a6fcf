"""`souffleur eval compare`: what is asked of runs that are finished."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from assistant.command_options import json_option, print_json, seed_option

if TYPE_CHECKING:
    from eval.comparing import Comparison, Pairs
    from eval.recorded import RecordedRun

_RUN = click.Path(path_type=Path)


@click.command()
@click.argument("a", metavar="A", type=_RUN)
@click.argument("b", metavar="B", type=_RUN)
@seed_option("resampling")
@json_option
def compare(a: Path, b: Path, seed: int, as_json: bool) -> None:
    """Put two runs side by side, turn by turn, and tell signal from noise.

    A and B are folders that `eval run` wrote (or the records.jsonl or metrics.json in them). The
    interval is that of B less A over the turns that both have.
    """
    from eval import comparing  # noqa: PLC0415 - only when asked
    from eval.recorded import read_run  # noqa: PLC0415

    runs = read_run(a), read_run(b)
    pairs = comparing.pair_turns(runs[0].records, runs[1].records)
    total = 2 * comparing.RESAMPLES
    with tqdm(total=total, unit="sample", disable=not sys.stderr.isatty(), leave=False) as bar:
        rows = comparing.compare(pairs, seed, lambda: bar.update(1))
    document = _comparison(runs, pairs, rows)
    if as_json:
        print_json(document)
    else:
        _print_comparison(document)


def _comparison(
    runs: tuple[RecordedRun, RecordedRun], pairs: Pairs, rows: list[Comparison]
) -> dict[str, Any]:
    return {
        "a": str(runs[0].folder),
        "b": str(runs[1].folder),
        "n_turns": pairs.turns,
        "n_dialogs": len(pairs.dialogs),
        "only_in_a": pairs.only_in_a,
        "only_in_b": pairs.only_in_b,
        "warnings": _warnings(runs, pairs),
        "metrics": {
            row.name: {
                "a": row.a,
                "b": row.b,
                "difference": row.difference,
                "ci_low": row.ci_low,
                "ci_high": row.ci_high,
                "p": row.p,
                "p_holm": row.p_holm,
                "verdict": row.verdict,
                "holm": row.holds,
                "n_a": row.n_a,
                "n_b": row.n_b,
            }
            for row in rows
        },
    }


def _warnings(runs: tuple[RecordedRun, RecordedRun], pairs: Pairs) -> list[str]:
    """What makes the difference say more than how the assistant changed."""
    first, second = (run.digest for run in runs)
    found = []
    if first and second and first != second:
        found.append(f"the data sets differ ({first} and {second})")
    if pairs.changed:
        found.append(f"{pairs.changed} paired turns have another text or other labels")
    for name, count in (("A", pairs.only_in_a), ("B", pairs.only_in_b)):
        if count:
            found.append(f"{count} turns are only in {name} and are left out")
    return found


def _print_comparison(document: dict[str, Any]) -> None:
    click.echo(f"A  {document['a']}\nB  {document['b']}")
    click.echo(f"{document['n_turns']} turns of {document['n_dialogs']} dialogs in both")
    for warning in document["warnings"]:
        click.echo(f"warning: {warning}", err=True)
    columns = f"{'A':>9}{'B':>9}{'B - A':>9}  {'95 % interval':20}{'p':>6}"
    click.echo(f"\n{'metric':26}{columns}  {'n':>9}  verdict")
    for name, row in document["metrics"].items():
        click.echo(_comparison_line(name, row))
    click.echo(
        "\n* holds also when all these metrics are looked at together (Holm 1979). Noise: the\n"
        "interval holds 0, or so few dialogs differ that it may be chance (p over 0.05)."
    )


def _comparison_line(name: str, row: dict[str, Any]) -> str:
    values = "".join(f"{'—' if row[side] is None else f'{row[side]:.3f}':>9}" for side in "ab")
    counts = str(row["n_a"]) if row["n_a"] == row["n_b"] else f"{row['n_a']}/{row['n_b']}"
    if row["ci_low"] is None:
        return f"{name:26}{values}{'—':>9}  {'':20}{'':>6}  {counts:>9}  {row['verdict']}"
    interval = f"[{row['ci_low']:+.3f}, {row['ci_high']:+.3f}]"
    change = f"{row['difference']:>+9.3f}  {interval:20}{row['p']:>6.3f}"
    mark = " *" if row["holm"] else ""
    return f"{name:26}{values}{change}  {counts:>9}  {row['verdict']}{mark}"
