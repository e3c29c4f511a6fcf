"""What the commands share: options, reading JSON lines, printing JSON."""

from __future__ import annotations

import codecs
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from assistant.errors import DatasetError
from assistant.settings import Settings, load_settings
from assistant.text import is_encodable

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the knowledge base and the dialogs (default: SOUFFLEUR_DATA_DIR or var).",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)


class Finite(click.FloatRange):
    """A range that "nan" is not in."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Refuses what is no number."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail("nan is not a number", param, ctx)
        return number


def seed_option(of: str) -> Callable[[Any], Any]:
    """The option of a seed; `of` says what it is of."""
    return click.option("--seed", type=click.IntRange(0), default=0, help=f"Of the {of}.")


def settings_for(data_dir: Path | None) -> Settings:
    """Settings from the environment, the data folder from the command line when given there."""
    return load_settings(data_dir=data_dir)


def print_json(document: Any) -> None:
    """One document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False))


def read_lines(
    file: str,
    *fields: str,
    lists: Sequence[str] = (),
    check: Callable[[dict[str, Any], str], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """Objects of a JSON lines file (`-` is standard input) that hold `fields` as text and `lists`
    as lists of texts; `check` looks at each with its place ("FILE:LINE") for whatever else.

    Raises DatasetError naming file, line and field.
    """
    if file == "-":
        yield from _checked(sys.stdin.buffer, "standard input", fields, lists, check)
        return
    try:
        with Path(file).open("rb") as lines:
            yield from _checked(lines, file, fields, lists, check)
    except OSError as error:
        raise DatasetError(f"{file} cannot be read: {error}") from error


def _checked(
    lines: Iterable[bytes],
    name: str,
    fields: Sequence[str],
    lists: Sequence[str],
    check: Callable[[dict[str, Any], str], None] | None,
) -> Iterator[dict[str, Any]]:
    for number, row in _parse(lines, name, fields, lists):
        if check is not None:
            check(row, f"{name}:{number}")
        yield row


def _parse(
    lines: Iterable[bytes], name: str, fields: Sequence[str], lists: Sequence[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        bare = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if not bare.strip():
            continue
        try:
            row = json.loads(bare.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{name}:{number}: not JSON in UTF-8 ({error})") from error
        if not isinstance(row, dict):
            raise DatasetError(f"{name}:{number}: not an object")
        for field in fields:
            check_text(row.get(field), f"{name}:{number}: {field!r}")
        for field in lists:
            if not isinstance(row.get(field), list):
                raise DatasetError(f"{name}:{number}: {field!r} is missing or not a list")
            for at, text in enumerate(row[field], start=1):
                check_text(text, f"{name}:{number}: text {at} of {field!r}")
        yield number, row


def check_text(value: Any, place: str) -> None:
    """Raises DatasetError, which says where, for what is no text that can be stored."""
    if not isinstance(value, str):
        raise DatasetError(f"{place} is missing or not text")
    if not is_encodable(value):
        raise DatasetError(f"{place} holds half a character")
