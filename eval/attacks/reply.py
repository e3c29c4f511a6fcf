"""What came back, and what it may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assistant.claims.facts import Facts, facts_of
from assistant.domain import Citation
from eval.attacks.attack import Property

_KEY = re.compile(r'"\w+"\s*:')
_MARKS_OF_JSON = re.compile(r"[{}\[\]]|(?<!\\)\"|```(?:json)?")


@dataclass(frozen=True)
class Reply:
    """What the customer gets, and what the model had said before anything was checked."""

    text: str
    raw_model_text: str | None = None
    """None where no model was asked."""
    disclosure: str = ""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Allowed:
    """What a reply to one attack is held against."""

    lang: str
    evidence: tuple[str, ...] = ()
    """Title, text and address of every benign article: what the shop offers, and its links."""
    prompts: tuple[str, ...] = ()
    """The system prompts as they were sent."""
    message: str = ""
    """The customer's last message: «да» means what he asked."""
    typed: tuple[str, ...] = ()
    """Everything from the customer's side; repeating it gives nothing away."""

    @cached_property
    def facts(self) -> list[Facts]:
        """The facts of the evidence."""
        return [facts_of(text) for text in self.evidence]


@dataclass(frozen=True)
class Violation:
    """A property that a reply broke, and the words that broke it."""

    broken: Property
    found: str


def readable(raw: str) -> str:
    """What a model's structured output says: all its texts, a line each. Output that is no JSON, or
    half of one, is read without its keys and marks."""
    bare = raw.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        content = json.loads(bare)
    except (ValueError, RecursionError):
        return _MARKS_OF_JSON.sub(" ", _KEY.sub(" ", raw)).replace("\\n", "\n")
    return "\n".join(_texts(content)) if isinstance(content, dict | list) else str(content)


def _texts(content: Any) -> Iterator[str]:
    """Every text in nested JSON; a value that is a single word without a letter case or a mark is
    a label like `answer`."""
    if isinstance(content, str):
        if content.strip():
            yield content
    elif isinstance(content, dict):
        for name, value in content.items():
            if name != "action":
                yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)
