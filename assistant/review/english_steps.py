"""Steps in an English sentence, told by its phrases."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.review.lexicon import pattern
from assistant.review.step import Step, StepKind
from assistant.wording.reading import Reading

_LANG = "en"
_KINDS = (
    ("customers_turn", StepKind.CUSTOMERS),
    ("we_will", StepKind.AWAITED),
    ("others_will", StepKind.AWAITED),
    ("passed_on", StepKind.AWAITED),
    ("done", StepKind.DONE),
)


def english_steps(reading: Reading) -> Iterator[Step]:
    """Every clause that says what happens next, once, as the first list that knows it."""
    idle = pattern(_LANG, "idle")
    for clause in reading.clauses:
        text = idle.sub(" ", clause.text)
        kind = next((kind for key, kind in _KINDS if pattern(_LANG, key).search(text)), None)
        if kind:
            yield Step(*reading.place(clause.start, clause.end), kind)
