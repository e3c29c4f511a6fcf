"""`souffleur kb enrich`"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from assistant.command_options import data_dir_option, json_option, print_json, settings_for
from assistant.errors import KnowledgeError

if TYPE_CHECKING:
    from assistant.wiring import Parts
    from kb_ingest.enriching.checking import Finds, Sifted
    from kb_ingest.enriching.walk import Gathered


@click.command()
@click.option("--only", "only", multiple=True, metavar="ID", help="Ask about this article only.")
@click.option("--limit", type=click.IntRange(0), help="Ask about at most so many articles.")
@click.option("--publish", "publishes", is_flag=True, help="Publish what passed the checks.")
@data_dir_option
@json_option
def enrich(
    only: tuple[str, ...],
    limit: int | None,
    publishes: bool,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Let the language model write questions that each article answers, and a summary; check them,
    and with --publish make them entries of the index.

    Replies are kept in the data folder: a run that was stopped goes on where it was, and an article
    is asked about again only when its text, the model or the prompt changes.
    """
    from assistant.llm import language_model_of  # noqa: PLC0415
    from assistant.privacy.masker import Masker  # noqa: PLC0415 - loads the dictionary of names
    from assistant.wiring import build_claim_checker, build_parts  # noqa: PLC0415 - loads models
    from kb_ingest.enriching import walk  # noqa: PLC0415
    from kb_ingest.enriching.kept import KeptReplies  # noqa: PLC0415
    from kb_ingest.enriching.offer import Asker  # noqa: PLC0415

    settings = settings_for(data_dir)
    model = language_model_of(settings)
    parts = build_parts(settings)
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    ask_about = walk.chosen(knowledge.articles, only)
    asker = Asker(model, Masker(settings.order_number_patterns))
    hidden = not sys.stderr.isatty()
    with tqdm(total=len(ask_about), unit="article", disable=hidden, leave=False) as bar:
        gathered = walk.gather(
            knowledge.articles,
            ask_about,
            asker,
            KeptReplies(settings.data_dir),
            limit=limit,
            progress=bar.update,
        )
    checker = build_claim_checker(settings)
    sifted = walk.sifted_offers(gathered, knowledge, checker.check, _finder(parts))
    snapshot = None
    if publishes:
        enrichment = walk.enrichment_of(sifted, knowledge, parts.embedder, model.model)
        snapshot = walk.publish(parts.snapshots, knowledge, enrichment)
    document = report(gathered, sifted, snapshot)
    if as_json:
        print_json(document)
    else:
        _print(document)


def _finder(parts: Parts) -> Finds:
    """Looks questions up in what is published, without what a model wrote: a question must not
    find its article by itself."""
    from assistant.retrieval import Retriever  # noqa: PLC0415
    from kb_ingest.enriching.checking import FOUND_AMONG  # noqa: PLC0415

    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    retriever = Retriever(replace(knowledge, enrichment=None))

    def find(questions: Sequence[str]) -> list[list[str]]:
        read = [parts.understander.read(said, parts.settings.locale) for said in questions]
        vectors = parts.understander.vectors([one.question for one in read])
        return [
            [
                passage.article.article_id
                for passage in retriever.find_passages(
                    one.question, vector, one.lang, limit=FOUND_AMONG
                )
            ]
            for one, vector in zip(read, vectors, strict=True)
        ]

    return find


def report(gathered: Gathered, sifted: Sequence[Sifted], snapshot: str | None) -> dict[str, Any]:
    """What the command prints."""
    dropped = Counter(why.value for one in sifted for _, why in one.dropped)
    return {
        "asked": gathered.asked,
        "articles": len(sifted),
        "questions": sum(len(one.questions) for one in sifted),
        "summaries": sum(one.summary is not None for one in sifted),
        "dropped": dict(sorted(dropped.items())),
        "malformed": dict(gathered.malformed),
        "failed": dict(gathered.failed),
        "snapshot": snapshot,
        "enriched": [
            {
                "article_id": one.article.article_id,
                "title": one.article.title,
                "questions": list(one.questions),
                "summary": one.summary,
                "dropped": [{"text": text, "why": why.value} for text, why in one.dropped],
            }
            for one in sifted
        ],
    }


def _print(document: dict[str, Any]) -> None:
    for row in document["enriched"]:
        click.echo(f"{row['article_id']}  {row['title']}")
        if row["summary"]:
            click.echo(f"    {row['summary']}")
        for question in row["questions"]:
            click.echo(f"  + {question}")
        for gone in row["dropped"]:
            click.echo(f"  - {gone['text']} ({gone['why']})")
    for name, why in (document["malformed"] | document["failed"]).items():
        click.echo(f"{name}: {why}")
    click.echo(
        f"\n{document['asked']} articles asked about; {document['questions']} questions and "
        f"{document['summaries']} summaries of {document['articles']} articles passed the checks."
    )
    if document["snapshot"]:
        click.echo(f"Published as snapshot {document['snapshot']}.")
    else:
        click.echo("Nothing is published: --publish does that.")
