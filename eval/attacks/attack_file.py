"""Attacks on disk: one JSON object a line, as eval/datasets/attacks/README.md describes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from assistant.domain import Action, AuthorKind, Turn
from assistant.errors import DatasetError
from eval.attacks.attack import ALWAYS, IN_KNOWLEDGE, Attack, PoisonedFile, Property, Where
from prompts.loader import LANGUAGES

DATASET = Path(__file__).parent.parent / "datasets" / "attacks"
KNOWLEDGE = DATASET / "kb"
SHIPPED = (DATASET / "ru.jsonl", DATASET / "en.jsonl")

_FIELDS = {
    *("id", "lang", "kind", "where", "topic", "text", "expect"),
    *("history", "customer", "articles"),
}
_OF_A_CUSTOMER = {"name", "attributes"}
_OF_A_TURN = {"author", "text"}
_OF_A_FILE = {"file", "content"}
_NEEDED = {Where.NAME: "customer", Where.ATTRIBUTES: "customer", Where.HISTORY: "history"}
"""The field in which an attack of that place hides; those of the knowledge base need articles."""

Choice = TypeVar("Choice", bound=StrEnum)


def load_attacks(paths: Sequence[Path] = SHIPPED) -> list[Attack]:
    """The attacks of several files, in order; an id may stand once in all of them.

    Raises DatasetError naming file, line and field of what is malformed, and a file without any.
    """
    attacks: list[Attack] = []
    seen: dict[str, str] = {}
    for path in paths:
        before = len(attacks)
        for number, line in enumerate(_lines(path), start=1):
            if line.strip():
                attacks.append(_Line(f"{path}:{number}").attack(line, seen))
        if len(attacks) == before:
            raise DatasetError(f"{path} holds no attack")
    return attacks


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error


class _Line:
    """One attack's line; every complaint names it."""

    def __init__(self, where: str) -> None:
        self._where = where

    def attack(self, line: str, seen: dict[str, str]) -> Attack:
        """The attack; `seen` says where each id so far stands."""
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{self._where}: not JSON ({error})") from error
        self._only(row, _FIELDS, "the attack")
        attack_id = self._text(row, "id", "the attack")
        if attack_id in seen:
            raise DatasetError(f"{self._where}: id {attack_id!r} stands at {seen[attack_id]} too")
        seen[attack_id] = self._where
        where = self._one_of(row.get("where"), Where, "where")
        self._require_hiding_place(row, where)
        customer = row.get("customer", {})
        self._only(customer, _OF_A_CUSTOMER, "customer")
        return Attack(
            attack_id=attack_id,
            lang=self._lang(row),
            kind=self._text(row, "kind", "the attack"),
            where=where,
            text=self._text(row, "text", "the attack"),
            topic=self._topic(row),
            expect=self._expected(row),
            history=self._history(row.get("history", [])),
            customer_name=self._text(customer, "name", "customer") if "name" in customer else None,
            attributes=self._attributes(customer.get("attributes", {})),
            files=self._files(row.get("articles", [])),
        )

    def _require_hiding_place(self, row: dict[str, Any], where: Where) -> None:
        """An attack that says it hides in a name must bring one."""
        needed = "articles" if where in IN_KNOWLEDGE else _NEEDED.get(where)
        holder = row.get("customer") if needed == "customer" else row
        field = where.value if needed == "customer" else needed
        if field and not (isinstance(holder, dict) and holder.get(field)):
            raise self._wrong("where", f"is {where.value!r} and nothing stands in {field!r}")

    def _lang(self, row: dict[str, Any]) -> str:
        lang = row.get("lang")
        if lang not in LANGUAGES:
            raise self._wrong("lang", f"is {lang!r}; it can be {' or '.join(LANGUAGES)}")
        return str(lang)

    def _topic(self, row: dict[str, Any]) -> str:
        topic, lang = self._text(row, "topic", "the attack"), self._lang(row)
        if not (KNOWLEDGE / lang / f"{topic}.md").is_file():
            raise self._wrong("topic", f"is {topic!r}; kb/{lang} has no such article")
        return topic

    def _expected(self, row: dict[str, Any]) -> tuple[Property, ...]:
        names = self._list(row.get("expect"), "expect")
        found = tuple(self._one_of(name, Property, f"expect[{n}]") for n, name in enumerate(names))
        if missing := [name.value for name in ALWAYS if name not in found]:
            raise self._wrong("expect", f"lacks {', '.join(missing)}, expected of every attack")
        return found

    def _history(self, value: Any) -> tuple[Turn, ...]:
        turns = []
        for number, turn in enumerate(self._list(value, "history")):
            inside = f"history[{number}]"
            self._only(turn, _OF_A_TURN, inside)
            author = self._one_of(turn.get("author"), AuthorKind, f"{inside}.author")
            action = Action.ANSWER if author is AuthorKind.BOT else None
            turns.append(Turn(author, self._text(turn, "text", inside), action))
        return tuple(turns)

    def _attributes(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong("customer.attributes", "is not an object")
        return value

    def _files(self, value: Any) -> tuple[PoisonedFile, ...]:
        files = []
        for number, file in enumerate(self._list(value, "articles")):
            inside = f"articles[{number}]"
            self._only(file, _OF_A_FILE, inside)
            name = self._text(file, "file", inside)
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts:
                raise self._wrong(f"{inside}.file", "leads out of the knowledge base's folder")
            files.append(PoisonedFile(name, self._text(file, "content", inside)))
        return tuple(files)

    def _one_of(self, value: Any, choices: type[Choice], field: str) -> Choice:
        known = [choice.value for choice in choices]
        if not isinstance(value, str) or value not in known:
            raise self._wrong(field, f"is {value!r}; it can be {', '.join(known)}")
        return choices(value)

    def _list(self, value: Any, field: str) -> list[Any]:
        if not isinstance(value, list):
            raise self._wrong(field, "is not a list")
        return value

    def _text(self, holder: dict[str, Any], name: str, inside: str) -> str:
        value = holder.get(name)
        if not isinstance(value, str) or not value.strip():
            raise DatasetError(f"{self._where}: {inside} has no text in {name!r}")
        return value

    def _only(self, holder: Any, known: set[str], inside: str) -> None:
        if not isinstance(holder, dict):
            raise DatasetError(f"{self._where}: {inside} is not an object")
        if unknown := sorted(set(holder) - known):
            raise DatasetError(f"{self._where}: {inside} has unknown fields: {', '.join(unknown)}")

    def _wrong(self, field: str, what: str) -> DatasetError:
        return DatasetError(f"{self._where}: {field} {what}")
