"""`souffleur eval import …`: what people have, as labelled dialogs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from assistant.domain import IntentLabel
from assistant.errors import DatasetError
from eval.importing.dialogs import Imported, as_lines, joined, summary, usable
from prompts.loader import LANGUAGES

_PATH = click.Path(path_type=Path)

files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_PATH)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default=Path("-"),
    help="File to write (default: standard output).",
)
locale_option = click.option(
    "--locale",
    type=click.Choice(LANGUAGES),
    help="Of all dialogs (default: of each what its customer writes).",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="The summary as one JSON document (needs --out FILE)."
)
answers_option = click.option(
    "--answers",
    is_flag=True,
    help="Take what people replied to a customer as the label `answer`.",
)


@click.group(name="import")
def importing() -> None:
    """Turn what you have into labelled dialogs, one JSON object a line.

    A summary goes to standard error: what was imported, what was left out and why. No text of any
    message is shown there.
    """


@importing.command()
@files_argument
@out_option
@locale_option
@json_option
@click.option("--question", metavar="NAME", help="Column of the customer's message.")
@click.option("--answer", metavar="NAME", help="Column of the right answer.")
@click.option("--article", metavar="NAME", help="Column of article ids, several split at ; or |.")
@click.option("--intent", metavar="NAME", help="Column of complaint, question or thanks.")
@click.option("--handoff", metavar="NAME", help="Column of yes or no: is a person needed?")
@click.option("--topic", metavar="NAME", help="Column of the topic, as the articles name theirs.")
@click.option("--dialog", metavar="NAME", help="Column of dialog ids; equal ones are one dialog.")
def table(
    files: Sequence[Path],
    *,
    out: Path,
    locale: str | None,
    as_json: bool,
    **columns: str | None,
) -> None:
    """Tables (.csv, .tsv, .xlsx) with a question a row.

    Columns with usual names in Russian and English are found without an option.
    """
    from eval.importing.table import import_table  # noqa: PLC0415

    names = {field: name for field, name in columns.items() if name is not None}
    _finish(
        joined(import_table(path, names) for path in files), files, _Output(out, locale, as_json)
    )


@importing.command()
@files_argument
@out_option
@locale_option
@json_option
@answers_option
def chatwoot(
    files: Sequence[Path], *, out: Path, locale: str | None, as_json: bool, answers: bool
) -> None:
    """Conversations of Chatwoot, exported or from its API (JSON)."""
    from eval.importing.chatwoot import import_chatwoot  # noqa: PLC0415

    parts = (import_chatwoot(path, keep_answers=answers) for path in files)
    _finish(joined(parts), files, _Output(out, locale, as_json))


@importing.command()
@files_argument
@out_option
@locale_option
@json_option
@answers_option
@click.option(
    "--bot", "bots", multiple=True, metavar="ID", help="Author id of a bot; may be repeated."
)
def webim(
    files: Sequence[Path],
    *,
    out: Path,
    locale: str | None,
    as_json: bool,
    answers: bool,
    bots: tuple[str, ...],
) -> None:
    """Chat histories of Webim as JSON; without --bot every reply is a person's."""
    from eval.importing.webim import import_webim  # noqa: PLC0415

    parts = (import_webim(path, bots, keep_answers=answers) for path in files)
    _finish(joined(parts), files, _Output(out, locale, as_json))


@importing.command()
@click.argument("logs", metavar="LOGS.json", type=_PATH)
@click.argument("labels", metavar="LABELS.json", type=_PATH)
@out_option
@locale_option
@json_option
def dstc(logs: Path, labels: Path, *, out: Path, locale: str | None, as_json: bool) -> None:
    """Logs and labels of DSTC9 track 1 or DSTC11 track 5."""
    from eval.importing.dstc import import_dstc  # noqa: PLC0415

    _finish(import_dstc(logs, labels), [logs, labels], _Output(out, locale, as_json))


def _pairs(
    context: click.Context, parameter: click.Parameter, values: Sequence[str]
) -> list[tuple[str, str]]:
    return [_pair(value, context, parameter) for value in values]


def _pair(value: str, context: click.Context, parameter: click.Parameter) -> tuple[str, str]:
    name, equals, meaning = (part.strip() for part in value.partition("="))
    if not (name and equals and meaning):
        raise click.BadParameter(f"{value!r} is not NAME=VALUE", context, parameter)
    return name, meaning


def _intents(
    context: click.Context, parameter: click.Parameter, values: Sequence[str]
) -> dict[str, IntentLabel]:
    """Rasa's intents by name, from pairs and from YAML files."""
    from eval.importing.rasa import intents_of  # noqa: PLC0415

    found: dict[str, IntentLabel] = {}
    for value in values:
        if "=" not in value:
            new = intents_of(Path(value))
        else:
            name, label = _pair(value, context, parameter)
            if label not in set(IntentLabel):
                raise click.BadParameter(
                    f"{label!r} is none of {', '.join(IntentLabel)}", context, parameter
                )
            new = {name: IntentLabel(label)}
        twice = [name for name in new if found.get(name, new[name]) is not new[name]]
        if twice:
            raise click.BadParameter(f"{twice[0]!r} is mapped to two labels", context, parameter)
        found.update(new)
    return found


@importing.command()
@files_argument
@out_option
@locale_option
@json_option
@click.option(
    "--intent",
    "intents",
    multiple=True,
    metavar="NAME=LABEL|FILE.yml",
    callback=_intents,
    help="Complaint, question or thanks for an intent of Rasa; or a file of `NAME: LABEL` lines.",
)
@click.option(
    "--article",
    "articles",
    multiple=True,
    metavar="ACTION=ID",
    callback=_pairs,
    help="The article that an action speaks from; repeated for an action, any of them answers.",
)
def rasa(
    files: Sequence[Path],
    *,
    out: Path,
    locale: str | None,
    as_json: bool,
    intents: dict[str, IntentLabel],
    articles: list[tuple[str, str]],
) -> None:
    """Test stories and CALM test cases of Rasa (YAML).

    A domain file among them gives the replies of actions a text.
    """
    from eval.importing.rasa import Mappings, import_rasa  # noqa: PLC0415

    by_action: dict[str, list[str]] = {}
    for action, article_id in articles:
        by_action.setdefault(action, []).append(article_id)
    _finish(import_rasa(files, Mappings(intents, by_action)), files, _Output(out, locale, as_json))


@dataclass(frozen=True)
class _Output:
    """Where the dialogs go and how the summary is told."""

    path: Path
    locale: str | None
    as_json: bool

    @property
    def to_file(self) -> bool:
        """Whether the dialogs go to a file, and not to standard output."""
        return str(self.path) != "-"


def _finish(imported: Imported, files: Sequence[Path], output: _Output) -> None:
    """Write the dialogs, then tell what they are."""
    if output.as_json and not output.to_file:
        raise click.UsageError(
            "--json needs --out FILE: without it the dialogs go to standard output"
        )
    out = output.path
    if output.to_file and out.exists() and any(out.samefile(file) for file in files):
        raise DatasetError(f"{out} is read here; write to another file")
    kept = usable(imported, map(str, files))
    lines = as_lines(kept, output.locale).encode("utf-8")
    if output.to_file:
        out.write_bytes(lines)
    else:
        click.echo(lines, nl=False)  # bytes, whatever the encoding of the terminal
    told = summary(kept)
    if output.as_json:
        click.echo(json.dumps({"out": str(out), **asdict(told)}, ensure_ascii=False, indent=2))
    for sentence in told.sentences():
        click.echo(sentence, err=True)
