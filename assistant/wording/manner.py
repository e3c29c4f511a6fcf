"""How a sentence is said: capitals, exclamation marks, length, apologies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.wording.fault import Fault, FaultCode, WordingContext
from assistant.wording.lexicon import pattern, section
from assistant.wording.reading import Reading

_WORD = re.compile(r"[^\W\d_]{2,}")
_MANY_MARKS = re.compile(r"!\s?!|[!?]{3,}")
_WORDS_OF_APOLOGY = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LOUD_WORD = 6
_LOUD_LETTERS = 9


def manner_faults(
    reading: Reading, lang: str, facts: WordingContext, taken: list[Fault]
) -> Iterator[Fault]:
    """Shouting, length and apologies; `taken` holds what is hollow already."""
    yield from _shouting(reading.text, facts)
    yield from _too_long(reading.text, lang)
    yield from _empty_apology(reading, lang, facts, taken)


def _shouting(text: str, facts: WordingContext) -> Iterator[Fault]:
    marks = _MANY_MARKS.search(text)
    if marks:
        yield Fault(FaultCode.SHOUTING, *marks.span(), "marks")
        return
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        if word and word[0].isupper() and not any(word[0] in one for one in facts.evidence):
            run.append(word)
            continue
        # A short word between two loud ones neither adds nor ends anything.
        if _is_loud(run):
            yield Fault(FaultCode.SHOUTING, run[0].start(), run[-1].end(), "capitals")
            return
        run = []


def _is_loud(run: list[re.Match[str]]) -> bool:
    letters = sum(len(word[0]) for word in run)
    if len(run) == 1:
        return letters >= _LOUD_WORD
    return letters >= _LOUD_LETTERS


def _too_long(text: str, lang: str) -> Iterator[Fault]:
    limits = section(lang, "limits")
    if len(text) > limits["characters"] or len(text.split()) > limits["words"]:
        yield Fault(FaultCode.TOO_LONG, 0, len(text), "length")


def _empty_apology(
    reading: Reading, lang: str, facts: WordingContext, taken: list[Fault]
) -> Iterator[Fault]:
    says, empty, own = (pattern(lang, "apology", key) for key in ("says", "empty", "own"))
    for sentence in reading.sentences:
        match = says.search(sentence.text)
        if not match:
            continue
        start, end = reading.place(sentence.start + match.start(), sentence.start + match.end())
        whole = reading.place(sentence.start, sentence.end)
        hollow = [one for one in taken if one.code == FaultCode.HOLLOW]
        if any(one.start < whole[1] and whole[0] < one.end for one in hollow):
            continue
        if own.search(sentence.text):
            continue
        rest = says.sub(" ", sentence.text)
        matter = [word for word in _WORDS_OF_APOLOGY.findall(rest) if not empty.fullmatch(word)]
        if not facts.complaint or not matter:
            rule = "no_matter" if facts.complaint else "plain_question"
            yield Fault(FaultCode.EMPTY_APOLOGY, start, end, rule)
