"""Log lines without personal data, whoever wrote them: also what a library says of an error."""

from __future__ import annotations

import logging

from assistant.morphology import analyzer
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking


class MaskingFormatter(logging.Formatter):
    """Formats a record and masks all of the line, its traceback included; lines of the loggers
    named as `plain`, which hold no text of anybody's, are left as they are."""

    def __init__(self, line: str, masker: Masker, plain: frozenset[str] = frozenset()) -> None:
        super().__init__(line)
        self._masker = masker
        self._plain = plain
        # The dictionary logs while it is loaded: not from within the first line that is masked.
        analyzer()

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = super().format(record)
        # A traceback may hold anything, whoever logs it.
        is_plain = record.name in self._plain and record.exc_info is None
        return line if is_plain else Masking(self._masker).mask(line).text
