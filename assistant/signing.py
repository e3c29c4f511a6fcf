"""Signatures of what is sent to other servers: HMAC-SHA256 of time and raw body.

The header is `X-Souffleur-Signature: t=1772452800,v1=HEX,v1=HEX`, with one `v1` for each secret
that is valid: two while a secret is being replaced. This file needs nothing but the standard
library: a receiver in Python may copy it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

SIGNATURE_HEADER = "X-Souffleur-Signature"
WINDOW_SECONDS = 300
"""So far a signature's time may lie from the receiver's, both ways: a recorded request cannot be
sent again later."""

_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp + "." + body` in hexadecimal digits. `timestamp`: seconds since
    1970."""
    signed = str(timestamp).encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signature_header(secrets: Iterable[str], timestamp: int, body: bytes) -> str:
    """The header's value: the time and a signature for each secret."""
    signatures = [f"v1={sign(secret, timestamp, body)}" for secret in secrets]
    return ",".join([f"t={timestamp}", *signatures])


def verify(
    secret: str, header: str, body: bytes, now: float, window_seconds: float = WINDOW_SECONDS
) -> bool:
    """Whether one of a header's signatures is of this secret and body, and its time near `now`
    (seconds since 1970). `body` must be the bytes as they came. Compares in constant time."""
    fields = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in fields if name == "t"]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        return False
    timestamp = int(times[0])
    if abs(now - timestamp) > window_seconds:
        return False
    expected = sign(secret, timestamp, body).encode()
    given = [value.encode() for name, _, value in fields if name == "v1"]
    return any(hmac.compare_digest(expected, signature) for signature in given)
