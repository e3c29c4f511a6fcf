"""Dialogs: what was said, who owns them, what people do with them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from api.audited import audited, audited_read, doing_of
from api.operator_names import acting_name
from api.schemas import OperatorBody, OperatorMessageBody
from api.service import (
    AdminCaller,
    AnyCaller,
    DialogToken,
    OperatorCaller,
    Service,
    ServiceHere,
    open_dialog,
)
from assistant.domain import Owner
from assistant.errors import BadInputError
from assistant.known import known_document
from assistant.text import clean_message

router = APIRouter(prefix="/v1", tags=["dialogs"])

DialogId = Annotated[str, Path(max_length=64)]

_INTERNAL = ("summary", "passages", "rule", "contact", "known")
"""Parts of a handoff that are for operators only."""
_TICKET_FOR_CUSTOMERS = ("ticket_id", "number", "status", "expected_at")
"""What a customer sees of his ticket; its subject is in operators' words."""
_Cursor = Annotated[
    str, Query(pattern=r"^[0-3]?\d{4}-\d{2}-\d{2}T[\d:.]{15}Z\S{1,64}$", max_length=200)
]
"""`next_cursor` of the page before: a time and a dialog's id, before them, where the order is by
priority, its place."""
_PLACE_AND_TIME = re.compile(r"\d{5}-")


class Order(StrEnum):
    """How the list is ordered."""

    WAITING = "waiting"
    PRIORITY = "priority"


@router.get("/dialogs")
def list_dialogs(
    service: ServiceHere,
    _operator: OperatorCaller,
    *,
    owner: Owner | None = None,
    queue: Annotated[str | None, Query(max_length=64)] = None,
    customer_id: Annotated[str | None, Query(max_length=128)] = None,
    cursor: _Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    order: Order = Order.WAITING,
) -> dict[str, Any]:
    """The operators' list, oldest waiting first; `order=priority`, of `owner=waiting` only: urgent
    ones before all others, then high, normal and low ones, the oldest waiting first among each."""
    by_priority = order is Order.PRIORITY
    if by_priority and owner is not Owner.WAITING:
        raise BadInputError("order=priority needs owner=waiting: no other list has an order of it")
    if cursor is not None and bool(_PLACE_AND_TIME.match(cursor)) is not by_priority:
        raise BadInputError("the cursor is of a list in the other order: begin the list anew")
    rows = service.assistant.store.listing(
        owner, queue, cursor, limit + 1, customer_id=customer_id, by_priority=by_priority
    )
    page = rows[:limit]
    for row in page:
        handoff = row["handoff"] or {}
        row["reason"] = handoff.get("reason")
        row["summary"] = _summary_for_operators(handoff)
    next_cursor = page[-1]["cursor"] if len(rows) > limit else None
    return {"dialogs": page, "next_cursor": next_cursor}


@router.get("/dialogs/{dialog_id}")
@audited_read("dialog.read")
def get_dialog(
    dialog_id: DialogId,
    service: ServiceHere,
    caller: AnyCaller,
    token: DialogToken = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> dict[str, Any]:
    """One dialog with its messages above the number `after`."""
    open_dialog(service, caller, dialog_id, token)
    store = service.assistant.store
    view = store.view(dialog_id, after)
    view |= {"ticket": store.ticket_of(dialog_id), "hints_used": []}
    if not caller.may_act_as("operator"):
        return _for_customer(view)
    if view["handoff"]:
        view["handoff"]["summary"] = _summary_for_operators(view["handoff"])
    view["verdicts"] = store.marks(dialog_id)
    view["notes"] = store.notes_of(dialog_id)
    view["typing"] = _others_typing(service, dialog_id, caller.operator_id)
    view["hints_used"] = store.hints_used(dialog_id)
    if after == 0:  # a page that goes on reading has it already
        view["previous_dialogs"] = store.previous_dialogs(dialog_id)
        view["known"] = [known_document(item) for item in service.assistant.known(dialog_id)]
    return view


def _others_typing(service: Service, dialog_id: str, asking: str | None) -> list[dict[str, str]]:
    """Who types there, without the one who asks, where that is known."""
    now = service.assistant.store.typing_now(dialog_id)
    return [{"who": item.who, "name": item.name} for item in now if item.who != asking]


def _for_customer(view: dict[str, Any]) -> dict[str, Any]:
    handoff, ticket = view["handoff"], view["ticket"]
    del view["priority"]
    if handoff:
        handoff = {name: value for name, value in handoff.items() if name not in _INTERNAL}
    if ticket:
        ticket = {name: ticket[name] for name in _TICKET_FOR_CUSTOMERS}
    return view | {"handoff": handoff, "ticket": ticket}


@router.delete("/dialogs/{dialog_id}")
def delete_dialog(dialog_id: DialogId, service: ServiceHere, admin: AdminCaller) -> dict[str, Any]:
    """Delete a dialog with everything of its own; a line of the audit trail is left, in the same
    transaction."""
    by = doing_of("dialog.delete", {"caller": admin})
    deleted = service.assistant.store.delete_dialog(dialog_id, by)
    return {
        "dialog_id": dialog_id,
        "deleted": True,
        "digest": deleted.digest,
        "unreadable": deleted.is_unreadable,
    }


@router.post("/dialogs/{dialog_id}/handoff")
def call_a_person(
    dialog_id: DialogId, service: ServiceHere, caller: AnyCaller, token: DialogToken = None
) -> JSONResponse:
    """The customer asks for a person, at any moment."""
    open_dialog(service, caller, dialog_id, token)
    service.gate.spend_dialog(dialog_id)
    return JSONResponse(service.assistant.call_a_person(dialog_id))


@router.post("/dialogs/{dialog_id}/take")
@audited("dialog.take")
def take(
    dialog_id: DialogId, body: OperatorBody, service: ServiceHere, operator: OperatorCaller
) -> dict[str, Any]:
    """Take a dialog; 409 when another operator has it."""
    name = acting_name(service, operator, body.operator_id, body.operator_name)
    service.assistant.store.take(dialog_id, body.operator_id, name)
    return state_of(service, dialog_id)


@router.post("/dialogs/{dialog_id}/release")
@audited("dialog.release")
def release(
    dialog_id: DialogId, body: OperatorBody, service: ServiceHere, _operator: OperatorCaller
) -> dict[str, Any]:
    """Give a dialog back to the queue."""
    service.assistant.store.release(dialog_id, body.operator_id)
    return state_of(service, dialog_id)


@router.post("/dialogs/{dialog_id}/resolve")
@audited("dialog.resolve")
def resolve(
    dialog_id: DialogId, body: OperatorBody, service: ServiceHere, _operator: OperatorCaller
) -> dict[str, Any]:
    """Close a dialog; where it ends well, the customer is asked for a rating."""
    service.unasked.resolve(dialog_id, body.operator_id)
    return state_of(service, dialog_id)


@router.post("/dialogs/{dialog_id}/reopen")
@audited("dialog.reopen")
def reopen(
    dialog_id: DialogId, body: OperatorBody, service: ServiceHere, _operator: OperatorCaller
) -> dict[str, Any]:
    """Give a closed dialog back to the bot, with a fresh context."""
    service.assistant.store.reopen(dialog_id, body.operator_id)
    return state_of(service, dialog_id)


@router.post("/dialogs/{dialog_id}/operator-messages")
@audited("dialog.message")
def operator_message(
    dialog_id: DialogId,
    body: OperatorMessageBody,
    service: ServiceHere,
    operator: OperatorCaller,
) -> dict[str, Any]:
    """What a person says to the customer; never signed as a bot's."""
    return service.assistant.store.add_operator_message(
        dialog_id,
        body.operator_id,
        acting_name(service, operator, body.operator_id, body.operator_name),
        clean_message(body.text),
        body.message_id,
        hint_id=body.hint_id,
    )


def _summary_for_operators(handoff: dict[str, Any]) -> str | None:
    """With what the customer said before, which callers of the public key do not read."""
    lines = [handoff.get("summary"), handoff.get("known")]
    return "\n".join(line for line in lines if line) or None


def state_of(service: Service, dialog_id: str) -> dict[str, Any]:
    """A dialog without its messages."""
    view = service.assistant.store.view(dialog_id, after=2**31 - 1)
    del view["messages"]
    return view
