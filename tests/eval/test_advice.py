"""The labelled drafts that ship, and how advice on them is counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import DatasetError
from assistant.privacy.masker import Masker
from assistant.review.advice import Advice, AdviceCode, Severity
from assistant.review.reviewing import Reviewer
from assistant.review.spelling import Dictionaries
from eval.advice_scores import (
    ADVICE_SET,
    SPLITS,
    LabelledDraft,
    Reviewed,
    false_alarms,
    read_drafts,
    review_all,
    scores_of,
)


@pytest.fixture(scope="module")
def drafts() -> list[LabelledDraft]:
    return [one for path in sorted(ADVICE_SET.glob("*.jsonl")) for one in read_drafts(path)]


def test_there_are_enough_drafts_and_about_half_are_fine(drafts: list[LabelledDraft]) -> None:
    fine = sum(not one.labels for one in drafts)
    assert len(drafts) >= 260
    assert 0.45 <= fine / len(drafts) <= 0.55
    assert len({one.draft_id for one in drafts}) == len(drafts)
    assert len({(one.draft, one.history) for one in drafts}) == len(drafts)
    for split in SPLITS:
        own = [one.draft for one in drafts if one.split == split]
        assert len(set(own)) == len(own), split
    fresh = [one for one in drafts if one.split == "fresh"]
    assert [sum(one.lang == lang for one in fresh) for lang in ("ru", "en")] == [65, 35]
    assert sum(not one.labels for one in fresh) == len(fresh) / 2
    for lang, least in (("ru", 180), ("en", 80)):
        for split in ("dev", "heldout"):
            own = [one for one in drafts if one.lang == lang and one.split == split]
            assert len(own) >= least / 2 - 1, (lang, split)


def test_advice_on_the_drafts_it_was_tuned_on_is_mostly_right(
    drafts: list[LabelledDraft],
) -> None:
    # Those written for measuring are no gate, or the rules would be bent until they pass it.
    tuned_on = [one for one in drafts if one.split == "dev"]
    masker = Masker()
    reviewed = review_all(tuned_on, Reviewer(masker, Dictionaries()), masker)
    scores = scores_of(reviewed)
    assert scores.recall is not None
    assert scores.precision is not None
    assert scores.recall >= 0.95
    assert scores.precision >= 0.95
    alarmed, fine = false_alarms(reviewed)
    assert alarmed <= 0.03 * fine


def draft_row(**fields: object) -> dict[str, object]:
    row: dict[str, object] = {
        "id": "x",
        "split": "dev",
        "lang": "ru",
        "intent": "question",
        "draft": "Мы ценим ваш выбор. Да.",
        "labels": [{"code": "hollow", "from": 0, "to": 19}],
    }
    return row | fields


def read(tmp_path: Path, row: dict[str, object]) -> list[LabelledDraft]:
    file = tmp_path / "drafts.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return read_drafts(file)


def advice(code: AdviceCode, start: int, end: int) -> Advice:
    return Advice(code, Severity.LOW, (start, end), "why", None)


def test_advice_counts_where_it_overlaps_a_label_of_its_code(tmp_path: Path) -> None:
    (labelled,) = read(tmp_path, draft_row())
    given = (
        advice(AdviceCode.HOLLOW, 10, 19),
        advice(AdviceCode.HOLLOW, 20, 23),
        advice(AdviceCode.TYPO, 0, 5),
    )
    reviewed = [Reviewed(labelled, given)]
    assert scores_of(reviewed).found == 1
    assert scores_of(reviewed).false == 2
    assert scores_of(reviewed, AdviceCode.HOLLOW).precision == 0.5
    assert scores_of(reviewed, AdviceCode.TYPO).recall is None
    assert scores_of([Reviewed(labelled, ())]).precision is None


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": [{"code": "hollow", "from": 0, "to": 99}]},
        {"labels": [{"code": "hollow", "from": 3, "to": 3}]},
        {"labels": [{"code": "nothing", "from": 0, "to": 3}]},
        {"split": "test"},
        {"intent": "praise"},
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, fields: dict[str, object]) -> None:
    with pytest.raises(DatasetError, match=r"drafts\.jsonl:1: no labelled draft"):
        read(tmp_path, draft_row(**fields))
