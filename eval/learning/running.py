"""`souffleur learn run`, `undo`: one at a time, judged, published in one step, written down."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.confidence import TARGET_RISK
from assistant.errors import ConflictError, KnowledgeError, NotFoundError
from assistant.knowledge.calibration import Calibration
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from assistant.privacy.masker import Masker
from assistant.store.base import utc_now
from assistant.store.dialogs import DialogStore
from assistant.store.learning import LearningKind, NewLearning
from assistant.store.leases import BEAT_SECONDS
from assistant.verdict_review import serves
from assistant.wiring import Parts
from eval.learning.lessons import Lessons, read_lessons
from eval.learning.proposal import Ground, Proposal, calibration_serves, propose
from eval.learning.trials import Step

LEASE = "learning"


@dataclass(frozen=True)
class Wish:
    """How to learn."""

    who: str
    risk: float | None = None
    """Share of wrong answers to allow; None: as the settings say, else 0.05."""
    earlier: Sequence[Path] = ()
    """Data sets that are learnt from beside the verdicts."""
    seed: int = 0
    dry_run: bool = False


@contextlib.contextmanager
def alone(store: DialogStore) -> Iterator[None]:
    """Hold the right to learn, on all machines of this store; raises ConflictError while another
    holds it."""
    lease = store.take_lease(LEASE)
    if lease is None:
        raise ConflictError("another `souffleur learn` is at work on these dialogs")
    done = threading.Event()

    def beat() -> None:
        while not done.wait(BEAT_SECONDS):
            store.let_leases_beat()

    beating = threading.Thread(target=beat, name="learning lease", daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()
        store.give_back_lease(lease)


def learn(store: DialogStore, parts: Parts, wish: Wish, step: Step) -> dict[str, Any]:
    """Learn from all approved verdicts; publish what wins or holds, write it down, tell it.

    Raises ConflictError while another learns or when articles were published meanwhile,
    KnowledgeError without articles.
    """
    with alone(store):
        last_verdict = store.last_verdict()
        masker = Masker(parts.settings.order_number_patterns)
        lessons = read_lessons(store, masker, utc_now(), wish.earlier)
        serving = _serving(parts)
        standing = store.standing_learning()
        learnt = standing if serves(standing, serving.layers) else None
        told = _labels_told(lessons, learnt)
        if learnt and _is_same(learnt, lessons) and not wish.earlier:
            why = [f"nothing was approved or taken back since learning {learnt['id']}"]
            return told | _nothing(serving, why)
        proposal = propose(_ground(lessons, serving, learnt, parts, wish), step)
        kind, layers, more = choose(proposal, serving, learnt, lessons)
        document = told | {
            "kind": kind.value,
            "figures": dict(proposal.figures),
            "why": [*proposal.why, *more],
            "dry_run": wish.dry_run,
        }
        if wish.dry_run:
            return document | _snapshots(serving.snapshot_id, None) | {"learning_id": None}
        unchanged = kind is LearningKind.NOTHING
        after = serving.snapshot_id if unchanged else _publish(parts.snapshots, serving, layers)
        number = store.note_learning(
            NewLearning(
                who=wish.who,
                kind=kind,
                last_verdict=last_verdict,
                labels=told["labels"],
                verdicts=sorted(lessons.numbers),
                figures=document["figures"] | {"why": document["why"]},
                snapshot_before=serving.snapshot_id,
                snapshot_after=after,
                layers=_names(layers, kind),
            )
        )
        return document | _snapshots(serving.snapshot_id, after) | {"learning_id": number}


Layers = tuple[Tuning | None, Calibration | None]


def _serving(parts: Parts) -> Knowledge:
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    return knowledge


def _ground(
    lessons: Lessons,
    serving: Knowledge,
    learnt: Mapping[str, Any] | None,
    parts: Parts,
    wish: Wish,
) -> Ground:
    own = learnt is not None and learnt["layers"].get("tuning") is not None
    return Ground(
        lessons=lessons,
        serving=serving,
        kept_tuning=None if own else serving.tuning,
        learnt=learnt["verdicts"] if learnt else [],
        parts=parts,
        risk=wish.risk or parts.settings.target_risk or TARGET_RISK,
        seed=wish.seed,
    )


def _labels_told(lessons: Lessons, learnt: Mapping[str, Any] | None) -> dict[str, Any]:
    known = learnt["verdicts"] if learnt else []
    return {
        "labels": len(lessons.labels),
        "dialogs": len(lessons.verdicts),
        "earlier_labels": lessons.earlier,
        "verdicts": len(lessons.numbers),
        "new_verdicts": len(lessons.numbers - frozenset(known)),
        "gone_verdicts": len(frozenset(known) - lessons.numbers),
    }


def _is_same(learnt: Mapping[str, Any], lessons: Lessons) -> bool:
    return frozenset(learnt["verdicts"]) == lessons.numbers


def choose(
    proposal: Proposal, serving: Knowledge, learnt: Mapping[str, Any] | None, lessons: Lessons
) -> tuple[LearningKind, Layers, list[str]]:
    """What is published, and what more is to be said of it."""
    proposed = proposal.tuning, proposal.calibration
    if proposal.retrieval_wins and proposal.confidence_holds:
        return LearningKind.BOTH, proposed, []
    if proposal.confidence_holds:
        return LearningKind.CONFIDENCE, proposed, []
    withdrawn = learnt is not None and bool(frozenset(learnt["verdicts"]) - lessons.numbers)
    if proposal.retrieval_wins and (withdrawn or not calibration_serves(serving)):
        return LearningKind.RETRIEVAL, proposed, []
    if withdrawn:
        note = "what was learnt rested on verdicts that no longer count: it serves no longer"
        own = learnt is not None and "calibration" in learnt["layers"]
        left = None if own else serving.calibration
        return LearningKind.FORGOT, (proposal.tuning, left), [note]
    kept = serving.tuning, serving.calibration
    if proposal.retrieval_wins:
        note = "retrieval: it would win, but the calibrated confidence would no longer serve"
        return LearningKind.NOTHING, kept, [note]
    return LearningKind.NOTHING, kept, []


def _names(layers: Layers, kind: LearningKind) -> dict[str, str | None]:
    """Identities of what this learning put there, to know it again."""
    tuning, calibration = layers
    named: dict[str, str | None] = {}
    if kind in (LearningKind.RETRIEVAL, LearningKind.BOTH):
        named["tuning"] = tuning.identity if tuning else None
    if kind in (LearningKind.CONFIDENCE, LearningKind.BOTH):
        named["calibration"] = calibration.identity if calibration else None
    return named


def _publish(snapshots: SnapshotStore, serving: Knowledge, layers: Layers) -> str:
    with snapshots.exclusive():
        if snapshots.current_id() != serving.snapshot_id:
            raise ConflictError(
                "articles were published while this was learnt, so it may not fit them: run "
                "`souffleur learn run` again"
            )
        return snapshots.publish_learnt(serving, *layers)


def _snapshots(before: str, after: str | None) -> dict[str, Any]:
    now = before if after is None else after
    return {"snapshot_before": before, "snapshot_after": now, "published": before != now}


def _nothing(serving: Knowledge, why: list[str]) -> dict[str, Any]:
    unchanged = _snapshots(serving.snapshot_id, serving.snapshot_id)
    kind = LearningKind.NOTHING.value
    return {"kind": kind, "figures": {}, "why": why, "learning_id": None, **unchanged}


def undo(
    store: DialogStore, snapshots: SnapshotStore, number: int | None, *, forget: bool = False
) -> dict[str, Any]:
    """Serve what was learnt before a learning (by default the newest that stands), over the
    articles of now; all later ones are undone with it. `forget`: serve the articles with nothing
    learnt, where the snapshot of before is kept no longer.

    Raises NotFoundError, ConflictError, KnowledgeError.
    """
    with alone(store):
        row = _to_undo(store, number)
        serving = snapshots.load()
        layers = _layers_before(snapshots, row["snapshot_before"], forget=forget)
        after = serving.snapshot_id
        if _identities(layers) != serving.layers:
            with snapshots.exclusive():
                after = snapshots.publish_learnt(serving, *layers)
        undone = store.undo_learnings(row["id"])
        return {"undone": undone, **_snapshots(serving.snapshot_id, after)}


def _to_undo(store: DialogStore, number: int | None) -> Mapping[str, Any]:
    if number is None:
        standing = store.standing_learning()
        if standing is None:
            raise NotFoundError("there is no learning to undo")
        return standing
    row = next((row for row in store.learnings() if row["id"] == number), None)
    if row is None:
        raise NotFoundError(f"there is no learning {number}")
    if row["undone_at"]:
        raise ConflictError(f"learning {number} was undone at {row['undone_at']}")
    return row


def _layers_before(snapshots: SnapshotStore, snapshot_id: str, *, forget: bool) -> Layers:
    if forget:
        return None, None
    if not snapshots.keeps(snapshot_id):
        raise KnowledgeError(
            f"snapshot {snapshot_id} of before is kept no longer; with --forget the articles serve "
            "with nothing learnt"
        )
    before = snapshots.load(snapshot_id)
    return before.tuning, before.calibration


def _identities(layers: Layers) -> dict[str, str | None]:
    tuning, calibration = layers
    return {
        "tuning": tuning.identity if tuning else None,
        "calibration": calibration.identity if calibration else None,
    }
