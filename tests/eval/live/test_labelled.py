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
from assistant.privacy.masker import Masker
from assistant.verdicts import Act, Mark, MarkKind, Review
from assistant.wiring import Parts
from eval.calibration import examples_of
from eval.cases import load_cases
from eval.live.labelled import Label, label_of, labelled_dialogs, teaching, write_labelled
from tests.eval.live.acts import act, handoff, mark

NOTHING_SENT: dict[str, Any] = {"sent": {}, "masker": Masker()}
APPROVED = {"review": Review.APPROVED}


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


def edited(*article_ids: str, **more: Any) -> Mark:
    return mark(None, MarkKind.HINT_EDITED, article_ids=article_ids, **more)


@pytest.mark.parametrize(
    ("marks", "label"),
    [
        ([edited("a-4", **APPROVED)], right("a-4")),
        ([edited("a-4", **APPROVED), mark(False, MarkKind.CSAT)], right("a-4")),
        ([edited("a-4", **APPROVED), edited("a-5", **APPROVED)], right("a-5")),
        ([edited("a-4", **APPROVED), mark(right=False, article_ids=("a-9",))], right("a-9")),
        ([edited("a-4", review=Review.REJECTED)], None),
        ([edited(**APPROVED)], None),
    ],
)
def test_edited_hint_tells_what_answers_once_somebody_looked_at_the_edit(
    marks: list[Mark], label: Label | None
) -> None:
    assert label_of(handoff(HandoffReason.NO_EVIDENCE, *marks)) == label


def test_hints_passed_over_do_not_make_the_article_of_the_used_one_wrong() -> None:
    passed_over = mark(False, MarkKind.HINT_REJECTED, article_ids=("a-8",))
    used = edited("a-4", **APPROVED)
    assert label_of(handoff(HandoffReason.NO_EVIDENCE, used, passed_over)) == right("a-4")


def test_only_what_was_approved_teaches() -> None:
    approved, waits = mark(right=True, **APPROVED), mark(right=True)
    rejected = mark(right=False, review=Review.REJECTED)
    acts = [act(approved, rejected), act(waits), act(rejected)]
    assert [item.marks for item in teaching(acts)] == [(approved,)]
    assert [item.marks for item in teaching(acts, unreviewed=True)] == [(approved,), (waits,)]


def test_what_the_operator_sent_is_the_answer_with_personal_data_masked() -> None:
    used = handoff(HandoffReason.NO_EVIDENCE, edited("a-4", **APPROVED))
    other = handoff(HandoffReason.NO_EVIDENCE, mark(False, MarkKind.HINT_REJECTED))
    sent = {
        (item.dialog_id, item.message_id): "Перезвоним вам на +7 916 123-45-67 завтра"
        for item in (used, other)
    }
    found = labelled_dialogs([used, other], view_of(used, other), sent, Masker())
    (line,) = found.lines
    labels = json.loads(line)["turns"][0]["labels"]
    assert labels["article_ids"] == ["a-4"]
    assert "916" not in labels["answer"]
    assert labels["answer"].startswith("Перезвоним вам на ")


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
    written = write_labelled(acts, view_of(*acts), path, **NOTHING_SENT)
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
    write_labelled([judged], view, path, **NOTHING_SENT)
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
    write_labelled([judged], view_of(judged), path, **NOTHING_SENT)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(load_cases(path)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    path.write_text("old", encoding="utf-8")

    def gone(dialog_id: str) -> dict[str, Any]:
        raise StoreError(f"{dialog_id} is gone")

    with pytest.raises(StoreError):
        write_labelled([act(mark(right=True))], gone, path, **NOTHING_SENT)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
