"""Scenarios on disk: what is read, and how what is malformed is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.domain import Action
from assistant.errors import DatasetError
from eval.simulation.scenario import Patience
from eval.simulation.scenario_file import load_scenarios, require_articles, shipped_scenarios

QUESTION = {"messages": ["сколько хранится заказ"], "satisfied_by": ["delivery-storage"]}
GOOD: dict[str, Any] = {
    "id": "x",
    "locale": "ru",
    "goal": "Узнать срок.",
    "customer": {"name": "Анна", "patience": {"angry_after": 1}},
    "questions": [{**QUESTION, "satisfied_by_actions": ["handoff"], "rephrases": ["срок?"]}],
    "thanks": ["спасибо"],
}


def write(folder: Path, document: Any, name: str = "scenario.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


def test_scenario_is_read_whole(tmp_path: Path) -> None:
    (scenario,) = load_scenarios([write(tmp_path, GOOD)])
    assert scenario.scenario_id == "x"
    assert scenario.name == "Анна"
    assert scenario.patience == Patience(angry_after=1)
    assert scenario.thanks == ("спасибо",)
    assert scenario.angry == ()
    (question,) = scenario.questions
    assert question.satisfied_by == ("delivery-storage",)
    assert question.satisfied_by_actions == {Action.HANDOFF}
    assert not question.wants_human


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": None}, "id is not text"),
        ({"locale": "de"}, "locale is 'de'"),
        ({"goal": ""}, "goal cannot be sent"),
        ({"customer": []}, "customer is not a mapping"),
        ({"customer": {"mood": "bad"}}, "customer.mood is unknown"),
        ({"customer": {"patience": {"leaves_after": 0}}}, "customer.patience.leaves_after"),
        ({"customer": {"patience": {"leaves_after": True}}}, "customer.patience.leaves_after"),
        ({"questions": []}, "questions is not a list of at least one"),
        ({"questions": ["где?"]}, "questions[0] is not a mapping"),
        ({"questions": [{"satisfied_by": ["a"]}]}, "questions[0].messages holds nothing"),
        ({"questions": [QUESTION, {"messages": ["а"]}]}, "questions[1] names nothing"),
        ({"questions": [{**QUESTION, "messages": [True]}]}, "questions[0].messages[0] is not text"),
        ({"questions": [{**QUESTION, "messages": "где?"}]}, "questions[0].messages is not a list"),
        ({"questions": [{**QUESTION, "rephrase": []}]}, "questions[0].rephrase is unknown"),
        ({"questions": [{**QUESTION, "wants_human": "no"}]}, "questions[0].wants_human"),
        (
            {"questions": [{**QUESTION, "satisfied_by_actions": ["answer"]}]},
            "questions[0].satisfied_by_actions holds 'answer'",
        ),
        ({"angry": [" "]}, "angry[0] cannot be sent"),
        ({"thank": ["спасибо"]}, "thank is unknown"),
    ],
)
def test_what_is_malformed_is_named_with_file_and_field(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    path = write(tmp_path, {**GOOD, **change})
    with pytest.raises(DatasetError) as refusal:
        load_scenarios([path])
    assert f"{path}: {named}" in str(refusal.value)


@pytest.mark.parametrize("content", [b"questions: [", b"\xff\xfe", b"- a"])
def test_file_that_holds_no_scenario_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=str(path)):
        load_scenarios([path])


def test_missing_field_and_missing_file_are_named(tmp_path: Path) -> None:
    without_goal = {name: value for name, value in GOOD.items() if name != "goal"}
    with pytest.raises(DatasetError, match="goal is missing"):
        load_scenarios([write(tmp_path, without_goal)])
    with pytest.raises(DatasetError, match=r"nowhere\.yaml"):
        load_scenarios([tmp_path / "nowhere.yaml"])


def test_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    paths = [write(tmp_path, GOOD, name) for name in ("one.yaml", "two.yaml")]
    with pytest.raises(DatasetError, match="'x' belongs to another file"):
        load_scenarios(paths)


def test_article_that_the_knowledge_base_lacks_is_named(tmp_path: Path) -> None:
    scenarios = load_scenarios([write(tmp_path, GOOD)])
    require_articles(scenarios, {"delivery-storage"})
    with pytest.raises(DatasetError, match=r"scenario x: questions\[0\]\.satisfied_by"):
        require_articles(scenarios, {"delivery-prices"})


def test_shipped_scenarios_are_many_varied_and_named_like_their_files() -> None:
    paths = shipped_scenarios()
    scenarios = load_scenarios(paths)
    assert [scenario.scenario_id for scenario in scenarios] == [path.stem for path in paths]
    assert len(scenarios) >= 20
    assert sum(scenario.locale == "en" for scenario in scenarios) >= 4
    questions = [question for scenario in scenarios for question in scenario.questions]
    assert sum(len(question.messages) > 1 for question in questions) >= 4
    assert sum(question.wants_human for question in questions) >= 3
    assert sum(question.complaint for question in questions) >= 3
    assert all(scenario.waiting for scenario in scenarios)


def test_shipped_scenarios_wait_for_articles_that_exist(indexed_shop: Path) -> None:
    from assistant.knowledge.snapshot import SnapshotStore

    require_articles(
        load_scenarios(shipped_scenarios()), SnapshotStore(indexed_shop).load().articles
    )
