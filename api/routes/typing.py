"""Who is typing."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.access import Caller
from api.operator_names import acting_name
from api.routes.dialogs import DialogId
from api.schemas import TypingBody
from api.service import AnyCaller, DialogToken, Service, ServiceHere, open_dialog
from assistant.errors import AccessDeniedError, BadInputError
from assistant.store.who_types import CUSTOMER

router = APIRouter(prefix="/v1", tags=["dialogs"])


@router.post("/dialogs/{dialog_id}/typing", status_code=204)
def somebody_types(
    dialog_id: DialogId,
    service: ServiceHere,
    caller: AnyCaller,
    body: TypingBody | None = None,
    token: DialogToken = None,
) -> Response:
    """Somebody types, for the next 6 seconds: an operator by his id, a customer by the dialog's
    token. Say it again every 4 seconds while he goes on."""
    body = body or TypingBody()
    who, name = _who(service, caller, dialog_id, token, body)
    service.gate.spend_typing(dialog_id, who)
    service.assistant.store.note_typing(dialog_id, who, name)
    return Response(status_code=204)


def _who(
    service: Service, caller: Caller, dialog_id: str, token: str | None, body: TypingBody
) -> tuple[str, str]:
    session = caller.session
    operator_id = body.operator_id or (session.operator_id if session else None)
    if operator_id is not None:
        if not caller.may_act_as("operator"):
            raise AccessDeniedError("an operator types with an operator's key")
        return operator_id, acting_name(service, caller, operator_id, body.operator_name)
    if token is None and caller.may_act_as("operator"):
        raise BadInputError("who types? Send operator_id, or the dialog's token in X-Dialog-Token")
    open_dialog(service, Caller("widget", caller.name), dialog_id, token)
    return CUSTOMER, service.assistant.store.dialog(dialog_id).customer.name or ""
