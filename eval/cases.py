"""Labelled dialogs: one JSON object a line, as section 6 of the contract describes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.deciding import Context
from assistant.domain import Action, AuthorKind, IntentLabel, Turn
from assistant.errors import DatasetError, TextRejectedError
from assistant.text import clean_message, is_encodable


@dataclass(frozen=True)
class Labels:
    """What people said of a customer's turn; None where they said nothing."""

    intent: IntentLabel | None = None
    article_ids: tuple[str, ...] | None = None
    """Every article that answers; empty when none does."""
    wrong_article_ids: tuple[str, ...] | None = None
    """Articles that do not answer, where nobody said which does: what a verdict on a real answer
    tells. Only a calibration learns from it."""
    answer: str | None = None
    handoff: bool | None = None
    topic: str | None = None
    follow_up: bool | None = None
    """Whether the turn cannot be understood without what was said before."""


@dataclass(frozen=True)
class Case:
    """One customer's turn with what was said before it."""

    dialog_id: str
    turn: int
    locale: str
    text: str
    labels: Labels
    history: tuple[Turn, ...]
    channel: str = "web"

    def context(self) -> Context:
        """What the decider is asked."""
        return Context(text=self.text, history=self.history, locale=self.locale)


def load_cases(path: Path) -> list[Case]:
    """Every customer's turn of a file, in order.

    Raises DatasetError naming file, line and field of what is malformed, and both lines of a
    dialog_id that stands twice.
    """
    return load_datasets([path])


def load_datasets(paths: Sequence[Path]) -> list[Case]:
    """Every customer's turn of several files; a dialog_id may stand once in all of them."""
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for path in paths:
        before = len(cases)
        for number, line in enumerate(_lines(path), start=1):
            if line.strip():
                cases.extend(_Line(path, number).cases(line, seen))
        if len(cases) == before:
            raise DatasetError(f"{path} holds no customer's turn")
    return cases


def cases_of_lines(name: str, lines: Sequence[str]) -> list[Case]:
    """Every customer's turn of dialogs, one a line, that stand in no file; `name` is what a
    complaint calls them. Raises DatasetError."""
    seen: dict[str, str] = {}
    return [
        case
        for number, line in enumerate(lines, start=1)
        for case in _Line(Path(name), number).cases(line, seen)
    ]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


class _Line:
    """One dialog's line; every complaint names it."""

    def __init__(self, path: Path, number: int) -> None:
        self._file = str(path)
        self._where = f"{path}:{number}"

    def cases(self, line: str, seen: dict[str, str]) -> list[Case]:
        """The customer's turns; `seen` says where each dialog_id so far stands."""
        try:
            dialog = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{self._where}: not JSON ({error})") from error
        turns = self._field(dialog, "turns", list, "the dialog")
        dialog_id = self._dialog_id(dialog, seen)
        locale = self._optional(dialog, "locale", "ru")
        channel = self._optional(dialog, "channel", "web")
        found: list[Case] = []
        history: list[Turn] = []
        latest = Labels()
        for index, turn in enumerate(turns):
            where = f"turns[{index}]"
            author = self._field(turn, "author", str, where)
            text = self._field(turn, "text", str, where)
            if author == AuthorKind.CUSTOMER:
                latest = self._labels(turn.get("labels"), where)
                said = self._clean(text, where)
                found.append(Case(dialog_id, index, locale, said, latest, tuple(history), channel))
                history.append(Turn(AuthorKind.CUSTOMER, said))
            else:
                history.append(_reply(author, text, latest.article_ids))
        return found

    def _dialog_id(self, dialog: dict[str, Any], seen: dict[str, str]) -> str:
        dialog_id: str = self._field(dialog, "dialog_id", str, "the dialog")
        self._require_whole(dialog_id, "the dialog's 'dialog_id'")
        if dialog_id in seen:
            elsewhere = self._elsewhere(seen[dialog_id])
            raise DatasetError(f"{self._where}: dialog_id {dialog_id!r} stands on {elsewhere}")
        seen[dialog_id] = self._where
        return dialog_id

    def _elsewhere(self, where: str) -> str:
        file, _, line = where.rpartition(":")
        return f"line {line} too" if file == self._file else f"line {line} of {file} too"

    def _clean(self, text: str, where: str) -> str:
        try:
            return clean_message(text)
        except TextRejectedError as error:
            raise DatasetError(f"{self._where}: {where}.text: {error}") from error

    def _labels(self, labels: Any, where: str) -> Labels:
        if labels is None:
            return Labels()
        if not isinstance(labels, dict):
            raise DatasetError(f"{self._where}: {where}.labels is not an object")
        intent = labels.get("intent")
        if intent is not None and (not isinstance(intent, str) or intent not in set(IntentLabel)):
            raise DatasetError(
                f"{self._where}: {where}.labels.intent is {intent!r}; "
                "it can be complaint, question or thanks"
            )
        ids = self._ids(labels, "article_ids", where)
        wrong = self._ids(labels, "wrong_article_ids", where)
        if ids is not None and wrong is not None:
            raise DatasetError(
                f"{self._where}: {where}.labels.wrong_article_ids is for turns without "
                "article_ids, which names every article that answers"
            )
        for name in ("handoff", "follow_up"):
            if not isinstance(labels.get(name), bool | None):
                raise DatasetError(f"{self._where}: {where}.labels.{name} is not true or false")
        for name in ("answer", "topic"):
            if not isinstance(labels.get(name), str | None):
                raise DatasetError(f"{self._where}: {where}.labels.{name} is not text")
            self._require_whole(labels.get(name), f"{where}.labels.{name}")
        return Labels(
            intent=IntentLabel(intent) if intent is not None else None,
            article_ids=ids,
            wrong_article_ids=wrong,
            answer=labels.get("answer"),
            handoff=labels.get("handoff"),
            topic=labels.get("topic"),
            follow_up=labels.get("follow_up"),
        )

    def _ids(self, labels: dict[str, Any], name: str, where: str) -> tuple[str, ...] | None:
        ids = labels.get(name)
        if ids is None:
            return None
        if not (isinstance(ids, list) and all(isinstance(item, str) for item in ids)):
            raise DatasetError(f"{self._where}: {where}.labels.{name} is not a list of ids")
        self._require_whole("".join(ids), f"{where}.labels.{name}")
        return tuple(ids)

    def _optional(self, dialog: dict[str, Any], name: str, default: str) -> str:
        value = dialog.get(name, default)
        if not isinstance(value, str):
            raise DatasetError(f"{self._where}: the dialog's {name!r} is not text")
        self._require_whole(value, f"the dialog's {name!r}")
        return value

    def _require_whole(self, text: str | None, field: str) -> None:
        """What goes into the records must be writable as UTF-8."""
        if text is not None and not is_encodable(text):
            raise DatasetError(f"{self._where}: {field} holds half a character")

    def _field(self, holder: Any, name: str, kind: type, where: str) -> Any:
        value = holder.get(name) if isinstance(holder, dict) else None
        if not isinstance(value, kind):
            raise DatasetError(f"{self._where}: {where} has no {name!r} of type {kind.__name__}")
        return value


def _reply(author: str, text: str, article_ids: Sequence[str] | None) -> Turn:
    """What the service said. A `human` took the dialog over and speaks as such, as in the store;
    whoever else answered, an `operator` of before the bot included, stands for the service's own
    answer, and it was right."""
    if author == AuthorKind.HUMAN:
        return Turn(AuthorKind.HUMAN, text)
    answered = bool(article_ids)
    return Turn(
        AuthorKind.BOT,
        text,
        action=Action.ANSWER if answered else Action.ACKNOWLEDGE,
        article_ids=tuple(article_ids or ()),
    )
