"""The command `souffleur`, and the one place that knows all three entry packages.

Each command is imported only when it is called, so that `souffleur --help` takes a moment and not
the seconds that the models need.
"""

from __future__ import annotations

import importlib
import logging
import sys

import click

COMMANDS = {
    "kb": ("kb_ingest.commands", "kb", "The knowledge base: ingest, search, verify, roll back."),
    "ask": ("assistant.commands", "ask", "Send one message through the whole assistant."),
    "classify": ("assistant.commands", "classify", "Label messages complaint, question, thanks."),
    "ground": ("assistant.commands", "ground", "Check claims against their evidence."),
    "route": ("assistant.commands", "route", "Try the routing rules on a message."),
    "mask": ("assistant.commands", "mask", "Replace personal data in texts by placeholders."),
    "review": ("assistant.review_commands", "review", "Advice on operators' drafts."),
    "customer": (
        "assistant.customer_commands",
        "customer",
        "Give out or delete all that is kept of a customer.",
    ),
    "outbox": ("assistant.outbox_commands", "outbox", "Deliveries to webhooks: list, replay."),
    "serve": ("api.commands", "serve", "Serve the HTTP API and the pages."),
    "eval": ("eval.commands", "evaluation", "Measure against labelled dialogs."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        if cmd_name == "kb" and isinstance(command, click.Group):
            # It publishes knowledge but learns from labelled dialogs, which only `eval` reads.
            command.add_command(importlib.import_module("eval.commands").tune)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="souffleur")
def command_line() -> None:
    """Souffleur: an assistant for customer support that answers from your own articles, says that
    it is a bot, and calls a person when it is not sure."""


def main() -> None:
    """Run the command; a failure is one line on standard error and exit status 1."""
    from assistant.errors import SouffleurError  # noqa: PLC0415

    # What goes wrong is said once, below; `serve` sets up a log of its own.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        command_line()
    except (SouffleurError, OSError) as error:
        click.echo(f"souffleur: {' '.join(str(error).split())}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
