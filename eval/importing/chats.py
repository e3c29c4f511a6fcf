"""What chat platforms have in common: who wrote what, in order, and when a person took over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from assistant.domain import AuthorKind
from assistant.text import MAX_TEXT_CHARACTERS
from eval.importing.dialogs import OPERATOR, ImportedTurn, refusal
from eval.importing.sources import Node


class Speaker(Enum):
    """Who wrote a message of a chat."""

    CUSTOMER = auto()
    BOT = auto()
    PERSON = auto()


@dataclass(frozen=True)
class Said:
    """A message that becomes a turn."""

    speaker: Speaker
    text: str
    node: Node


@dataclass
class _Turn:
    author: str
    said: Said
    labels: dict[str, Any] = field(default_factory=dict)


def in_order(messages: Iterable[Node]) -> list[Node]:
    """Messages by `created_at` (seconds or ISO 8601), those of one moment by a whole `id`; as they
    stand where none has a time.

    Raises DatasetError for a time that cannot be read or that only some messages lack.
    """
    listed = list(messages)
    if all(message.at("created_at").value is None for message in listed):
        return listed
    return sorted(
        listed, key=lambda message: (_seconds(message.at("created_at")), _number(message))
    )


def _number(message: Node) -> int:
    """Chatwoot's times are whole seconds, and a bot answers within one."""
    number = message.at("id").value
    return number if isinstance(number, int) else 0


def _seconds(node: Node) -> float:
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        if value.isdecimal():
            return float(value)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise node.error("is no time: give seconds or 2026-12-31T23:59:59Z") from error
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    raise node.error(f"{node.told()}, but other messages have a time")


def worth_keeping(said: Sequence[Said], left_out: Counter[str]) -> list[Said]:
    """The messages that say something; the others are counted in `left_out`."""
    return [one for one in said if _is_kept(one, left_out)]


def _is_kept(one: Said, left_out: Counter[str]) -> bool:
    if one.speaker is not Speaker.CUSTOMER:
        left_out["replies without text"] += not one.text.strip()
        return bool(one.text.strip())
    problem = refusal(one.text)
    if problem is not None:
        long = len(one.text) > MAX_TEXT_CHARACTERS
        kind = f"over {MAX_TEXT_CHARACTERS} characters" if long else "without text"
        left_out[f"customers' messages {kind}"] += 1
    return problem is None


def turns_of(said: Sequence[Said], *, keep_answers: bool) -> list[ImportedTurn]:
    """The turns of one chat, labelled with what a log can tell.

    The customer's latest turn when a person speaks after a bot is labelled `handoff: true`; from
    there on that person is `human`. With `keep_answers` what people replied to a customer's turn
    is its label `answer`.
    """
    turns: list[_Turn] = []
    latest: _Turn | None = None
    bot_has_it = taken_over = False
    for one in said:
        turn = _Turn(AuthorKind.BOT, one)
        if one.speaker is Speaker.CUSTOMER:
            turn.author, latest = AuthorKind.CUSTOMER, turn
        elif one.speaker is Speaker.BOT:
            bot_has_it, taken_over = True, False
        else:
            taken_over = taken_over or bot_has_it
            turn.author = AuthorKind.HUMAN if taken_over else OPERATOR
            if latest is not None:
                _label(latest, one.text, took_over=bot_has_it, keep_answers=keep_answers)
            bot_has_it = False
        turns.append(turn)
    return [ImportedTurn(str(t.author), t.said.text, t.said.node, t.labels) for t in turns]


def _label(asked: _Turn, reply: str, *, took_over: bool, keep_answers: bool) -> None:
    if keep_answers:
        before = asked.labels.get("answer")
        asked.labels["answer"] = reply if before is None else f"{before}\n{reply}"
    if took_over:
        asked.labels["handoff"] = True
