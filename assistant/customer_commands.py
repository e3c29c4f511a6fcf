"""`souffleur customer`: what a customer may ask for, for whoever sits at the machine."""

from __future__ import annotations

import json
from pathlib import Path

import click

from assistant.command_options import data_dir_option, json_option, print_json, settings_for


@click.group()
def customer() -> None:
    """Give out or delete all that is kept of a customer."""


@customer.command()
@click.argument("customer_id", metavar="ID")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, which only you can read, instead of standard output.",
)
@data_dir_option
def export(customer_id: str, out: Path | None, data_dir: Path | None) -> None:
    """Print all that is kept of the customer (or the visitor) ID as one JSON document."""
    from assistant.store.audit import Doing  # noqa: PLC0415 - loads the database
    from assistant.wiring import open_store  # noqa: PLC0415

    store = open_store(settings_for(data_dir))
    document = store.export_customer(customer_id)
    store.note(Doing("command", "customer.export", customer_id=customer_id))
    if out is None:
        print_json(document)
        return
    out.touch(mode=0o600)
    out.chmod(0o600)  # one that was there may be open to others
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"{out}, dialogs: {len(document['dialogs'])}")


@customer.command()
@click.argument("customer_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Really do it: there is no way back.")
@data_dir_option
@json_option
def delete(customer_id: str, yes: bool, data_dir: Path | None, as_json: bool) -> None:
    """Delete the customer (or the visitor) ID everywhere he is kept."""
    from assistant.store.audit import Doing  # noqa: PLC0415 - loads the database
    from assistant.wiring import open_store  # noqa: PLC0415

    if not yes:
        raise click.UsageError("what is deleted cannot be brought back; add --yes")
    store = open_store(settings_for(data_dir))
    deleted = store.delete_customer(customer_id, Doing("command", "customer.delete"))
    if as_json:
        print_json(
            {
                "dialogs": deleted.dialogs,
                "digest": deleted.digest,
                "unreadable": deleted.is_unreadable,
            }
        )
        return
    click.echo(f"deleted, dialogs: {deleted.dialogs}")
    if not deleted.is_unreadable:
        click.echo("the database's log is in use; it loses the words within an hour", err=True)
