"""The scores of masking, and the set that ships."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.errors import DatasetError
from assistant.privacy.entities import KINDS, Entity
from assistant.privacy.masker import Masker
from eval.masking_scores import (
    MarkedText,
    false_alarm_rate,
    leak_rate,
    leaks,
    read_marked,
    score_spans,
)

SET = Path(__file__).parents[2] / "eval" / "datasets" / "privacy"
TEXT = MarkedText("a", "тел 8916 Анна", (Entity("phone", 4, 8), Entity("name", 9, 13)))
EMPTY = MarkedText("b", "привет", ())


def test_exact_and_overlapping_spans_are_told_apart() -> None:
    found = [[Entity("phone", 4, 8), Entity("name", 9, 12), Entity("order", 0, 3)], []]
    scores = score_spans([TEXT, EMPTY], found)
    assert (scores.marked, scores.found) == (2, 3)
    assert (scores.recall_exact, scores.recall_overlapping) == (0.5, 1.0)
    assert (scores.precision_exact, scores.precision_overlapping) == (1 / 3, 2 / 3)


def test_a_kind_is_scored_alone_and_nothing_is_no_zero() -> None:
    scores = score_spans([TEXT], [[Entity("card", 4, 8)]], "phone")
    assert (scores.marked, scores.found, scores.recall_exact) == (1, 0, 0.0)
    assert scores.precision_exact is None


def test_a_leak_is_a_letter_or_digit_left_whatever_the_kind() -> None:
    assert not leaks(TEXT, [Entity("card", 4, 8), Entity("card", 8, 13)])
    assert leaks(TEXT, [Entity("phone", 4, 8), Entity("name", 9, 12)])
    assert leak_rate([TEXT, EMPTY], [[], []]) == 1.0
    assert leak_rate([EMPTY], [[]]) is None
    assert false_alarm_rate([TEXT, EMPTY], [[], [Entity("name", 0, 6)]]) == 1.0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not a marked text"),
        ('{"id": "1", "text": "a"}', "entities"),
        ('{"id": "1", "text": "a", "entities": [{"kind": "name", "start": 0, "end": 2}]}', "fit"),
        ('{"id": "1", "text": "a", "entities": [{"kind": "cat", "start": 0, "end": 1}]}', "fit"),
    ],
)
def test_a_malformed_line_of_a_set_is_named(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(f'{{"id": "0", "text": "", "entities": []}}\n{line}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match=f"set.jsonl:2: .*{reason}"):
        read_marked(file)


def test_the_set_that_ships_is_large_and_its_halves_share_no_text() -> None:
    parts = {path.stem: read_marked(path) for path in SET.glob("*.jsonl")}
    assert sorted(parts) == ["dev_en", "dev_ru", "heldout_en", "heldout_ru"]
    texts = [text for part in parts.values() for text in part]
    assert len(texts) >= 400
    assert sum(not text.entities for text in texts) >= 120
    assert {one.kind for text in texts for one in text.entities} == set(KINDS)
    assert len({text.text for text in texts}) == len(texts)
    assert len({text.text_id for text in texts}) == len(texts)
    for text in texts:
        spans = sorted((one.start, one.end) for one in text.entities)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@pytest.mark.parametrize("part", ["dev", "heldout"])
def test_masking_keeps_its_recall_and_precision(part: str, counted: Callable[..., None]) -> None:
    masker = Masker()
    texts = [text for path in sorted(SET.glob(f"{part}_*.jsonl")) for text in read_marked(path)]
    found = [masker.find(text.text) for text in texts]
    scores = score_spans(texts, found)
    assert scores.recall_overlapping is not None
    assert scores.precision_overlapping is not None
    assert scores.recall_overlapping >= 0.97, json.dumps(part)
    assert scores.precision_overlapping >= 0.97
    counted(f"privacy, {part}: messages", len(texts))
    counted(f"privacy, {part}: personal data in them", scores.marked)
    counted(f"privacy, {part}: of these masked", round(scores.recall_overlapping * scores.marked))
