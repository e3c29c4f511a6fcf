"""Does a sentence report a deed that its passages do not speak of?

Articles say how things are; what has happened to this customer («вы продлили гарантию», "we have
refunded you") stands in none of them, however well the nouns and numbers fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.morphology import verb_form
from assistant.text import lower_plain, stem_of, words
from prompts.loader import patterns, read


def reports_a_deed(sentence: str, evidence: Sequence[str]) -> bool:
    """Whether a verb tells something as done that no passage has, in any form; not in a clause of
    conditions."""
    deeds = list(_deeds(lower_plain(sentence)))
    if not deeds:
        return False
    told = {_root(word) for text in evidence for word in words(text)}
    return any(_root(deed) not in told for deed in deeds)


def _deeds(plain: str) -> Iterator[str]:
    """Verbs told as done that stand before any word of condition."""
    condition = patterns("lexicon/told_as_done")["conditions"].search(plain)
    reported = plain[: condition.start()] if condition else plain
    for word in words(reported):
        form = verb_form(word) if not word.isascii() else None
        if form is not None and form.tense == "past" and form.is_perfective:
            yield word
    for shape in _english():
        yield from (match[1] for match in shape.finditer(reported))


def _root(word: str) -> str:
    """The lemma of a Russian verb without its ending, else the stem."""
    form = verb_form(word) if not word.isascii() else None
    return stem_of(form.lemma if form else word)


@cache
def _english() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(way) for way in read("lexicon/told_as_done").content["english"])
