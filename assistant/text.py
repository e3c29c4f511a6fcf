"""Shared handling of text: clean-up, language, word stems, sentences. No model, no state."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.errors import TextRejectedError

MAX_TEXT_CHARACTERS = 4000

_ZERO_WIDTH = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0xAD])
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*", re.UNICODE)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_LIST_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_HEADING_LINE = re.compile(r"#{1,6}(\s|$)")
_NAME = re.compile(r"[^\W\d_]+\.?(?:[ '’-][^\W\d_]+\.?){0,3}")
_LONGEST_NAME = 40
_URL = re.compile(r"https?://\S+|www\.\S+")


def clean_message(text: str) -> str:
    """The customer's text without control characters and zero-width padding.

    Raises TextRejectedError (`text_empty`, `text_too_long`) for text that cannot be worked on.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextRejectedError(
            f"the text has {len(text)} characters; at most {MAX_TEXT_CHARACTERS} are accepted",
            "text_too_long",
        )
    cleaned = without_controls(text).strip()
    if not cleaned:
        raise TextRejectedError("the text is empty", "text_empty")
    return cleaned


def without_controls(text: str) -> str:
    """The text without control characters (but for line ends and tabs) and zero-width padding."""
    plain = text.translate(_ZERO_WIDTH)
    return "".join(char for char in plain if char in "\n\t" or not _is_control(char))


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Co")


def is_encodable(text: str) -> bool:
    """False for text with half of a surrogate pair, which no file and no model can hold."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def has_words(text: str) -> bool:
    """Whether anything is left to look up once links and emoji are taken out."""
    return bool(_WORD.search(_URL.sub(" ", text)))


def detect_language(text: str, default: str = "ru") -> str:
    """`ru` or `en` by the script of the words; `default` when there are none of either."""
    without_links = words(_URL.sub(" ", text))
    cyrillic = sum(bool(_CYRILLIC.search(word)) for word in without_links)
    latin = sum(bool(_LATIN.search(word)) for word in without_links)
    if cyrillic == latin == 0:
        return default
    # Russian messages are full of Latin product names; English ones hold no Cyrillic words.
    return "ru" if cyrillic * 4 >= latin else "en"


def is_supported_script(text: str) -> bool:
    """False when the letters are mostly of neither Russian nor English script."""
    letters = [char for char in _URL.sub(" ", text) if char.isalpha()]
    known = sum(bool(_CYRILLIC.match(char) or _LATIN.match(char)) for char in letters)
    return not letters or known * 2 >= len(letters)


@cache
def _stemmers() -> tuple[Any, Any]:
    import Stemmer  # noqa: PLC0415 - a C extension; only where words are looked up

    return Stemmer.Stemmer("russian"), Stemmer.Stemmer("english")


@cache
def _stop_words() -> frozenset[str]:
    from bm25s.stopwords import STOPWORDS_EN, STOPWORDS_RUSSIAN  # noqa: PLC0415

    return frozenset(word.replace("ё", "е") for word in (*STOPWORDS_RUSSIAN, *STOPWORDS_EN))


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    russian, english = _stemmers()
    stemmer = russian if _CYRILLIC.search(word) else english
    return str(stemmer.stemWord(word))


def stem_of(word: str) -> str:
    """The stem of one word in lower case, ё as е; Russian or English by its letters."""
    return _stem(word)


def is_stop_word(word: str) -> bool:
    """Whether a word in lower case, ё as е, says nothing by itself."""
    return word in _stop_words()


def without_links(text: str) -> str:
    """The text with its web addresses taken out."""
    return _URL.sub(" ", text)


def lower_plain(text: str) -> str:
    """The text in lower case with ё as е, as the word patterns of `prompts/lexicon` want it."""
    return text.lower().replace("ё", "е")


def words(text: str) -> list[str]:
    """Lower-case words with ё as е, in order."""
    return _WORD.findall(lower_plain(text))


def stems(text: str) -> list[str]:
    """Stems of the words that say something, Russian and English, in order."""
    stop = _stop_words()
    return [_stem(word) for word in words(text) if word not in stop]


def grams(text: str, size: int = 4) -> list[str]:
    """Runs of `size` letters of the text's words, ends of words included: they survive typos and
    the endings that stemming does not know."""
    padded = f" {' '.join(words(text))} "
    runs = (padded[at : at + size] for at in range(len(padded) - size + 1))
    return [run for run in runs if not run.isspace()]


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of sentences within `text[start:end]`, as offsets into `text`.

    A list item is one span; a heading, a table's rule line and an empty line are none. Lines that
    a mail program or an editor wrapped belong to one sentence.
    """
    spans: list[tuple[int, int]] = []
    for block_start, block_end in _blocks(text, start, len(text) if end is None else end):
        block = text[block_start:block_end]
        if block.lstrip().startswith("|"):
            spans.append(_trimmed(text, block_start, block_end))
            continue
        spans.extend(
            _trimmed(text, block_start + left, block_start + right)
            for left, right in _sentences(block)
        )
    return [(left, right) for left, right in spans if right > left]


def _sentences(block: str) -> list[tuple[int, int]]:
    from razdel import sentenize  # noqa: PLC0415

    marker = _LIST_ITEM.match(block)
    offset = marker.end() if marker else 0
    found = [(offset + part.start, offset + part.stop) for part in sentenize(block[offset:])]
    if not found or not marker:
        return found
    return [(0, found[0][1]), *found[1:]]


def _blocks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Paragraphs, list items and table rows; headings and rule lines are left out."""
    blocks: list[tuple[int, int]] = []
    at = start
    joined = False
    for line in text[start:end].splitlines(keepends=True):
        stop = at + len(line)
        bare = line.strip()
        if not _WORD.search(bare) or _HEADING_LINE.match(bare) or set(bare) <= set("|-: "):
            joined = False
        elif joined and not _LIST_ITEM.match(line) and not bare.startswith("|"):
            blocks[-1] = (blocks[-1][0], stop)
        else:
            blocks.append((at, stop))
            joined = not bare.startswith("|")
        at = stop
    return blocks


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def plain_name(name: str | None) -> str:
    """A customer's name as the caller gives it, if it is one to greet somebody by: up to four
    words of letters. Anything else would let the caller put sentences into the bot's mouth; then
    it is empty."""
    bare = " ".join((name or "").split())
    return bare if len(bare) <= _LONGEST_NAME and _NAME.fullmatch(bare) else ""


def known_zone(name: object) -> ZoneInfo | None:
    """The time zone of that name, written as `Europe/Moscow`; None for anything else."""
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, no name, a folder's name
        return None


ZONE_ATTRIBUTES = ("timezone", "time_zone", "tz")
"""Where a caller may have told the customer's time zone (`customer.attributes`)."""


def told_zone(attributes: Mapping[str, object]) -> ZoneInfo | None:
    """The time zone that a customer's attributes name; None where they name none that is."""
    zones = (known_zone(attributes.get(name)) for name in ZONE_ATTRIBUTES)
    return next((zone for zone in zones if zone is not None), None)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word, with an ellipsis where something was cut."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    cut = flat[: limit - 1].rsplit(" ", 1)[0]
    return cut.rstrip(" ,.;:—-") + "…"


def for_model(text: str) -> str:
    """The text as the embedder reads it best: shouting in lower case (capitals fall into pieces
    that its vocabulary hardly knows)."""
    letters = [char for char in text if char.isalpha()]
    shouted = len(letters) > 3 and sum(char.isupper() for char in letters) > 0.6 * len(letters)
    return text.lower() if shouted else text
