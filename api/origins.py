"""Pages of other origins: a browser lets them send simple requests here, unseen by who sits there.

What changes something is refused when the browser says that a foreign page sent it. Whoever sends a
key in `Authorization` is let through: a foreign page can send that header only when the browser has
asked us first, and `ALLOWED_ORIGINS` answered.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing (RFC 9110, 9.2.1)."""


def is_foreign(headers: Headers, allowed: Collection[str]) -> bool:
    """Whether a page that is neither ours nor of an allowed origin sent this. Browsers say whose
    page it was in `Sec-Fetch-Site`, which no proxy has a reason to change, and older ones in
    `Origin` alone, which is held against `Host`; programs send neither."""
    if headers.get("authorization", "").lower().startswith("bearer "):
        return False
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and ("*" in allowed or origin in allowed):
        return False
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def is_own_page(headers: Headers) -> bool:
    """Whether a page of this very origin asked by its script, or no browser at all: an image on
    another port of this machine, or an address that was opened, shows no operator at work."""
    site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
    return site in (None, "same-origin") and mode != "no-cors"


def is_json(headers: Headers) -> bool:
    """Whether a body says that it is JSON, which a foreign page cannot say unasked."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return re.fullmatch(r"application/(?:[\w.-]+\+)?json", kind) is not None
