"""Numbers written as words: «восемь девятьсот шестнадцать …», "seven seven double five …"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.privacy.entities import Find
from assistant.privacy.folding import Folded
from assistant.privacy.labels import label_before
from assistant.privacy.lexicon import number_words, repeats, words_of

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\s\w]")
_WHOLE_NUMBER = 10
_LEAST_DIGITS, _MOST_DIGITS, _LEAST_WORDS = 7, 22, 4
_KIND_BY_LABEL = {
    "card": "card",
    "passport": "passport",
    "snils": "snils",
    "inn": "inn",
    "account": "account",
}


def spoken_numbers(folded: Folded) -> Iterator[Find]:
    """Runs of number words (digits may stand between) that write 7 digits or more."""
    run: list[tuple[int, int, str, bool]] = []
    repeat, begun = 1, 0
    plus: int | None = None
    for match in _TOKEN.finditer(folded.low):
        token = match[0]
        value = number_words().get(token) or (token if token.isdigit() else None)
        if value is not None:
            start = begun if repeat > 1 else match.start()
            start = start if run or plus is None else plus
            run.append((start, match.end(), value * repeat, not token.isdigit()))
            repeat = 1
        elif token in repeats():
            repeat = repeats()[token]
            begun = match.start()
        elif token in words_of("number_plus") and not run:
            plus = match.start()
        elif token not in words_of("number_fillers"):
            yield from _judged(run, folded.low)
            run, repeat, plus = [], 1, None
    yield from _judged(run, folded.low)


def _judged(run: list[tuple[int, int, str, bool]], low: str) -> Iterator[Find]:
    """One find where the run is long enough to be somebody's number."""
    words = sum(is_word for *_, is_word in run)
    digits = _written(run)
    enough = _LEAST_DIGITS if words >= _LEAST_WORDS else _WHOLE_NUMBER
    if words < 2 or not enough <= len(digits) <= _MOST_DIGITS:
        return
    label, _ = label_before(low, run[0][0])
    kind = _KIND_BY_LABEL.get(label, "phone")
    yield Find(kind, run[0][0], run[-1][1], 77)


def _written(run: list[tuple[int, int, str, bool]]) -> str:
    """The digits that the words write: «девятьсот шестнадцать» is 916, not 900 16."""
    groups: list[str] = []
    for _, _, value, is_word in run:
        last = groups[-1] if groups else ""
        zeros = len(last) - len(last.rstrip("0"))
        if is_word and value != "0" and last.strip("0") and zeros >= len(value):
            groups[-1] = last[: len(last) - len(value)] + value
        else:
            groups.append(value)
    return "".join(groups)


def spoken_digits(low: str) -> str:
    """The digits of a text of number words and digits, for telling equal numbers apart."""
    run = []
    for match in _TOKEN.finditer(low):
        value = number_words().get(match[0]) or (match[0] if match[0].isdigit() else None)
        if value is not None:
            run.append((match.start(), match.end(), value, not match[0].isdigit()))
    return _written(run)
