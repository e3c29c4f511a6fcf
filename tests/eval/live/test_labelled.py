"""What a verdict lets us learn from, and what it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.deciding import Context
from assistant.domain import Action, HandoffReason
from assistant.errors import StoreError
from assistant.verdicts import Act, Mark, MarkKind
from assistant.wiring import Parts
from eval.calibration import examples_of
from eval.cases import load_cases
from eval.live.labelled import Label, label_of, write_labelled
from tests.eval.live.acts import act, handoff, mark


def right(*article_ids: str) -> Label:
    return "article_ids", list(article_ids)


def wrong(*article_ids: str) -> Label:
    return "wrong_article_ids", list(article_ids)


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (mark(right=True), right("a-1", "a-2")),
        (mark(right=True, article_ids=("a-2", "a-3")), right("a-1", "a-2", "a-3")),
        (mark(right=False), wrong("a-1", "a-2")),
        (mark(right=False, article_ids=("a-3",)), right("a-3")),
        (mark(right=False, article_ids=()), right()),
        (mark(True, MarkKind.CSAT), right("a-1", "a-2")),
        (mark(False, MarkKind.CSAT), wrong("a-1", "a-2")),
        (mark(None, MarkKind.CSAT), None),
        (mark(False, MarkKind.REOPENED), wrong("a-1", "a-2")),
        (mark(False, MarkKind.NOT_HELPED), wrong("a-1", "a-2")),
        (mark(True, MarkKind.HINT_ACCEPTED, article_ids=("a-4",)), right("a-4")),
        (mark(True, MarkKind.HINT_ACCEPTED, article_ids=()), None),
        (mark(False, MarkKind.HINT_REJECTED, article_ids=("a-4",)), wrong("a-4")),
        (mark(None, MarkKind.HINT_EDITED, article_ids=("a-4",)), None),
    ],
)
def test_label_of_a_judged_answer(given: Mark, label: Label | None) -> None:
    assert label_of(act(given)) == label


def test_right_answer_that_no_article_answers_tells_nothing() -> None:
    assert label_of(act(mark(right=True, article_ids=()))) is None


@pytest.mark.parametrize(
    ("given", "label"),
    [
        (mark(right=True), None),
        (mark(right=True, article_ids=()), right()),
        (mark(right=False), None),
        (mark(right=False, article_ids=("a-3",)), right("a-3")),
    ],
)
def test_label_of_a_judged_handoff_is_what_the_operator_named(
    given: Mark, label: Label | None
) -> None:
    assert label_of(handoff(HandoffReason.NO_EVIDENCE, given)) == label


@pytest.mark.parametrize("verdict", [True, False])
def test_reply_that_cites_nothing_claims_nothing(verdict: bool) -> None:
    greeting = act(mark(verdict), action=Action.ACKNOWLEDGE)
    assert label_of(greeting) is None


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
        act(mark(right=True), action=Action.CLARIFY, dialog_id="d-x"),
        act(dialog_id="d-unjudged"),
        act(mark(right=False), dialog_id="d-only-wrong"),
    ]
    path = tmp_path / "judged.jsonl"
    written = write_labelled(acts, view_of(*acts), path)
    assert (written.dialogs, written.turns, written.wrong, written.left_out) == (2, 4, 2, 1)
    cases = load_cases(path)
    cited = ("a-1", "a-2")
    assert [(case.labels.article_ids, case.labels.wrong_article_ids) for case in cases] == [
        (cited, None),
        (None, cited),
        (("a-9",), None),
        (None, None),
        (None, cited),
    ]
    assert [case.dialog_id for case in cases] == ["d-x"] * 4 + ["d-only-wrong"]
    line = json.loads(path.read_text(encoding="utf-8").split("\n")[0])
    assert line["turns"][-1] == {"author": "human", "text": "добрый день"}
    assert "labels" not in line["turns"][6]


@pytest.mark.parametrize("verdict", [True, False])
def test_calibration_learns_from_right_and_from_wrong_answers(
    tmp_path: Path, shop_parts: Parts, verdict: bool
) -> None:
    text = "Сколько хранится заказ в пункте выдачи?"
    outcome = shop_parts.decider.decide(Context(text))
    assert outcome.action is Action.ANSWER
    assert outcome.reply is not None
    cited = tuple(item.article_id for item in outcome.reply.citations)
    judged = replace(act(mark(verdict, MarkKind.CSAT)), cited=cited)

    def view(dialog_id: str) -> dict[str, Any]:
        said = {"message_id": judged.message_id, "text": text, "author": {"kind": "customer"}}
        return {"dialog_id": dialog_id, "locale": "ru", "channel": "web", "messages": [said]}

    path = tmp_path / "judged.jsonl"
    write_labelled([judged], view, path)
    (example,) = examples_of(load_cases(path), shop_parts.decider)
    assert example.right is verdict
    assert example.article_ids == (cited if verdict else None)


@pytest.mark.parametrize("known_before", [False, True])
def test_file_is_for_its_owner_alone(tmp_path: Path, known_before: bool) -> None:
    path = tmp_path / "judged.jsonl"
    if known_before:
        path.write_text("old", encoding="utf-8")
        path.chmod(0o644)
    judged = act(mark(right=True))
    write_labelled([judged], view_of(judged), path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(load_cases(path)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    path.write_text("old", encoding="utf-8")

    def gone(dialog_id: str) -> dict[str, Any]:
        raise StoreError(f"{dialog_id} is gone")

    with pytest.raises(StoreError):
        write_labelled([act(mark(right=True))], gone, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
