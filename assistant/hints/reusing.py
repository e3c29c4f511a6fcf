"""A past answer made ready for another customer: what was the other one's becomes a blank."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.hints.template import Reply, label, with_blanks
from assistant.known import Known
from assistant.privacy.placeholders import placeholders_in
from assistant.text import lower_plain, sentence_spans, stem_of, words
from prompts.loader import patterns

PLAINLY_HIS = frozenset({"order"})
"""Kinds of which the customer's own value may stand where another's stood: an answer names the
order that it is about. Telephones, addresses and cards stand there to be used, and which one is
used the operator says."""
_WORD = re.compile(r"\d[\d \u00a0]*\d(?!\w)|[^\W_]+(?:[-/.:][^\W_]+)*")
"""A number, also in groups of digits, or a word."""
Stated = frozenset[tuple[str, str]]
"""Numbers with the stems of the words that they stand beside."""
_KIND = re.compile(r"\[([A-Z_]+)_\d+\]")


def stripped(answer: str) -> str:
    """An operator's answer without greeting and goodbye; empty where nothing else was said."""
    kept = [answer[start:end] for start, end in sentence_spans(answer)]
    lists = patterns("lexicon/operator_lines")
    kept = [one for one in kept if not lists["farewell"].search(lower_plain(one))]
    if kept:
        kept[0] = _without_greeting(kept[0])
    return "\n".join(one for one in kept if words(one))


def _without_greeting(sentence: str) -> str:
    met = patterns("lexicon/operator_lines")["greeting"].match(lower_plain(sentence))
    rest = sentence[met.end() :].lstrip(" ,.!—-\n") if met else sentence
    return rest[:1].upper() + rest[1:]


def reused(
    answer: str, lang: str, known: Sequence[Known], dialog_id: str | None, stated: Stated
) -> Reply:
    """The answer for this customer: placeholders, days that were true then, and numbers and codes
    that no article states are blanks, but for his own order number where he named one, and only
    one, in this dialog."""
    own = {kind: value for kind in PLAINLY_HIS if (value := _only(known, kind, dialog_id))}
    text = _put_in(answer, own)
    places = [(start, end, _label(name, lang)) for start, end, name in placeholders_in(text)]
    taken = [(start, end) for start, end, _ in places]
    passing = patterns("lexicon/operator_lines")["passing"].finditer(lower_plain(text))
    places += [
        (met.start(), met.end(), label(lang, "day"))
        for met in passing
        if not any(start < met.end() and met.start() < end for start, end in taken)
    ]
    for start, end in _unstated(text, stated):
        if not any(begin < end and start < stop for begin, stop, _ in places):
            value = text[start:end]
            if value not in own.values():
                places.append((start, end, label(lang, "number")))
    return with_blanks(text, places, lang)


def stated_in(texts: Iterable[str]) -> Stated:
    """What numbers some texts state, each with the word that it goes with."""
    return frozenset(pair for text in texts for _, _, pairs in _numbers(text) for pair in pairs)


def _unstated(text: str, stated: Stated) -> Iterator[tuple[int, int]]:
    """Places of numbers, codes and mixed words (RA123456789RU) that no article has beside the same
    word: those were another customer's, or of another day."""
    for start, end, pairs in _numbers(text):
        if not any(pair in stated for pair in pairs):
            yield start, end


def _numbers(text: str) -> Iterator[tuple[int, int, list[tuple[str, str]]]]:
    """Each run with digits in it, with that and the stem of the next word, or of the one before
    where none follows."""
    plain = lower_plain(text)
    found = list(_WORD.finditer(plain))
    for at, met in enumerate(found):
        if any(char.isdigit() for char in met[0]):
            near = found[at + 1 : at + 2] or found[max(0, at - 1) : at]
            beside = stem_of(near[0][0]) if near else ""
            yield met.start(), met.end(), [(met[0], beside)]


def _only(known: Sequence[Known], kind: str, dialog_id: str | None) -> str | None:
    values = [one.value for one in known if one.kind == kind and one.dialog_id == dialog_id]
    return values[0] if len(values) == 1 and dialog_id is not None else None


def _put_in(text: str, own: dict[str, str]) -> str:
    for start, end, name in reversed(placeholders_in(text)):
        value = own.get(_kind(name))
        if value is not None:
            text = text[:start] + value + text[end:]
    return text


def _label(name: str, lang: str) -> str:
    return label(lang, _kind(name))


def _kind(name: str) -> str:
    met = _KIND.fullmatch(name)
    assert met is not None  # noqa: S101 - `placeholders_in` spells it so
    return met[1].lower()
