"""What is shown of a CRM's answer: labels and plain texts, bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.settings_checks import MOST_CRM_FIELDS
from assistant.text import is_encodable, shorten, without_controls

_LABEL, _VALUE = 60, 200
_LISTED = 10
"""So many values of a list are shown."""
_LONGEST_TEXT = 4000
"""Looked at of a value; no more of it would be shown anyway."""


@dataclass(frozen=True)
class CrmField:
    """A line of the customer's card; a value of yes or no is said in the operators' language."""

    label: str
    value: str | bool


def fields_of(card: Mapping[str, Any], wanted: Mapping[str, str]) -> tuple[CrmField, ...]:
    """The wanted fields that the card has; without a wish all plain values of its top level."""
    if wanted:
        found = [(label, _at(card, path)) for label, path in wanted.items()]
    else:
        found = [(label, value) for label, value in card.items() if not isinstance(value, list)]
    shown = ((label, _shown(value)) for label, value in found)
    fields = [CrmField(_plain(label, _LABEL), value) for label, value in shown if value is not None]
    return tuple(fields[:MOST_CRM_FIELDS])


def _at(card: Any, path: str) -> Any:
    """What stands at `orders.0.number`; None where nothing does."""
    if isinstance(card, Mapping) and path in card:  # a key with a dot in it
        return card[path]
    for step in path.split("."):
        if isinstance(card, Mapping):
            card = card.get(step)
        elif isinstance(card, list) and step.isascii() and step.isdigit():
            at = int(step[:6])
            card = card[at] if at < len(card) else None
        else:
            return None
    return card


def _shown(value: Any) -> str | bool | None:
    """A plain value, or a list of them, as it is shown; None for what cannot be."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str | int | float):
        return _plain(str(value), _VALUE) or None
    if isinstance(value, list):
        return _listed(value)
    return None


def _listed(values: Sequence[Any]) -> str | None:
    plain = [item for item in values if isinstance(item, str | int | float)]
    return _plain(", ".join(str(item) for item in plain[:_LISTED]), _VALUE) or None


def _plain(text: str, limit: int) -> str:
    """Text and nothing else: no control characters, no line ends, not longer than fits."""
    cut = text[:_LONGEST_TEXT]
    if not is_encodable(cut):
        cut = cut.encode(errors="replace").decode()
    return shorten(without_controls(cut), limit)
