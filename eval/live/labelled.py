"""Judged answers as labelled dialogs, for `souffleur eval calibrate` and `souffleur kb tune`.

A verdict says less than a label: "wrong" does not say what would have been right. Such a turn gets
no label at all; an empty list would claim that no article answers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.domain import Action
from assistant.verdicts import HINT_MARKS, Act, MarkKind

View = Callable[[str], dict[str, Any]]
"""A dialog with its messages, by id, as `DialogStore.view` gives it."""

_HINTS = frozenset(HINT_MARKS.values())


@dataclass(frozen=True)
class Labelled:
    """What was written."""

    path: Path
    dialogs: int
    turns: int
    """With a label."""
    left_out: int
    """Messages that were judged and have no label, since the verdict names no right article."""


def right_articles(act: Act) -> list[str] | None:
    """The articles that answer, as far as the verdict tells: an empty list when an operator said
    that none does, None when it does not tell.

    Right answer: what it cited, and what the operator named besides. Wrong answer, or a handoff:
    what the operator named. Accepted hint: what it cited.
    """
    verdict = act.verdict
    if verdict is None:
        return None
    named = None if verdict.article_ids is None else list(verdict.article_ids)
    if verdict.kind in _HINTS:
        return named if verdict.right and named else None
    if verdict.right and act.action is Action.ANSWER:
        found = list(dict.fromkeys([*act.cited, *([] if named is None else named)]))
        return found if found else None
    return named if verdict.kind is MarkKind.OPERATOR else None


def write_labelled(acts: Sequence[Act], view: View, path: Path) -> Labelled:
    """Write every dialog that has a label, whole, one a line (section 6 of the contract), into a
    file that only its owner may read. Raises OSError."""
    labels: dict[str, dict[str, list[str]]] = {}
    judged = 0
    for act in acts:
        judged += act.verdict is not None
        articles = right_articles(act)
        if articles is not None:
            labels.setdefault(act.dialog_id, {})[act.message_id] = articles
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        for dialog_id, of_dialog in labels.items():
            line = json.dumps(_dialog(view(dialog_id), of_dialog), ensure_ascii=False)
            file.write(line + "\n")
    turns = sum(len(of_dialog) for of_dialog in labels.values())
    return Labelled(path, len(labels), turns, judged - turns)


def _dialog(view: dict[str, Any], labels: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "dialog_id": view["dialog_id"],
        "locale": view["locale"],
        "channel": view["channel"],
        "turns": [_turn(message, labels) for message in view["messages"]],
    }


def _turn(message: dict[str, Any], labels: dict[str, list[str]]) -> dict[str, Any]:
    turn = {"author": message["author"]["kind"], "text": message["text"]}
    articles = labels.get(message["message_id"])
    return turn if articles is None else turn | {"labels": {"article_ids": articles}}
