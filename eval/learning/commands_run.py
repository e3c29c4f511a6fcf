"""`souffleur learn run`, `status` and `undo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from assistant.command_options import (
    Finite,
    data_dir_option,
    json_option,
    print_json,
    seed_option,
)
from eval.learning.opening import opened, review_of, who_option

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command()
@click.option(
    "--risk",
    type=Finite(0, 1, min_open=True, max_open=True),
    help="Share of wrong answers to allow (default: TARGET_RISK, else 0.05).",
)
@click.option(
    "--with",
    "earlier",
    metavar="DATASET.jsonl",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Earlier labelled dialogs to learn from as well; may be given several times.",
)
@click.option("--dry-run", is_flag=True, help="Say what it is worth, publish nothing.")
@who_option
@seed_option("bootstrap")
@data_dir_option
@json_option
def run(
    *,
    risk: float | None,
    earlier: tuple[Path, ...],
    dry_run: bool,
    who: str,
    seed: int,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Learn from all approved verdicts: retrieval and confidence, judged on dialogs held back.

    Publishes what wins or holds there as one new snapshot, which a running server picks up. Takes
    minutes.
    """
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models
    from eval.learning.running import Wish, learn  # noqa: PLC0415

    settings, store = opened(data_dir)
    parts = build_parts(settings)
    wish = Wish(who, risk, earlier, seed, dry_run)
    with tqdm(unit="step", disable=not sys.stderr.isatty(), leave=False) as bar:
        document = learn(store, parts, wish, bar.update)
    if as_json:
        print_json(document)
    else:
        _print_run(document)


@click.command()
@data_dir_option
@json_option
def status(data_dir: Path | None, as_json: bool) -> None:
    """What was said since the last learning and over all, what was learnt from it, what that
    changed in the figures, and which learning serves."""
    from assistant.knowledge.snapshot import SnapshotStore  # noqa: PLC0415
    from eval.learning.status import status as look  # noqa: PLC0415

    settings, store = opened(data_dir)
    document = look(store, review_of(settings, store), SnapshotStore(settings.data_dir))
    if as_json:
        print_json(document)
    else:
        _print_status(document)


@click.command()
@click.argument("learning_id", metavar="[ID]", required=False, type=click.IntRange(1))
@click.option("--forget", is_flag=True, help="Put nothing in the place of what it learnt.")
@data_dir_option
@json_option
def undo(learning_id: int | None, *, forget: bool, data_dir: Path | None, as_json: bool) -> None:
    """Serve what was learnt before a learning (default: the newest that stands) over the articles
    of now. What `kb tune` or `eval calibrate` published since stays. The verdicts stay approved:
    reject or take back those that were bad."""
    from assistant.knowledge.snapshot import SnapshotStore  # noqa: PLC0415
    from eval.learning.undoing import undo as take_away  # noqa: PLC0415

    settings, store = opened(data_dir)
    snapshots = SnapshotStore(settings.data_dir)
    document = take_away(store, snapshots, learning_id, forget=forget)
    if as_json:
        print_json(document)
        return
    numbers = ", ".join(map(str, document["undone"]))
    click.echo(f"Undone: {numbers}. Serving snapshot {document['snapshot_after']}.")
    if document["kept"]:
        click.echo(f"Published by hand since, so it stays: {', '.join(document['kept'])}.")


def _print_run(document: Mapping[str, Any]) -> None:
    click.echo(
        f"{document['labels']} labelled messages of {document['dialogs']} dialogs from "
        f"{document['verdicts']} approved verdicts ({document['new_verdicts']} new, "
        f"{document['gone_verdicts']} gone since), {document['earlier_labels']} of data sets."
    )
    _print_figures(document["figures"])
    for reason in document["why"]:
        click.echo(f"- {reason}")
    if document["learning_id"] is None:
        click.echo("Nothing was published.")
    elif document["published"]:
        click.echo(
            f"Learning {document['learning_id']} ({document['kind']}): published as snapshot "
            f"{document['snapshot_after']}; before {document['snapshot_before']}."
        )
    else:
        click.echo(f"Learning {document['learning_id']}: nothing was published.")


def _print_figures(figures: Mapping[str, Any]) -> None:
    if "retrieval" not in figures and "confidence" not in figures:
        return
    click.echo(
        f"\nHeld back, against {figures['against']}, {figures['compared']} questions of "
        f"{figures['questions']}:\n"
    )
    columns = f"{'before':>8}{'after':>8}{'difference':>12}  {'95 % interval':20}{'n':>10}"
    click.echo(f"{'':24}{columns}")
    for part in ("retrieval", "confidence"):
        for name, row in figures.get(part, {}).items():
            click.echo(_figure_line(name, row))
    if "answers_from" in figures:
        kind = "guaranteed" if figures["guaranteed"] else "aimed at, not guaranteed"
        click.echo(
            f"\nAnswers from {figures['answers_from']:.3f}: at most {figures['risk']:.1%} wrong "
            f"{kind}."
        )
    click.echo("")


def _figure_line(name: str, row: Mapping[str, Any]) -> str:
    def shown(value: float | None, form: str) -> str:
        return "—" if value is None else format(value, form)

    same = row["n_before"] == row["n"]
    n = str(row["n"]) if same else f"{row['n_before']} -> {row['n']}"
    interval = "" if row["ci_low"] is None else f"[{row['ci_low']:+.3f}, {row['ci_high']:+.3f}]"
    return (
        f"{name:24}{shown(row['before'], '.3f'):>8}{shown(row['after'], '.3f'):>8}"
        f"{shown(row['difference'], '+.3f'):>12}  {interval:20}{n:>10}"
    )


def _print_status(document: Mapping[str, Any]) -> None:
    serving = document["serving"]
    learning = serving["learning_id"]
    by = "nothing learnt from verdicts" if learning is None else f"learning {learning}"
    click.echo(f"Snapshot {serving['snapshot'] or '—'} serves: {by}.")
    if gone := len(serving["gone_since"]):
        click.echo(
            f"{gone} of the {serving['verdicts']} verdicts that it rests on were taken back, "
            "rejected or deleted since: run `souffleur learn run`."
        )
    since = document["since_last_learning"]
    when = f"since learning {since['learning_id']}" if since["learning_id"] else "so far"
    click.echo(f"\n{'':26}{when:>20}{'over all':>12}")
    for name, path in _COUNTS.items():
        values = [_at(part, path) for part in (since, document["over_all"])]
        click.echo(f"{name:26}{values[0]:>20}{values[1]:>12}")
    click.echo(f"{'approved, not learnt from':26}{since['approved_not_learnt_from']:>20}")
    for row in document["learnings"]:
        _print_learning(row)


_COUNTS = {
    "hints accepted": ("hints", "accepted"),
    "hints edited": ("hints", "edited"),
    "hints ignored": ("hints", "ignored"),
    "answers flagged wrong": ("flagged_wrong",),
    "confirmed right": ("confirmed_right",),
    "reopened": ("reopened",),
    "did not help": ("not_helped",),
    "rated good": ("rated", "good"),
    "rated bad": ("rated", "bad"),
    "wait for review": ("states", "pending"),
    "approved": ("states", "approved"),
    "rejected": ("states", "rejected"),
    "taken back": ("states", "taken_back"),
}


def _at(part: Mapping[str, Any], path: tuple[str, ...]) -> int:
    value: Any = part
    for name in path:
        value = value[name]
    return int(value)


def _print_learning(row: Mapping[str, Any]) -> None:
    state = "undone" if row["undone_at"] else "serves" if row["serves"] else ""
    click.echo(
        f"\nlearning {row['learning_id']}  {row['at'][:16]}  {row['kind']}  {row['labels']} labels "
        f"of {row['verdicts']} verdicts  {row['snapshot_before']} -> {row['snapshot_after']}  "
        f"{state}".rstrip()
    )
    for reason in row["figures"].get("why", []):
        click.echo(f"- {reason}")
    _print_figures(row["figures"])
