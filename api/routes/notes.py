"""What operators write for each other."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.audited import audited
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
    store = service.assistant.store
    name = operator.session.name if operator.session else body.operator_name
    name = name or store.name_of_operator(body.operator_id) or body.operator_id
    return store.add_note(dialog_id, body.operator_id, name, body.text)
