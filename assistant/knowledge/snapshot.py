"""The published knowledge: an immutable folder, checked by hash, put in place in one step.

    knowledge/
      CURRENT                 the id of the snapshot that serves, replaced atomically
      LOCK                    held by the one process that may publish
      snapshots/<id>/         manifest.json, articles.jsonl, chunks.jsonl, entry_hashes.npy,
                              sentence_hashes.npy, dense.faiss, sentences.npy,
                              lexical/{title,body}-{words,grams}/, tuning.* (after `kb tune`),
                              calibration.* (after `eval calibrate`), enrichment.* (`kb enrich`)

The id is a hash of what was indexed, so equal knowledge has an equal id; the manifest holds the
hash of every file and a checksum of itself. Nothing is pickled: JSON lines, plain numpy arrays,
FAISS' own format.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from assistant.errors import CorruptSnapshotError, KnowledgeError, NoSnapshotError, NotFoundError
from assistant.knowledge.calibration import FILES as CALIBRATION
from assistant.knowledge.calibration import Calibration, save_calibration
from assistant.knowledge.contents import Knowledge, SnapshotContent, read_snapshot, write_snapshot
from assistant.knowledge.enrichment import FILES as ENRICHMENT
from assistant.knowledge.enrichment import Enrichment, save_enrichment
from assistant.knowledge.files import (
    replace_file,
    sha256_of,
    sync_folder,
    sync_tree,
    write_json,
)
from assistant.knowledge.manifest import (
    checksum_of,
    id_of,
    make_manifest,
    require_format,
)
from assistant.knowledge.tuning import Tuning, save_tuning

KEPT_SNAPSHOTS = 5

_SNAPSHOT_ID = re.compile(r"[0-9a-f]{16}")

log = logging.getLogger(__name__)


class SnapshotStore:
    """Reads, publishes, checks and takes back snapshots below one folder."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "knowledge"
        self._snapshots = self._root / "snapshots"
        self._current = self._root / "CURRENT"

    def current_id(self) -> str:
        """The id of the snapshot that serves. Raises NoSnapshotError before the first ingest."""
        try:
            snapshot_id = self._current.read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise NoSnapshotError(
                f"no knowledge base in {self._root.parent}: run `souffleur kb ingest PATH` first"
            ) from error
        except UnicodeDecodeError as error:
            raise CorruptSnapshotError(f"{self._current} does not name a snapshot") from error
        if not _SNAPSHOT_ID.fullmatch(snapshot_id):
            raise CorruptSnapshotError(f"{self._current} does not name a snapshot")
        return snapshot_id

    def manifest(self, snapshot_id: str | None = None) -> dict[str, Any]:
        """The manifest of a snapshot, by default of the one that serves."""
        folder = self._snapshots / (snapshot_id or self.current_id())
        try:
            manifest = json.loads((folder / "manifest.json").read_bytes())
        except FileNotFoundError as error:
            raise CorruptSnapshotError(f"snapshot {folder.name} has no manifest") from error
        except (ValueError, RecursionError) as error:
            raise CorruptSnapshotError(f"the manifest of {folder.name} is not JSON") from error
        if isinstance(manifest, dict) and isinstance(manifest.get("format"), int):
            require_format(manifest, folder.name)
        if not isinstance(manifest, dict) or manifest.get("checksum") != checksum_of(manifest):
            raise CorruptSnapshotError(
                f"{folder.name}/manifest.json: changed since it was published"
            )
        return manifest

    def damages(self, snapshot_id: str | None = None) -> list[str]:
        """What differs from the manifest, one sentence each; empty when all is well."""
        snapshot_id = snapshot_id or self.current_id()
        folder = self._snapshots / snapshot_id
        try:
            manifest = self.manifest(snapshot_id)
        except KnowledgeError as error:
            return [str(error)]
        if id_of(manifest) != snapshot_id:  # another snapshot's manifest was put here
            return [f"{snapshot_id}/manifest.json: changed since it was published"]
        found = []
        for name, digest in manifest["files"].items():
            path = folder / name
            if not path.is_file():
                found.append(f"{snapshot_id}/{name}: missing")
            elif sha256_of(path) != digest:
                found.append(f"{snapshot_id}/{name}: differs from its hash")
        return found

    def load(self, snapshot_id: str | None = None) -> Knowledge:
        """Read a snapshot after checking every hash; CorruptSnapshotError when one differs."""
        snapshot_id = snapshot_id or self.current_id()
        manifest = self.manifest(snapshot_id)
        if found := self.damages(snapshot_id):
            raise CorruptSnapshotError("; ".join(found))
        return read_snapshot(self._snapshots / snapshot_id, manifest)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the right to publish; raises KnowledgeError when another process holds it."""
        self._snapshots.mkdir(parents=True, exist_ok=True)
        with (self._root / "LOCK").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise KnowledgeError("another ingest is running on this data folder") from error
            for leftover in self._snapshots.glob(".building-*"):
                shutil.rmtree(leftover)
            for leftover in self._root.glob(".[CH]*.*"):
                leftover.unlink()
            yield

    def publish(self, content: SnapshotContent) -> str:
        """Write a snapshot aside, make it durable, move it into place, then point at it.

        Returns its id; when the same content already serves, nothing changes.
        """
        aside = self._snapshots / ".building-snapshot"
        aside.mkdir()
        write_snapshot(aside, content)
        counts = {
            "articles": len(content.articles),
            "chunks": len(content.chunks),
            "sentences": len(content.sentence_vectors),
        }
        return self._put_in_place(aside, content.model_id, counts)

    def publish_tuned(self, knowledge: Knowledge, tuning: Tuning) -> str:
        """The same knowledge with something learnt about it, as a snapshot of its own. A
        calibration stays, and says itself that it does not hold for it."""
        return self._republish(knowledge, partial(save_tuning, tuning), "tuning.*")

    def publish_calibrated(self, knowledge: Knowledge, calibration: Calibration) -> str:
        """The same knowledge with a fitted confidence, as a snapshot of its own."""
        return self._republish(knowledge, partial(save_calibration, calibration), CALIBRATION)

    def publish_learnt(
        self, knowledge: Knowledge, tuning: Tuning | None, calibration: Calibration | None
    ) -> str:
        """The same knowledge with exactly this learnt about it, in one step: at no moment does a
        tuned index serve without the confidence that was fitted on it."""

        def save(folder: Path) -> None:
            if tuning:
                save_tuning(tuning, folder)
            if calibration:
                save_calibration(calibration, folder)

        return self._republish(knowledge, save, "tuning.*", CALIBRATION)

    def keeps(self, snapshot_id: str) -> bool:
        """Whether a snapshot is still there."""
        return (self._snapshots / snapshot_id / "manifest.json").is_file()

    def publish_enriched(self, knowledge: Knowledge, enrichment: Enrichment) -> str:
        """The same knowledge with what a language model wrote about it, as a snapshot of its
        own."""
        return self._republish(knowledge, partial(save_enrichment, enrichment), ENRICHMENT)

    def _republish(self, knowledge: Knowledge, save: Callable[[Path], None], *replaced: str) -> str:
        aside = self._snapshots / ".building-snapshot"
        ignored = shutil.ignore_patterns("manifest.json", *replaced)
        shutil.copytree(self._snapshots / knowledge.snapshot_id, aside, ignore=ignored)
        save(aside)
        counts = {name: knowledge.manifest[name] for name in ("articles", "chunks", "sentences")}
        return self._put_in_place(aside, knowledge.model_id, counts)

    def _put_in_place(self, aside: Path, model_id: str, counts: dict[str, int]) -> str:
        parent = self._serving_id()
        manifest = make_manifest(aside, model_id, counts)
        snapshot_id = id_of(manifest)
        folder = self._snapshots / snapshot_id
        if folder.exists() and not self.damages(snapshot_id):
            shutil.rmtree(aside)
        else:
            write_json(aside / "manifest.json", manifest)
            sync_tree(aside)
            if folder.exists():
                shutil.rmtree(folder)
            aside.rename(folder)
            sync_folder(self._snapshots)
        if parent != snapshot_id:
            self._remember(parent)
            replace_file(self._current, snapshot_id + "\n")
            self._forget_oldest(snapshot_id)
        return snapshot_id

    def rollback(self) -> str:
        """Serve the snapshot before the current one again and return its id."""
        earlier = self._history()
        if not earlier:
            raise NotFoundError("there is no earlier snapshot to go back to")
        target = earlier[-1]
        if found := self.damages(target):
            raise CorruptSnapshotError("; ".join(found))
        # CURRENT first: killed between the two, the history still ends in what serves, and that
        # entry is passed over.
        replace_file(self._current, target + "\n")
        replace_file(self._root / "HISTORY", "".join(f"{line}\n" for line in earlier[:-1]))
        return target

    def newest_intact(self) -> Knowledge | None:
        """The newest snapshot that can be read, the one that serves first; None without any.

        Raises CorruptSnapshotError when there are only damaged ones.
        """
        serving = self._serving_id()
        damaged: CorruptSnapshotError | None = None
        for snapshot_id in [*([serving] if serving else []), *reversed(self._history())]:
            try:
                return self.load(snapshot_id)
            except CorruptSnapshotError as error:
                log.warning("snapshot %s cannot be built upon: %s", snapshot_id, error)
                damaged = error
            except KnowledgeError as error:  # another format: as good as none
                log.warning("snapshot %s cannot be built upon: %s", snapshot_id, error)
        if damaged:
            raise damaged
        return None

    def fingerprint(self, snapshot_id: str) -> frozenset[tuple[str, int, int, int]]:
        """Changes when any file of a snapshot is written or put in place anew; read without opening
        any."""
        folder = self._snapshots / snapshot_id
        found = [(path, path.stat()) for path in folder.rglob("*")]
        return frozenset(
            (str(path), state.st_ino, state.st_size, state.st_mtime_ns) for path, state in found
        )

    def _serving_id(self) -> str | None:
        try:
            return self.current_id()
        except KnowledgeError:  # nothing serves yet, or CURRENT itself is damaged
            return None

    def _history(self) -> list[str]:
        """Ids that served before, oldest first; only those still there, never the one serving."""
        path = self._root / "HISTORY"
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        serving = self._serving_id()
        return [
            line for line in text.split() if line != serving and (self._snapshots / line).is_dir()
        ]

    def _remember(self, parent: str | None) -> None:
        if parent is not None:
            lines = [line for line in self._history() if line != parent] + [parent]
            replace_file(self._root / "HISTORY", "".join(f"{line}\n" for line in lines))

    def _forget_oldest(self, current: str) -> None:
        kept = {current, *self._history()[-(KEPT_SNAPSHOTS - 1) :]}
        for folder in self._snapshots.iterdir():
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder)
