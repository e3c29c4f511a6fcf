"""What happens, as it happens: a stream of events that can be resumed without a gap."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.access import Caller
from api.event_text import EventText, Start
from api.service import DialogToken, Service, ServiceHere, open_dialog
from assistant.errors import AccessDeniedError, BadInputError
from assistant.store.audit import Doing
from assistant.store.dialogs import DialogStore
from assistant.store.events import Event
from assistant.store.who_types import Typing

router = APIRouter(prefix="/v1", tags=["events"])

_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
_HIGHEST = 2**31 - 1
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_MOVE = ("from", "to", "by")
_FOR_CUSTOMERS: dict[str, tuple[str, ...]] = {
    "message.created": ("author", "seq", "message"),
    "handoff.requested": (*_MOVE, "reason", "queue", "operators_online", "expected_wait_minutes"),
    "dialog.taken": _MOVE,
    "dialog.released": _MOVE,
    "dialog.resolved": _MOVE,
    "dialog.reopened": _MOVE,
    "csat.received": ("score", "comment"),
    "ticket.updated": ("ticket_id", "number", "status", "expected_at"),
}
"""What a customer learns of his own dialog; what is not named here is for operators only."""


@router.get("/events", response_class=StreamingResponse)
async def stream_events(
    request: Request,
    service: ServiceHere,
    *,
    dialog_id: Annotated[str | None, Query(max_length=64)] = None,
    token: Annotated[str | None, Query(max_length=128)] = None,
    last_event_id: Annotated[str | None, Query(max_length=64)] = None,
    header_token: DialogToken = None,
    header_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> StreamingResponse:
    """Events as they happen (`text/event-stream`), from after `Last-Event-ID` on, or from now on.

    Operators get all, or those of `dialog_id`; a customer gets those of his dialog, by its token:
    in `X-Dialog-Token`, or as `token` where a browser's EventSource can send no headers.
    """
    given = header_token or token
    caller = await run_in_threadpool(_caller, request, service, dialog_id, given)
    after = _number_of(header_id or last_event_id)
    await run_in_threadpool(_admit, service, caller, dialog_id, given)
    is_operator = caller.may_act_as("operator")
    with contextlib.ExitStack() as until_it_streams:
        place = service.places.taken(None if is_operator else dialog_id)
        until_it_streams.enter_context(place)
        store = service.assistant.store
        start = await run_in_threadpool(_start, store, after)
        if is_operator:  # all that is said goes out to him; a customer looks at his own
            opening = Doing(caller.name, "events.read", caller.operator_id, dialog_id)
            await run_in_threadpool(store.note, opening)
        text = EventText(
            service.hub,
            store,
            dialog_id,
            _show_all if is_operator else _show_customer,
            show_typing=Typing.document if is_operator else _show_no_typing,
            may_go_on=_signed_in(service, caller),
        )
        lines = text.lines(start)
        return _Stream(lines, until_it_streams.pop_all())


class _Stream(StreamingResponse):
    """A stream that gives its place back, also when the client left before the first line."""

    def __init__(self, lines: AsyncIterator[str], place: contextlib.ExitStack) -> None:
        super().__init__(lines, media_type="text/event-stream", headers=_HEADERS)
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._place:
            await super().__call__(scope, receive, send)


def _signed_in(service: Service, caller: Caller) -> Callable[[], bool] | None:
    """Whether a session still is; a stream of a key needs no such question."""
    session = caller.session
    return None if session is None else lambda: service.sessions.find(session.token) is not None


def _show_no_typing(_typing: Typing) -> None:
    """Customers are told by what is said."""


def _caller(request: Request, service: Service, dialog_id: str | None, token: str | None) -> Caller:
    """Who calls: by the key, or, as EventSource can send none, by the dialog's token alone."""
    has_key = service.gate.is_open or "Authorization" in request.headers
    if has_key or not (dialog_id and token):
        return service.gate.caller(request)
    customer = Caller("widget", "token")
    open_dialog(service, customer, dialog_id, token)
    service.gate.spend_opening(dialog_id)
    return customer


def _admit(service: Service, caller: Caller, dialog_id: str | None, token: str | None) -> None:
    if dialog_id is None:
        if not caller.may_act_as("operator"):
            raise AccessDeniedError("a widget key gets the events of one dialog: name dialog_id")
        return
    open_dialog(service, caller, dialog_id, token)
    service.assistant.store.dialog(dialog_id)


def _number_of(text: str | None) -> int | None:
    """The number to go on after; None: from now on. Raises BadInputError."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or int(text) > _HIGHEST:
        raise BadInputError("Last-Event-ID is the number of an event, as it stood in its id line")
    return int(text)


def _start(store: DialogStore, after: int | None) -> Start:
    kept = store.events_kept()
    newest = kept.newest or 0
    if after is None:
        return Start(newest)
    reset = {"oldest_id": kept.oldest}
    if after > newest:  # of a book that was lost, or of events that were deleted
        return Start(newest, reset)
    is_whole = kept.oldest is None or after >= kept.oldest - 1
    return Start(after, None if is_whole else reset)


def _show_all(event: Event) -> dict[str, Any]:
    return event.document()


def _show_customer(event: Event) -> dict[str, Any] | None:
    names = _FOR_CUSTOMERS.get(event.type)
    if names is None:
        return None
    shown = {name: event.data[name] for name in names if name in event.data}
    return event.document() | {"data": shown}
