"""The JSON objects in a language model's reply, wherever it put them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_THINKING = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)


def json_objects(reply: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a reply, outermost ones, in order: among other words, in a fence, after
    thinking aloud (which is left out). What is no JSON is passed over."""
    text = _THINKING.sub("", reply)
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            row, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield row
        at = text.find("{", end)
