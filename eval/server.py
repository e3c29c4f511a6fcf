"""A running server as an evaluation sees it: asked over HTTP, patiently, and left tidy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from assistant.errors import RemoteError

ATTEMPTS = 5
"""How often a request is sent that meets a failing server or none."""
WAITS = 30
"""How often in a row a request obeys Retry-After."""
LONGEST_WAIT_SECONDS = 120.0
TIMEOUT_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.5
_LOCAL = ("localhost", "127.0.0.1", "::1")

Pause = Callable[[float], None]


class Server:
    """One server and the key it is asked with. Safe to use from several threads."""

    def __init__(self, url: str, key: str | None = None, pause: Pause = time.sleep) -> None:
        """`pause` waits so many seconds. Raises RemoteError for what is no address."""
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise RemoteError(f"{url!r} is no address of a server; write it as http://HOST:PORT")
        if address.username or address.password:
            raise RemoteError("the address of the server holds a password: give a key instead")
        self.url = url.rstrip("/")
        self._pause = pause
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=TIMEOUT_SECONDS,
            # A proxy for the wide world does not lead to this machine.
            trust_env=address.hostname not in _LOCAL,
        )

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def snapshot(self) -> str:
        """The knowledge it answers from. Raises RemoteError when it is not ready."""
        response = self.send("GET", "/readyz", may_be=(200, 503))
        body = response.json()
        if response.status_code == 503 or not body.get("snapshot"):
            reasons = "; ".join(body.get("problems", [])) or "it has no knowledge base"
            raise RemoteError(f"{self.url} is not ready: {reasons}")
        return str(body["snapshot"])

    def is_operators(self) -> bool:
        """Whether the key may act as an operator. Raises RemoteError for a key that is unknown."""
        response = self.send("GET", "/v1/dialogs", params={"limit": 1}, may_be=(200, 403))
        return response.status_code == 200

    def send(
        self,
        method: str,
        path: str,
        *,
        may_be: tuple[int, ...] = (200,),
        **content: Any,
    ) -> httpx.Response:
        """The response to a request that may be sent again without harm.

        429 waits as long as Retry-After says; a failing server (5xx) or none is tried ATTEMPTS
        times. Raises RemoteError with the server's own words for any other status than `may_be`.
        """
        failures = waits = 0
        while True:
            response, problem = self._once(method, path, content)
            if response is not None and response.status_code in may_be:
                return response
            if response is not None and response.status_code == 429 and waits < WAITS:
                waits += 1
                self._pause(seconds_to_wait(response.headers))
                continue
            failures += 1
            passing = response is None or response.status_code >= 500
            if not passing or failures == ATTEMPTS:
                raise RemoteError(f"{method} {self.url}{path}: {problem}")
            self._pause(_FIRST_PAUSE_SECONDS * 2 ** (failures - 1))

    def _once(
        self, method: str, path: str, content: Mapping[str, Any]
    ) -> tuple[httpx.Response | None, str]:
        """The response, if there was one, and what is wrong if something is."""
        try:
            response = self._client.request(method, path, **content)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            return None, f"no answer ({error or type(error).__name__})"
        return response, f"{response.status_code}, {_words_of(response)}"


def key_among(keys: Mapping[str, str]) -> str | None:
    """Of keys by role (as `Settings.keys` has them: role by key) the one that may close dialogs, if
    there is one; None where there is no key at all."""
    by_role = {role: key for key, role in keys.items()}
    return next(
        (by_role[role] for role in ("operator", "admin", "widget") if role in by_role), None
    )


def seconds_to_wait(headers: Mapping[str, str]) -> float:
    """What Retry-After asks for, in seconds or as a date (RFC 9110, 10.2.3), within bounds; 1 where
    it says nothing that can be read."""
    said = headers.get("Retry-After", "")
    if said.strip().isdigit():
        return min(float(said), LONGEST_WAIT_SECONDS)
    try:
        until = parsedate_to_datetime(said).timestamp()
    except (ValueError, TypeError):
        return 1.0
    return min(max(until - time.time(), 0.0), LONGEST_WAIT_SECONDS)


def _words_of(response: httpx.Response) -> str:
    """The detail of a problem document, else the beginning of the body."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("detail"), str):
        return str(body["detail"])
    return response.text[:200] or response.reason_phrase
