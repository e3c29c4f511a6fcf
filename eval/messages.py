"""The shipped training messages: one a line under `=== kind` headers, `\\n` for a line break."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.domain import IntentLabel, Signal
from assistant.errors import DatasetError

DATASETS = Path(__file__).parent / "datasets"
LANGUAGES = ("ru", "en")


@dataclass(frozen=True)
class Message:
    """A message with its language, the file's label or signal, and the section it stands in."""

    text: str
    lang: str
    label: str
    kind: str


def intent_messages() -> list[Message]:
    """Every message labelled complaint, question or thanks, in both languages."""
    return [
        message
        for lang in LANGUAGES
        for label in IntentLabel
        for message in _read(DATASETS / "intent" / lang / f"{label.value}.txt", lang, label.value)
    ]


def signal_messages(signal: Signal) -> list[Message]:
    """Messages with `kind` `positive` or `negative` for one signal, in both languages."""
    return [
        message
        for lang in LANGUAGES
        for message in _read(
            DATASETS / "signals" / lang / f"{signal.value}.txt", lang, signal.value
        )
    ]


def digest_of(messages: list[Message]) -> str:
    """Names a set of messages: the first 16 digits of the SHA-256 of all of them."""
    lines = [f"{m.lang}\t{m.label}\t{m.kind}\t{m.text}" for m in messages]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _read(path: Path, lang: str, label: str) -> Iterator[Message]:
    kind = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("=== "):
            kind = line.removeprefix("=== ").strip()
        elif line.strip():
            if not kind:
                raise DatasetError(f"{path}:{number}: a message before the first `=== kind` line")
            yield Message(line.replace("\\n", "\n").strip(), lang, label, kind)
