"""`judged.jsonl`: a line an answer, written as the verdicts come and sorted at the end.

A line is used again when the same model was asked the same, to the letter. Lines of failures are
not: what failed is asked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import DatasetError
from eval.judging.answered import Answered, Place
from eval.judging.judge import Judge, Judgement, Outcome, Verdict, rubric
from prompts.loader import LANGUAGES

JUDGED = "judged.jsonl"
_TEXTS = ("dialog_id", "outcome", "reason", "model", "prompt", "asked")


@dataclass(frozen=True)
class Judged:
    """A line of the file: a turn, what was asked about it and of whom, and what came of it."""

    dialog_id: str
    turn: int
    outcome: str
    verdict: str | None
    reason: str
    raw: str | None
    model: str
    prompt: str
    """Name, version and hash of the rubric."""
    blind: bool
    asked: str
    """Digest of the model and of all that it was asked."""
    label: bool | None
    """Whether people found the answer right; None where they said nothing."""

    @property
    def place(self) -> Place:
        """Which turn this is."""
        return self.dialog_id, self.turn


def judged(answered: Answered, said: Judgement, judge: Judge, *, blind: bool) -> Judged:
    """The line of a turn."""
    return Judged(
        dialog_id=answered.dialog_id,
        turn=answered.turn,
        outcome=said.outcome.value,
        verdict=None if said.verdict is None else said.verdict.value,
        reason=said.reason,
        raw=said.raw,
        model=judge.name,
        prompt=rubric(answered.lang).label,
        blind=blind,
        asked=judge.digest(answered),
        label=answered.label,
    )


class JudgedFile:
    """The lines of one judge on one run."""

    def __init__(self, path: Path, judge: Judge, *, blind: bool) -> None:
        """`path` may hold what a stopped run left. Raises DatasetError when it holds the verdicts
        of another model, rubric or mode, which may have been paid for."""
        self.path = path
        self.found: dict[str, Judged] = {}
        """What has been judged, by the digest of what was asked."""
        for number, row in _lines(path):
            line = _line_of(row, f"{path}:{number}")
            self._require_same(line, judge, blind=blind)
            if line.outcome != Outcome.FAILED:
                self.found[line.asked] = line

    def _require_same(self, line: Judged, judge: Judge, *, blind: bool) -> None:
        now = (judge.name, blind)
        rubrics = {rubric(lang).label for lang in LANGUAGES}
        if (line.model, line.blind) != now or line.prompt not in rubrics:
            mode = "blind" if line.blind else "not blind"
            raise DatasetError(
                f"{self.path} holds verdicts of {line.model} ({mode}, {line.prompt}), which is "
                "not what is asked now: name another file with --out"
            )

    def add(self, line: Judged) -> None:
        """Keep a line; on disk when this returns."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_text_of(line))

    def begin(self) -> None:
        """Write what is used again, without a line that was cut off, so that lines can be added."""
        self.finish(list(self.found.values()))

    def finish(self, lines: Sequence[Judged]) -> None:
        """Write these lines and no others, in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_name(f".{self.path.name}.new")
        aside.write_text("".join(map(_text_of, lines)), encoding="utf-8")
        os.replace(aside, self.path)


def _text_of(line: Judged) -> str:
    return json.dumps(asdict(line), ensure_ascii=False, sort_keys=True) + "\n"


def _lines(path: Path) -> list[tuple[int, Any]]:
    """The rows with their numbers; a last line that was cut off is left out."""
    if not path.exists():
        return []
    try:
        *whole, _ = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    rows = []
    for number, line in enumerate(whole, start=1):
        try:
            rows.append((number, json.loads(line)))
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{path}:{number}: not JSON ({error})") from error
    return rows


def _line_of(row: Any, where: str) -> Judged:
    """Raises DatasetError naming the place when a row is none that this module wrote."""
    if not isinstance(row, Mapping) or set(row) != set(Judged.__dataclass_fields__):
        raise DatasetError(f"{where}: not a line of {JUDGED}: name another file with --out")
    texts = all(isinstance(row[name], str) for name in _TEXTS)
    known = row["outcome"] in set(Outcome) and row["verdict"] in {None, *Verdict}
    whole = (row["outcome"] == Outcome.JUDGED) == (row["verdict"] is not None)
    if not (texts and known and whole and isinstance(row["label"], bool | None)):
        raise DatasetError(f"{where}: not a line of {JUDGED}: name another file with --out")
    return Judged(**row)
