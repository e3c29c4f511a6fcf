"""Bytes of a file to text; what cannot be decoded is the file's own problem."""

from __future__ import annotations

from assistant import encoding
from assistant.errors import UndecodableError
from kb_ingest.source import UnreadableError


def decode(data: bytes) -> str:
    """The text of a file. Raises UnreadableError when it is empty or no known encoding fits."""
    try:
        return encoding.decode(data)
    except UndecodableError as error:
        raise UnreadableError(str(error)) from error
