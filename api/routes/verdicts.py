"""Was it right: customers' ratings, operators' verdicts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api.audited import audited
from api.routes.dialogs import DialogId
from api.schemas import RatingBody, RatingCommentBody, VerdictBody
from api.service import AnyCaller, DialogToken, OperatorCaller, ServiceHere, open_dialog

router = APIRouter(prefix="/v1", tags=["verdicts"])

VerdictId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("/dialogs/{dialog_id}/csat")
def rate(
    dialog_id: DialogId,
    body: RatingBody,
    service: ServiceHere,
    caller: AnyCaller,
    token: DialogToken = None,
) -> dict[str, Any]:
    """The customer's rating, once a dialog; a second one is 409."""
    open_dialog(service, caller, dialog_id, token)
    service.gate.spend_dialog(dialog_id)
    rating = service.assistant.store.rate(dialog_id, body.score, body.comment)
    return {"dialog_id": dialog_id, "csat": rating}


@router.post("/dialogs/{dialog_id}/csat/comment")
def comment_rating(
    dialog_id: DialogId,
    body: RatingCommentBody,
    service: ServiceHere,
    caller: AnyCaller,
    token: DialogToken = None,
) -> dict[str, Any]:
    """What the customer adds to a rating without a comment, once; a second one is 409."""
    open_dialog(service, caller, dialog_id, token)
    service.gate.spend_dialog(dialog_id)
    rating = service.assistant.store.comment_rating(dialog_id, body.comment)
    return {"dialog_id": dialog_id, "csat": rating}


@router.post("/dialogs/{dialog_id}/verdicts", status_code=201)
@audited("verdict.give")
def judge(
    dialog_id: DialogId, body: VerdictBody, service: ServiceHere, _operator: OperatorCaller
) -> JSONResponse:
    """An operator's word on what the bot did: whether it was right, and which articles answer."""
    verdict = service.assistant.store.judge(
        dialog_id,
        body.message_id,
        right=body.right,
        operator_id=body.operator_id,
        article_ids=body.article_ids,
        reason=body.reason,
    )
    return JSONResponse(verdict, status_code=201)


@router.delete("/dialogs/{dialog_id}/verdicts/{verdict_id}")
@audited("verdict.take_back")
def take_back(
    dialog_id: DialogId, verdict_id: VerdictId, service: ServiceHere, _operator: OperatorCaller
) -> dict[str, Any]:
    """Take a verdict back: it no longer counts, but stays in the dialog's history."""
    return service.assistant.store.take_back(dialog_id, verdict_id)
