"""The report says what was counted, hides nothing unscored, and lets no message become markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from assistant.domain import Action, HandoffReason, IntentLabel, Signal
from assistant.errors import DatasetError
from eval.metrics import measure_all, wilson
from eval.records import Record
from eval.report.baseline import BaselineRun, Difference, differences, read_baseline
from eval.report.curves import point_at, reliability_bins, risk_curve
from eval.report.page import REPORT, render, write_report
from eval.report.scores import HEADLINE
from eval.report.tables import groups_by, handoff_matrix, intent_matrix
from eval.report.texts import Texts
from eval.report.why import why
from eval.report.worst import worst_cases
from prompts.loader import LANGUAGES, PromptError, surface
from tests.eval.test_metrics import PLAIN, records

HOSTILE = "<script>alert(1)</script></script><img src=x onerror=alert(2)> \u202eтекст\u202c & \"'"
VOCABULARY = ("intent", "action", "reason", "signal", "lang", "channel", "metric", "about")
MIXED = [
    replace(record, features={"lead": 0.5}, signals=["distress"], explanations={"a": "b"})
    for record in records(
        {"considered": 0.95},
        {"considered": 1.0, "article_labels": ["z"], "handoff_label": True},
        {"considered": 0.05, "action": "handoff", "handoff_reason": "complaint", "cited": []},
        {"considered": 0.31, "article_labels": ["b"], "action": "clarify"},
        {"considered": 0.39, "intent_label": "complaint", "topic_label": None},
        {"considered": None, "confidence": None, "action": "handoff", "article_labels": []},
        {"considered": 0.5, "article_labels": None},
        {"considered": 0.7, "confidence": 0.6, "article_labels": [], "intent_label": "thanks"},
    )
]


PERFECT = records(*([{}] * 3))


def document_of(found: Sequence[Record], **changes: Any) -> dict[str, Any]:
    return {
        "dataset": "dialogs.jsonl",
        "n_dialogs": len(found),
        "n_turns": len(found),
        "snapshot": "abc",
        "config": {"embedding_model": "m", "language_model": None, "answer_from": 0.5, "seed": 0},
        "metrics": {name: asdict(metric) for name, metric in measure_all(found).items()},
        **changes,
    }


def page_of(found: Sequence[Record], lang: str = "en", **changes: Any) -> BeautifulSoup:
    return BeautifulSoup(render(document_of(found, **changes), found, Texts(lang)), "lxml")


def row_of(page: BeautifulSoup, name: str) -> list[str]:
    """The cells beside a metric."""
    code = page.find("code", string=name)
    assert code is not None
    row = code.find_parent("tr")
    assert row is not None
    return [cell.get_text(" ", strip=True) for cell in row.find_all("td")]


def test_unscored_metric_is_a_dash_and_says_why_instead_of_zero() -> None:
    page = page_of(records({"article_labels": None, "handoff_label": None}))
    assert row_of(page, "retrieval_recall_at_1") == ["—", "no labels", "0"]
    assert row_of(page, "handoff_recall") == ["—", "no labels", "0"]


def test_scored_metric_shows_value_interval_and_n() -> None:
    assert row_of(page_of(records({}, {})), "answer_rate") == ["1.000", "[1.000,\u00a01.000]", "2"]
    assert row_of(page_of(records({}, {}), "ru"), "answer_rate")[0] == "1,000"


def test_every_metric_is_in_exactly_one_of_the_two_tables() -> None:
    page = page_of(MIXED)
    shown = [code.get_text() for code in page.select("table.scores tbody th code")]
    assert sorted(shown) == sorted(measure_all(MIXED))
    assert shown[: len(HEADLINE)] == list(HEADLINE)


def test_bins_hold_what_was_counted_by_hand() -> None:
    bins = reliability_bins(MIXED)
    assert [(item.n, item.right) for item in bins] == [
        *((1, 1), (0, 0), (0, 0), (2, 1), (0, 0), (0, 0), (0, 0), (1, 0), (0, 0), (2, 1))
    ]
    assert bins[3].confidence == pytest.approx(0.35)
    assert bins[1].share is None
    assert bins[1].interval is None


def test_wilson_interval_agrees_with_its_published_example() -> None:
    """81 of 263 (Newcombe, "Two-sided confidence intervals for the single proportion", 1998)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_risk_curve_takes_equal_confidences_together() -> None:
    curve = risk_curve(
        records(
            {"considered": 0.9},
            {"considered": 0.6, "article_labels": ["b"]},
            {"considered": 0.6},
            {"considered": None},
        )
    )
    assert [(point.coverage, round(point.risk, 3)) for point in curve] == [
        (0.25, 0.0),
        (0.75, 0.333),
        (1.0, 0.5),
    ]
    assert point_at(curve, 0.6).answered == 3
    assert point_at(curve, 0.95).answered == 0


def test_chosen_point_is_told_in_words() -> None:
    words = page_of(records({}, {"article_labels": ["b"]})).select_one(".words")
    assert words is not None
    assert "At threshold 0.50 the bot takes on 2 of 2 turns" in words.get_text()
    assert "50% of those answers are wrong" in words.get_text()


def test_matrices_count_rows_and_columns() -> None:
    intents = {row.label: [cell.n for cell in row.cells] for row in intent_matrix(MIXED)}
    assert intents == {"complaint": [0, 1, 0], "question": [0, 6, 0], "thanks": [0, 1, 0]}
    handoffs = {row.label: [cell.n for cell in row.cells] for row in handoff_matrix(MIXED)}
    assert handoffs == {"needed": [0, 1], "needless": [2, 5]}
    assert intent_matrix(records({"intent_label": None})) == []


def test_groups_of_few_turns_are_marked_and_the_nameless_come_last() -> None:
    found = records(*([{}] * 10), {"topic_label": None}, {"topic_label": "app"})
    groups = groups_by(found, lambda record: record.topic_label)
    assert [(group.name, group.n, group.is_small) for group in groups] == [
        ("payment", 10, False),
        ("app", 1, True),
        (None, 1, True),
    ]


def test_worst_cases_are_the_surest_mistakes_and_at_most_fifteen() -> None:
    wrong = [{"article_labels": ["z"], "confidence": at / 100} for at in range(20)]
    answers, intents, handoffs = worst_cases(records(*wrong, {"handoff_label": True}))
    assert [record.confidence for record, _ in answers.cases] == [
        at / 100 for at in range(19, 4, -1)
    ]
    assert (answers.total, intents.total, handoffs.total) == (20, 0, 1)


def filled_with(text: str) -> Record:
    """A wrong answer whose every text is this one."""
    return replace(
        PLAIN,
        text=text,
        question=text,
        reply=text,
        quotes=[text],
        cited=[text],
        ranking=[{"article_id": text, "score": 1.0}],
        article_labels=["other" + text],
        answer_label=text,
        topic=text,
        topic_label=text,
        dialog_id=text,
        channel=text,
        explanations={text: text},
        versions={text: text},
        features={text: 1.0},
    )


def test_hostile_text_stays_text() -> None:
    bad = filled_with(HOSTILE)
    html = render(document_of([bad], dataset=HOSTILE, snapshot=HOSTILE), [bad], Texts("ru"))
    page = BeautifulSoup(html, "lxml")
    assert page.find_all(["script", "img"]) == []
    assert "<script" not in html
    said = page.select_one(".case .said")
    assert said is not None
    assert said.get_text() == HOSTILE
    assert said["dir"] == "auto"


def test_text_that_looks_like_a_template_is_not_run() -> None:
    page = page_of(records({"text": "{{ 6 * 7 }} {n}", "article_labels": ["z"]}))
    assert "{{ 6 * 7 }} {n}" in page.get_text()


def test_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        path = write_report(document_of(MIXED), list(MIXED), tmp_path / name)
        assert path == tmp_path / name / REPORT
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_page_points_nowhere_but_into_itself() -> None:
    page = page_of(MIXED)
    outside = [
        tag[name]
        for name in ("href", "src")
        for tag in page.find_all(attrs={name: True})
        if not str(tag[name]).startswith(("#", "data:"))
    ]
    assert outside == []
    targets = {tag["id"] for tag in page.find_all(id=True)}
    assert {str(link["href"])[1:] for link in page.select("nav a")} <= targets
    named = {name for tag in page.select("[aria-labelledby]") for name in _names(tag)}
    assert named <= targets


def _names(tag: Any) -> list[str]:
    return str(tag["aria-labelledby"]).split()


def test_tables_have_captions_and_scopes_and_drawings_have_titles() -> None:
    page = page_of(MIXED)
    assert all(table.find("caption") for table in page.find_all("table"))
    assert all(cell.get("scope") for cell in page.find_all("th"))
    drawings = page.select("svg[role=img]")
    assert len(drawings) == 2
    assert all(drawing.find("title") and drawing.find("desc") for drawing in drawings)
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert max(after - before for before, after in pairwise(levels)) == 1


def test_data_set_without_labels_still_makes_a_report() -> None:
    bare = records({"article_labels": None, "handoff_label": None, "intent_label": None})
    page = page_of(bare, config={})
    assert page.select("svg[role=img]") == []
    assert "not told" in page.get_text()


class Listener(Mapping[str, str]):
    """Labels that remember which of them were asked for."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return self._labels[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)


_ALL_EXPLAINED = dict.fromkeys(("intent", "ranking", "answer", "grounded", "handoff"), "why")
EXPLAINED = [
    replace(record, explanations=_ALL_EXPLAINED, intent_label="question", **changes)  # type: ignore[arg-type]
    for record, changes in (
        (MIXED[0], {"grounded": True, "handoff_label": True, "handoff_reason": "complaint"}),
        (MIXED[0], {"article_labels": ["none-of-these"], "grounded": False}),
        (MIXED[0], {"article_labels": ["none-of-these"], "places_known": 3}),
        (MIXED[0], {"article_labels": [], "handoff_label": False, "handoff_reason": None}),
        (MIXED[0], {"handoff_label": None, "intent": "thanks"}),
    )
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_scores_are_explained_in_the_language_of_the_report(lang: str) -> None:
    for record in EXPLAINED:
        told = why(record, Texts(lang))
        assert set(told) == set(_ALL_EXPLAINED)
        assert "why" not in told.values()
        russian = [any("а" <= char <= "я" for char in text.lower()) for text in told.values()]
        assert all(russian) if lang == "ru" else not any(russian)


def test_explanation_of_somebody_elses_score_stays_as_it_is() -> None:
    record = replace(MIXED[0], explanations={"their own": "since it is so"})
    assert why(record, Texts("ru")) == {"their own": "since it is so"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_label_is_said_somewhere(lang: str) -> None:
    labels = Listener(surface("report", lang))
    for document, found, before in all_kinds_of_runs():
        render(document, found, Texts(lang, labels), before)
    for record in EXPLAINED:
        why(record, Texts(lang, labels))
    own = {key for key in labels if key.split("_")[0] not in VOCABULARY}
    assert sorted(own - labels.asked) == []


def all_kinds_of_runs() -> Iterator[tuple[dict[str, Any], Sequence[Record], BaselineRun | None]]:
    """With and without mistakes, labels, a threshold, a change."""
    bare = records({"article_labels": None, "intent_label": None, "considered": None})
    traced = [
        replace(MIXED[1], versions={"lexicon": "lexicon@1"}),
        replace(MIXED[1], features={}, intent_label=None, article_labels=[]),
    ]
    yield document_of(bare, config={}), bare, None
    yield document_of(MIXED, config={}), MIXED, None
    yield document_of(traced), traced, None
    yield document_of(PERFECT, config={"answer_from": 1.1}), PERFECT, None
    kinds = [(True, None, False, 0.6), (False, 0.1, True, 0.8), (False, 0.1, False, 0.8)]
    for provisional, risk, guaranteed, threshold in [*kinds, (False, 0.1, False, 1.01)]:
        judged = {"lang": "ru", "provisional": provisional, "risk": risk}
        judged |= {"guaranteed": guaranteed, "answer_from": threshold}
        config = {"confidence": [judged], "answer_from": threshold}
        yield document_of(PERFECT, config=config), PERFECT, None
    seen = [replace(record, features={"familiar": 1.0}) for record in MIXED]
    yield document_of(seen), seen, None
    yield document_of(PERFECT, config={"url": "http://127.0.0.1:8000"}), PERFECT, None
    yield document_of(PERFECT), PERFECT, BaselineRun("then", document_of(traced, snapshot="old"))
    yield document_of(MIXED), MIXED, BaselineRun("then", document_of(PERFECT))
    paired = [Difference("ece", 0.1, 0.3, None, 0.1, 0.3), Difference("aurc", 0.1, None, None)]
    yield document_of(MIXED), MIXED, BaselineRun("then", document_of(PERFECT), paired)


def _score(value: float) -> dict[str, float]:
    return {"value": value, "ci_low": value, "ci_high": value, "n": 9}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_of_ours_has_a_name(lang: str) -> None:
    codes = {
        "intent": list(IntentLabel),
        "action": list(Action),
        "reason": list(HandoffReason),
        "signal": list(Signal),
        "metric": list(measure_all(MIXED)),
        "about": list(measure_all(MIXED)),
    }
    wanted = {f"{kind}_{code}" for kind, known in codes.items() for code in known}
    assert sorted(wanted - set(surface("report", lang))) == []


def test_label_with_wrong_variables_is_an_error() -> None:
    with pytest.raises(PromptError):
        Texts("ru")("worst_count", shown=1)
    with pytest.raises(PromptError):
        Texts("ru")("no_such_label")


def test_numbers_are_written_as_the_language_does() -> None:
    russian, english = Texts("ru"), Texts("en")
    assert (russian.number(1234.5, 1), english.number(1234.5, 1)) == ("1\u202f234,5", "1,234.5")
    assert (russian.percent(0.5), english.percent(0.5)) == ("50\u00a0%", "50%")
    assert (english.signed(-0.25, 2), english.signed(0.0001, 2)) == ("−0.25", "0.00")
    assert russian.number(None) == "—"


def test_difference_is_told_only_where_intervals_are_apart() -> None:
    now = {"ece": _score(0.3), "answer_rate": _score(0.5), "new": _score(1)}
    then = {"ece": _score(0.1), "answer_rate": {**_score(0.4), "ci_high": 0.6}, "gone": _score(1)}
    found = {row.name: row for row in differences(now, then)}
    assert found["ece"].verdict == "worse"
    assert (found["answer_rate"].overlap, found["answer_rate"].verdict) == (True, "same")
    assert (found["new"].then, found["new"].change, found["new"].overlap) == (None, None, None)
    assert list(found) == ["ece", "answer_rate", "new", "gone"]


def test_baseline_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"metrics\.json"):
        read_baseline(path)
    path.write_text(json.dumps(document_of(MIXED)), encoding="utf-8")
    assert read_baseline(path).document["snapshot"] == "abc"
