"""`souffleur learn status`: what was said since the last learning, what was learnt, what that
changed, what serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.errors import KnowledgeError
from assistant.knowledge.snapshot import SnapshotStore
from assistant.store.dialogs import DialogStore
from assistant.verdict_review import VerdictReview, learning_that_serves, learning_view

_SHOWN = 20


def status(store: DialogStore, review: VerdictReview, snapshots: SnapshotStore) -> dict[str, Any]:
    """The whole of it as one document. Raises StoreError."""
    rows = store.learnings(_SHOWN)
    snapshot, layers = _serving(snapshots)
    learnt = learning_that_serves(store, layers)
    approved = store.approved_verdicts()
    known = frozenset(learnt["verdicts"]) if learnt else frozenset()
    after = rows[0]["last_verdict"] if rows else 0
    return {
        "serving": {
            "snapshot": snapshot,
            "learning_id": learnt["id"] if learnt else None,
            "verdicts": len(known),
            "gone_since": sorted(known - approved),
        },
        "since_last_learning": {
            "learning_id": rows[0]["id"] if rows else None,
            "at": rows[0]["at"] if rows else None,
            "approved_not_learnt_from": len(approved - known),
            **review.counts(after),
        },
        "over_all": review.counts(),
        "learnings": [
            learning_view(row, serves=learnt is not None and row["id"] == learnt["id"])
            for row in rows
        ],
    }


def _serving(snapshots: SnapshotStore) -> tuple[str | None, Mapping[str, str | None]]:
    """The snapshot that serves and what was learnt and lies over it; nothing where none can."""
    try:
        knowledge = snapshots.load()
    except KnowledgeError:
        return None, {"tuning": None, "calibration": None}
    return knowledge.snapshot_id, knowledge.layers
