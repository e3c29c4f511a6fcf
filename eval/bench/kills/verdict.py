"""What must be true of the database after all the killing, read from its tables."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, func, select, text

from assistant.store.tables import UNANSWERED, dialogs, events, messages
from eval.bench.kills.load import Book, Sent


@dataclass
class Verdict:
    """Counts that have to be 0, with the ids they are about."""

    lost: list[str] = field(default_factory=list)
    """Messages whose client was answered and that are not in the database, and those that are there
    and that nobody answered."""
    kept_twice: list[str] = field(default_factory=list)
    answered_twice: list[str] = field(default_factory=list)
    """Messages that two of the bot's answer, or that have an answer of their own and another's."""
    said_otherwise: list[str] = field(default_factory=list)
    """Messages whose kept reply and the bot's message in the dialog are not one and the same."""
    operator_messages_wrong: list[str] = field(default_factory=list)
    """Messages of operators that are not kept just once."""
    answered_after_a_person: list[str] = field(default_factory=list)
    """Messages that the bot answered though a person had spoken after them."""
    unequal_replies: list[str] = field(default_factory=list)
    """Messages whose retries were told something else than what is kept."""
    out_of_order: list[str] = field(default_factory=list)
    """Dialogs in which a later turn stands before an earlier one or before its answer."""
    spoke_over_a_person: list[str] = field(default_factory=list)
    """Dialogs in which the bot said something while a person had them."""
    impossible_moves: list[str] = field(default_factory=list)
    """Dialogs whose moves do not follow from each other."""

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(found) for name, found in vars(self).items()}

    def is_clean(self) -> bool:
        """Whether all are 0."""
        return not any(self.counts().values())


def judge(database_url: str, book: Book) -> Verdict:
    """Read the database when everything is quiet and hold it against what the clients did."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        said = list(connection.execute(select(messages).order_by(messages.c.id)))
        told = list(connection.execute(select(events).order_by(events.c.id)))
        owners = {row.dialog_id: row.owner for row in connection.execute(select(dialogs))}
    engine.dispose()
    verdict = Verdict(unequal_replies=list(book.differing_replies))
    _judge_messages(verdict, said, book)
    _judge_order(verdict, said, book.sent)
    _judge_moves(verdict, told, owners)
    return verdict


def wait_until_quiet(database_url: str, most_seconds: float) -> float:
    """Wait until nothing is left to answer, as the watchdog does for clients that went away;
    returns how long that took, in seconds."""
    engine = create_engine(database_url)
    started = time.monotonic()
    query = select(func.count()).where(text(UNANSWERED)).select_from(messages)
    while time.monotonic() < started + most_seconds:
        with engine.connect() as connection:
            if not connection.execute(query).scalar():
                break
        time.sleep(0.5)
    engine.dispose()
    return round(time.monotonic() - started, 1)


def _judge_messages(verdict: Verdict, said: list[Any], book: Book) -> None:
    kept = {row.message_id: row for row in said if row.author_kind == "customer"}
    times = Counter(row.message_id for row in said if row.author_kind == "customer")
    verdict.kept_twice = [message_id for message_id, count in times.items() if count > 1]
    for sent in book.sent:
        row = kept.get(sent.message_id)
        if sent.reply is None:
            continue
        if row is None:
            verdict.lost.append(sent.message_id)
        elif row.reply != sent.reply:
            verdict.unequal_replies.append(sent.message_id)
    verdict.lost += [
        row.message_id for row in said if row.author_kind == "customer" and row.reply is None
    ]
    operators = Counter(row.message_id for row in said if row.author_kind == "human")
    verdict.operator_messages_wrong = [
        message_id for message_id in book.operator_messages if operators[message_id] != 1
    ]
    _judge_answers(verdict, said)


def _judge_answers(verdict: Verdict, said: list[Any]) -> None:
    answers = Counter(
        (row.details or {}).get("answers") for row in said if row.author_kind == "bot"
    )
    answers.pop(None, None)
    verdict.answered_twice = [str(asked) for asked, count in answers.items() if count > 1]
    asked = [row for row in said if row.author_kind == "customer" and row.reply is not None]
    for row in asked:
        has_reply = row.reply.get("reply") is not None
        if answers[row.message_id] != int(has_reply):
            verdict.said_otherwise.append(row.message_id)
        if row.answered_with is not None and answers[row.message_id]:
            verdict.answered_twice.append(row.message_id)
    number_of = {row.message_id: row.id for row in asked}
    people = [(row.dialog_id, row.id) for row in said if row.author_kind == "human"]
    for row in said:
        number = number_of.get((row.details or {}).get("answers"))
        if row.author_kind != "bot" or number is None:
            continue
        if any(dialog_id == row.dialog_id and number < at < row.id for dialog_id, at in people):
            verdict.answered_after_a_person.append(row.details["answers"])


def _judge_order(verdict: Verdict, said: list[Any], sent: list[Sent]) -> None:
    turn_of = {item.message_id: item.turn for item in sent}
    by_dialog: dict[str, list[int]] = defaultdict(list)
    for row in said:
        if row.author_kind == "customer":
            by_dialog[row.dialog_id].append(turn_of.get(row.message_id, -1))
        elif row.author_kind == "bot" and (row.details or {}).get("answers"):
            by_dialog[row.dialog_id].append(turn_of.get(row.details["answers"], -1))
    verdict.out_of_order = [
        dialog_id for dialog_id, turns in by_dialog.items() if turns != sorted(turns)
    ]


def _judge_moves(verdict: Verdict, told: list[Any], owners: dict[str, str]) -> None:
    owner: dict[str, str] = defaultdict(lambda: "bot")
    for event in told:
        data, dialog_id = event.payload, event.dialog_id
        if "from" in data and "to" in data:
            if owner[dialog_id] != data["from"]:
                verdict.impossible_moves.append(dialog_id)
            owner[dialog_id] = data["to"]
        elif (
            event.type == "message.created"
            and data["author"] == "bot"
            and owner[dialog_id] == "human"
        ):
            verdict.spoke_over_a_person.append(dialog_id)
    verdict.impossible_moves += [
        dialog_id for dialog_id, last in owners.items() if owner[dialog_id] != last
    ]
