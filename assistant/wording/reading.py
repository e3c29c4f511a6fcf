"""A sentence as the rules read it: plain letters and single spaces, every place known."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property

from assistant.privacy.folding import fold
from prompts.loader import read

_TOKEN = re.compile(r"[^\W_]+")
_HAS_CYRILLIC = re.compile(r"[а-яе]")
_HAS_LATIN = re.compile(r"[a-z]")
_SPACED_OUT = re.compile(r"(?<!\w)[^\W\d_](?: [^\W\d_]){3,}(?!\w)")
_MARKUP = frozenset("*_~`\"'«»“”„‟‘‹›<>|\\^•·")
_KEPT_SYMBOLS = frozenset("№₽$€£%#+=")
_SENTENCE = re.compile(r"(?:[^.!?;\n]|[.!?;](?=[^\s.!?;\"»)]))+[.!?;]*")
_CLAUSE = re.compile(r"(?:[^,;:.!?()\n]|[,;:.](?=[^\s,;:.!?]))+")
_DASH = re.compile(r" - ")


@dataclass(frozen=True)
class Part:
    """A sentence or a clause of the plain text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Reading:
    """`text` as it came, `folded` with one character for each that a person sees (lower case, ё as
    е), `plain` without quotes, markup and emoji and with single spaces."""

    text: str
    folded: str
    folded_spans: tuple[tuple[int, int], ...]
    plain: str
    plain_spans: tuple[tuple[int, int], ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The span in `text` of a span (not empty) of `plain`."""
        return self.plain_spans[start][0], self.plain_spans[end - 1][1]

    def folded_place(self, start: int, end: int) -> tuple[int, int]:
        """The span in `text` of a span (not empty) of `folded`."""
        return self.folded_spans[start][0], self.folded_spans[end - 1][1]

    @cached_property
    def sentences(self) -> tuple[Part, ...]:
        """Parts up to a full stop, exclamation or question mark, semicolon."""
        return _parts(_SENTENCE, self.plain, 0)

    @cached_property
    def clauses(self) -> tuple[Part, ...]:
        """Parts between any punctuation."""
        return clauses_of(self.plain)

    def sentence_at(self, at: int) -> Part:
        """The sentence around a place of `plain`."""
        return _around(self.sentences, at, self.plain)

    def clause_at(self, at: int) -> Part:
        """The clause around a place of `plain`."""
        return _around(self.clauses, at, self.plain)


def clauses_of(plain: str) -> tuple[Part, ...]:
    """Parts between any punctuation; a point or comma inside a number parts nothing."""
    found: list[Part] = []
    for piece in _parts(_CLAUSE, plain, 0):
        at = piece.start
        for dash in [*_DASH.finditer(piece.text), None]:
            end = piece.start + dash.start() if dash else piece.end
            if end > at:
                found.append(Part(at, end, plain[at:end]))
            at = piece.start + dash.end() if dash else end
    return tuple(found)


def _parts(pattern: re.Pattern[str], plain: str, offset: int) -> tuple[Part, ...]:
    return tuple(
        Part(offset + match.start(), offset + match.end(), match[0])
        for match in pattern.finditer(plain)
        if match[0].strip()
    )


def _around(parts: tuple[Part, ...], at: int, plain: str) -> Part:
    for part in parts:
        if part.start <= at < part.end:
            return part
    return Part(0, len(plain), plain)


def read_sentence(text: str) -> Reading:
    """The sentence, folded and plain."""
    folded = fold(text)
    low = _without_lookalikes(folded.low)
    spans = tuple(zip(folded.starts, folded.ends, strict=True))
    chars: list[str] = []
    places: list[tuple[int, int]] = []
    for at, char in enumerate(low):
        shown = " " if _says_nothing(low, at) else char
        if shown == " " and (not chars or chars[-1] == " "):
            continue
        chars.append(shown)
        places.append(spans[at])
    plain, places = _closed_up("".join(chars).rstrip(), places)
    return Reading(text, folded.low, spans, plain, tuple(places))


def _says_nothing(low: str, at: int) -> bool:
    """Whether a character only decorates: markup, quotes, emoji, any blank but a line's end."""
    char = low[at]
    if char == "'":
        return not (0 < at < len(low) - 1 and low[at - 1].isalpha() and low[at + 1].isalpha())
    if char == "\n":
        return False
    if char.isspace() or char in _MARKUP:
        return True
    category = unicodedata.category(char)
    return char not in _KEPT_SYMBOLS and category in ("So", "Sk", "Cs", "Co", "Mn", "Me", "Cf")


def _closed_up(plain: str, places: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Letters set apart by spaces («с к и д к а») as one word."""
    if not _SPACED_OUT.search(plain):
        return plain, places
    dropped = {
        at
        for match in _SPACED_OUT.finditer(plain)
        for at in range(match.start(), match.end())
        if plain[at] == " "
    }
    kept = [at for at in range(len(plain)) if at not in dropped]
    return "".join(plain[at] for at in kept), [places[at] for at in kept]


def _without_lookalikes(low: str) -> str:
    """Latin letters inside Cyrillic words as Cyrillic ones, and the other way round; an apostrophe
    is the plain one."""
    low = low.replace("’", "'").replace("`", "'")
    return _TOKEN.sub(_one_script, low)


def _one_script(match: re.Match[str]) -> str:
    token = match[0]
    cyrillic, latin = len(_HAS_CYRILLIC.findall(token)), len(_HAS_LATIN.findall(token))
    if cyrillic and (latin or "0" in token[1:-1]):
        if cyrillic >= latin:
            return token.translate(_lookalikes("latin", "cyrillic"))
        return token.translate(_lookalikes("cyrillic", "latin"))
    return token


@cache
def _lookalikes(seen: str, meant: str) -> dict[int, int]:
    """Letters of one script as those of the other that look the same."""
    forms = read("lexicon/wording_forms").content
    return str.maketrans(forms[seen], forms[meant])
