"""What every format is turned into, and how that is written: labelled dialogs, one a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.domain import AuthorKind
from assistant.errors import DatasetError, TextRejectedError
from assistant.text import clean_message, detect_language, is_encodable

OPERATOR = "operator"
"""A person whose reply stands for the service's own; one who took over from a bot is `human`."""


class Place(Protocol):
    """Where something stands in a file."""

    @property
    def where(self) -> str:
        """File and line, as an error names them."""

    def error(self, problem: str) -> DatasetError:
        """The error to raise over what stands here."""


@dataclass(frozen=True)
class ImportedTurn:
    """One message that becomes a turn; `labels` as in section 6 of the contract."""

    author: str
    text: str
    place: Place
    labels: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_customers(self) -> bool:
        """Whether the customer wrote it."""
        return self.author == AuthorKind.CUSTOMER


@dataclass(frozen=True)
class ImportedDialog:
    """One dialog that becomes a line; without a locale that of what the customer wrote."""

    dialog_id: str
    place: Place
    turns: Sequence[ImportedTurn]
    channel: str | None = None


@dataclass(frozen=True)
class Imported:
    """The dialogs of some files, what in them was left out and what else is worth knowing."""

    dialogs: Sequence[ImportedDialog]
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many, by what they are: "private notes": 3."""
    notes: Mapping[str, int] = field(default_factory=dict)
    """The same of what was kept but lacks something."""


def check_whole(text: str, place: Place) -> str:
    """The text, when it can be written. Raises DatasetError for half of a surrogate pair."""
    if not is_encodable(text):
        raise place.error("holds half a character (a lone surrogate)")
    return text


def check_readable(text: str, place: Place) -> str:
    """A customer's text, when the assistant would read it. Raises DatasetError when not."""
    if problem := refusal(text):
        raise place.error(problem)
    return check_whole(text, place)


def refusal(text: str) -> str | None:
    """Why the assistant would refuse a customer's text, or None."""
    try:
        clean_message(text)
    except TextRejectedError as error:
        return str(error)
    return None


def usable(imported: Imported, files: Iterable[str]) -> Imported:
    """Only the dialogs in which a customer writes.

    Raises DatasetError when none remains, and for a dialog_id that stands twice.
    """
    kept = [dialog for dialog in imported.dialogs if any(t.is_customers for t in dialog.turns)]
    if not kept:
        seen = "; ".join(_counted("left out", imported.left_out))
        raise DatasetError(
            f"{', '.join(files)}: no customer's turn that could be imported{seen and f' ({seen})'}"
        )
    _refuse_repeated(kept)
    left_out = Counter(imported.left_out)
    left_out["dialogs in which no customer writes"] += len(imported.dialogs) - len(kept)
    return Imported(kept, left_out, imported.notes)


def _refuse_repeated(dialogs: Iterable[ImportedDialog]) -> None:
    seen: dict[str, ImportedDialog] = {}
    for dialog in dialogs:
        check_whole(dialog.dialog_id, dialog.place)
        if dialog.dialog_id in seen:
            first = seen[dialog.dialog_id].place.where
            raise dialog.place.error(f"dialog_id {dialog.dialog_id!r} stands at {first} too")
        seen[dialog.dialog_id] = dialog


def as_lines(imported: Imported, locale: str | None = None) -> str:
    """The dialogs as section 6 of the contract wants them, one JSON object a line.

    `locale` is that of all; without it each dialog gets the language its customer writes.
    """
    documents = (_document(dialog, locale) for dialog in imported.dialogs)
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def _document(dialog: ImportedDialog, locale: str | None) -> dict[str, Any]:
    written = " ".join(turn.text for turn in dialog.turns if turn.is_customers)
    document: dict[str, Any] = {
        "dialog_id": dialog.dialog_id,
        "locale": locale or detect_language(written),
    }
    if dialog.channel is not None:
        document["channel"] = dialog.channel
    document["turns"] = [
        {"author": turn.author, "text": turn.text}
        | ({"labels": dict(turn.labels)} if turn.labels else {})
        for turn in dialog.turns
    ]
    return document


@dataclass(frozen=True)
class Summary:
    """What was imported and what was not, as counts; holds no text of any message."""

    dialogs: int
    turns: int
    customer_turns: int
    labelled_turns: int
    labels: Mapping[str, int]
    """How many turns carry each label."""
    left_out: Mapping[str, int]
    notes: Mapping[str, int]

    def sentences(self) -> list[str]:
        """The same to read, one a line."""
        shown = ", ".join(f"{name} {count}" for name, count in self.labels.items())
        return [
            f"{self.dialogs} dialogs, {self.turns} turns ({self.customer_turns} of customers), "
            f"{self.labelled_turns} labelled turns{f' ({shown})' if shown else ''}",
            *_counted("left out", self.left_out),
            *_counted("note", self.notes),
        ]


def summary(imported: Imported) -> Summary:
    """What stands in some dialogs, and what does not."""
    turns = [turn for dialog in imported.dialogs for turn in dialog.turns]
    labelled = [turn for turn in turns if turn.labels]
    return Summary(
        dialogs=len(imported.dialogs),
        turns=len(turns),
        customer_turns=sum(turn.is_customers for turn in turns),
        labelled_turns=len(labelled),
        labels=_sorted(Counter(name for turn in labelled for name in turn.labels)),
        left_out=_sorted(imported.left_out),
        notes=_sorted(imported.notes),
    )


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {what: count for what, count in sorted(counts.items()) if count}


def _counted(title: str, counts: Mapping[str, int]) -> list[str]:
    return [f"{title}: {count} {what}" for what, count in _sorted(counts).items()]


def joined(parts: Iterable[Imported]) -> Imported:
    """What several files gave, as one."""
    dialogs: list[ImportedDialog] = []
    left_out: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    for part in parts:
        dialogs.extend(part.dialogs)
        left_out.update(part.left_out)
        notes.update(part.notes)
    return Imported(dialogs, left_out, notes)
