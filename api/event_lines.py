"""One event as a stream of events writes it (HTML Living Standard, 9.2, server-sent events)."""

from __future__ import annotations

import json
from typing import Any


def event_lines(name: str, data: dict[str, Any]) -> str:
    """The lines of an event of that name, with its data as JSON in one line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
