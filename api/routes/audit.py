"""Who looked at whose dialogs and changed them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.service import AdminCaller, ServiceHere

router = APIRouter(prefix="/v1", tags=["audit"])


@router.get("/audit")
def trail(
    service: ServiceHere,
    _admin: AdminCaller,
    *,
    dialog_id: Annotated[str | None, Query(max_length=64)] = None,
    customer_id: Annotated[str | None, Query(max_length=128)] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """The audit trail, newest first; the cursor is the last id seen."""
    rows = service.assistant.store.trail(
        dialog_id=dialog_id,
        customer_id=customer_id,
        since=since,
        until=until,
        before=cursor,
        limit=limit + 1,
    )
    page = rows[:limit]
    return {"lines": page, "next_cursor": page[-1]["id"] if len(rows) > limit else None}
