"""Where a customer is looked up in the CRM: the address with its places filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from assistant.settings_checks import CRM_PLACE
from assistant.text import is_encodable, without_controls

_DOTS = re.compile(r"\.{1,2}")


@dataclass(frozen=True)
class CrmAddress:
    """An address like `https://crm.example/customers/{customer_id}`."""

    template: str

    @property
    def names_channel(self) -> bool:
        """Whether one customer has an answer per channel."""
        return "{channel}" in self.template

    def of(self, customer_id: str, channel: str) -> str | None:
        """The address of a customer; None for an id that no address can hold."""
        values = {"customer_id": customer_id, "channel": channel}
        if not all(_can_stand_in_address(value) for value in values.values()):
            return None
        return CRM_PLACE.sub(lambda place: quote(values[place[1]], safe=""), self.template)


def _can_stand_in_address(value: str) -> bool:
    """No id may lead to another place: `.` and `..` are steps in a path even when escaped."""
    return (
        bool(value.strip())
        and is_encodable(value)
        and without_controls(value) == value
        and not _DOTS.fullmatch(value)
    )
