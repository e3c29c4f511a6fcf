"""An optional second model that looks at each sentence after the rules have: may it be said?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import MalformedReplyError
from assistant.json_objects import json_objects
from assistant.language_models.asking import AsksModels, Message, ModelCall, ModelRequest
from assistant.writing.prompting import plain
from prompts.loader import LANGUAGES, TextFile, fill, read

_MOST_TOKENS = 20
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"supported": {"type": "boolean"}},
    "required": ["supported"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Opinion:
    """What the second model thinks; None where it gave no verdict in time."""

    is_supported: bool | None
    calls: tuple[ModelCall, ...]


@dataclass(frozen=True)
class SecondOpinion:
    """Asks a model whether the passages say a sentence. Safe to use from several threads."""

    models: AsksModels

    def ask(
        self, sentence: str, evidence: Sequence[str], lang: str, draft: ModelRequest
    ) -> Opinion:
        """Its opinion on a masked sentence, within what is left of the draft's own time."""
        request = ModelRequest(
            purpose="judge",
            messages=_messages(sentence, evidence, lang),
            max_tokens=_MOST_TOKENS,
            deadline=draft.deadline,
            schema=_SCHEMA,
            dialog_id=draft.dialog_id,
            stop=draft.stop,
        )
        verdict, calls = self.models.first_good(request, _verdict)
        return Opinion(verdict, calls)


def judge_prompt(lang: str) -> TextFile:
    """The prompt in a language."""
    return read(f"grounding/{lang if lang in LANGUAGES else LANGUAGES[0]}")


def _messages(sentence: str, evidence: Sequence[str], lang: str) -> list[Message]:
    file = judge_prompt(lang)
    passages = "\n".join(fill(file, "passage", text=plain(text)) for text in evidence)
    asked = fill(file, "user", passages=passages, sentence=plain(sentence))
    return [
        {"role": "system", "content": fill(file, "system")},
        {"role": "user", "content": asked},
    ]


def _verdict(pieces: Iterator[str]) -> bool:
    said = "".join(pieces)
    for document in json_objects(said):
        if isinstance(document.get("supported"), bool):
            return bool(document["supported"])
    raise MalformedReplyError("the reply holds no verdict")
