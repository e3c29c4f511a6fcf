"""What a run's folder, its data set and its snapshot give a judge to see."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.domain import AuthorKind
from eval.judging.answered import Material, answered_turns, find_material
from eval.recorded import RecordedRun
from eval.records import Record
from eval.runner import digest_of_file
from tests.eval.test_metrics import PLAIN

MATERIAL = Material({}, {"a": "статья а", "b": "статья б", "c": "статья в"}, ())


def recorded(*records: Record, **document: Any) -> RecordedRun:
    return RecordedRun(Path("run"), document, records)


def test_only_answers_are_judged() -> None:
    run = recorded(
        PLAIN,
        replace(PLAIN, turn=2, action="handoff"),
        replace(PLAIN, turn=4, action="acknowledge"),
        replace(PLAIN, turn=6, reply=None),
    )
    assert [one.turn for one in answered_turns(run, MATERIAL)] == [0]


def test_judge_sees_the_articles_people_named_and_those_cited_and_the_reference() -> None:
    run = recorded(replace(PLAIN, article_labels=["b", "gone"], cited=["a", "b"]))
    (one,) = answered_turns(run, MATERIAL)
    assert dict(one.articles) == {"b": "статья б", "a": "статья а"}
    assert one.reference_answer == "чек в профиле"
    assert one.label is True


def test_blind_judge_sees_only_what_the_answer_cites() -> None:
    run = recorded(replace(PLAIN, article_labels=["b"], cited=["a"]))
    (one,) = answered_turns(run, MATERIAL, blind=True)
    assert dict(one.articles) == {"a": "статья а"}
    assert one.reference_answer is None
    assert one.label is False


def test_label_says_wrong_where_no_article_answers_and_nothing_where_nobody_said() -> None:
    run = recorded(replace(PLAIN, article_labels=[]), replace(PLAIN, turn=2, article_labels=None))
    assert [one.label for one in answered_turns(run, MATERIAL)] == [False, None]


def data_set(folder: Path) -> Path:
    turns = [
        {"author": "customer", "text": "привет"},
        {"author": "operator", "text": "здравствуйте"},
        {"author": "customer", "text": "где чек"},
    ]
    path = folder / "dialogs.jsonl"
    path.write_text(json.dumps({"dialog_id": "d", "turns": turns}), encoding="utf-8")
    return path


def said(run: RecordedRun, data_dir: Path) -> tuple[list[tuple[AuthorKind, str]], Material]:
    material = find_material(run, data_dir)
    history = material.histories.get(("d", 2), ())
    return [(turn.author, turn.text) for turn in history], material


TWO = (replace(PLAIN, text="привет", reply="чем помочь?"), replace(PLAIN, turn=2))


def test_history_is_that_of_the_data_set(tmp_path: Path) -> None:
    path = data_set(tmp_path)
    run = recorded(*TWO, dataset=str(path), dataset_digest=digest_of_file(path))
    found, material = said(run, tmp_path)
    assert found == [(AuthorKind.CUSTOMER, "привет"), (AuthorKind.BOT, "здравствуйте")]
    assert len(material.warnings) == 1, "the run names no snapshot"


def test_history_of_a_data_set_that_changed_is_the_customers_messages_and_a_warning(
    tmp_path: Path,
) -> None:
    run = recorded(*TWO, dataset=str(data_set(tmp_path)), dataset_digest="0" * 16)
    found, material = said(run, tmp_path)
    assert found == [(AuthorKind.CUSTOMER, "привет")]
    assert "has changed" in material.warnings[0]


def test_history_of_a_run_through_a_server_is_what_the_bot_said_there(tmp_path: Path) -> None:
    path = data_set(tmp_path)
    remote = [replace(record, places_known=3) for record in TWO]
    run = recorded(*remote, dataset=str(path), dataset_digest=digest_of_file(path))
    found, _ = said(run, tmp_path)
    assert found == [(AuthorKind.CUSTOMER, "привет"), (AuthorKind.BOT, "чем помочь?")]


def test_articles_come_from_the_snapshot_that_answered(indexed_shop: Path) -> None:
    snapshot = (indexed_shop / "knowledge" / "CURRENT").read_text().strip()
    _, material = said(recorded(*TWO, snapshot=snapshot), indexed_shop)
    assert len(material.articles["payment-receipt"]) > 100


def test_snapshot_that_is_not_there_is_told_and_nothing_is_shown(tmp_path: Path) -> None:
    _, material = said(recorded(*TWO, snapshot="0" * 16), tmp_path)
    assert material.articles == {}
    assert str(tmp_path) in material.warnings[-1]
