"""Bytes to text: UTF-8 with or without a mark, UTF-16 with one, else Windows-1251."""

from __future__ import annotations

import codecs
import re

from assistant.errors import UndecodableError

_WORD = re.compile(r"[^\W\d_]+")
_ODD_SHARE = 0.3
_COMMON_LETTERS = frozenset("".join(map(chr, (0x43E, 0x435, 0x430, 0x438, 0x43D, 0x442, 0x441))))
"""The seven most frequent letters of Russian: half of any text."""
_COMMON_SHARE = 0.35
_ENOUGH_LETTERS = 12
_STRANGE_SHARE = 0.1
"""Letters of Windows-1251 that Russian does not use."""


def decode(data: bytes) -> str:
    """The text of a file. Raises UndecodableError when it is empty or no known encoding fits."""
    text = _decode(data)
    if not text.strip():
        raise UndecodableError("the file is empty")
    if "\x00" in text:
        raise UndecodableError("the file is not text")
    return text


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UndecodableError("the file is marked as UTF-16 but is not") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _decode_windows(data, error)


def _decode_windows(data: bytes, not_utf8: UnicodeDecodeError) -> str:
    reason = f"the encoding is neither UTF-8 (byte {not_utf8.start}) nor Windows-1251"
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError as error:
        raise UndecodableError(reason) from error
    if not _reads_like_windows_1251(text):
        raise UndecodableError(reason)
    return text


def _reads_like_windows_1251(text: str) -> bool:
    """Bytes of another encoding give letters too, but words of odd capitals or mixed scripts."""
    letters = [char for char in text.lower() if "а" <= char <= "я"]
    common = sum(char in _COMMON_LETTERS for char in letters)
    if len(letters) >= _ENOUGH_LETTERS and common < _COMMON_SHARE * len(letters):
        return False
    foreign = [char for char in text if ord(char) > 127]
    strange = sum(char.isalpha() and not ("а" <= char.lower() <= "ё") for char in foreign)
    if strange > _STRANGE_SHARE * len(foreign):
        return False
    if 0 < len(letters) < len(foreign) / 2:  # Russian is letters with some marks between
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    odd = sum(not _is_ordinary(word) for word in words)
    return odd <= _ODD_SHARE * len(words)


def _is_ordinary(word: str) -> bool:
    letters = [char for char in word if not char.isascii()]
    russian = all("а" <= char.lower() <= "я" or char in "ёЁ" for char in letters)
    one_script = len(letters) == len(word)
    return russian and one_script and (word.islower() or word.isupper() or word.istitle())
