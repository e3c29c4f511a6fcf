"""Logs and labels of DSTC9 track 1 and DSTC11 track 5 ("knowledge-grounded" dialogs) as labelled
dialogs (Kim et al., "Beyond Domain APIs", 2020; Zhao et al., "What do others think?", 2023).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assistant.domain import AuthorKind
from eval.importing.dialogs import OPERATOR, Imported, ImportedDialog, ImportedTurn, check_readable
from eval.importing.sources import Node, read_json

_SPEAKERS = {"U": AuthorKind.CUSTOMER.value, "S": OPERATOR}


def import_dstc(logs: Path, labels: Path) -> Imported:
    """The dialogs of a file of logs, the last turn of each with its label.

    Raises DatasetError naming file, line and field.
    """
    label_file = read_json(labels)
    spoken, known = list(read_json(logs).items()), list(label_file.items())
    if len(spoken) != len(known):
        raise label_file.error(f"holds {len(known)} labels, but {logs} holds {len(spoken)} dialogs")
    pairs = zip(spoken, known, strict=True)
    return Imported(
        [
            ImportedDialog(f"{logs.stem}-{number}", log, _turns(log, label))
            for number, (log, label) in enumerate(pairs)
        ]
    )


def _turns(log: Node, label: Node) -> list[ImportedTurn]:
    turns = [_turn(node) for node in log.items()]
    if not turns:
        raise log.error("holds no turns")
    *before, last = turns
    if not last.is_customers:
        raise last.place.error("the last turn is not the user's (U), so nothing is labelled")
    return [*before, ImportedTurn(last.author, last.text, last.place, _labels(label))]


def _turn(node: Node) -> ImportedTurn:
    speaker = node.at("speaker")
    author = _SPEAKERS.get(speaker.text())
    if author is None:
        raise speaker.error(f"{speaker.told()}; it can be U or S")
    text = node.at("text")
    if author == OPERATOR:
        return ImportedTurn(author, text.text(), node)
    return ImportedTurn(author, check_readable(text.text(), text), node)


def _labels(label: Node) -> dict[str, Any]:
    """What is known of the last turn: nothing where no knowledge was looked for."""
    if not _sought(label.at("target")):
        return {}
    knowledge = label.at("knowledge")
    ids = list(dict.fromkeys(_article_id(snippet) for snippet in knowledge.items()))
    if not ids:
        raise knowledge.error("is empty although `target` is true")
    found: dict[str, Any] = {"article_ids": ids}
    if label.at("response").value is not None:
        found["answer"] = label.at("response").text()
    return found


def _sought(target: Node) -> bool:
    if not isinstance(target.value, bool):
        raise target.error(f"{target.told()}; it can be true or false")
    return target.value


def _article_id(snippet: Node) -> str:
    """`domain--entity_id--doc_id`, with `--doc_type` at the end where it is given; sentences of
    one review are one article."""
    parts = [snippet.at(name).name() for name in ("domain", "entity_id", "doc_id")]
    kind = snippet.at("doc_type")
    return "--".join(parts if kind.value is None else [*parts, kind.name()])
