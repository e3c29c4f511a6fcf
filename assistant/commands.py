"""`souffleur ask`, `classify`, `ground`, `route` and `mask`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from assistant.command_options import (
    data_dir_option,
    json_option,
    print_json,
    read_lines,
    settings_for,
)
from assistant.domain import Customer, IncomingMessage

_BATCH = 64


@click.command()
@click.argument("text")
@data_dir_option
@json_option
def ask(text: str, data_dir: Path | None, as_json: bool) -> None:
    """Send TEXT through the whole assistant as a customer's first message."""
    from assistant.wiring import build_assistant  # noqa: PLC0415 - loads the models

    assistant, parts = build_assistant(settings_for(data_dir))
    parts.wait_for_models()
    document = assistant.reply(IncomingMessage(text=text, channel="cli")).document
    if parts.library.problem:
        click.echo(parts.library.problem, err=True)
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
    from assistant.replies import intent_document  # noqa: PLC0415
    from assistant.wiring import build_understander  # noqa: PLC0415

    settings = settings_for(data_dir)
    rows = list(read_lines(file, "text"))
    understander = build_understander(settings)
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        intents = understander.intents([row["text"] for row in batch])
        for row, found in zip(batch, intents, strict=True):
            print_json({"id": row.get("id"), **intent_document(found)})


@click.command()
@click.argument("file", metavar="FILE.jsonl")
@data_dir_option
def ground(file: str, data_dir: Path | None) -> None:
    """Tell of each line {"id","claim","evidence":["…"]} of FILE.jsonl whether the evidence backs
    the claim, and which parts it does not. No language model is needed."""
    from assistant.wiring import build_claim_checker  # noqa: PLC0415

    settings = settings_for(data_dir)
    rows = list(read_lines(file, "claim", lists=["evidence"]))
    checker = build_claim_checker(settings)
    for row in rows:
        verdict = checker.check(row["claim"], row["evidence"])
        print_json(
            {
                "id": row.get("id"),
                "supported": verdict.is_supported,
                "score": round(verdict.score, 4),
                "unsupported": list(verdict.unsupported),
            }
        )


@click.command()
@click.argument("text")
@click.option("--segment", help="Segment of the customer, as your site would say it.")
@click.option(
    "--hours", type=click.Choice(["open", "closed"]), help="As if at such an hour (default: now)."
)
@data_dir_option
@json_option
def route(
    text: str, segment: str | None, hours: str | None, data_dir: Path | None, as_json: bool
) -> None:
    """Tell who would get a dialog that opens with TEXT and goes to a person. Nothing is kept."""
    from assistant.dry_run import try_rules  # noqa: PLC0415
    from assistant.wiring import build_parts  # noqa: PLC0415 - loads the models

    parts = build_parts(settings_for(data_dir))
    is_open = hours == "open" if hours else parts.staffing().open_now
    document = try_rules(
        parts.decider,
        parts.rules,
        text,
        Customer(segment=segment),
        is_open=is_open,
        locale=parts.settings.locale,
    )
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{name:<9} {shown if shown else '-'}")


@click.command()
@click.argument("file", metavar="FILE.jsonl")
def mask(file: str) -> None:
    """Replace personal data in each line {"id","text"} of FILE.jsonl; no model, nothing is kept."""
    from assistant.privacy.masker import Masker  # noqa: PLC0415 - loads the dictionary of names
    from assistant.privacy.masking import Masking  # noqa: PLC0415

    masker = Masker(settings_for(None).order_number_patterns)
    for row in read_lines(file, "text"):
        masked = Masking(masker).mask(row["text"])
        entities = [asdict(entity) for entity in masked.entities]
        print_json({"id": row.get("id"), "masked": masked.text, "entities": entities})
