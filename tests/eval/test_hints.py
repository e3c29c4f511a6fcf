"""`souffleur eval hints`: its figures by hand, and the command as a person would run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.hints.past import Floats
from eval.cases import Case, Labels
from eval.hints.measuring import BY_INTENT, INTENTS, measure_hints
from eval.hints.turns import HintedTurn, LabelledPast, normalised_distance

FIGURES = [
    *("hints_hit_at_1", "hints_hit_at_3", "edit_distance_first", "edit_distance_best"),
    *("hint_rate", "hint_rate_unanswerable"),
    *(f"{name}_{intent}" for intent in INTENTS for name in BY_INTENT),
    *("milliseconds_p50", "milliseconds_p95"),
]


def turn(dialog_id: str = "d-1", **fields: Any) -> HintedTurn:
    given = {
        "turn": 0,
        "text": "вопрос",
        "hints": ({"source": "article", "article_ids": ["a-1"]},),
        "intent_label": "question",
        "article_labels": ("a-1",),
        "answer_label": "ответ",
        "hit_at": 1,
        "edit_first": 0.5,
        "edit_best": 0.25,
        "milliseconds": 10.0,
    }
    return HintedTurn(dialog_id=dialog_id, **(given | fields))


def test_hits_are_counted_by_place_over_turns_with_a_right_article() -> None:
    turns = [
        turn(),
        turn("d-2", hit_at=3),
        turn("d-3", hit_at=None),
        turn("d-4", hit_at=None, article_labels=()),
        turn("d-5", hit_at=None, article_labels=None),
    ]
    found = measure_hints(turns)
    assert (found["hints_hit_at_1"].value, found["hints_hit_at_1"].n) == (0.3333, 3)
    assert (found["hints_hit_at_3"].value, found["hints_hit_at_3"].n) == (0.6667, 3)
    assert found["hint_rate_unanswerable"].n == 1


def test_what_carries_no_label_is_unscored() -> None:
    found = measure_hints([turn(article_labels=None, edit_first=None, edit_best=None)])
    for name in ("hints_hit_at_1", "edit_distance_first", "edit_distance_best"):
        assert (found[name].value, found[name].n) == (None, 0)


def test_figures_are_split_by_the_labelled_intent() -> None:
    found = measure_hints([turn(), turn("d-2", intent_label="complaint", hit_at=None)])
    assert (found["hints_hit_at_1_question"].value, found["hints_hit_at_1_question"].n) == (1.0, 1)
    assert (found["hints_hit_at_3_complaint"].value, found["hints_hit_at_3_complaint"].n) == (
        0.0,
        1,
    )


def test_interval_draws_whole_dialogs() -> None:
    one = [turn("d-1", hit_at=1), turn("d-1", hit_at=None)] * 20
    found = measure_hints(one)["hints_hit_at_1"]
    assert (found.value, found.ci_low, found.ci_high) == (0.5, 0.5, 0.5)


def test_frame_alone_is_no_hint_with_a_source() -> None:
    found = measure_hints([turn(hints=({"source": "template", "article_ids": []},)), turn("d-2")])
    assert found["hint_rate"].value == 0.5


@pytest.mark.parametrize(
    ("hint", "answer", "distance"),
    [("Семь дней.", "семь дней", 0.0), ("семь дней", "три дня", 1.0), ("", "", 0.0)],
)
def test_distance_is_over_the_longer_text(hint: str, answer: str, distance: float) -> None:
    assert normalised_distance(hint, answer) == distance


def vectors(texts: object) -> Floats:
    return np.ones((len(list(texts)), 1), np.float32)  # type: ignore[call-overload]


def test_past_answers_are_never_of_the_same_dialog() -> None:
    cases = [
        Case(f"d-{at}", 0, "ru", "вопрос", Labels(answer=f"совсем разный ответ {at} {at}"), ())
        for at in (1, 2)
    ]
    past = LabelledPast(cases, vectors)
    found = past.find(np.ones(1, np.float32), "ru", without="d-1")
    assert [one.answer.dialog_id for one in found] == ["d-2"]
    assert past.find(np.ones(1, np.float32), "en", without="d-1") == []


DIALOGS = [
    {
        "dialog_id": "t-1",
        "locale": "en",
        "turns": [
            {
                "author": "customer",
                "text": "How do I cancel my order?",
                "labels": {
                    "article_ids": ["en-orders-cancel-change"],
                    "answer": "Open Profile, Orders and press Cancel order.",
                },
            }
        ],
    },
    {
        "dialog_id": "t-2",
        "locale": "en",
        "turns": [
            {
                "author": "customer",
                "text": "How can I cancel my order?",
                "labels": {
                    "answer": "Refuse the parcel at the door and the money comes back by itself."
                },
            }
        ],
    },
]


@pytest.mark.parametrize("past", [False, True])
def test_command_prints_every_figure_with_n(
    run_command: Callable[..., Any], shop: Path, tmp_path: Path, past: bool
) -> None:
    file, out = tmp_path / "dialogs.jsonl", tmp_path / "turns.jsonl"
    file.write_text("\n".join(json.dumps(dialog) for dialog in DIALOGS), encoding="utf-8")
    more = ["--past"] if past else []
    command = ("eval", "hints", str(file), "--data-dir", str(shop), "--out", str(out), "--json")
    done = run_command(*command, *more)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert list(document["metrics"]) == FIGURES
    assert document["metrics"]["hints_hit_at_3"] == {
        "value": 1.0,
        "ci_low": 1.0,
        "ci_high": 1.0,
        "n": 1,
    }
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["dialog_id"] for line in lines] == ["t-1", "t-2"]
    kinds = {hint["kind"] for line in lines for hint in line["hints"]}
    assert ("past_answer" in kinds) is past
