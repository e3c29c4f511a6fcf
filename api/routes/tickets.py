"""Tickets: opened by operators and handoffs, changed by operators, told to customers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from api.audited import audited, audited_read
from api.routes.dialogs import DialogId
from api.schemas import NewTicketBody, TicketChangeBody
from api.service import OperatorCaller, Service, ServiceHere
from assistant.text import shorten
from assistant.tickets import TicketStatus
from assistant.wiring import ticket_news

router = APIRouter(prefix="/v1", tags=["tickets"])

TicketName = Annotated[str, Path(max_length=64)]
"""Its id or its number."""


@router.post("/dialogs/{dialog_id}/ticket", status_code=201)
@audited("ticket.open")
def open_ticket(
    dialog_id: DialogId, body: NewTicketBody, service: ServiceHere, _operator: OperatorCaller
) -> JSONResponse:
    """Open a ticket for a dialog; 409 when it has an open one."""
    ticket = service.assistant.store.open_ticket(
        dialog_id,
        subject=body.subject or _last_words(service, dialog_id),
        expected_at=body.expected_at,
        operator_id=body.operator_id,
        news=ticket_news(service.settings),
    )
    return JSONResponse(ticket, status_code=201)


@router.get("/tickets")
def list_tickets(
    service: ServiceHere,
    _operator: OperatorCaller,
    status: TicketStatus | None = None,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Tickets by number; the cursor is the last number seen."""
    rows = service.assistant.store.tickets(status, cursor, limit + 1)
    page = rows[:limit]
    return {"tickets": page, "next_cursor": page[-1]["number"] if len(rows) > limit else None}


@router.get("/tickets/{ticket}")
@audited_read("ticket.read")
def get_ticket(
    ticket: TicketName, service: ServiceHere, _operator: OperatorCaller
) -> dict[str, Any]:
    """One ticket with its changes, by id or number."""
    return service.assistant.store.ticket(ticket)


@router.patch("/tickets/{ticket}")
@audited("ticket.change")
def change_ticket(
    ticket: TicketName, body: TicketChangeBody, service: ServiceHere, caller: OperatorCaller
) -> dict[str, Any]:
    """Change status, expected time or note; the customer is told of the first two, once."""
    return service.assistant.store.change_ticket(
        ticket,
        who=body.operator_id or caller.operator_id or caller.name,
        news=ticket_news(service.settings),
        status=body.status,
        expected_at=body.until,
        note=body.note,
    )


def _last_words(service: Service, dialog_id: str) -> str:
    said = service.assistant.store.said_by_customer(dialog_id)
    own = next((words.text for words in said if words.dialog_id == dialog_id), "—")
    return shorten(own, 200)
