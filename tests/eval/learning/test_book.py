"""What is published stands in the book; undoing takes away what a learning put there, no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import ConflictError, KnowledgeError
from assistant.knowledge.calibration import Calibration
from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from assistant.ranking import shipped_weights
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.learnings import LearningKind, NewLearning
from assistant.verdict_review import learning_that_serves
from assistant.wiring import Parts
from eval.learning.lessons import Lessons
from eval.learning.running import Layers, Wish, ground_of, keep, learn, settle_plan, terms_of
from eval.learning.undoing import undo


def tuning(share: float) -> Tuning:
    cases = np.zeros((0, 4), np.float32)
    return Tuning(np.eye(4, dtype=np.float32) * share, cases, (), shipped_weights(), {})


def calibration(name: str) -> Calibration:
    return Calibration({name: 1}, "model", None, ("ru",), frozenset(), np.zeros((0, 4)), ())


LEARNT, BY_HAND = calibration("learnt"), calibration("by hand")


class Stopped(DialogStore):
    """Ends, as a process does, before it can write down what was published."""

    def confirm_learning(self, number: int, snapshot_after: str) -> None:
        raise SystemExit(1)


@pytest.fixture
def snapshots(shop: Path) -> SnapshotStore:
    return SnapshotStore(shop)


@pytest.fixture
def book(tmp_path: Path) -> DialogStore:
    return DialogStore(Database(f"sqlite:///{tmp_path}/book.db"))


def new(snapshots: SnapshotStore, layers: Layers, **more: Any) -> NewLearning:
    held, fitted = layers
    names = {"tuning": held.identity if held else None}
    names |= {"calibration": fitted.identity if fitted else None}
    before = snapshots.current_id()
    fields: dict[str, Any] = {
        "who": "op-1",
        "kind": LearningKind.BOTH,
        "last_verdict": 1,
        "labels": 60,
        "verdicts": [],
        "figures": {},
        "terms": {},
        "snapshot_before": before,
        "snapshot_after": before,
        "layers": names,
    }
    return NewLearning(**(fields | more))


def learnt(
    store: DialogStore,
    snapshots: SnapshotStore,
    layers: Layers,
    named: dict[str, str] | None = None,
    **more: Any,
) -> int:
    row = new(snapshots, layers, **more)
    row = row if named is None else replace(row, layers=named)
    return keep(store, snapshots, snapshots.load(), row, layers)[0]


def served(snapshots: SnapshotStore) -> dict[str, str | None]:
    return snapshots.load().layers


def test_undo_takes_back_what_was_learnt(book: DialogStore, snapshots: SnapshotStore) -> None:
    before = snapshots.current_id()
    number = learnt(book, snapshots, (tuning(0.5), LEARNT))
    assert undo(book, snapshots, None)["undone"] == [number]
    assert snapshots.current_id() == before


def test_undo_leaves_what_was_published_by_hand_since(
    book: DialogStore, snapshots: SnapshotStore
) -> None:
    number = learnt(book, snapshots, (tuning(0.5), LEARNT))
    snapshots.publish_calibrated(snapshots.load(), BY_HAND)
    document = undo(book, snapshots, None)
    assert (document["undone"], document["kept"]) == ([number], ["calibration"])
    assert served(snapshots) == {"tuning": None, "calibration": BY_HAND.identity}


@pytest.mark.parametrize("forget", [False, True])
def test_undo_of_what_no_longer_serves_publishes_nothing(
    book: DialogStore, snapshots: SnapshotStore, forget: bool
) -> None:
    only = {"calibration": LEARNT.identity}
    number = learnt(book, snapshots, (None, LEARNT), named=only)
    snapshots.publish_tuned(snapshots.load(), tuning(0.9))
    by_hand = snapshots.publish_calibrated(snapshots.load(), BY_HAND)
    document = undo(book, snapshots, None, forget=forget)
    assert (document["undone"], document["published"]) == ([number], False)
    assert snapshots.current_id() == by_hand
    assert book.standing_learning() is None


def test_undo_of_an_earlier_learning_goes_back_before_all_later_ones(
    book: DialogStore, snapshots: SnapshotStore
) -> None:
    snapshots.publish_tuned(snapshots.load(), tuning(0.9))
    first = learnt(book, snapshots, (tuning(0.5), LEARNT))
    second = learnt(book, snapshots, (tuning(0.6), calibration("second")))
    assert undo(book, snapshots, first)["undone"] == [first, second]
    assert served(snapshots) == {"tuning": tuning(0.9).identity, "calibration": None}


def test_undoing_what_was_forgotten_brings_it_back(
    book: DialogStore, snapshots: SnapshotStore
) -> None:
    learnt(book, snapshots, (tuning(0.5), LEARNT))
    before = served(snapshots)
    forgot = learnt(book, snapshots, (None, None), kind=LearningKind.FORGOT)
    assert served(snapshots) == {"tuning": None, "calibration": None}
    assert undo(book, snapshots, forgot)["undone"] == [forgot]
    assert served(snapshots) == before


def test_learning_whose_author_was_killed_after_publishing_is_known(
    book: DialogStore, snapshots: SnapshotStore, tmp_path: Path
) -> None:
    killed = Stopped(Database(f"sqlite:///{tmp_path}/book.db"))
    with pytest.raises(SystemExit):
        learnt(killed, snapshots, (tuning(0.5), LEARNT), verdicts=[3, 4])
    found = learning_that_serves(book, served(snapshots))
    assert found is not None
    assert (found["verdicts"], found["published_at"]) == ([3, 4], None)
    settle_plan(book, snapshots.load())
    standing = book.standing_learning()
    assert standing is not None
    assert (standing["id"], standing["snapshot_after"]) == (found["id"], snapshots.current_id())
    assert undo(book, snapshots, None)["undone"] == [found["id"]]
    assert served(snapshots) == {"tuning": None, "calibration": None}


def test_plan_that_was_never_published_is_struck_out(
    book: DialogStore, snapshots: SnapshotStore
) -> None:
    first = learnt(book, snapshots, (None, LEARNT), verdicts=[1])
    book.plan_learning(new(snapshots, (tuning(0.5), LEARNT), verdicts=[1, 2]))
    found = learning_that_serves(book, served(snapshots))
    assert found is not None
    assert found["id"] == first
    settle_plan(book, snapshots.load())
    assert [row["id"] for row in book.learnings()] == [first]
    assert book.planned_learning() is None


def test_articles_published_meanwhile_leave_no_plan(
    book: DialogStore, snapshots: SnapshotStore
) -> None:
    serving = snapshots.load()
    row = new(snapshots, (None, LEARNT))
    snapshots.publish_calibrated(serving, BY_HAND)
    with pytest.raises(ConflictError, match="published while"):
        keep(book, snapshots, serving, row, (None, LEARNT))
    assert book.learnings() == []


def test_undo_needs_the_snapshot_of_before_or_leave_to_forget(
    book: DialogStore, snapshots: SnapshotStore
) -> None:
    learnt(book, snapshots, (None, LEARNT), snapshot_before="0" * 16)
    with pytest.raises(KnowledgeError, match="--forget"):
        undo(book, snapshots, None)
    undo(book, snapshots, None, forget=True)
    assert served(snapshots) == {"tuning": None, "calibration": None}


def test_other_terms_teach_anew_and_the_same_do_not(book: DialogStore, shop_parts: Parts) -> None:
    knowledge = shop_parts.library.current()
    assert knowledge is not None
    none, asked = Lessons((), {}, {}, 0), Wish("op-1", dry_run=True)
    terms = terms_of(ground_of(none, knowledge, None, shop_parts, asked))
    number = book.note_learning(
        replace(new(shop_parts.snapshots, (None, None)), terms=terms, verdicts=[])
    )

    def why(wish: Wish) -> str:
        return " ".join(learn(book, shop_parts, wish, lambda: None)["why"])

    same = f"since learning {number}"
    assert same in why(asked)
    assert same not in why(replace(asked, risk=0.2))
    assert same not in why(replace(asked, seed=7))
    book.undo_learnings(number)
    book.note_learning(
        replace(new(shop_parts.snapshots, (None, None)), terms=terms | {"articles": "others"})
    )
    assert "since learning" not in why(asked)
