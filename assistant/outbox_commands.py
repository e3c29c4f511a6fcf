"""`souffleur outbox`: what could not be delivered, and sending it again."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.command_options import data_dir_option, json_option, print_json, settings_for
from assistant.store.database import Database
from assistant.store.deliveries import Deliveries, DeliveryState

_target_option = click.option("--target", help="Of this webhook, or of channel:NAME, only.")


@click.group()
def outbox() -> None:
    """What is to be delivered to webhooks and channels."""


@outbox.command("list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in DeliveryState]),
    default=DeliveryState.DEAD.value,
    show_default=True,
)
@_target_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--after", type=click.IntRange(0, 2**31 - 1), default=0, help="Above this number.")
@data_dir_option
@json_option
def list_deliveries(
    *,
    state: str,
    target: str | None,
    limit: int,
    after: int,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Show deliveries, oldest first."""
    found = _deliveries(data_dir).delivery_list(DeliveryState(state), target, after, limit)
    if as_json:
        print_json({"deliveries": found})
        return
    for row in found:
        what = f"{row['target']:<20}  {row['type']:<18}  {row['attempts']:>2}"
        click.echo(f"{row['id']:>8}  {what}  {row['last_error'] or ''}".rstrip())
    if not found:
        click.echo(f"No {state} deliveries.", err=True)


@outbox.command()
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=click.IntRange(1, 2**31 - 1))
@click.option("--all", "all_dead", is_flag=True, help="All dead ones, or those of --target.")
@_target_option
@data_dir_option
@json_option
def replay(
    numbers: tuple[int, ...],
    all_dead: bool,
    target: str | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Send dead deliveries again, with their old ids; the serving process does it."""
    if bool(numbers) == all_dead or (target is not None and not all_dead):
        raise click.UsageError("name ids, or say --all (with --target, if you like)")
    store = _deliveries(data_dir)
    if all_dead:
        count = store.replay_dead(target)
    else:
        count = len([store.replay_delivery(number) for number in numbers])
    if as_json:
        print_json({"replayed": count})
        return
    click.echo(f"{count} to be sent again.")


def _deliveries(data_dir: Path | None) -> Deliveries:
    return Deliveries(Database(settings_for(data_dir).database))
