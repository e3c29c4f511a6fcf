"""Judged answers as labelled dialogs, for `souffleur eval calibrate` and `souffleur kb tune`.

A verdict says less than a label: "wrong" does not say what would have been right. Such a turn gets
the label `wrong_article_ids`, what the answer cited; an empty list of `article_ids` would claim
that no article answers. Without those turns a calibration would see only right answers where the
bot answers, and promise too much.

What operators really sent, where there were hints, is the label `answer`, personal data masked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.domain import Action
from assistant.knowledge.files import replace_file
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from assistant.verdicts import HINT_MARKS, USED_HINTS, Act, Mark, MarkKind, Review

View = Callable[[str], dict[str, Any]]
"""A dialog with its messages, by id, as `DialogStore.view` gives it."""

Sent = Mapping[tuple[str, str], str]
"""What operators sent, by dialog and customer's message, as `Learning.sent_answers` gives it."""

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


def teaching(acts: Sequence[Act], *, unreviewed: bool = False) -> list[Act]:
    """The same with those marks alone that may teach something: approved ones, or, `unreviewed`,
    all that nobody rejected. Acts that have none left are left out."""

    def counts(mark: Mark) -> bool:
        waits = unreviewed and mark.review is not Review.REJECTED and mark.taken_back_at is None
        return mark.may_teach or waits

    kept = [replace(act, marks=tuple(mark for mark in act.marks if counts(mark))) for act in acts]
    return [act for act in kept if act.marks]


def label_of(act: Act) -> Label | None:
    """What the verdict tells of articles; None when nothing.

    Right answer: what it cited, and what the operator named besides. Wrong answer, or a handoff:
    what the operator named. Wrong answer, and nobody named any: not what it cited. Hint: what it
    cited, right or wrong; an edited one tells that only when somebody looked at the edit and
    approved it. An answer that is called right though no article answers contradicts itself and
    tells nothing.
    """
    verdict = act.verdict
    if verdict is None or verdict.kind not in (MarkKind.OPERATOR, *_HINTS):
        edited = _approved_edit(act)
        if edited is not None:
            return _RIGHT, edited
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


def _approved_edit(act: Act) -> list[str] | None:
    """What the newest hint cites that was edited, sent and approved."""
    edits = [
        mark
        for mark in act.marks
        if mark.kind is MarkKind.HINT_EDITED and mark.may_teach and mark.article_ids
    ]
    newest = max(edits, key=lambda mark: mark.number, default=None)
    return None if newest is None else list(newest.article_ids or ())


@dataclass(frozen=True)
class LabelledDialogs:
    """Dialogs with labels, each as one line of a data set."""

    lines: tuple[str, ...]
    labels: Mapping[tuple[str, str], Label]
    """By dialog and customer's message."""
    left_out: int
    """As in `Labelled`."""

    @property
    def wrong(self) -> int:
        """Labels that say only which articles do not answer."""
        return sum(name == _WRONG for name, _ in self.labels.values())


def labelled_dialogs(
    acts: Sequence[Act], view: View, sent: Sent, masker: Masker
) -> LabelledDialogs:
    """Every dialog that has a label, whole (section 6 of the contract)."""
    labels: dict[str, dict[str, Label]] = {}
    answers: dict[str, dict[str, str]] = {}
    judged = 0
    for act in acts:
        label = label_of(act)
        judged += act.verdict is not None or label is not None
        if label is not None:
            labels.setdefault(act.dialog_id, {})[act.message_id] = label
        answer = sent.get((act.dialog_id, act.message_id))
        used = any(mark.kind in USED_HINTS and mark.taken_back_at is None for mark in act.marks)
        if answer is not None and used:
            answers.setdefault(act.dialog_id, {})[act.message_id] = answer
    lines = [
        json.dumps(
            _dialog(view(name), labels.get(name, {}), answers.get(name, {}), Masking(masker)),
            ensure_ascii=False,
        )
        for name in dict.fromkeys([*labels, *answers])
    ]
    by_message = {
        (dialog_id, message_id): label
        for dialog_id, of_dialog in labels.items()
        for message_id, label in of_dialog.items()
    }
    return LabelledDialogs(tuple(lines), by_message, judged - len(by_message))


def write_labelled(
    acts: Sequence[Act], view: View, path: Path, *, sent: Sent, masker: Masker
) -> Labelled:
    """Write every dialog that has a label, one a line, into a file that only its owner may read,
    in one step. Raises OSError."""
    found = labelled_dialogs(acts, view, sent, masker)
    replace_file(path, "".join(f"{line}\n" for line in found.lines), private=True)
    turns = len(found.labels)
    return Labelled(path, len(found.lines), turns, found.wrong, found.left_out)


def _dialog(
    view: dict[str, Any], labels: dict[str, Label], answers: dict[str, str], masking: Masking
) -> dict[str, Any]:
    masked = {name: masking.mask(text).text for name, text in answers.items()}
    return {
        "dialog_id": view["dialog_id"],
        "locale": view["locale"],
        "channel": view["channel"],
        "turns": [_turn(message, labels, masked) for message in view["messages"]],
    }


def _turn(
    message: dict[str, Any], labels: dict[str, Label], answers: dict[str, str]
) -> dict[str, Any]:
    turn = {"author": message["author"]["kind"], "text": message["text"]}
    label, answer = labels.get(message["message_id"]), answers.get(message["message_id"])
    told = dict([label] if label else []) | ({"answer": answer} if answer else {})
    return turn | {"labels": told} if told else turn
