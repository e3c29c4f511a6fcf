"""The scores of wording, and the set that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import DatasetError
from assistant.wording.fault import FaultCode, WordingContext
from eval.wording_scores import (
    WORDING_SET,
    CodeScores,
    LabelledSentence,
    false_alarm_rate,
    read_sentences,
    score_code,
    told_faults,
)

MAIN = ("hollow", "false_promise", "offer", "denies_bot", "link", "leak")
SET = [one for path in sorted(WORDING_SET.glob("*.jsonl")) for one in read_sentences(path)]
TOLD = told_faults(SET)


def sentence(*faults: FaultCode) -> LabelledSentence:
    return LabelledSentence("a", "ru", "a", WordingContext(), frozenset(faults), False)


def test_scores_count_a_sentence_once_a_code_and_nothing_is_no_zero() -> None:
    own = [sentence(FaultCode.LINK), sentence(FaultCode.LINK), sentence()]
    told = [frozenset({FaultCode.LINK}), frozenset[FaultCode](), frozenset({FaultCode.LEAK})]
    scores = score_code(own, told, FaultCode.LINK)
    assert scores == CodeScores(labelled=2, told=1, right=1)
    assert (scores.recall, scores.precision) == (0.5, 1.0)
    assert score_code(own, told, FaultCode.RUDE).recall is None
    assert false_alarm_rate(own, told) == 1.0
    assert false_alarm_rate(own[:2], told[:2]) is None


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"id": "1", "lang": "ru", "text": "a"}',
        '{"id": "1", "lang": "ru", "text": "a", "faults": ["x"]}',
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"set\.jsonl:1: not a labelled sentence"):
        read_sentences(file)


def test_the_set_that_ships_is_large_and_a_quarter_of_it_held_out() -> None:
    assert len(SET) >= 500
    assert len({one.sentence_id for one in SET}) == len(SET)
    assert sum(one.held_out for one in SET) * 4 >= len(SET)
    assert sum(not one.faults for one in SET) >= 220
    for code in MAIN:
        assert sum(code in one.faults for one in SET) >= 40
    assert {code for one in SET for code in one.faults} == set(FaultCode)


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_faults_of_the_set_are_told_as_they_were(lang: str, held_out: bool) -> None:
    places = [at for at, one in enumerate(SET) if (one.lang, one.held_out) == (lang, held_out)]
    own, told = [SET[at] for at in places], [TOLD[at] for at in places]
    least_recall = 0.7 if held_out else 0.95
    for code in FaultCode:
        scores = score_code(own, told, code)
        if code in MAIN and scores.recall is not None and scores.precision is not None:
            assert scores.recall >= least_recall, code
            assert scores.precision >= 0.85, code
    alarms = false_alarm_rate(own, told)
    assert alarms is not None
    assert alarms <= 0.06
