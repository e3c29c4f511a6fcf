"""Customers: their history, and what they may ask for by law."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from api.audited import audited_read, doing_of
from api.service import AdminCaller, OperatorCaller, ServiceHere
from assistant.known import known_document

router = APIRouter(prefix="/v1/customers", tags=["customers"])

CustomerId = Annotated[str, Path(min_length=1, max_length=128)]
"""A customer's id; where there is no such customer, a visitor's anonymous id."""


@router.get("/{customer_id}")
@audited_read("customer.read")
def get_customer(
    customer_id: CustomerId, service: ServiceHere, _operator: OperatorCaller
) -> dict[str, Any]:
    """A customer, what he said of himself, and his dialogs on all channels, latest first."""
    found = service.assistant.store.customer(customer_id)
    known = [known_document(item) for item in service.assistant.known_of(customer_id)]
    return found | {"known": known}


@router.get("/{customer_id}/export")
@audited_read("customer.export")
def export_customer(
    customer_id: CustomerId, service: ServiceHere, _admin: AdminCaller
) -> dict[str, Any]:
    """All that is kept of a customer, by table."""
    return service.assistant.store.export_customer(customer_id)


@router.delete("/{customer_id}")
def delete_customer(
    customer_id: CustomerId, service: ServiceHere, admin: AdminCaller
) -> dict[str, Any]:
    """Delete a customer everywhere he is kept; a line of the audit trail without his id is left, in
    the same transaction."""
    by = doing_of("customer.delete", {"caller": admin})
    deleted = service.assistant.store.delete_customer(customer_id, by)
    service.contexts.forget(customer_id)
    return {
        "deleted": True,
        "dialogs": deleted.dialogs,
        "digest": deleted.digest,
        "unreadable": deleted.is_unreadable,
    }
