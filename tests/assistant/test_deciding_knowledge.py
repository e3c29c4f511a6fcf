"""A knowledge base that is missing, empty, damaged, or made by another model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.deciding import Context
from assistant.disclosure import disclosure
from assistant.domain import Action, HandoffReason
from assistant.knowledge.snapshot import SnapshotStore
from assistant.replies import Outcome
from assistant.settings import Settings
from assistant.wiring import Parts, build_parts
from kb_ingest.build import ingest
from tests.assistant.conftest import said
from tests.conftest import SAMPLE

QUESTION = Context("Как удалить аккаунт?")


def parts_over(folder: Path) -> Parts:
    return build_parts(Settings(data_dir=folder, support_hours="", _env_file=None))


def snapshot_folder(folder: Path) -> Path:
    return folder / "knowledge" / "snapshots" / SnapshotStore(folder).current_id()


def damage(folder: Path) -> bytes:
    """Change one byte of the published articles; returns what they were."""
    file = snapshot_folder(folder) / "articles.jsonl"
    before = file.read_bytes()
    file.write_bytes(before[:-2] + b"x" + before[-1:])
    return before


def is_handed_over_with_disclosure(outcome: Outcome, reason: HandoffReason) -> None:
    assert outcome.action is Action.HANDOFF
    assert outcome.handoff is not None
    assert outcome.handoff.reason is reason
    assert outcome.reply is not None
    assert outcome.reply.disclosure == disclosure("ru")
    assert outcome.reply.citations == ()
    assert outcome.passages == ()


def test_question_without_a_knowledge_base_is_handed_over(tmp_path: Path) -> None:
    outcome = parts_over(tmp_path).decider.decide(QUESTION)
    is_handed_over_with_disclosure(outcome, HandoffReason.NO_EVIDENCE)
    assert outcome.snapshot is None


def test_question_to_a_damaged_knowledge_base_is_handed_over_as_an_outage(shop: Path) -> None:
    damage(shop)
    is_handed_over_with_disclosure(parts_over(shop).decider.decide(QUESTION), HandoffReason.OUTAGE)


@pytest.mark.parametrize("content", ["", "no-such-snapshot", "../../etc", "\x00"])
def test_pointer_that_points_nowhere_is_an_outage(shop: Path, content: str) -> None:
    (shop / "knowledge" / "CURRENT").write_text(content)
    is_handed_over_with_disclosure(parts_over(shop).decider.decide(QUESTION), HandoffReason.OUTAGE)


def test_knowledge_base_of_another_model_is_an_outage(shop: Path) -> None:
    file = snapshot_folder(shop) / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"model_id": "other"}))
    is_handed_over_with_disclosure(parts_over(shop).decider.decide(QUESTION), HandoffReason.OUTAGE)


@pytest.mark.parametrize("text", ["привет", "спасибо", "ты бот?", "👍"])
def test_what_needs_no_article_works_without_a_knowledge_base(tmp_path: Path, text: str) -> None:
    outcome = parts_over(tmp_path).decider.decide(Context(text))
    assert outcome.action is Action.ACKNOWLEDGE
    assert said(outcome)


def test_suggestions_without_a_knowledge_base_are_none(tmp_path: Path) -> None:
    assert parts_over(tmp_path).suggester.suggest("как удалить аккаунт", 3, "ru") == []


def test_service_keeps_answering_when_a_damaged_snapshot_is_published(
    shop: Path, tmp_path: Path
) -> None:
    parts = parts_over(shop)
    good = parts.decider.decide(QUESTION)
    extra = tmp_path / "extra.md"
    extra.write_text("---\nid: extra\n---\n# Новое\n\nЧто-то новое.", encoding="utf-8")
    ingest([SAMPLE, extra], SnapshotStore(shop), parts.embedder)
    damage(shop)
    after = parts.decider.decide(QUESTION)
    assert after.action is good.action is Action.ANSWER
    assert after.snapshot == good.snapshot
    assert "differs from its hash" in (parts.library.problem or "")


def test_damaged_knowledge_base_serves_again_once_it_is_repaired(shop: Path) -> None:
    before = damage(shop)
    parts = parts_over(shop)
    assert parts.decider.decide(QUESTION).action is Action.HANDOFF
    (snapshot_folder(shop) / "articles.jsonl").write_bytes(before)
    assert parts.decider.decide(QUESTION).action is Action.ANSWER
    assert parts.library.problem is None


def test_first_knowledge_base_is_picked_up_without_a_restart(tmp_path: Path) -> None:
    parts = parts_over(tmp_path / "data")
    assert parts.decider.decide(QUESTION).action is Action.HANDOFF
    article = tmp_path / "account-delete.md"
    article.write_text(
        "---\nid: new\ntitle: Как удалить аккаунт\n---\nАккаунт удаляется в профиле.",
        encoding="utf-8",
    )
    ingest([article], SnapshotStore(tmp_path / "data"), parts.embedder)
    assert [item.article.article_id for item in parts.decider.decide(QUESTION).passages] == ["new"]


def test_knowledge_base_of_one_article_never_crashes(tmp_path: Path) -> None:
    parts = parts_over(tmp_path / "data")
    article = tmp_path / "one.md"
    article.write_text("Аккаунт удаляется в профиле.", encoding="utf-8")
    ingest([article], SnapshotStore(tmp_path / "data"), parts.embedder)
    for text in ("Как удалить аккаунт?", "How do I delete my account?", "погода", "👍", "5"):
        assert parts.decider.decide(Context(text)).reply is not None
