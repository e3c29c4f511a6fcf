"""`souffleur kb contradictions`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from assistant.command_options import data_dir_option, json_option, print_json, settings_for

if TYPE_CHECKING:
    from assistant.contradictions.finding import Contradiction
    from assistant.contradictions.statement import Statement
    from assistant.contradictions.verdict import Opinion


@click.command()
@click.option("--with-model", is_flag=True, help="Ask the language model about each pair as well.")
@data_dir_option
@json_option
def contradictions(with_model: bool, data_dir: Path | None, as_json: bool) -> None:
    """Sentences of different articles that speak of the same thing and say different things.

    Found by rules, without a model; with one, the pairs that it confirms are listed first.
    """
    from assistant.contradictions.finding import find_contradictions  # noqa: PLC0415
    from assistant.knowledge.snapshot import SnapshotStore  # noqa: PLC0415
    from assistant.store.base import utc_now  # noqa: PLC0415

    settings = settings_for(data_dir)
    knowledge = SnapshotStore(settings.data_dir).load()
    found = find_contradictions(knowledge, utc_now().date())
    opinions: list[Opinion | None] = [None] * len(found)
    if with_model:
        from assistant.contradictions.verdict import opinion_on  # noqa: PLC0415
        from assistant.llm import language_model_of  # noqa: PLC0415
        from assistant.privacy.masker import Masker  # noqa: PLC0415

        model, masker = language_model_of(settings), Masker(settings.order_number_patterns)
        hidden = not sys.stderr.isatty()
        opinions = [
            opinion_on(pair, knowledge.articles[pair.one.article_id].lang, model, masker)
            for pair in tqdm(found, unit="pair", disable=hidden, leave=False)
        ]
    document = {
        "snapshot": knowledge.snapshot_id,
        "articles": len(knowledge.articles),
        "contradictions": rows_of(found, opinions),
    }
    if as_json:
        print_json(document)
    else:
        _print(document)


def rows_of(found: list[Contradiction], opinions: list[Opinion | None]) -> list[dict[str, Any]]:
    """What is printed of each pair; those that the model confirms first, else as they were."""
    rows = [
        {
            "one": _side(pair.one, pair.difference.one),
            "other": _side(pair.other, pair.difference.other),
            "kind": pair.difference.kind,
            "similarity": round(pair.cosine, 4),
            "verdict": opinion.verdict.value if opinion and opinion.verdict else None,
            "reason": opinion.reason if opinion else None,
        }
        for pair, opinion in zip(found, opinions, strict=True)
    ]
    return sorted(rows, key=lambda row: row["verdict"] != "contradict")


def _side(said: Statement, differs: str) -> dict[str, str]:
    return {
        "article_id": said.article_id,
        "title": said.title,
        "sentence": said.text,
        "differs": differs,
    }


def _print(document: dict[str, Any]) -> None:
    for row in document["contradictions"]:
        verdict = f", the model says {row['verdict']}" if row["verdict"] else ""
        reason = f": {row['reason']}" if row["reason"] else ""
        click.echo(f"{row['kind']}{verdict}{reason}")
        for side in (row["one"], row["other"]):
            click.echo(f"  {side['article_id']}  {side['title']}  [{side['differs']}]")
            click.echo(f"      {side['sentence']}")
    count = len(document["contradictions"])
    click.echo(f"{count} contradictions seem to stand in {document['articles']} articles.")
