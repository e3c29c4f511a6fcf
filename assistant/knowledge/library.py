"""The knowledge that serves now: follows what is published, keeps the last good snapshot."""

from __future__ import annotations

import logging
import threading

from assistant.errors import EmbedderMismatchError, KnowledgeError, NoSnapshotError
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.snapshot import SnapshotStore

log = logging.getLogger(__name__)


class Library:
    """Gives the current snapshot; looks for a newer one at every call, which costs one read of a
    file of 17 bytes."""

    def __init__(self, snapshots: SnapshotStore, model_id: str) -> None:
        self._snapshots = snapshots
        self._model_id = model_id
        self._lock = threading.Lock()
        self._serving: Knowledge | None = None
        self._seen: str | None = None
        self._problem: str | None = "not loaded yet"
        self._damaged = False
        self._failed: tuple[str, object] | None = None

    @property
    def problem(self) -> str | None:
        """Why the newest published knowledge is not what serves; None when it is."""
        return self._problem

    @property
    def problem_is_ours(self) -> bool:
        """Whether knowledge was published that cannot be used, as against none at all."""
        return self._damaged

    def current(self) -> Knowledge | None:
        """The snapshot that serves; None when there is none that can."""
        try:
            newest = self._snapshots.current_id()
        except NoSnapshotError as error:
            self._problem = str(error)
            return self._serving
        except KnowledgeError as error:
            self._note(str(error))
            self._damaged = True
            return self._serving
        if newest != self._seen and self._is_worth_a_look(newest):
            with self._lock:
                if newest != self._seen:
                    self._load(newest)
        return self._serving

    def _is_worth_a_look(self, snapshot_id: str) -> bool:
        """Not when these very files failed before."""
        if self._failed is None or self._failed[0] != snapshot_id:
            return True
        return self._failed[1] != self._snapshots.fingerprint(snapshot_id)

    def _load(self, snapshot_id: str) -> None:
        try:
            knowledge = self._snapshots.load(snapshot_id)
            if knowledge.model_id != self._model_id:
                raise EmbedderMismatchError(
                    f"snapshot {snapshot_id} was made with {knowledge.model_id}, the service runs "
                    f"{self._model_id}: ingest again"
                )
        except (KnowledgeError, OSError, ValueError) as error:
            self._note(str(error))
            self._damaged = True
            # It may be repaired under the same id.
            self._failed = (snapshot_id, self._snapshots.fingerprint(snapshot_id))
            self._seen = None
            return
        else:
            self._damaged = False
            self._serving = knowledge
            self._problem = None if knowledge.chunks else "the knowledge base has no articles"
            log.info("serving snapshot %s, %d articles", snapshot_id, len(knowledge.articles))
        self._seen = snapshot_id

    def _note(self, problem: str) -> None:
        if problem != self._problem:
            kept = f"; still serving {self._serving.snapshot_id}" if self._serving else ""
            log.error("knowledge not usable: %s%s", problem, kept)
        self._problem = problem
