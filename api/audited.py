"""The audit trail's one door: routes of operators are marked with what they do.

A change is written down in a transaction of its own before it is made: where the trail cannot be
written the change is refused (503), and nobody changes anything unseen. One that is then refused
stays in the trail as such. A read is written down before its answer leaves, once in a while for the
same caller, operator and dialog.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from api.access import Caller
from api.service import Service
from assistant.errors import SouffleurError
from assistant.store.audit import Doing

Given = ParamSpec("Given")
Result = TypeVar("Result")
Route = Callable[Given, Result]


def audited(action: str) -> Callable[[Route[Given, Result]], Route[Given, Result]]:
    """Mark a route that changes something; it must take `service` and a caller."""

    def mark(route: Route[Given, Result]) -> Route[Given, Result]:
        @functools.wraps(route)
        def writes_down(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            service = _service(kwargs)
            number = service.assistant.store.note(_doing(action, service, kwargs))
            try:
                return route(*args, **kwargs)
            except SouffleurError as error:
                service.assistant.store.note_refused(number, error.code)
                raise

        return _as_marked(writes_down, route, action)

    return mark


def audited_read(action: str) -> Callable[[Route[Given, Result]], Route[Given, Result]]:
    """Mark a route that shows a customer's words; customers who look at their own are left out."""

    def mark(route: Route[Given, Result]) -> Route[Given, Result]:
        @functools.wraps(route)
        def writes_down(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            result = route(*args, **kwargs)
            service = _service(kwargs)
            doing = _doing(action, service, kwargs)
            if _caller(kwargs).may_act_as("operator") and service.looks.is_new(doing):
                service.assistant.store.note(doing)
                service.looks.remember(doing)
            return result

        return _as_marked(writes_down, route, action)

    return mark


def _as_marked(
    wrapper: Callable[Given, Result], route: Callable[Given, Result], action: str
) -> Callable[Given, Result]:
    # FastAPI reads the types from the signature; those of the route are names in its own module.
    wrapper.__signature__ = inspect.signature(route, eval_str=True)  # type: ignore[attr-defined]
    wrapper.audited_as = action  # type: ignore[attr-defined]
    return wrapper


def _doing(action: str, service: Service, given: dict[str, Any]) -> Doing:
    """The same, with the dialog of the ticket that is named."""
    doing = doing_of(action, given)
    if "ticket" not in given:
        return doing
    return replace(doing, dialog_id=service.assistant.store.dialog_of_ticket(given["ticket"]))


def doing_of(action: str, given: dict[str, Any]) -> Doing:
    """Who does what to whom, from what a route was called with."""
    caller, body = _caller(given), given.get("body")
    ids = ("ticket", "verdict_id", "article_id", "webhook_id", "delivery_id")
    return Doing(
        caller=caller.name,
        action=action,
        operator_id=getattr(body, "operator_id", None) or caller.operator_id,
        dialog_id=given.get("dialog_id") or getattr(body, "dialog_id", None),
        customer_id=given.get("customer_id"),
        details={name: given[name] for name in ids if name in given},
    )


def _caller(given: dict[str, Any]) -> Caller:
    return next(value for value in given.values() if isinstance(value, Caller))


def _service(given: dict[str, Any]) -> Service:
    service: Service = given["service"]
    return service
