"""`souffleur eval live`: how the service does on real dialogs, and whether that drifts."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
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
    settings_for,
)
from assistant.errors import NotFoundError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.store.dialogs import DialogStore
    from eval.live.labelled import Labelled
    from eval.live.sample import Sample


@click.command()
@click.option(
    "--days",
    type=Finite(0, 3660, min_open=True),
    default=30.0,
    show_default=True,
    help="How far back; the newer half is held against the older one.",
)
@click.option(
    "--out",
    metavar="FILE.jsonl",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the judged dialogs as labelled ones, to learn from. Holds customers' words.",
)
@click.option(
    "--unreviewed",
    is_flag=True,
    help="With --out: also verdicts that nobody has approved yet (`souffleur learn list`).",
)
@seed_option("bootstrap")
@data_dir_option
@json_option
def live(
    days: float,
    *,
    out: Path | None,
    unreviewed: bool,
    seed: int,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Measure recent real dialogs by what operators and customers said of them.

    Nothing is asked again: it reads what was decided and how it was judged. Dialogs of evaluations
    (channel eval) are left out. Nothing leaves this machine.
    """
    from assistant.store.base import utc_now  # noqa: PLC0415 - only when asked
    from assistant.store.live import Span  # noqa: PLC0415
    from eval.live.sample import read_sample  # noqa: PLC0415

    settings = settings_for(data_dir)
    store = existing_store(settings)
    now = utc_now()
    sample = read_sample(store, Span(now - timedelta(days=days), now))
    document = _document(sample, seed)
    if out:
        written = _write(sample, store, settings, out, unreviewed=unreviewed)
        document["labelled"] = asdict(written) | {"path": str(written.path)}
        click.echo(_told(written), err=True)
    if as_json:
        print_json(document)
    else:
        _print(document)


def _write(
    sample: Sample, store: DialogStore, settings: Settings, out: Path, *, unreviewed: bool
) -> Labelled:
    from assistant.privacy.masker import Masker  # noqa: PLC0415 - loads the dictionary of names
    from eval.live.labelled import teaching, write_labelled  # noqa: PLC0415

    acts = teaching(sample.marked_or_done, unreviewed=unreviewed)
    return write_labelled(
        acts,
        store.view,
        out,
        sent=store.sent_answers(list({act.dialog_id for act in acts})),
        masker=Masker(settings.order_number_patterns),
    )


def existing_store(settings: Settings) -> DialogStore:
    """The store, which looking at must not create."""
    from sqlalchemy import make_url  # noqa: PLC0415

    from assistant.store.database import Database  # noqa: PLC0415
    from assistant.store.dialogs import DialogStore  # noqa: PLC0415

    if settings.database.startswith("sqlite"):
        file = make_url(settings.database).database
        if file and not Path(file).exists():
            raise NotFoundError(f"there are no dialogs yet: {file} does not exist")
    return DialogStore(Database(settings.database))


def _document(sample: Sample, seed: int) -> dict[str, Any]:
    from eval.live.measures import changes, estimate_all  # noqa: PLC0415
    from eval.metrics import RESAMPLES  # noqa: PLC0415

    hidden = not sys.stderr.isatty()
    with tqdm(total=3 * RESAMPLES, unit="sample", disable=hidden, leave=False) as bar:
        estimates = estimate_all(sample, seed, bar.update)
        drift = changes(sample, seed, bar.update)
    older, newer = sample.halves()
    verdicts = [act.verdict for act in sample.marked_or_done]
    kinds = Counter(verdict.kind.value for verdict in verdicts if verdict is not None)
    return {
        "from": sample.span.start.isoformat(),
        "to": sample.span.end.isoformat(),
        "n_dialogs": len(sample.dialog_ids),
        "n_messages": len(sample.acts),
        "verdicts": dict(sorted(kinds.items())),
        "metrics": {name: asdict(found.metric()) for name, found in estimates.items()},
        "drift": {
            "split_at": newer.span.start.isoformat(),
            "judged_within_days": sample.wait / timedelta(days=1),
            "judged_before": (sample.span.end - sample.wait).isoformat(),
            "n_messages_older": len(older.acts),
            "n_messages_newer": len(newer.acts),
            "metrics": {name: asdict(change) for name, change in drift.items()},
        },
    }


def _told(written: Labelled) -> str:
    return (
        f"labelled: {written.turns} messages of {written.dialogs} dialogs in {written.path}, of "
        f"{written.wrong} it is known only which article does not answer; {written.left_out} were "
        "judged without a word on articles and have no label. The file holds what customers wrote: "
        "keep it on this machine. Verdicts that nobody approved are left out "
        "(`souffleur learn list`), unless --unreviewed."
    )


def _print(document: dict[str, Any]) -> None:
    click.echo(
        f"{document['n_dialogs']} dialogs, {document['n_messages']} messages, "
        f"{document['from'][:16]} to {document['to'][:16]} UTC"
    )
    kinds = ", ".join(f"{kind} {count}" for kind, count in document["verdicts"].items())
    click.echo(f"verdicts: {kinds if kinds else 'none'}")
    columns = f"{'value':>8}  {'95 % interval':18}{'n':>6}   {'newer - older':28}"
    click.echo(f"\n{'measure':32}{columns}")
    changes = document["drift"]["metrics"]
    for name, metric in document["metrics"].items():
        if metric["value"] != 0 or not name.startswith(("handoff_rate_", "handoff_share_")):
            click.echo(_line(name, metric, changes[name]))
    drift = document["drift"]
    click.echo(
        f"\nnewer: since {drift['split_at'][:16]}. Changed: the interval of the\n"
        "difference leaves 0 out; of twenty steady measures one may look so by chance.\n"
        f"For it verdicts and reopenings count within {drift['judged_within_days']:.3g} days, on\n"
        f"what happened before {drift['judged_before'][:16]}, so that both halves had as long to\n"
        "be judged."
    )


def _line(name: str, metric: dict[str, Any], change: dict[str, Any]) -> str:
    if metric["value"] is None:
        return f"{name:32}{'—':>8}  {'':18}{metric['n']:>6}"
    interval = f"[{metric['ci_low']:.3f}, {metric['ci_high']:.3f}]"
    told = f"{name:32}{metric['value']:>8.3f}  {interval:18}{metric['n']:>6}   "
    if change["difference"] is None:
        return f"{told}{change['verdict']}"
    span = f"[{change['ci_low']:+.3f}, {change['ci_high']:+.3f}]"
    return f"{told}{change['difference']:+.3f} {span:18} {change['verdict']}"
