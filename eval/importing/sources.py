"""Reads files of JSON and YAML so that every complaint names file, line and field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.encoding import decode
from assistant.errors import DatasetError, UndecodableError
from eval.importing.dialogs import check_whole

Steps = tuple[str | int, ...]
"""The way from the top of a file to a value: keys and numbers."""

_NAME_LIKE = re.compile(r"[\w:.@/-]{1,40}")
_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises DatasetError naming it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error


def read_text(path: Path) -> str:
    """A file's text, in the encodings of `assistant.encoding`. Raises DatasetError naming it."""
    try:
        return decode(read_bytes(path))
    except UndecodableError as error:
        raise DatasetError(f"{path}: {error}") from error


def shown(value: object) -> str:
    """A value as an error may show it: names and numbers, never what may be a message."""
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return repr(value) if _NAME_LIKE.fullmatch(value) else "some text"
    return _KINDS.get(type(value), "something else")


@dataclass(frozen=True)
class Document:
    """A file that was parsed."""

    name: str
    line_of: Callable[[Steps], int]
    """Line, from 1, of the value at some steps, or of the nearest around it."""


@dataclass(frozen=True)
class Node:
    """A value of a file that knows where it stands; one that is not there is None."""

    value: Any
    steps: Steps
    document: Document

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.document.name}:{self.document.line_of(self.steps)}"

    def error(self, problem: str) -> DatasetError:
        """The error over this value: file, line, field, problem."""
        return DatasetError(f"{self.where}: {_spelt(self.steps)}: {problem}")

    def told(self) -> str:
        """What is there, as the beginning of an error: `is missing`, `is 5`, `is a list`."""
        return "is missing" if self.value is None else f"is {shown(self.value)}"

    def at(self, key: str) -> Node:
        """The value of a key. Raises DatasetError when this is no object."""
        return self._child(self.object().get(key), key)

    def object(self) -> dict[str, Any]:
        """This as an object."""
        found: dict[str, Any] = self._of(dict)
        return found

    def items(self) -> Iterator[Node]:
        """The values of a list. Raises DatasetError when this is none."""
        for number, value in enumerate(self._of(list)):
            yield self._child(value, number)

    def text(self) -> str:
        """This as text that can be written."""
        return check_whole(self._of(str), self)

    def name(self) -> str:
        """This as a name or an id: text or a whole number, never empty."""
        whole = isinstance(self.value, int) and not isinstance(self.value, bool)
        if not whole and not isinstance(self.value, str):
            raise self.error(self._unlike("an id"))
        spelt = check_whole(str(self.value), self).strip()
        if not spelt:
            raise self.error("is empty")
        return spelt

    def flag(self) -> bool:
        """This as true or false; false when it is not there."""
        return False if self.value is None else bool(self._of(bool))

    def _of(self, kind: type) -> Any:
        if not isinstance(self.value, kind):
            raise self.error(self._unlike(_KINDS[kind]))
        return self.value

    def _unlike(self, wanted: str) -> str:
        between = "; it must be" if self.value is None else ", not"
        return f"{self.told()}{between} {wanted}"

    def _child(self, value: Any, step: str | int) -> Node:
        return Node(value, (*self.steps, step), self.document)


def _spelt(steps: Steps) -> str:
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps]
    return "".join(parts).lstrip(".") or "the file"


def read_json(path: Path) -> Node:
    """The value of a JSON file. Raises DatasetError naming file and line."""
    text = read_text(path)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{path}:{error.lineno}: not JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: not JSON that can be read ({error})") from error
    return Node(value, (), Document(str(path), lambda steps: _line_in_json(text, steps)))


def _line_in_json(text: str, steps: Sequence[str | int]) -> int:
    at = _after_blank(text, 0)
    for step in steps:
        found = dict(_children(text, at)).get(step)  # of a key that stands twice the last counts
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _children(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Keys or numbers of what begins at `at` in valid JSON, each with its value's position."""
    opening, number = text[at], 0
    if opening not in "{[":
        return
    at = _after_blank(text, at + 1)
    while text[at] not in "}]":
        key: str | int = number
        if opening == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _after_blank(text, _after_blank(text, at) + 1)
        yield key, at
        _, at = _DECODER.raw_decode(text, at)
        at = _after_blank(text, at)
        if text[at] == ",":
            at = _after_blank(text, at + 1)
        number += 1


def _after_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


class _PlainLoader(yaml.BaseLoader):
    """All scalars stay the text that was written (`yes`, `12345`); no key may stand twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen if isinstance(key, yaml.ScalarNode) else True:
                raise yaml.constructor.ConstructorError(
                    problem="a key stands twice or is no text", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Node:
    """The value of a YAML file, every scalar as text. Raises DatasetError with file and line."""
    text = read_text(path)
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
        value = loader.construct_document(root) if root else None
    except yaml.MarkedYAMLError as error:
        # Its own message quotes the file, and people's messages with it.
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise DatasetError(f"{path}{line}: not YAML ({error.problem})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: not YAML that can be read ({type(error).__name__})") from error
    return Node(value, (), Document(str(path), lambda steps: _line_in_yaml(root, steps)))


def _line_in_yaml(root: yaml.Node | None, steps: Sequence[str | int]) -> int:
    node = root
    for step in steps:
        found = _yaml_child(node, step)
        if found is None:
            break
        node = found
    return node.start_mark.line + 1 if node else 1


def _yaml_child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child: yaml.Node = node.value[step]
        return child
    return None
