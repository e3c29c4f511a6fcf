"""Chatwoot conversations: an export, or what its API answers, as labelled dialogs.

Shapes read: a list of conversations; `{"data": {"payload": […]}}`, `{"payload": […]}` and
`{"conversations": […]}` as the API wraps them; one conversation; the messages of one conversation
or of several, and the bodies of webhooks about messages (told apart by `conversation_id` or
`conversation.id`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from eval.importing.chats import Said, Speaker, in_order, turns_of, worth_keeping
from eval.importing.dialogs import Imported, ImportedDialog
from eval.importing.markup import has_markup, seen_text
from eval.importing.sources import Node, read_json, shown

_WRAPPERS = ("data", "payload", "conversations")
_TYPES = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
_SENDERS = {
    "user": Speaker.PERSON,
    "agentbot": Speaker.BOT,
    "captainassistant": Speaker.BOT,
}
_RATING = "ratings (csat)"


def import_chatwoot(path: Path, *, keep_answers: bool = False) -> Imported:
    """The dialogs of one file. Raises DatasetError naming file, line and field."""
    left_out: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    dialogs = []
    for place, dialog_id, messages in _conversations(read_json(path)):
        once = _each_once(in_order(messages), left_out)
        said = [one for message in once if (one := _said(message, left_out, notes))]
        turns = turns_of(worth_keeping(said, left_out), keep_answers=keep_answers)
        dialogs.append(ImportedDialog(f"chatwoot-{dialog_id}", place, turns, _channel(place)))
        if _has(place, "csat_survey_response"):
            left_out[_RATING] += 1
    return Imported(dialogs, left_out, notes)


def _each_once(messages: Iterable[Node], left_out: Counter[str]) -> Iterator[Node]:
    """Pages of an API overlap, and a webhook comes again: of one message id the first counts."""
    seen: set[str] = set()
    for message in messages:
        message_id = message.at("id").name() if _has(message, "id") else None
        if message_id in seen:
            left_out["messages that stand twice"] += 1
            continue
        seen.update([message_id] if message_id is not None else [])
        yield message


def _conversations(node: Node) -> Iterator[tuple[Node, str, list[Node]]]:
    """Each conversation: where it stands, its id, its messages."""
    if isinstance(node.value, list):
        loose: dict[str, list[Node]] = {}
        for item in node.items():
            if item.object().get("messages") is None and _has(item, "message_type"):
                loose.setdefault(_conversation_id(item), []).append(item)
            else:
                yield _conversation(item)
        yield from ((messages[0], key, messages) for key, messages in loose.items())
    elif "messages" in node.object():
        yield _conversation(node)
    else:
        wrapper = next((name for name in _WRAPPERS if name in node.object()), None)
        if wrapper is None:
            raise node.error("is no conversation: it has no `messages`, `payload` or `data`")
        yield from _conversations(node.at(wrapper))


def _conversation(node: Node) -> tuple[Node, str, list[Node]]:
    return node, node.at("id").name(), list(node.at("messages").items())


def _conversation_id(message: Node) -> str:
    whole = _has(message, "conversation") and not _has(message, "conversation_id")
    node = message.at("conversation").at("id") if whole else message.at("conversation_id")
    return node.name()


def _has(node: Node, key: str) -> bool:
    return isinstance(node.value, dict) and node.value.get(key) is not None


def _channel(conversation: Node) -> str | None:
    """`Channel::WebWidget` as `web`, `Channel::Telegram` as `telegram`; None where not told."""
    for holder in (conversation, *(conversation.at(name) for name in ("meta", "conversation"))):
        if _has(holder, "channel"):
            kind = holder.at("channel").name().rpartition("::")[2].lower()
            return "web" if kind == "webwidget" else kind
    return None


def _said(message: Node, left_out: Counter[str], notes: Counter[str]) -> Said | None:
    kind = _type(message.at("message_type"))
    reason = _reason_to_leave_out(message, kind)
    if reason is not None:
        left_out[reason] += 1
        return None
    speaker = Speaker.CUSTOMER if kind == "incoming" else _author(message)
    if _has(_attributes(message, "content_attributes"), "submitted_values"):
        left_out["answers to forms and choices (submitted_values)"] += 1
    text = message.at("content").text() if _has(message, "content") else ""
    if has_markup(text):
        notes["messages of HTML, of which the text was kept"] += 1
        text = seen_text(text)
    return Said(speaker, text, message)


def _type(node: Node) -> str:
    value = node.value
    name = value if isinstance(value, str) else _TYPES.get(value) if type(value) is int else None
    if name not in _TYPES.values():
        raise node.error(f"{node.told()}; it can be {', '.join(_TYPES.values())} or 0 to 3")
    return str(name)


def _reason_to_leave_out(message: Node, kind: str) -> str | None:
    attributes = _attributes(message, "content_attributes")
    campaign = _attributes(message, "additional_attributes")
    if message.at("content_type").value == "input_csat":
        rated = _has(attributes, "submitted_values")
        return _RATING if rated else "requests for a rating (csat)"
    if attributes.at("deleted").flag():
        return "deleted messages"
    if message.at("private").flag():
        return "private notes"
    if kind == "activity":
        return "activity messages"
    if kind == "template":
        return "template messages"
    if _has(attributes, "automation_rule_id") or _has(campaign, "campaign_id"):
        return "messages of automation rules and campaigns"
    return None


def _attributes(message: Node, name: str) -> Node:
    found = message.at(name)
    value = {} if found.value is None else found.object()
    return Node(value, found.steps, found.document)


def _author(message: Node) -> Speaker:
    """Who sent an outgoing message; without a sender it came from a person's paired phone."""
    kind = message.at("sender_type")
    if _has(message, "sender") and message.at("sender").at("type").value is not None:
        kind = message.at("sender").at("type")
    if kind.value is None:
        return Speaker.PERSON
    spelt = kind.name().lower().replace("::", "").replace("_", "")
    if spelt not in _SENDERS:
        raise kind.error(
            f"is {shown(kind.value)}; a reply is sent by user, agent_bot or captain_assistant"
        )
    return _SENDERS[spelt]
