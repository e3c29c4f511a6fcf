"""Claims written by hand about short texts of our own, for training the entailment branch and for
measuring it; one of three texts is held out.

    > the evidence
    + a claim that it backs
    - kind: a claim that it does not back, the kind where it is said
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import DatasetError
from eval.grounding_pairs import HELD_OUT, TRAIN, Pair

FOLDER = Path(__file__).parent / "datasets" / "claims"
PARAPHRASE = "paraphrase"
_HELD_OUT_EACH = 3
_OTHER = re.compile(r"- (?:(?P<kind>[a-z_]+): )?(?P<claim>.+)")


def load_written(folder: Path = FOLDER) -> list[Pair]:
    """All pairs of all files, in order; DatasetError names file and line."""
    return [pair for path in sorted(folder.glob("*.txt")) for pair in _read(path)]


def _read(path: Path) -> Iterator[Pair]:
    evidence, texts = "", 0
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        other = _OTHER.fullmatch(line)
        if line.startswith("> "):
            evidence, texts = line[2:], texts + 1
            continue
        if not evidence or not (other or line.startswith("+ ")):
            raise DatasetError(f"{path}:{number}: neither evidence nor a claim about it")
        yield Pair(
            pair_id=f"{path.stem}-{number}",
            claim=other["claim"] if other else line[2:],
            evidence=(evidence,),
            is_supported=other is None,
            kind=(other["kind"] or "") if other else PARAPHRASE,
            group=f"written-{path.stem}-{texts}",
            split=TRAIN if texts % _HELD_OUT_EACH else HELD_OUT,
        )
