"""A past answer made ready for another customer: what was the other one's becomes a blank."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.hints.template import Reply, label, with_blanks
from assistant.known import Known
from assistant.privacy.placeholders import placeholders_in
from assistant.text import lower_plain, sentence_spans, words
from prompts.loader import patterns

PLAINLY_HIS = frozenset({"order"})
"""Kinds of which the customer's own value may stand where another's stood: an answer names the
order that it is about. Telephones, addresses and cards stand there to be used, and which one is
used the operator says."""
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


def reused(answer: str, lang: str, known: Sequence[Known], dialog_id: str | None) -> Reply:
    """The answer for this customer: placeholders and days that were true then are blanks, but for
    his own order number where he named one, and only one, in this dialog."""
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
    return with_blanks(text, places, lang)


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
