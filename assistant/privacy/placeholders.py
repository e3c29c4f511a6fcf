"""What stands in the place of personal data: `[PHONE_1]`, `[NAME_2]`."""

from __future__ import annotations

import re

from assistant.privacy.entities import KINDS

_KINDS = "|".join((*sorted((kind.upper() for kind in KINDS), key=len, reverse=True), "TYPED"))
# Language models write them in other ways at times: `[ Phone_1 ]`, `\[PHONE\_1\]`.
_SPELLED = _KINDS.replace("_", r"\\?[_ ]")
_PLACEHOLDER = re.compile(rf"\\?\[\s?({_SPELLED})\\?[_ ](\d{{1,6}})\s?\\?\]", re.IGNORECASE)

TYPED = "typed"
"""The kind of a placeholder that stands for one which the customer typed himself."""


def placeholder(kind: str, number: int) -> str:
    """The placeholder of the `number`-th value of a kind."""
    return f"[{kind.upper()}_{number}]"


def placeholders_in(text: str) -> list[tuple[int, int, str]]:
    """Start, end and the regular spelling of everything in the text that reads as a placeholder."""
    return [
        (
            match.start(),
            match.end(),
            placeholder(re.sub(r"\W", "_", match[1].replace("\\", "")), int(match[2])),
        )
        for match in _PLACEHOLDER.finditer(text)
    ]


def placeholder_spans(text: str) -> list[tuple[int, int]]:
    """Where placeholders stand."""
    return [(start, end) for start, end, _ in placeholders_in(text)]
