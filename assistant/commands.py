"""`souffleur ask` and `souffleur classify`."""

from __future__ import annotations

from pathlib import Path

import click

from assistant.command_options import (
    data_dir_option,
    json_option,
    print_json,
    read_lines,
    settings_for,
)
from assistant.domain import IncomingMessage

_BATCH = 64


@click.command()
@click.argument("text")
@data_dir_option
@json_option
def ask(text: str, data_dir: Path | None, as_json: bool) -> None:
    """Send TEXT through the whole assistant as a customer's first message."""
    from assistant.wiring import build_assistant  # noqa: PLC0415 - loads the models

    assistant, _ = build_assistant(settings_for(data_dir))
    document = assistant.reply(IncomingMessage(text=text, channel="cli")).document
    if as_json:
        print_json(document)
        return
    reply = document["reply"]
    click.echo(f"{reply['author']['name']} · {reply['author']['disclosure']}\n")
    click.echo(reply["text"])
    cited = {citation["article_id"]: citation for citation in reply["citations"]}
    for citation in cited.values():
        click.echo(f"\n  ↳ {citation['title']} {citation['url'] or ''}".rstrip())
    shown = document["confidence"]
    confidence = f", confidence {shown:.2f}" if shown is not None else ""
    reason = f" ({document['handoff']['reason']})" if document["handoff"] else ""
    label = document["intent"]["label"]
    click.echo(f"\n[{label} → {document['action']}{reason}{confidence}]")


@click.command()
@click.argument("file", metavar="FILE.jsonl")
@data_dir_option
def classify(file: str, data_dir: Path | None) -> None:
    """Label each line {"id","text"} of FILE.jsonl complaint, question or thanks."""
    from assistant.intent import classify as classify_text  # noqa: PLC0415
    from assistant.replies import intent_document  # noqa: PLC0415
    from assistant.text import for_model  # noqa: PLC0415
    from assistant.wiring import build_embedder, build_heads  # noqa: PLC0415

    settings = settings_for(data_dir)
    rows = list(read_lines(file, "text"))
    embedder = build_embedder(settings)
    heads = build_heads(settings, embedder)
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        vectors = embedder.embed_queries([for_model(row["text"]) for row in batch])
        for row, vector in zip(batch, vectors, strict=True):
            print_json(
                {"id": row.get("id"), **intent_document(classify_text(row["text"], vector, heads))}
            )
