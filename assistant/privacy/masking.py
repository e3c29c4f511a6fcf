"""The masking of one dialog: the same value gets the same placeholder, and gets back out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.privacy.entities import Entity
from assistant.privacy.masker import Masker
from assistant.privacy.placeholders import TYPED, placeholder, placeholders_in
from assistant.privacy.values import value_key


@dataclass(frozen=True)
class Masked:
    """A text with placeholders, and the entities that they stand for (offsets into the text as it
    came)."""

    text: str
    entities: tuple[Entity, ...]


class Masking:
    """Placeholders of one dialog. Not safe in several threads: a dialog has one walk at a time."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._by_value: dict[tuple[str, str], str] = {}
        self._spelling: dict[str, str] = {}
        self._reserved: set[str] = set()

    def mask(self, text: str) -> Masked:
        """The text with every value replaced.

        What the customer typed like a placeholder is never given a value: its number is left out,
        or, where this dialog has used it, the typed text itself is masked.
        """
        entities = self._masker.find(text)
        typed = placeholders_in(text)
        taken = [one for one in typed if one[2] in self._spelling]
        self._reserved.update(name for _, _, name in typed if name not in self._spelling)
        pieces = [
            (one.start, one.end, self._placeholder_of(one.kind, text[one.start : one.end]))
            for one in entities
        ]
        pieces.extend(
            (start, end, self._placeholder_of(TYPED, text[start:end])) for start, end, _ in taken
        )
        return Masked(_replaced(text, pieces), tuple(entities))

    @property
    def placeholders(self) -> frozenset[str]:
        """Those that stand for something of this dialog."""
        return frozenset(self._spelling)

    def restore(self, text: str) -> str:
        """The text with this dialog's placeholders as they were first typed; others stay."""
        pieces = [
            (start, end, self._spelling[name])
            for start, end, name in placeholders_in(text)
            if name in self._spelling
        ]
        return _replaced(text, pieces)

    def _placeholder_of(self, kind: str, spelling: str) -> str:
        key = (kind, spelling if kind == TYPED else value_key(kind, spelling))
        if key not in self._by_value:
            name = self._next_free(lambda number: placeholder(kind, number))
            self._by_value[key] = name
            self._spelling[name] = spelling
        return self._by_value[key]

    def _next_free(self, named: Callable[[int], str]) -> str:
        number = 1
        while named(number) in self._spelling or named(number) in self._reserved:
            number += 1
        return named(number)


def _replaced(text: str, pieces: list[tuple[int, int, str]]) -> str:
    out: list[str] = []
    at = 0
    for start, end, value in sorted(pieces):
        out.extend((text[at:start], value))
        at = end
    return "".join((*out, text[at:]))
