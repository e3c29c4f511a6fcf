"""One look into the CRM over HTTP, bounded in time and size. Nothing of it is logged."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

MOST_BYTES = 256 * 1024
_MOST_REDIRECTS = 3
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_OWN_STATUSES = {401: "crm_refused", 403: "crm_refused"}


@dataclass(frozen=True)
class Told:
    """What the CRM said, or why it said nothing."""

    card: dict[str, Any] | None = None
    """The customer's; None where there is none."""
    reason: str = ""
    """Key of `prompts/operator_context`: why there is no card."""
    details: dict[str, object] = field(default_factory=dict)
    """Of the reason: the status, the seconds."""
    is_failure: bool = False
    """Whether the CRM did not work; that it does not know a customer is none."""

    @property
    def is_late(self) -> bool:
        """Whether it took too long."""
        return self.reason == "crm_timeout"


def failed(reason: str, **details: object) -> Told:
    """What is told of a call that failed."""
    return Told(reason=reason, details=details, is_failure=True)


async def ask_crm(client: httpx.AsyncClient, url: str, secret: str, seconds: float) -> Told:
    """Get a customer's card; `seconds` is for all of it, however slowly bytes come."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    try:
        async with asyncio.timeout(seconds):
            return await _follow(client, httpx.URL(url), headers)
    except TimeoutError:
        return failed("crm_timeout", seconds=f"{seconds:g}")
    except httpx.TimeoutException:
        return failed("crm_timeout", seconds=f"{seconds:g}")
    except Exception:  # noqa: BLE001 - whatever a CRM provokes is told as one thing
        return failed("crm_unreachable")


async def _follow(client: httpx.AsyncClient, url: httpx.URL, headers: dict[str, str]) -> Told:
    """With redirects on the same host: the key and the customer's id are for no other."""
    first = url
    for _step in range(_MOST_REDIRECTS + 1):
        async with client.stream("GET", url, headers=headers) as response:
            if response.next_request is None:
                return await _read(response)
            url = response.next_request.url
        if (url.scheme, url.host, url.port) != (first.scheme, first.host, first.port):
            break
    return failed("crm_redirected")


async def _read(response: httpx.Response) -> Told:
    status = response.status_code
    if status in (404, 410):
        return Told(reason="crm_not_found")
    if not response.is_success:
        return failed(_OWN_STATUSES.get(status, "crm_status"), status=status)
    is_json = _JSON.fullmatch(response.headers.get("Content-Type", "").strip())
    # A packed body could unpack to more than memory holds; the call asks for a plain one.
    is_plain = response.headers.get("Content-Encoding", "identity").lower() == "identity"
    if not (is_json and is_plain):
        return failed("crm_not_json")
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            return failed("crm_too_large")
    return _card(bytes(body))


def _card(body: bytes) -> Told:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):  # no JSON, no UTF-8, a number of 5,000 digits, nested
        return failed("crm_not_json")
    return Told(document) if isinstance(document, dict) else failed("crm_not_object")
