"""`souffleur review`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.command_options import (
    check_text,
    data_dir_option,
    print_json,
    read_lines,
    settings_for,
)
from assistant.domain import AUTHORS, IntentLabel, Turn
from assistant.errors import DatasetError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.review.sources import Sources


@click.command()
@click.argument("file", metavar="FILE.jsonl")
@data_dir_option
@click.option(
    "--locale",
    type=click.Choice(["ru", "en"]),
    help="In which reasons are told (default: SOUFFLEUR_LOCALE).",
)
def review(file: str, data_dir: Path | None, locale: str | None) -> None:
    """Advice on each draft of FILE.jsonl: lines {"id","intent","draft","history"?}.

    `intent` is complaint, question or thanks, `history` a list of {"author","text"} with the author
    customer, bot or operator. Drafts are checked against the knowledge base where there is one.
    """
    from assistant.privacy.masker import Masker  # noqa: PLC0415 - loads the dictionary of names
    from assistant.review.advice import advice_document  # noqa: PLC0415
    from assistant.review.of_dialog import context_of_history  # noqa: PLC0415
    from assistant.wiring import build_reviewer  # noqa: PLC0415

    settings = settings_for(data_dir)
    rows = list(read_lines(file, "draft", check=_check))
    sources = _sources(settings)
    reviewer, masker = build_reviewer(settings), Masker(settings.order_number_patterns)
    for row in rows:
        intent = row.get("intent")
        context = context_of_history(
            _history(row), IntentLabel(intent) if intent else None, masker, sources
        )
        advice = reviewer.review_draft(row["draft"], locale or settings.locale, context)
        print_json({"id": row.get("id"), "advice": [advice_document(one) for one in advice]})


def _check(row: dict[str, Any], place: str) -> None:
    if row.get("intent") not in (None, *IntentLabel):
        known = ", ".join(IntentLabel)
        raise DatasetError(f"{place}: 'intent' is none of {known}")
    history = row.get("history")
    if not isinstance(history, list | None):
        raise DatasetError(f"{place}: 'history' is not a list")
    for at, turn in enumerate(history or (), start=1):
        if not isinstance(turn, dict) or turn.get("author") not in AUTHORS:
            known = ", ".join(AUTHORS)
            raise DatasetError(
                f"{place}: message {at} of 'history' has none of the authors {known}"
            )
        check_text(turn.get("text"), f"{place}: 'text' of message {at} of 'history'")


def _history(row: Mapping[str, Any]) -> list[Turn]:
    return [Turn(AUTHORS[one["author"]], one["text"]) for one in row.get("history") or ()]


def _sources(settings: Settings) -> Sources:
    """The articles that are published here; nothing where none are."""
    from assistant.errors import NoSnapshotError  # noqa: PLC0415
    from assistant.knowledge.snapshot import SnapshotStore  # noqa: PLC0415
    from assistant.review.sources import NOTHING_AT_HAND, KnowledgeSources  # noqa: PLC0415
    from assistant.store.base import utc_now  # noqa: PLC0415

    try:
        knowledge = SnapshotStore(settings.data_dir).load()
    except NoSnapshotError:
        return NOTHING_AT_HAND
    return KnowledgeSources(knowledge, utc_now().date())
