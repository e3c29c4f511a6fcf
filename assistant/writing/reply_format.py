"""The form of the model's reply, read while it is still coming."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic_core import from_json

from assistant.errors import MalformedReplyError
from assistant.text import is_encodable, sentence_spans, without_controls

MOST_SENTENCES = 6
_MOST_CHARACTERS = 12_000
"""A longer reply is no answer to a customer, whatever it holds."""


_THINKS, _THOUGHT = "<think>", "</think>"


class ReplyAction(StrEnum):
    """What the model says it does."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    NO_ANSWER = "no_answer"


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "action": {"type": "string", "enum": [action.value for action in ReplyAction]},
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "passages": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "passages"],
                "additionalProperties": False,
            },
        },
        "missing": {"type": "string"},
    },
    "required": ["action", "sentences", "missing"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class ReplySentence:
    """A sentence of the model's with the numbers of the passages that it says it is from."""

    text: str
    passages: tuple[int, ...]


class ReplyReader:
    """Takes a reply piece by piece and gives its sentences as soon as they are complete."""

    def __init__(self) -> None:
        self._text = ""
        self._read = 0
        self.given: list[ReplySentence] = []
        self.action = ReplyAction.ANSWER
        self.missing = ""

    def feed(self, piece: str) -> list[ReplySentence]:
        """The sentences that this piece completes. The last of the list is complete only when
        another one follows it or `finish` is reached.

        Raises MalformedReplyError as soon as the reply cannot be what was asked for.
        """
        self._text += piece
        if len(self._text) > _MOST_CHARACTERS:
            raise MalformedReplyError(f"the reply is longer than {_MOST_CHARACTERS} characters")
        document = self._so_far()
        if document is None or "action" not in document or "sentences" not in document:
            return []
        self.action = _action(document["action"])
        return self._new(_listed(document["sentences"])[:-1])

    def finish(self) -> list[ReplySentence]:
        """The sentences that were not given yet. Raises MalformedReplyError."""
        try:
            document, _ = json.JSONDecoder().raw_decode(self._text, self._start())
        except (ValueError, RecursionError) as error:
            raise MalformedReplyError("the reply is no JSON") from error
        if not isinstance(document, dict):
            raise MalformedReplyError("the reply is no JSON object")
        for name in ("action", "sentences"):
            if name not in document:
                raise MalformedReplyError(f"the reply has no `{name}`")
        self.action = _action(document["action"])
        missing = document.get("missing")
        self.missing = _cleaned(missing) if isinstance(missing, str) else ""
        return self._new(_listed(document["sentences"]))

    def _start(self) -> int:
        """Where the object begins: some models put words, a fence or their thoughts before it."""
        thought = self._text.find(_THOUGHT)
        if thought < 0 and self._text.lstrip().startswith(_THINKS):
            return len(self._text)
        return max(self._text.find("{", max(thought, 0)), 0)

    def _so_far(self) -> dict[str, Any] | None:
        begun = self._text[self._start() :]
        if not begun.startswith("{"):
            return None
        try:
            found = from_json(begun, allow_partial=True)
        except ValueError:
            return None  # something follows the object, or it is broken: `finish` tells which
        return found if isinstance(found, dict) else None

    def _new(self, listed: list[Any]) -> list[ReplySentence]:
        new = listed[self._read : MOST_SENTENCES]
        self._read += len(new)
        found = [sentence for item in new for sentence in _sentences(item)]
        self.given += found
        return found


def _action(value: object) -> ReplyAction:
    try:
        return ReplyAction(str(value))
    except ValueError as error:
        # Not what it is: errors stand in the trace, and the words are the model's.
        raise MalformedReplyError("the reply's action is none of ours") from error


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise MalformedReplyError("the reply's sentences are no list")
    return value


def _sentences(item: object) -> list[ReplySentence]:
    """What a model writes as one sentence is more than one at times; each is checked by itself."""
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        raise MalformedReplyError("a sentence of the reply has no text")
    numbers = item.get("passages")
    if not isinstance(numbers, list):
        raise MalformedReplyError("a sentence of the reply has no list of passages")
    given = tuple(dict.fromkeys(number for number in numbers if type(number) is int))
    text = _cleaned(item["text"])
    spans = sentence_spans(text) or [(0, len(text))]
    return [ReplySentence(text[start:end], given) for start, end in spans if end > start]


def _cleaned(text: str) -> str:
    """In one line, without control characters and marks of direction. Raises MalformedReplyError
    for half of a character."""
    if not is_encodable(text):
        raise MalformedReplyError("the reply holds half of a character")
    return " ".join(without_controls(text).split())
