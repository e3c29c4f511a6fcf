"""`souffleur learn undo`: what a learning put there goes, what people put there since stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import ConflictError, KnowledgeError, NotFoundError
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.snapshot import SnapshotStore
from assistant.store.dialogs import DialogStore
from eval.learning.running import Layers, alone, identities, settle_plan

Row = Mapping[str, Any]


def undo(
    store: DialogStore, snapshots: SnapshotStore, number: int | None, *, forget: bool = False
) -> dict[str, Any]:
    """Put what was learnt before a learning (by default the newest that stands) in the place of
    what it and all later ones put there, over the articles of now; they are undone together. What
    `kb tune` or `eval calibrate` put there since stays: `kept` names it. `forget`: put nothing in
    its place, where the snapshot of before is kept no longer.

    Raises NotFoundError, ConflictError, KnowledgeError.
    """
    with alone(store):
        serving = snapshots.load()
        settle_plan(store, serving)
        rows = _to_undo(store, number)
        gone = _layers_of(rows, serving)
        after = serving.snapshot_id
        if gone:
            layers = _without(gone, serving, _before(snapshots, rows[-1], forget=forget))
            if identities(layers) != serving.layers:
                with snapshots.exclusive():
                    after = snapshots.publish_learnt(serving, *layers)
        undone = store.undo_learnings(rows[-1]["id"])
        return {
            "undone": undone,
            "kept": _replaced_since(rows, serving, gone),
            "snapshot_before": serving.snapshot_id,
            "snapshot_after": after,
            "published": after != serving.snapshot_id,
        }


def _to_undo(store: DialogStore, number: int | None) -> list[Row]:
    """That learning and all later ones that were not undone, newest first."""
    if number is None:
        standing = store.standing_learning()
        if standing is None:
            raise NotFoundError("there is no learning to undo")
        number = int(standing["id"])
    rows = [row for row in store.learnings() if row["id"] >= number]
    if not rows or rows[-1]["id"] != number:
        raise NotFoundError(f"there is no learning {number}")
    if undone_at := rows[-1]["undone_at"]:
        raise ConflictError(f"learning {number} was undone at {undone_at}")
    return [row for row in rows if not row["undone_at"]]


def _layers_of(rows: Sequence[Row], serving: Knowledge) -> frozenset[str]:
    """Names of the layers that serve as one of these learnings left them."""
    return frozenset(
        name
        for name, identity in serving.layers.items()
        if any(name in row["layers"] and row["layers"][name] == identity for row in rows)
    )


def _replaced_since(rows: Sequence[Row], serving: Knowledge, gone: frozenset[str]) -> list[str]:
    """Layers that these learnings changed and that somebody changed by hand afterwards."""
    theirs = {name for row in rows for name in row["layers"]}
    return sorted(name for name in theirs - gone if serving.layers[name] is not None)


def _before(snapshots: SnapshotStore, row: Row, *, forget: bool) -> Layers:
    snapshot_id = row["snapshot_before"]
    if forget:
        return None, None
    if not snapshots.keeps(snapshot_id):
        raise KnowledgeError(
            f"snapshot {snapshot_id} of before is kept no longer; with --forget nothing takes the "
            "place of what was learnt"
        )
    before = snapshots.load(snapshot_id)
    return before.tuning, before.calibration


def _without(gone: frozenset[str], serving: Knowledge, before: Layers) -> Layers:
    tuning, calibration = before
    return (
        tuning if "tuning" in gone else serving.tuning,
        calibration if "calibration" in gone else serving.calibration,
    )
