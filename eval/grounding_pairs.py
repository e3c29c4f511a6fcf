"""Pairs of a claim and its evidence: those that ship, and files of the same shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.command_options import read_lines
from assistant.errors import DatasetError
from assistant.text import detect_language

DATASETS = Path(__file__).parent / "datasets" / "grounding"
SHIPPED = (DATASETS / "ru.jsonl", DATASETS / "en.jsonl")
TRAIN, HELD_OUT = "train", "held_out"


@dataclass(frozen=True)
class Pair:
    """A claim, its evidence and whether the one backs the other."""

    pair_id: str
    claim: str
    evidence: tuple[str, ...]
    is_supported: bool
    kind: str
    """How the claim was made: `paraphrase`, `number`, `negation`…; empty when not said."""
    group: str
    """Pairs over the same evidence are of one group and never on both sides of a split."""
    split: str

    @property
    def lang(self) -> str:
        """`ru` or `en`, as the claim is written."""
        return detect_language(self.claim)


def load_pairs(path: Path) -> list[Pair]:
    """The pairs of a JSON lines file {"id","claim","evidence":[…],"supported",…}.

    Raises DatasetError naming file, line and field.
    """
    return list(_pairs(path))


def _pairs(path: Path) -> Iterator[Pair]:
    for number, row in enumerate(read_lines(str(path), "claim", lists=["evidence"]), start=1):
        if not isinstance(row.get("supported"), bool):
            raise DatasetError(
                f"{path}: pair {number}: 'supported' is missing or neither true nor false"
            )
        evidence = tuple(row["evidence"])
        yield Pair(
            pair_id=str(row.get("id", number)),
            claim=row["claim"],
            evidence=evidence,
            is_supported=row["supported"],
            kind=str(row.get("kind", "")),
            group=str(row.get("group", "\n".join(evidence))),
            split=str(row.get("split", HELD_OUT)),
        )


def of_split(pairs: Sequence[Pair], split: str) -> list[Pair]:
    """The pairs of one side of the split."""
    return [pair for pair in pairs if pair.split == split]
