"""Personal data of the messages of one dialog, each looked through once."""

from __future__ import annotations

from assistant.privacy.entities import Entity
from assistant.privacy.masker import Masker


class MaskerOfOneDialog(Masker):
    """Finds what another masker finds, and each text once. It holds the texts: one is made for each
    look at a dialog and dropped after it."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._found: dict[str, list[Entity]] = {}

    def find(self, text: str) -> list[Entity]:
        """As `Masker.find`."""
        if text not in self._found:
            self._found[text] = self._masker.find(text)
        return self._found[text]
