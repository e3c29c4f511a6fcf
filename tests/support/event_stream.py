"""A client of `GET /v1/events` that reads as a browser's EventSource does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Happening:
    """One event of the stream."""

    id: int
    """0 of what has none."""
    name: str
    data: dict[str, Any]


class EventStream:
    """An open stream; a context manager. Waits `seconds` for each event at most."""

    def __init__(
        self,
        url: str,
        after: int | str | None = None,
        headers: dict[str, str] | None = None,
        seconds: float = 30,
        **query: str,
    ) -> None:
        self._client = httpx.Client(base_url=url, timeout=seconds, trust_env=False)
        resume = {} if after is None else {"Last-Event-ID": str(after)}
        self._opening = self._client.stream(
            "GET", "/v1/events", params=query, headers={**resume, **(headers or {})}
        )

    def __enter__(self) -> EventStream:
        self.response = self._opening.__enter__()
        if self.response.status_code != 200:
            self.response.read()
        self._lines = self.response.iter_lines()
        return self

    def __exit__(self, *_: object) -> None:
        self._opening.__exit__(None, None, None)
        self._client.close()

    def __iter__(self) -> Iterator[Happening]:
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line:
                if "data" in fields:
                    yield Happening(
                        int(fields.get("id", 0)), fields["event"], json.loads(fields["data"])
                    )
                fields = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value

    def take(self, count: int) -> list[Happening]:
        """The next so many events."""
        found: list[Happening] = []
        for happening in self:
            found.append(happening)
            if len(found) == count:
                break
        return found
