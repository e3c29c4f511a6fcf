"""The shipped training messages: one a line under `=== kind` headers, `\\n` for a line break."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.domain import IntentLabel, Signal
from assistant.errors import DatasetError

DATASETS = Path(__file__).parent.parent / "datasets"
LANGUAGES = ("ru", "en")
_MARKS = {label.value[0]: label.value for label in IntentLabel}


@dataclass(frozen=True)
class Message:
    """A message with its language, the file's label or signal, and the section it stands in."""

    text: str
    lang: str
    label: str
    kind: str


def intent_messages() -> list[Message]:
    """Every message labelled complaint, question or thanks, in both languages: files of one label,
    and files named mixed-*.txt whose lines begin with `c|`, `q|` or `t|`."""
    found: list[Message] = []
    for lang in LANGUAGES:
        folder = DATASETS / "intent" / lang
        for label in IntentLabel:
            found.extend(_read(folder / f"{label.value}.txt", lang, label.value))
        for path in sorted(folder.glob("mixed-*.txt")):
            found.extend(_labelled(_read(path, lang, ""), path))
    return found


def _labelled(messages: Iterable[Message], path: Path) -> Iterator[Message]:
    for message in messages:
        mark, bar, text = message.text.partition("|")
        if not bar or mark not in _MARKS:
            raise DatasetError(f"{path}: {message.text[:60]!r} does not begin with c|, q| or t|")
        yield replace(message, text=text.strip(), label=_MARKS[mark])


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
