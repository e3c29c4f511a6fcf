"""Bytes to text: UTF-8 with or without a mark, UTF-16 with one, else Windows-1251."""

from __future__ import annotations

import codecs

from kb_ingest.source import UnreadableError

_CYRILLIC_SHARE = 0.6


def decode(data: bytes) -> str:
    """The text of a file. Raises UnreadableError when it is empty or no known encoding fits."""
    text = _decode(data)
    if not text.strip():
        raise UnreadableError("the file is empty")
    if "\x00" in text:
        raise UnreadableError("the file is not text")
    return text


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableError("the file is marked as UTF-16 but is not") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _decode_windows(data, error)


def _decode_windows(data: bytes, not_utf8: UnicodeDecodeError) -> str:
    reason = f"the encoding is neither UTF-8 (byte {not_utf8.start}) nor Windows-1251"
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError as error:
        raise UnreadableError(reason) from error
    foreign = [char for char in text if ord(char) > 127]
    cyrillic = sum("а" <= char.lower() <= "я" or char in "ёЁ" for char in foreign)
    if cyrillic < _CYRILLIC_SHARE * len(foreign):
        raise UnreadableError(reason)
    return text
