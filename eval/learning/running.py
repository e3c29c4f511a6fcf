"""`souffleur learn run`: one at a time, judged, planned in the book, published in one step."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.confidence import TARGET_RISK
from assistant.errors import ConflictError, KnowledgeError
from assistant.knowledge.calibration import Calibration
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from assistant.privacy.masker import Masker
from assistant.store.base import utc_now
from assistant.store.dialogs import DialogStore
from assistant.store.learnings import LearningKind, NewLearning
from assistant.store.leases import BEAT_SECONDS
from assistant.verdict_review import learning_that_serves, puts
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
        if not wish.dry_run:
            settle_plan(store, serving)
        learnt = learning_that_serves(store, serving.layers)
        ground = ground_of(lessons, serving, learnt, parts, wish)
        terms = terms_of(ground)
        told = _labels_told(lessons, learnt)
        if learnt and _is_same(learnt, lessons, terms) and not wish.earlier:
            why = [
                f"nothing was approved or taken back since learning {learnt['id']}, and --risk, "
                "--seed and the articles are the same"
            ]
            return told | _nothing(serving, why)
        proposal = propose(ground, step)
        kind, layers, more = choose(proposal, serving, learnt, lessons)
        document = told | {
            "kind": kind.value,
            "figures": dict(proposal.figures),
            "why": [*proposal.why, *more],
            "dry_run": wish.dry_run,
        }
        if wish.dry_run:
            return document | _snapshots(serving.snapshot_id, None) | {"learning_id": None}
        new = NewLearning(
            who=wish.who,
            kind=kind,
            last_verdict=last_verdict,
            labels=told["labels"],
            verdicts=sorted(lessons.numbers),
            figures=document["figures"] | {"why": document["why"]},
            terms=terms,
            snapshot_before=serving.snapshot_id,
            snapshot_after=serving.snapshot_id,
            layers=names_of(layers, kind, serving, learnt),
        )
        number, after = keep(store, parts.snapshots, serving, new, layers)
        return document | _snapshots(serving.snapshot_id, after) | {"learning_id": number}


Layers = tuple[Tuning | None, Calibration | None]


def settle_plan(store: DialogStore, serving: Knowledge) -> None:
    """Finish the book where whoever learnt last was stopped between planning and writing down that
    it was published: what is planned either serves, or never came to."""
    planned = store.planned_learning()
    if planned is None:
        return
    if puts(planned, serving.layers):
        store.confirm_learning(planned["id"], serving.snapshot_id)
    else:
        store.drop_learning(planned["id"])


def keep(
    store: DialogStore,
    snapshots: SnapshotStore,
    serving: Knowledge,
    new: NewLearning,
    layers: Layers,
) -> tuple[int, str]:
    """Number of the learning and the snapshot that serves after it. It is planned in the book
    before it is published: killed between the two, `settle_plan` knows it again."""
    if new.kind is LearningKind.NOTHING:
        return store.note_learning(new), serving.snapshot_id
    number = store.plan_learning(new)
    try:
        after = _publish(snapshots, serving, layers)
    except (ConflictError, KnowledgeError):  # before anything was published
        store.drop_learning(number)
        raise
    store.confirm_learning(number, after)
    return number, after


def _serving(parts: Parts) -> Knowledge:
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    return knowledge


def ground_of(
    lessons: Lessons,
    serving: Knowledge,
    learnt: Mapping[str, Any] | None,
    parts: Parts,
    wish: Wish,
) -> Ground:
    """What is learnt on. A tuning that serves goes on serving where nothing better is learnt, but
    for one that rests on verdicts that count no longer."""
    own = _has_own_tuning(learnt)
    return Ground(
        lessons=lessons,
        serving=serving,
        kept_tuning=None if own and _is_withdrawn(learnt, lessons) else serving.tuning,
        kept_is_own=own,
        learnt=learnt["verdicts"] if learnt else [],
        parts=parts,
        risk=wish.risk or parts.settings.target_risk or TARGET_RISK,
        seed=wish.seed,
    )


def _has_own_tuning(learnt: Mapping[str, Any] | None) -> bool:
    """Whether the tuning that serves was learnt from verdicts, not from a file."""
    return learnt is not None and learnt["layers"].get("tuning") is not None


def _is_withdrawn(learnt: Mapping[str, Any] | None, lessons: Lessons) -> bool:
    """Whether what was learnt rests on verdicts that count no longer."""
    return learnt is not None and bool(frozenset(learnt["verdicts"]) - lessons.numbers)


def terms_of(ground: Ground) -> dict[str, Any]:
    """What the same verdicts teach something else with."""
    digest = hashlib.sha256(ground.serving.model_id.encode())
    for text in sorted(ground.serving.text_hashes()):
        digest.update(text)
    return {"risk": ground.risk, "seed": ground.seed, "articles": digest.hexdigest()[:16]}


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


def _is_same(learnt: Mapping[str, Any], lessons: Lessons, terms: Mapping[str, Any]) -> bool:
    return frozenset(learnt["verdicts"]) == lessons.numbers and learnt["terms"] == terms


def choose(
    proposal: Proposal, serving: Knowledge, learnt: Mapping[str, Any] | None, lessons: Lessons
) -> tuple[LearningKind, Layers, list[str]]:
    """What is published, and what more is to be said of it."""
    proposed = proposal.tuning, proposal.calibration
    if proposal.retrieval_wins and proposal.confidence_holds:
        return LearningKind.BOTH, proposed, []
    withdrawn = _is_withdrawn(learnt, lessons)
    if proposal.confidence_holds:
        note = "retrieval: what was learnt rested on verdicts that no longer count: it is dropped"
        gone = withdrawn and _has_own_tuning(learnt) and proposal.tuning is None
        return LearningKind.CONFIDENCE, proposed, [note] if gone else []
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


def names_of(
    layers: Layers,
    kind: LearningKind,
    serving: Knowledge,
    learnt: Mapping[str, Any] | None,
) -> dict[str, str | None]:
    """Identities of what this learning put there, None for what it took away, to know it again; a
    tuning that it keeps and that an earlier one learnt from the same verdicts is its own too."""
    if kind is LearningKind.NOTHING:
        return {}
    after = identities(layers)
    own = {"tuning"} if kind in (LearningKind.RETRIEVAL, LearningKind.BOTH) else set()
    if kind in (LearningKind.CONFIDENCE, LearningKind.BOTH):
        own.add("calibration")
    if _has_own_tuning(learnt):
        own.add("tuning")
    changed = {name for name in after if after[name] != serving.layers[name]}
    return {name: after[name] for name in sorted(own | changed)}


def identities(layers: Layers) -> dict[str, str | None]:
    """Of the tuning and the calibration, as `Knowledge.layers` names them."""
    tuning, calibration = layers
    return {
        "tuning": tuning.identity if tuning else None,
        "calibration": calibration.identity if calibration else None,
    }


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
