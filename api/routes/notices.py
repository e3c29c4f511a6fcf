"""Notices: what a deployment's own systems tell a customer first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api.audited import audited
from api.schemas import NoticeBody
from api.service import OperatorCaller, ServiceHere

router = APIRouter(prefix="/v1", tags=["customers"])


@router.post("/customers/{customer_id}/notices", status_code=201)
@audited("customer.notice")
def write_first(
    customer_id: Annotated[str, Path(max_length=128)],
    body: NoticeBody,
    service: ServiceHere,
    _operator: OperatorCaller,
) -> JSONResponse:
    """Write to a customer first, for a reason that the settings name; 200 with the same message
    when its `notice_id` came before."""
    notice, is_new = service.unasked.notice(
        customer_id,
        reason=body.reason,
        text=body.text,
        dialog_id=body.dialog_id,
        notice_id=body.notice_id,
    )
    return JSONResponse(notice, status_code=201 if is_new else 200)
