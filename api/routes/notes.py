"""What operators write for each other."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.audited import audited
from api.operator_names import acting_name
from api.routes.dialogs import DialogId
from api.schemas import NoteBody
from api.service import OperatorCaller, ServiceHere

router = APIRouter(prefix="/v1", tags=["dialogs"])


@router.post("/dialogs/{dialog_id}/notes", status_code=201)
@audited("dialog.note")
def add_note(
    dialog_id: DialogId, body: NoteBody, service: ServiceHere, operator: OperatorCaller
) -> dict[str, Any]:
    """A note for operators; the customer never sees it. Whoever has the dialog, everybody may."""
    name = acting_name(service, operator, body.operator_id, body.operator_name)
    return service.assistant.store.add_note(dialog_id, body.operator_id, name, body.text)
