"""`souffleur kb …`"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from assistant.certainty import Certainty
from assistant.command_options import (
    data_dir_option,
    json_option,
    print_json,
    read_lines,
    settings_for,
)
from assistant.confidence import load_confidence
from assistant.errors import KnowledgeError
from assistant.knowledge.snapshot import SnapshotStore
from kb_ingest.contradictions import contradictions
from kb_ingest.enriching.commands import enrich


@click.group()
def kb() -> None:
    """The knowledge base: ingest articles, search them, check and roll back what is published."""


@kb.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Drop articles that came from anywhere else.")
@data_dir_option
@json_option
def ingest(paths: tuple[Path, ...], replace: bool, data_dir: Path | None, as_json: bool) -> None:
    """Read the articles below PATHS, embed what changed, publish a new snapshot in one step.

    Articles of other paths stay; articles whose file is gone from PATHS leave the index.
    """
    from assistant.wiring import build_embedder  # noqa: PLC0415 - loads the model
    from kb_ingest.build import ingest as build  # noqa: PLC0415
    from kb_ingest.progress import Bars  # noqa: PLC0415

    settings = settings_for(data_dir)
    # What is left out of an article is told where a person looks.
    logging.basicConfig(level=logging.WARNING, format="souffleur: %(message)s")
    report = build(
        paths,
        SnapshotStore(settings.data_dir),
        build_embedder(settings),
        replace=replace,
        steps=Bars(),
    )
    counts = {
        name: len(getattr(report, name)) for name in ("added", "changed", "removed", "unchanged")
    }
    if as_json:
        document: dict[str, Any] = {
            **counts,
            "skipped": [asdict(item) for item in report.skipped],
            "chunks": report.chunks,
            "embedded": report.embedded,
            "seconds": round(report.seconds, 2),
            "snapshot": report.snapshot,
        }
        print_json(document)
    else:
        shown = ", ".join(f"{count} {name}" for name, count in counts.items())
        click.echo(f"Articles: {shown}, {len(report.skipped)} skipped.")
        for item in report.skipped:
            click.echo(f"  skipped {item.file}: {item.reason}")
        click.echo(
            f"{report.chunks} chunks, {report.embedded} texts embedded, "
            f"{report.seconds:.1f} seconds, snapshot {report.snapshot}."
        )
    failed = [item for item in report.skipped if item.failed]
    if failed:
        click.echo(
            f"souffleur: {len(failed)} of the files or records could not be used; "
            "the rest is published",
            err=True,
        )
        sys.exit(1)


@kb.command()
@click.argument("query")
@click.option("-k", "limit", default=5, show_default=True, type=click.IntRange(1, 100))
@data_dir_option
@json_option
def search(query: str, limit: int, data_dir: Path | None, as_json: bool) -> None:
    """The articles nearest to QUERY, best first."""
    found = _search([query], limit, data_dir)[0]
    if as_json:
        print_json({"query": query, "results": found})
        return
    for row in found:
        click.echo(f"{row['score']:.3f}  {row['article_id']}  {row['title']}")
        click.echo(f"       {row['snippet']}")


@kb.command("search-batch")
@click.argument("file", metavar="FILE.jsonl")
@click.option("-k", "limit", default=10, show_default=True, type=click.IntRange(1, 100))
@data_dir_option
def search_batch(file: str, limit: int, data_dir: Path | None) -> None:
    """The same for each line {"id","query"} of FILE.jsonl, in order."""
    rows = list(read_lines(file, "query"))
    answers = _search([row["query"] for row in rows], limit, data_dir)
    for row, found in zip(rows, answers, strict=True):
        results = [{"article_id": hit["article_id"], "score": hit["score"]} for hit in found]
        print_json({"id": row.get("id"), "results": results})


def _search(queries: list[str], limit: int, data_dir: Path | None) -> list[list[dict[str, Any]]]:
    from assistant.replies import suggestion_document  # noqa: PLC0415
    from assistant.wiring import build_parts  # noqa: PLC0415

    settings = settings_for(data_dir)
    SnapshotStore(settings.data_dir).current_id()  # says at once when there is nothing to search
    parts = build_parts(settings)
    retriever = parts.decider.retriever()
    if retriever is None:
        raise KnowledgeError(parts.library.problem or "the knowledge base cannot be used")
    asked = [parts.understander.read(query, settings.locale) for query in queries]
    vectors = parts.understander.vectors([item.question for item in asked])
    enrichment = retriever.knowledge.enrichment
    written = enrichment.by_article if enrichment else {}
    summaries = {name: {"summary": one.summary} for name, one in written.items() if one.summary}
    return [
        [
            suggestion_document(passage) | summaries.get(passage.article.article_id, {})
            for passage in retriever.find_passages(item.question, vector, item.lang, limit=limit)
        ]
        for item, vector in zip(asked, vectors, strict=True)
    ]


@kb.command()
@data_dir_option
@json_option
def status(data_dir: Path | None, as_json: bool) -> None:
    """What is published: snapshot, model, articles, chunks."""
    snapshots = SnapshotStore(settings_for(data_dir).data_dir)
    manifest = {"snapshot": snapshots.current_id(), **snapshots.manifest()}
    certainty = Certainty(load_confidence(), settings_for(data_dir).target_risk)
    intact = not snapshots.damages()
    manifest["confidence"] = certainty.described(snapshots.load()) if intact else None
    if as_json:
        print_json(manifest)
        return
    for name in ("snapshot", "created_at", "model_id", "articles", "chunks", "sentences"):
        click.echo(f"{name:11} {manifest[name]}")
    click.echo(f"{'confidence':11} {_confidence_line(manifest['confidence'])}")


def _confidence_line(described: dict[str, Any] | None) -> str:
    if described is None:
        return "unknown, the snapshot is damaged: run `souffleur kb verify`"
    provisional = f"provisional, answers from {described['elsewhere_from']:.2f}, promises nothing"
    if described["problem"]:
        return f"{provisional}; the calibration does not serve: {described['problem']}"
    if described["provisional"]:
        wanted = described["wanted_risk"]
        unkept = "" if wanted is None else f"; TARGET_RISK={wanted:g} needs `eval calibrate`"
        return provisional + unkept
    if described["answer_from"] > 1:
        answers = f"at most {described['risk']:.1%} wrong is out of reach, so no answers"
    else:
        kept = "guaranteed" if described["guaranteed"] else "aimed at, not guaranteed"
        answers = (
            f"answers from {described['answer_from']:.3f}, at most {described['risk']:.1%} wrong "
            f"{kept}"
        )
    return f"calibrated for {', '.join(described['languages'])}: {answers}; else {provisional}"


@kb.command()
@data_dir_option
@json_option
def verify(data_dir: Path | None, as_json: bool) -> None:
    """Check every file of the published snapshot against its hash."""
    snapshots = SnapshotStore(settings_for(data_dir).data_dir)
    current = snapshots.current_id()
    damages = snapshots.damages(current)
    if as_json:
        print_json({"snapshot": current, "intact": not damages, "damages": damages})
    elif not damages:
        click.echo(f"Snapshot {current} is intact.")
    if damages:
        click.echo(f"souffleur: {'; '.join(damages)}", err=True)
        sys.exit(1)


@kb.command()
@data_dir_option
@json_option
def rollback(data_dir: Path | None, as_json: bool) -> None:
    """Serve the snapshot before the current one again."""
    snapshots = SnapshotStore(settings_for(data_dir).data_dir)
    with snapshots.exclusive():
        target = snapshots.rollback()
    if as_json:
        print_json({"snapshot": target})
    else:
        click.echo(f"Serving snapshot {target} again.")


@kb.command()
@data_dir_option
def export(data_dir: Path | None) -> None:
    """Write the published articles out, one JSON object a line."""
    knowledge = SnapshotStore(settings_for(data_dir).data_dir).load()
    for article in knowledge.articles.values():
        row: dict[str, Any] = {
            "id": article.article_id,
            "title": article.title,
            "text": article.text,
            "url": article.url,
            "lang": article.lang,
            "topic": article.topic,
            "audience": article.audience.value,
            "valid_until": article.valid_until.isoformat() if article.valid_until else None,
        }
        if article.is_answer:
            row |= {"question": article.title, "answer": article.text}
        click.echo(json.dumps(row, ensure_ascii=False))


kb.add_command(enrich)
kb.add_command(contradictions)
