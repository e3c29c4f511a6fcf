"""The walk over a run's answers: kept at once, gone on with, counted without inventing zeros."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import (
    DatasetError,
    LanguageModelBusyError,
    LanguageModelError,
    LanguageModelRefusedError,
)
from eval.judging.agreement import Table
from eval.judging.answered import Answered
from eval.judging.judge import Judge, Outcome
from eval.judging.judged_file import Judged, JudgedFile
from eval.judging.judging import FAILURES_IN_A_ROW, chosen, judge_all, summarise
from tests.eval.judging.doubles import ScriptedModel, answers, verdict

SIX = answers(*({"message": f"вопрос {at}"} for at in range(6)))


def right(_: str) -> str:
    return verdict("right")


def hold(
    answered: list[Answered],
    model: ScriptedModel,
    path: Path,
    *,
    workers: int = 1,
    blind: bool = False,
) -> list[Judged]:
    judge = Judge(model, lambda _: None)
    file = JudgedFile(path, judge, blind=blind)
    return judge_all(answered, judge, file, lambda: None, blind=blind, workers=workers)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def stopped_run(path: Path) -> None:
    """Judges the first three of six, then is stopped."""
    model = ScriptedModel(
        lambda said: KeyboardInterrupt() if "вопрос 3" in said else verdict("right")
    )
    with pytest.raises(KeyboardInterrupt):
        hold(SIX, model, path)


@pytest.mark.parametrize("workers", [1, 4])
def test_file_has_a_line_an_answer_in_the_order_of_the_run(tmp_path: Path, workers: int) -> None:
    path = tmp_path / "judged.jsonl"
    lines = hold(SIX, ScriptedModel(right), path, workers=workers)
    found = rows(path)
    assert [row["dialog_id"] for row in found] == [one.dialog_id for one in SIX]
    assert found[0] == {
        "dialog_id": "d0",
        "turn": 0,
        "outcome": "judged",
        "verdict": "right",
        "reason": "так написано в статье",
        "raw": verdict("right"),
        "model": "scripted/judge",
        "prompt": lines[0].prompt,
        "blind": False,
        "asked": lines[0].asked,
        "label": True,
    }
    assert lines[0].prompt.startswith("judge/ru@1:")


def test_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    stopped_run(path)
    assert len(rows(path)) == 3
    model = ScriptedModel(right)
    lines = hold(SIX, model, path)
    assert len(model.asked) == 3
    assert [line.dialog_id for line in lines] == [one.dialog_id for one in SIX]
    assert len(rows(path)) == 6


def test_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    stopped_run(path)
    path.write_bytes(path.read_bytes()[:-30])
    model = ScriptedModel(right)
    hold(SIX, model, path)
    assert len(model.asked) == 4
    assert len(rows(path)) == 6


def test_what_failed_is_asked_again_and_what_was_judged_is_not(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    busy = ScriptedModel(
        lambda said: LanguageModelBusyError("429") if "вопрос 2" in said else "не JSON"
    )
    lines = hold(SIX, busy, path)
    assert [line.outcome for line in lines].count(Outcome.FAILED) == 1
    model = ScriptedModel(right)
    assert [line.verdict for line in hold(SIX, model, path)].count("right") == 1
    assert len(model.asked) == 1


def test_answer_that_changed_is_judged_anew(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    hold(SIX, ScriptedModel(right), path)
    changed = answers(*({"message": f"вопрос {at}", "answer": f"{at % 2}"} for at in range(6)))
    model = ScriptedModel(right)
    lines = hold(changed, model, path)
    assert len(model.asked) == 6
    assert [row["asked"] for row in rows(path)] == [line.asked for line in lines]


def test_label_that_changed_is_written_without_asking_again(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    hold(answers({"label": True}), ScriptedModel(right), path)
    model = ScriptedModel(right)
    (line,) = hold(answers({"label": False}), model, path)
    assert (line.label, rows(path)[0]["label"], model.asked) == (False, False, [])


def test_smaller_sample_keeps_the_verdicts_of_the_larger(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    hold(SIX, ScriptedModel(right), path)
    model = ScriptedModel(right)
    assert len(hold(chosen(SIX, 2), model, path)) == 2
    assert len(hold(SIX, model, path)) == 6
    assert model.asked == []


@pytest.mark.parametrize(("model", "blind"), [("scripted/other", False), ("scripted/judge", True)])
def test_verdicts_of_another_judge_are_not_written_over(
    tmp_path: Path, model: str, blind: bool
) -> None:
    path = tmp_path / "judged.jsonl"
    hold(SIX, ScriptedModel(right), path)
    before = path.read_bytes()
    with pytest.raises(DatasetError, match=r"scripted/judge .*--out"):
        hold(SIX, ScriptedModel(right, model), path, blind=blind)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "judged.jsonl:1: not JSON"),
        ("[]", "judged.jsonl:1: not a line"),
        ('{"dialog_id": "d0"}', "judged.jsonl:1: not a line"),
    ],
)
def test_file_of_something_else_is_not_written_over(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "judged.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(DatasetError, match=reason):
        hold(SIX, ScriptedModel(right), path)
    assert path.read_text() == line + "\n"


def test_row_with_a_verdict_nobody_gives_is_no_line(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    hold(SIX[:1], ScriptedModel(right), path)
    path.write_text(path.read_text().replace('"verdict": "right"', '"verdict": "maybe"'))
    with pytest.raises(DatasetError, match="not a line"):
        hold(SIX[:1], ScriptedModel(right), path)


def test_refusal_stops_at_once_and_keeps_what_was_judged(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    refusing = ScriptedModel(
        lambda said: LanguageModelRefusedError("no") if "вопрос 2" in said else verdict("right")
    )
    with pytest.raises(LanguageModelRefusedError):
        hold(SIX, refusing, path)
    assert len(rows(path)) == 2


def test_model_out_of_order_is_left_alone(tmp_path: Path) -> None:
    many = answers(*({"message": str(at)} for at in range(5 * FAILURES_IN_A_ROW)))
    model = ScriptedModel(lambda _: LanguageModelError("down"))
    with pytest.raises(LanguageModelError, match=r"10 answers in a row failed.*down"):
        hold(many, model, tmp_path / "judged.jsonl")
    assert len(model.asked) == FAILURES_IN_A_ROW


def test_no_more_are_asked_at_a_time_than_there_are_workers(tmp_path: Path) -> None:
    lock, now, most = threading.Lock(), 0, 0
    both = threading.Barrier(2, timeout=10)

    def slow(_: str) -> str:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        both.wait()
        with lock:
            now -= 1
        return verdict("right")

    hold(SIX, ScriptedModel(slow), tmp_path / "judged.jsonl", workers=2)
    assert most == 2


def test_sample_is_spread_is_the_same_each_time_and_grows() -> None:
    many = answers(*({} for _ in range(50)))
    ten, twenty = chosen(many, 10), chosen(many, 20)
    assert ten == chosen(many, 10)
    assert ten != many[:10]
    assert len(ten) == 10
    assert [one for one in twenty if one in ten] == ten
    assert chosen(many, None) == chosen(many, 99) == many


def test_summary_counts_each_thing_once_and_scores_what_was_decided(tmp_path: Path) -> None:
    """Of seven answers three are right, one wrong, one undecided, one unparsable, one failed."""
    replies = ["right", "right", "right", "wrong", "cannot_tell", "garbage", "failed"]
    labels = [True, True, False, False, True, False, True]
    answered = answers(
        *({"message": said, "label": label} for said, label in zip(replies, labels, strict=True))
    )

    def script(said: str) -> str | BaseException:
        word = said.split("<message>\n")[1].split("\n", maxsplit=1)[0]
        if word == "failed":
            return LanguageModelBusyError("429")
        return "не JSON" if word == "garbage" else verdict(word)

    found = summarise(hold(answered, ScriptedModel(script), tmp_path / "judged.jsonl"))
    assert found.counts == {
        "right": 3,
        "wrong": 1,
        "cannot_tell": 1,
        "unparsable": 1,
        "failed": 1,
    }
    assert (found.judged_right.value, found.judged_right.n) == (0.75, 4)
    assert found.agreement.table == Table(2, 0, 1, 1)
    assert found.agreement.accuracy.value == 0.75
    assert found.agreement.kappa.value == 0.5
    assert found.cannot_tell_of_labelled == 1
    assert found.failures == ("language_model_busy: 429",)


def test_answers_without_a_label_are_judged_and_do_not_count_for_agreement(
    tmp_path: Path,
) -> None:
    answered = answers({"label": None}, {"label": None})
    found = summarise(hold(answered, ScriptedModel(right), tmp_path / "judged.jsonl"))
    assert found.judged_right.value == 1.0
    assert (found.agreement.table.n, found.agreement.accuracy.value) == (0, None)
