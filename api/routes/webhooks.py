"""Webhooks and what was, or could not be, delivered to them: for admins."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from api.audited import audited
from api.schemas import WebhookBody
from api.service import AdminCaller, ServiceHere
from assistant.store.deliveries import DeliveryState
from assistant.store.webhooks import OVERLAP_SECONDS, Issued

router = APIRouter(prefix="/v1", tags=["webhooks"])

WebhookId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
TargetId = Annotated[str, Path(pattern=r"^(channel:)?[A-Za-z0-9._-]{1,64}$")]
DeliveryId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.put("/webhooks/{webhook_id}")
@audited("webhook.put")
def put_webhook(
    webhook_id: WebhookId, body: WebhookBody, service: ServiceHere, _admin: AdminCaller
) -> JSONResponse:
    """Make a webhook (201, with its secret, which is shown this once) or change its address and
    types (200)."""
    issued = service.assistant.store.put_webhook(webhook_id, body.url, body.event_types)
    return JSONResponse(_with_secret(issued), status_code=201 if issued.secret else 200)


@router.get("/webhooks")
def list_webhooks(service: ServiceHere, _admin: AdminCaller) -> dict[str, Any]:
    """All webhooks and channels, without secrets."""
    return {"webhooks": service.assistant.store.webhooks()}


@router.delete("/webhooks/{webhook_id}", status_code=204)
@audited("webhook.delete")
def delete_webhook(webhook_id: TargetId, service: ServiceHere, _admin: AdminCaller) -> Response:
    """Forget a webhook with all that was to be delivered to it."""
    service.assistant.store.delete_webhook(webhook_id)
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/rotate")
@audited("webhook.rotate")
def rotate_secret(
    webhook_id: TargetId, service: ServiceHere, _admin: AdminCaller
) -> dict[str, Any]:
    """A new secret; for a day what is sent is signed with the old one too."""
    issued = service.assistant.store.rotate_secret(webhook_id)
    return _with_secret(issued) | {"old_secret_valid_seconds": OVERLAP_SECONDS}


@router.get("/deliveries")
def list_deliveries(
    service: ServiceHere,
    _admin: AdminCaller,
    state: DeliveryState | None = None,
    target: Annotated[str | None, Query(max_length=80)] = None,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Deliveries, oldest first, without what they say."""
    rows = service.assistant.store.delivery_list(state, target, cursor, limit + 1)
    page = rows[:limit]
    return {"deliveries": page, "next_cursor": page[-1]["id"] if len(rows) > limit else None}


@router.post("/deliveries/{delivery_id}/replay")
@audited("delivery.replay")
def replay(delivery_id: DeliveryId, service: ServiceHere, _admin: AdminCaller) -> dict[str, Any]:
    """Send a dead delivery again, with its old id; 409 for one that waits or was delivered."""
    return service.assistant.store.replay_delivery(delivery_id)


def _with_secret(issued: Issued) -> dict[str, Any]:
    return issued.view | ({"secret": issued.secret} if issued.secret else {})
