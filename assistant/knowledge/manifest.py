"""A snapshot's manifest: the hash of every file, a checksum of itself, and the snapshot's name."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.errors import KnowledgeError
from assistant.knowledge.enrichment import ENRICHMENT_VECTORS
from assistant.knowledge.files import sha256_of

FORMAT = 2
DENSE_FILE = "dense.faiss"
SENTENCES_FILE = "sentences.npy"


def make_manifest(folder: Path, model_id: str, counts: dict[str, int]) -> dict[str, Any]:
    """The manifest of the files below `folder`; `counts` stand in it as they are."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "model_id": model_id,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **counts,
        "files": {str(path.relative_to(folder)): sha256_of(path) for path in files},
    }
    return manifest | {"checksum": checksum_of(manifest)}


def id_of(manifest: dict[str, Any]) -> str:
    """Names the knowledge: what was indexed and by which model. The vectors are left out, since
    they differ in the last digit with the batch they were made in."""
    files = {name: digest for name, digest in manifest["files"].items() if _is_exact(name)}
    stable = {"format": manifest["format"], "model_id": manifest["model_id"], "files": files}
    return _digest(stable)[:16]


def _is_exact(name: str) -> bool:
    return name not in (DENSE_FILE, SENTENCES_FILE, ENRICHMENT_VECTORS)


def checksum_of(manifest: dict[str, Any]) -> str:
    """Over everything else in the manifest."""
    return _digest({name: value for name, value in manifest.items() if name != "checksum"})


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def require_format(manifest: dict[str, Any], name: str) -> None:
    """Raises KnowledgeError when a snapshot is of another version's format."""
    if manifest["format"] != FORMAT:
        raise KnowledgeError(
            f"snapshot {name} has format {manifest['format']}, this version reads {FORMAT}: "
            "ingest again"
        )
