"""Operators among themselves: who is there, and giving dialogs on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from api.audited import audited
from api.operator_names import acting_name
from api.routes.dialogs import DialogId, state_of
from api.schemas import PresenceBody, TransferBody
from api.service import OperatorCaller, Service, ServiceHere
from assistant.errors import BadInputError
from assistant.store.transferring import Transfer

router = APIRouter(prefix="/v1", tags=["operators"])


@router.post("/dialogs/{dialog_id}/transfer")
@audited("dialog.transfer")
def transfer(
    dialog_id: DialogId, body: TransferBody, service: ServiceHere, _operator: OperatorCaller
) -> dict[str, Any]:
    """Give a dialog that one has to another operator, or to a queue. 409 for somebody who is not at
    work (`force` gives it to him all the same)."""
    if body.to_queue is not None:
        _check_queue(service, body.to_queue)
    given = Transfer(body.operator_id, body.to_operator_id, body.to_queue, body.note, body.force)
    service.assistant.store.transfer(dialog_id, given)
    return state_of(service, dialog_id)


@router.get("/operators")
def list_operators(service: ServiceHere, _operator: OperatorCaller) -> dict[str, Any]:
    """Operators and whether they are at work, and the queues that there are."""
    return {
        "operators": service.assistant.store.all_operators(),
        "queues": _queues(service),
    }


@router.put("/operators/{operator_id}/presence")
def presence(
    operator_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9._:@+-]{1,64}$")],
    body: PresenceBody,
    service: ServiceHere,
    operator: OperatorCaller,
) -> dict[str, Any]:
    """An operator is at work (renew every minute: it lasts 150 seconds) or has left."""
    name = acting_name(service, operator, operator_id, body.name)
    service.assistant.store.see_operator(operator_id, name, online=body.online)
    return {"operator_id": operator_id, "online": body.online}


def _queues(service: Service) -> list[str]:
    """Those of the routing rules, and those of rules that were there before."""
    ruled = {rule.queue for rule in service.parts.rules}
    return sorted(ruled | set(service.assistant.store.queues_in_use()))


def _check_queue(service: Service, queue: str) -> None:
    known = _queues(service)
    if queue not in known:
        raise BadInputError(f"there is no queue {queue!r}; there are {', '.join(known)}")
