"""A scripted model, and answers to judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from assistant.llm import Message
from eval.judging.answered import Answered

ANSWERED = Answered(
    dialog_id="d0",
    turn=0,
    lang="ru",
    history=(),
    message="где чек",
    answer="Чек в профиле.",
    quotes=("Чек в профиле.",),
    reference_answer="Чек лежит в профиле",
    articles={"a": "Чек в профиле. Его можно скачать."},
    label=True,
)


def answers(*changes: dict[str, Any]) -> list[Answered]:
    """As many answers, each of a dialog of its own."""
    return [replace(ANSWERED, dialog_id=f"d{at}", **change) for at, change in enumerate(changes)]


def verdict(said: str, reason: str = "так написано в статье") -> str:
    return json.dumps({"reason": reason, "verdict": said}, ensure_ascii=False)


class ScriptedModel:
    """Replies by a function of what the user says; an error in place of a reply is raised."""

    def __init__(
        self, script: Callable[[str], str | BaseException], model: str = "scripted/judge"
    ) -> None:
        self._script = script
        self.model = model
        self.asked: list[str] = []

    def complete(
        self, messages: Sequence[Message], max_tokens: int, temperature: float = 0, seed: int = 0
    ) -> str:
        assert [message["role"] for message in messages] == ["system", "user"]
        assert max_tokens > 0
        assert (temperature, seed) == (0, 0)
        said = messages[1]["content"]
        self.asked.append(said)
        reply = self._script(said)
        if isinstance(reply, BaseException):
            raise reply
        return reply
