"""Judged answers as labelled dialogs, for `souffleur eval calibrate` and `souffleur kb tune`.

A verdict says less than a label: "wrong" does not say what would have been right. Such a turn gets
the label `wrong_article_ids`, what the answer cited; an empty list of `article_ids` would claim
that no article answers. Without those turns a calibration would see only right answers where the
bot answers, and promise too much.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.domain import Action
from assistant.knowledge.files import replace_file
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
    wrong: int
    """Of those, with one that says only which articles do not answer."""
    left_out: int
    """Messages that were judged and have no label, since the verdict says nothing of articles."""


_RIGHT, _WRONG = "article_ids", "wrong_article_ids"
Label = tuple[str, list[str]]
"""`article_ids`: those that answer, empty when none does; or `wrong_article_ids`: those that do
not, where nobody said which does."""


def label_of(act: Act) -> Label | None:
    """What the verdict tells of articles; None when nothing.

    Right answer: what it cited, and what the operator named besides. Wrong answer, or a handoff:
    what the operator named. Wrong answer, and nobody named any: not what it cited. Hint: what it
    cited, right or wrong. An answer that is called right though no article answers contradicts
    itself and tells nothing.
    """
    verdict = act.verdict
    if verdict is None:
        return None
    named = None if verdict.article_ids is None else list(verdict.article_ids)
    if verdict.kind in _HINTS:
        return (_RIGHT if verdict.right else _WRONG, named) if named else None
    if act.action is Action.ANSWER and verdict.right:
        found = [] if named == [] else list(dict.fromkeys([*act.cited, *(named or ())]))
        return (_RIGHT, found) if found else None
    if verdict.kind is MarkKind.OPERATOR and named is not None:
        return _RIGHT, named
    cited = list(act.cited) if act.action is Action.ANSWER and not verdict.right else []
    return (_WRONG, cited) if cited else None


def write_labelled(acts: Sequence[Act], view: View, path: Path) -> Labelled:
    """Write every dialog that has a label, whole, one a line (section 6 of the contract), into a
    file that only its owner may read, in one step. Raises OSError."""
    labels: dict[str, dict[str, Label]] = {}
    judged = 0
    for act in acts:
        judged += act.verdict is not None
        label = label_of(act)
        if label is not None:
            labels.setdefault(act.dialog_id, {})[act.message_id] = label
    lines = [
        json.dumps(_dialog(view(dialog_id), of_dialog), ensure_ascii=False) + "\n"
        for dialog_id, of_dialog in labels.items()
    ]
    replace_file(path, "".join(lines), private=True)
    names = [name for of_dialog in labels.values() for name, _ in of_dialog.values()]
    return Labelled(path, len(labels), len(names), names.count(_WRONG), judged - len(names))


def _dialog(view: dict[str, Any], labels: dict[str, Label]) -> dict[str, Any]:
    return {
        "dialog_id": view["dialog_id"],
        "locale": view["locale"],
        "channel": view["channel"],
        "turns": [_turn(message, labels) for message in view["messages"]],
    }


def _turn(message: dict[str, Any], labels: dict[str, Label]) -> dict[str, Any]:
    turn = {"author": message["author"]["kind"], "text": message["text"]}
    label = labels.get(message["message_id"])
    return turn if label is None else turn | {"labels": dict([label])}
