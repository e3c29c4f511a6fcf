"""Takes a message out of its frame: quoted letters, signatures, greetings, thanks in advance,
decoration. What is left is what is looked up; nothing is taken when nothing would be left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import islice

from assistant.text import has_words, lower_plain, words
from prompts.loader import read

_DECORATION = re.compile(r"(?<=\S)[ \t\u00a0]{2,}|(?<=[.!?,])[.!?,]{3,}")
_LEAST_QUESTION_WORDS = 2
"""«спасибо» alone, or a bare noun, is not what its greeting stood around."""
_KEY_OF_YO = "`"
"""Typed in the wrong layout it is a letter."""
_QUOTED = re.compile(r"^\s*(?:>|&gt;)+\s?")
_JOINT = r"(?<![\s,.!;:()\-–—…])[\s,.!;:()\-–—…]*"
"""From the beginning of a run of marks only: tried from each of them, a long run takes seconds."""
_LEAST_HEADER_LINES = 2
_NAME_LINES, _NAME_WORDS = 3, 4
"""How long the name and address below «Спасибо!» may be."""


def own_words(text: str) -> str:
    """The message without quoted letters, signature and decoration; itself when nothing else is
    left. What the writer says is kept, his greetings too."""
    own, _ = _split(text)
    return own if has_words(own) else text


def quoted_words(text: str) -> str:
    """What the message quotes of an earlier one, when it says something of its own beside it."""
    own, quoted = _split(text)
    return quoted if has_words(own) and has_words(quoted) else ""


def _split(text: str) -> tuple[str, str]:
    """The writer's own lines, and those that he quotes."""
    own: list[str] = []
    quoted: list[str] = []
    in_earlier_letter = False
    signed = False
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _QUOTED.match(line):
            quoted.append(_QUOTED.sub("", line))
        elif _starts("quoted_from", line):
            in_earlier_letter = has_words("\n".join(own))
        elif in_earlier_letter:
            quoted.append(line)
        elif _is_letter_head(lines, at) and has_words("\n".join(own)):
            in_earlier_letter = True
        elif _opens_signature(lines, at) and has_words("\n".join(own)):
            signed = True
        elif not signed:
            own.append(line)
    return _undecorated("\n".join(own)).strip(), _undecorated("\n".join(quoted)).strip()


def _is_letter_head(lines: Sequence[str], at: int) -> bool:
    """Whether the head of an earlier letter begins there; a single «От: Москва» is none."""
    if not _starts("header", lines[at]):
        return False
    head = list(islice(filter(str.strip, lines[at:]), _LEAST_HEADER_LINES))
    return len(head) == _LEAST_HEADER_LINES and all(_starts("header", line) for line in head)


def _opens_signature(lines: Sequence[str], at: int) -> bool:
    """Whether the writer's name begins there. Below a line of thanks he may also go on."""
    if _starts("signature_from", lines[at]):
        return True
    if not _starts("thanks_above_name", lines[at]):
        return False
    below = list(islice(filter(str.strip, lines[at + 1 :]), _NAME_LINES + 1))
    is_name = (len(words(line)) <= _NAME_WORDS and "?" not in line for line in below)
    return len(below) <= _NAME_LINES and all(is_name)


def question_in(text: str) -> str:
    """The question without greetings before and thanks behind it; the text itself when there is
    hardly anything else in it."""
    core = text
    while True:
        shorter = _edge("greeting", "^").sub("", core, count=1)
        shorter = _edge("closing", "$").sub("", shorter, count=1)
        if shorter == core or len(words(shorter)) < _LEAST_QUESTION_WORDS:
            return core.strip()
        core = shorter


def _undecorated(text: str) -> str:
    """Without symbols that only decorate (emoji, ornaments) and without stretched spaces."""
    kept = "".join(
        " " if unicodedata.category(char) in ("So", "Sk", "Cf") and char != _KEY_OF_YO else char
        for char in text
    )
    return _DECORATION.sub(" ", kept)


def _starts(kind: str, line: str) -> bool:
    return any(pattern.search(lower_plain(line)) for pattern in _patterns(kind))


@cache
def _patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    parts = read("lexicon/message_frames").content[kind]
    return tuple(re.compile(part, re.IGNORECASE) for part in parts)


@cache
def _edge(kind: str, at: str) -> re.Pattern[str]:
    """One frame at the beginning or the end of the text, with the marks that join it on."""
    parts = "|".join(f"(?:{part})" for part in read("lexicon/message_frames").content[kind])
    parts = parts.replace("е", "[её]")
    if at == "^":
        return re.compile(rf"^[\s\W]*(?:{parts})(?!\w)[\s\W]*", re.IGNORECASE)
    return re.compile(rf"{_JOINT}(?<!\w)(?:{parts})[?\s\W]*$", re.IGNORECASE)
