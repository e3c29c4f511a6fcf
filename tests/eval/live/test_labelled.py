"""What a verdict lets us learn from, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import Action, HandoffReason
from assistant.verdicts import Act, Mark, MarkKind
from eval.cases import load_cases
from eval.live.labelled import right_articles, write_labelled
from tests.eval.live.acts import act, handoff, mark


@pytest.mark.parametrize(
    ("given", "articles"),
    [
        (mark(right=True), ["a-1", "a-2"]),
        (mark(right=True, article_ids=("a-2", "a-3")), ["a-1", "a-2", "a-3"]),
        (mark(right=False), None),
        (mark(right=False, article_ids=("a-3",)), ["a-3"]),
        (mark(right=False, article_ids=()), []),
        (mark(True, MarkKind.CSAT), ["a-1", "a-2"]),
        (mark(False, MarkKind.CSAT), None),
        (mark(None, MarkKind.CSAT), None),
        (mark(False, MarkKind.REOPENED), None),
        (mark(False, MarkKind.NOT_HELPED), None),
        (mark(True, MarkKind.HINT_ACCEPTED, article_ids=("a-4",)), ["a-4"]),
        (mark(False, MarkKind.HINT_REJECTED, article_ids=("a-4",)), None),
        (mark(None, MarkKind.HINT_EDITED, article_ids=("a-4",)), None),
    ],
)
def test_label_of_a_judged_answer(given: Mark, articles: list[str] | None) -> None:
    assert right_articles(act(given)) == articles


@pytest.mark.parametrize(
    ("given", "articles"),
    [
        (mark(right=True), None),
        (mark(right=True, article_ids=()), []),
        (mark(right=False), None),
        (mark(right=False, article_ids=("a-3",)), ["a-3"]),
    ],
)
def test_label_of_a_judged_handoff_is_what_the_operator_named(
    given: Mark, articles: list[str] | None
) -> None:
    assert right_articles(handoff(HandoffReason.NO_EVIDENCE, given)) == articles


def test_right_answer_that_cites_nothing_claims_nothing() -> None:
    greeting = act(mark(right=True), action=Action.ACKNOWLEDGE)
    assert right_articles(greeting) is None


def view_of(*acts: Act) -> Any:
    """The dialogs that these acts are in."""

    def view(dialog_id: str) -> dict[str, Any]:
        turns = []
        for item in acts:
            if item.dialog_id == dialog_id:
                words = {"message_id": item.message_id, "text": f"вопрос {item.message_id}"}
                turns.append(words | {"author": {"kind": "customer"}})
                turns.append({"message_id": "b", "text": "ответ", "author": {"kind": "bot"}})
        turns.append({"message_id": "o", "text": "добрый день", "author": {"kind": "human"}})
        return {"dialog_id": dialog_id, "locale": "ru", "channel": "web", "messages": turns}

    return view


def test_file_is_read_back_as_labelled_dialogs(tmp_path: Path) -> None:
    acts = [
        act(mark(right=True), dialog_id="d-x"),
        act(mark(right=False), dialog_id="d-x"),
        act(mark(right=False, article_ids=("a-9",)), dialog_id="d-x"),
        act(dialog_id="d-unjudged"),
        act(mark(right=False), dialog_id="d-only-wrong"),
    ]
    path = tmp_path / "judged.jsonl"
    written = write_labelled(acts, view_of(*acts), path)
    assert (written.dialogs, written.turns, written.left_out) == (1, 2, 2)
    cases = load_cases(path)
    assert [case.labels.article_ids for case in cases] == [("a-1", "a-2"), None, ("a-9",)]
    assert {case.dialog_id for case in cases} == {"d-x"}
    line = json.loads(path.read_text(encoding="utf-8"))
    assert line["turns"][-1] == {"author": "human", "text": "добрый день"}
    assert "labels" not in line["turns"][2]


def test_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    judged = act(mark(right=True))
    write_labelled([judged], view_of(judged), path)
    assert path.stat().st_mode & 0o777 == 0o600
