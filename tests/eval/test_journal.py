"""A run that was stopped goes on where it was; what is no record is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import ConflictError, DatasetError
from eval.cases import Case, Labels
from eval.journal import UNFINISHED, Journal, read_records
from eval.records import Record
from eval.runner import walk
from tests.eval.test_metrics import PLAIN

IDENTITY = {"dataset": "a", "snapshot": "b"}
CASES = [Case(f"d{at}", 0, "ru", f"вопрос {at}", Labels(), ()) for at in range(6)]


class Decider:
    """Makes records and remembers of what; breaks at a case when told to."""

    def __init__(self, breaks_at: str = "") -> None:
        self.asked: list[str] = []
        self._breaks_at = breaks_at

    def __call__(self, case: Case) -> Record:
        if case.dialog_id == self._breaks_at:
            raise KeyboardInterrupt
        self.asked.append(case.dialog_id)
        return replace(PLAIN, dialog_id=case.dialog_id, text=case.text, latency_ms=None)


def stopped_run(folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        walk(CASES, Decider("d3"), Journal(folder, IDENTITY), 1, None)


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    stopped_run(tmp_path)
    decider, journal = Decider(), Journal(tmp_path, IDENTITY)
    records = walk(CASES, decider, journal, 1, None)
    journal.finish(records)
    assert decider.asked == ["d3", "d4", "d5"]
    assert [record.dialog_id for record in records] == [case.dialog_id for case in CASES]
    assert not (tmp_path / UNFINISHED).exists()


@pytest.mark.parametrize("other", [{"dataset": "x", "snapshot": "b"}, {**IDENTITY, "seed": 1}])
def test_a_stopped_run_of_something_else_is_begun_anew(
    tmp_path: Path, other: dict[str, object]
) -> None:
    stopped_run(tmp_path)
    decider = Decider()
    walk(CASES, decider, Journal(tmp_path, other), 1, None)
    assert len(decider.asked) == len(CASES)


def test_a_line_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    stopped_run(tmp_path)
    path = tmp_path / UNFINISHED
    path.write_bytes(path.read_bytes()[:-40])
    decider = Decider()
    walk(CASES, decider, Journal(tmp_path, IDENTITY), 1, None)
    assert decider.asked == ["d2", "d3", "d4", "d5"]


@pytest.mark.parametrize("workers", [1, 4])
def test_records_are_read_as_they_were_written(tmp_path: Path, workers: int) -> None:
    journal = Journal(tmp_path, IDENTITY)
    records = walk(CASES, Decider(), journal, workers, None)
    assert read_records(journal.finish(records)) == records


@pytest.mark.parametrize(
    ("line", "reason"),
    [("{", "not JSON"), ("[]", "not an object"), ('{"turn": 1}', "no record: 'action' is missing")],
)
def test_what_is_no_record_is_named_by_file_and_line(
    tmp_path: Path, line: str, reason: str
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=f"records.jsonl:1: {reason}"):
        read_records(path)


def test_a_message_may_hold_signs_that_look_like_the_end_of_a_line(tmp_path: Path) -> None:
    record = replace(PLAIN, text="один\u2028два\u0085три\x0bчетыре")
    path = Journal(tmp_path, IDENTITY).finish([record])
    assert [found.text for found in read_records(path)] == [record.text]


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    first = Journal(tmp_path, IDENTITY)
    with pytest.raises(ConflictError, match="another run is writing into"):
        Journal(tmp_path, IDENTITY)
    first.finish([])
    Journal(tmp_path, IDENTITY).finish([])
    assert {path.name for path in tmp_path.iterdir()} == {"records.jsonl", "timings.jsonl"}
