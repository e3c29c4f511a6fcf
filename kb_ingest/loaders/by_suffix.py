"""Which loader reads which file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kb_ingest.loaders.documents import load_docx, load_html, load_markdown, load_pdf, load_text
from kb_ingest.loaders.tables import load_csv, load_jsonl, load_xlsx
from kb_ingest.source import MAX_FILE_BYTES, LoadedFile, UnreadableError

Loader = Callable[[Path, bytes, str], LoadedFile]

LOADERS: dict[str, Loader] = {
    ".md": load_markdown,
    ".markdown": load_markdown,
    ".html": load_html,
    ".htm": load_html,
    ".txt": load_text,
    ".docx": load_docx,
    ".pdf": load_pdf,
    ".csv": load_csv,
    ".xlsx": load_xlsx,
    ".jsonl": load_jsonl,
}


def is_supported(path: Path) -> bool:
    """Whether a loader reads files of this ending."""
    return path.suffix.lower() in LOADERS


def load_file(path: Path, article_id: str) -> LoadedFile:
    """The articles of one file. Raises UnreadableError with the reason when there are none."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableError(
                f"the file has {size / 2**20:.0f} MiB; at most {MAX_FILE_BYTES // 2**20} are read"
            )
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"it cannot be opened ({error.strerror})") from error
    if not data.strip():
        raise UnreadableError("the file is empty")
    return LOADERS[path.suffix.lower()](path, data, article_id)
