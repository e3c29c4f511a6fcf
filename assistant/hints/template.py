"""Texts with blanks that the operator fills in: each knows where its blanks stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.hint_use import Blank
from prompts.loader import LANGUAGES, TextFile, fill, read

_MARKER = re.compile(r"\[\[([^\[\]]+)\]\]")


@dataclass(frozen=True, slots=True)
class Reply:
    """A text and its blanks, in order."""

    text: str
    blanks: tuple[Blank, ...] = ()


def texts(lang: str) -> TextFile:
    """The words of hints in a language; in Russian where there are none."""
    return read(f"hints/{lang if lang in LANGUAGES else LANGUAGES[0]}")


def say(lang: str, key: str, **variables: object) -> Reply:
    """A phrase with its blanks. What the variables hold makes no blank; raises PromptError where
    they do not fit."""
    values = {name: str(value).replace("[[", "[ [") for name, value in variables.items()}
    template = fill(texts(lang), key, **values)
    found = [(one.start(), one.end(), one[1]) for one in _MARKER.finditer(template)]
    return with_blanks(template, found, lang)


def label(lang: str, kind: str) -> str:
    """What a blank for a kind of thing asks for: `order`, `day`, …"""
    return fill(texts(lang), f"blank_{kind}")


def with_blanks(text: str, places: Sequence[tuple[int, int, str]], lang: str) -> Reply:
    """The text with blanks in those places (start, end, label), which do not overlap."""
    written, blanks, at = "", list[Blank](), 0
    for start, end, what in sorted(places):
        written += text[at:start]
        blank = fill(texts(lang), "blank", what=what)
        blanks.append(Blank(len(written), len(written) + len(blank), what))
        written += blank
        at = end
    return Reply(written + text[at:], tuple(blanks))


def joined(parts: Iterable[Reply | None], separator: str = "\n") -> Reply:
    """Several one after the other; what is None or empty is left out."""
    text, blanks = "", list[Blank]()
    for part in parts:
        if part is None or not part.text:
            continue
        text += separator if text else ""
        blanks += [
            Blank(one.start + len(text), one.end + len(text), one.label) for one in part.blanks
        ]
        text += part.text
    return Reply(text, tuple(blanks))
