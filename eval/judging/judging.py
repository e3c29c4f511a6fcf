"""The walk: every answer of a run past the judge, a few at a time, each verdict kept at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Any

from assistant.errors import LanguageModelError
from eval.judging.agreement import Agreement, Pair, agreement, share_of, table_document
from eval.judging.answered import Answered
from eval.judging.judge import Judge, Judgement, Outcome, Verdict
from eval.judging.judged_file import Judged, JudgedFile, judged
from eval.metrics import Metric

FAILURES_IN_A_ROW = 10
"""After so many the model is taken to be out of order and is left alone."""


@dataclass(frozen=True)
class Summary:
    """What a judge found, and how far it agrees with people."""

    counts: dict[str, int]
    """Turns by verdict, and those without one by why."""
    judged_right: Metric
    prompts: tuple[str, ...]
    """The rubrics with their versions."""
    agreement: Agreement
    cannot_tell_of_labelled: int
    failures: tuple[str, ...]
    """Why turns failed, one sentence a turn."""

    def document(self) -> dict[str, Any]:
        """For JSON."""
        found = self.agreement
        return {
            "counts": self.counts,
            "judged_right": asdict(self.judged_right),
            "prompts": list(self.prompts),
            "agreement": {
                "n": found.table.n,
                "cannot_tell": self.cannot_tell_of_labelled,
                "accuracy": asdict(found.accuracy),
                "kappa": asdict(found.kappa),
                "table": table_document(found.table),
            },
        }


def chosen(answered: Sequence[Answered], limit: int | None) -> list[Answered]:
    """At most `limit` of the turns, in their order. Which ones depends on the names of the turns
    alone, so that a sample is no stretch of the file, and a larger one holds the smaller."""
    if limit is None:
        return list(answered)
    lot = sorted(answered, key=lambda one: hashlib.sha256(repr(one.place).encode()).digest())
    places = {one.place for one in lot[:limit]}
    return [one for one in answered if one.place in places]


def judge_all(
    answered: Sequence[Answered],
    judge: Judge,
    file: JudgedFile,
    progress: Callable[[], object],
    *,
    blind: bool,
    workers: int,
) -> list[Judged]:
    """The lines of all turns, in order; what the file holds already is not asked again, and stays
    there when it is of other turns.

    Raises LanguageModelError when the model refuses or FAILURES_IN_A_ROW answers in a row fail;
    what was judged until then is in the file.
    """
    file.begin()
    asked = [judge.digest(one) for one in answered]
    done: dict[str, Judged] = {}
    missing = {}
    for one, digest in zip(answered, asked, strict=True):
        if digest in file.found:
            # What people say may have changed since; the judge was not shown it.
            done[digest] = replace(file.found[digest], label=one.label)
            progress()
        else:
            missing[digest] = one
    session = _Session(judge, file, blind=blind)
    with ThreadPoolExecutor(workers) as pool:
        waiting = {pool.submit(session.ask, one): digest for digest, one in missing.items()}
        try:
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                progress()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    lines = [done[digest] for digest in asked]
    places = {one.place for one in answered}
    others = [line for line in file.found.values() if line.place not in places]
    file.finish([*lines, *others])
    return lines


class _Session:
    """Asks about one answer after another and keeps each line at once. Safe to use from several
    threads; after the first error it asks no more."""

    def __init__(self, judge: Judge, file: JudgedFile, *, blind: bool) -> None:
        self._judge = judge
        self._file = file
        self._blind = blind
        self._lock = Lock()
        self._failures_in_a_row = 0
        self._over: BaseException | None = None

    def ask(self, answered: Answered) -> Judged:
        """The line of an answer. Raises LanguageModelError when it is no use to go on."""
        if self._over is not None:
            raise self._over
        try:
            said = self._judge.judge(answered)
            line = judged(answered, said, self._judge, blind=self._blind)
            with self._lock:
                self._file.add(line)
                self._count(said)
        except BaseException as error:
            self._over = error
            raise
        return line

    def _count(self, said: Judgement) -> None:
        failed = said.outcome is Outcome.FAILED
        self._failures_in_a_row = self._failures_in_a_row + 1 if failed else 0
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            raise LanguageModelError(
                f"{FAILURES_IN_A_ROW} answers in a row failed, the last with {said.reason}; what "
                "was judged is kept: run it again to go on"
            )


def summarise(lines: Sequence[Judged], seed: int = 0) -> Summary:
    """Count, measure, and hold against what people said."""
    counts = dict.fromkeys([*Verdict, Outcome.UNPARSABLE, Outcome.FAILED], 0)
    for line in lines:
        counts[Verdict(line.verdict) if line.verdict else Outcome(line.outcome)] += 1
    decided = counts[Verdict.RIGHT] + counts[Verdict.WRONG]
    unsure = [line for line in lines if line.verdict == Verdict.CANNOT_TELL]
    return Summary(
        counts={name.value: count for name, count in counts.items()},
        judged_right=share_of(counts[Verdict.RIGHT], decided),
        prompts=tuple(sorted({line.prompt for line in lines})),
        agreement=agreement(pairs_of(lines), seed),
        cannot_tell_of_labelled=sum(line.label is not None for line in unsure),
        failures=tuple(line.reason for line in lines if line.outcome == Outcome.FAILED),
    )


def pairs_of(lines: Sequence[Judged]) -> list[Pair]:
    """The answers of which both people and the judge said right or wrong."""
    return [
        Pair(line.dialog_id, line.label, line.verdict == Verdict.RIGHT)
        for line in lines
        if line.label is not None and line.verdict in (Verdict.RIGHT, Verdict.WRONG)
    ]
