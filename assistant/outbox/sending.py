"""One attempt to deliver, over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from assistant.signing import SIGNATURE_HEADER, signature_header
from assistant.store.deliveries import Delivery
from assistant.store.webhooks import Target

_READ_BYTES = 16 * 1024
"""So much of an answer is read, so that the connection can be used again; nothing is kept."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt."""

    error: str | None
    """A few words, never from the receiver's body; None: it was taken."""
    asked_seconds: float | None = None
    """How long the receiver asks to be left alone."""


async def send(
    client: httpx.AsyncClient,
    target: Target,
    delivery: Delivery,
    now: datetime,
    limit_seconds: float,
) -> Outcome:
    """Post a delivery, signed; `limit_seconds` is for all of it, however slowly bytes come."""
    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Souffleur",
        "X-Souffleur-Delivery": str(delivery.id),
        "X-Souffleur-Event": delivery.type,
        SIGNATURE_HEADER: signature_header(target.secrets, int(now.timestamp()), body),
    }
    outcome: Outcome | None = None
    try:
        async with (
            asyncio.timeout(limit_seconds),
            client.stream("POST", target.url, content=body, headers=headers) as response,
        ):
            outcome = _outcome_of(response, now)
            await _read(response)
    except TimeoutError:
        failure = f"no answer within {limit_seconds:g} s"
    except Exception as error:  # noqa: BLE001 - whatever a receiver provokes is a failed attempt
        failure = f"the connection failed: {type(error).__name__}"
    # Once the status is there, what happens to the rest of the answer does not matter.
    return outcome or Outcome(failure)


def _outcome_of(response: httpx.Response, now: datetime) -> Outcome:
    if response.is_success:
        return Outcome(None)
    what = "redirects are not followed" if response.is_redirect else "not taken"
    asked = _asked_seconds(response.headers.get("Retry-After", ""), now)
    return Outcome(f"status {response.status_code}: {what}", asked)


async def _read(response: httpx.Response) -> None:
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > _READ_BYTES:
            return


def _asked_seconds(value: str, now: datetime) -> float | None:
    """What `Retry-After` asks for, in seconds or as a date; None where it says nothing."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
