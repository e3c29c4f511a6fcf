"""Webim chat histories as labelled dialogs.

Shapes read: a list of chats, `{"chats": […]}`, or one chat; a chat has `id` and `messages`, a
message has `kind`, its text as `text` or `message`, and its author as `operator_id`, `author_id`
or `operator.id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from eval.importing.chats import Said, Speaker, in_order, turns_of, worth_keeping
from eval.importing.dialogs import Imported, ImportedDialog
from eval.importing.sources import Node, read_json, shown

_LEFT_OUT = {
    "info": "notices of the system (info)",
    "operator_busy": "notices that operators are busy (operator_busy)",
    "for_operator": "private notes (for_operator)",
    "cont_req": "requests for contacts (cont_req)",
    "contacts": "contacts that customers left (contacts)",
    "action_request": "requests for an action (action_request)",
    "file_visitor": "customers' files (file_visitor)",
    "file_operator": "operators' files (file_operator)",
    "sticker_visitor": "customers' stickers (sticker_visitor)",
    "keyboard": "keyboards of the bot (keyboard)",
}


def import_webim(path: Path, bots: Collection[str] = (), *, keep_answers: bool = False) -> Imported:
    """The dialogs of one file; `bots` are the author ids of bots, whose messages are of the kind
    `operator` like a person's.

    Raises DatasetError naming file, line and field.
    """
    left_out: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    dialogs = []
    for chat in _chats(read_json(path)):
        messages = in_order(chat.at("messages").items())
        said = [one for m in messages if (one := _said(m, bots, left_out, notes))]
        turns = turns_of(worth_keeping(said, left_out), keep_answers=keep_answers)
        dialogs.append(ImportedDialog(f"webim-{chat.at('id').name()}", chat, turns))
    return Imported(dialogs, left_out, notes)


def _chats(node: Node) -> Iterator[Node]:
    if isinstance(node.value, list):
        yield from node.items()
    elif "chats" in node.object():
        yield from node.at("chats").items()
    elif "messages" in node.object():
        yield node
    else:
        raise node.error("is no chat history: it has neither `chats` nor `messages`")


def _said(
    message: Node, bots: Collection[str], left_out: Counter[str], notes: Counter[str]
) -> Said | None:
    kind = message.at("kind").text()
    if kind == "visitor":
        return Said(Speaker.CUSTOMER, _text(message), message)
    if kind == "keyboard_response":
        return Said(Speaker.CUSTOMER, _pressed(message), message)
    if kind == "operator":
        return Said(_speaker(message, bots, notes), _text(message), message)
    left_out[_LEFT_OUT.get(kind, f"messages of the unknown kind {shown(kind)}")] += 1
    return None


def _text(message: Node) -> str:
    key = "text" if message.at("text").value is not None else "message"
    content = message.at(key)
    return "" if content.value is None else content.text()


def _pressed(message: Node) -> str:
    """The label of the button that the customer pressed."""
    holder = "data" if message.at("data").value is not None else "response"
    return message.at(holder).at("button").at("text").text()


def _speaker(message: Node, bots: Collection[str], notes: Counter[str]) -> Speaker:
    author = _author(message)
    if author is None and bots:
        notes["operators' messages without an author, taken for a person's"] += 1
    if author in bots:
        notes[f"messages of the bot {shown(author)}"] += 1
        return Speaker.BOT
    return Speaker.PERSON


def _author(message: Node) -> str | None:
    for name in ("operator_id", "author_id"):
        if message.at(name).value is not None:
            return message.at(name).name()
    operator = message.at("operator")
    return None if operator.value is None else operator.at("id").name()
