"""Which findings are told: few, one a place, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.review.advice import SEVERITY, AdviceCode, Finding, Severity

MOST = 6
"""So many pieces a hurried person looks at."""
_MOST_TYPOS = 3
_ORDER = {severity: at for at, severity in enumerate(Severity)}
_RANK = {code: at for at, code in enumerate(AdviceCode)}
_OF_THE_WHOLE = (AdviceCode.NO_NEXT_STEP, AdviceCode.NO_TIME, AdviceCode.TOO_LONG)
"""Said of the answer, shown at a sentence: another piece may stand in the same place."""


def chosen(findings: Iterable[Finding]) -> list[Finding]:
    """At most `MOST`, most severe first, then in order of place."""
    found = list(findings)
    if any(one.code is AdviceCode.NO_NEXT_STEP for one in found):
        # What the apology is for comes with the step.
        found = [one for one in found if one.code is not AdviceCode.EMPTY_APOLOGY]
    ranked = sorted(found, key=lambda one: (*_severity(one), one.start, one.end))
    kept: list[Finding] = []
    for one in ranked:
        if one.end > one.start and not any(_collide(one, other) for other in kept):
            kept.append(one)
    kept = [_keeping_nothing_told(one, kept) for one in kept]
    typos = [one for one in kept if one.code is AdviceCode.TYPO][_MOST_TYPOS:]
    return [one for one in kept if one not in typos][:MOST]


def _keeping_nothing_told(one: Finding, kept: Sequence[Finding]) -> Finding:
    """What is said of the whole adds to words of the draft: none of them may be what another piece
    is about, or taking both would bring back what had better go."""
    if one.code not in _OF_THE_WHOLE or one.suggestion is None:
        return one
    beside = [other for other in kept if other.code not in _OF_THE_WHOLE]
    if any(one.start < other.end and other.start < one.end for other in beside):
        return replace(one, suggestion=None)
    return one


def _severity(one: Finding) -> tuple[int, int]:
    return _ORDER[SEVERITY[one.code]], _RANK[one.code]


def _collide(one: Finding, other: Finding) -> bool:
    if one.code is not other.code and (one.code in _OF_THE_WHOLE) != (other.code in _OF_THE_WHOLE):
        return False
    return one.start < other.end and other.start < one.end
