"""How well contradictions between articles are found without a model.

    python -m eval.bench.contradictions [PAIRS.jsonl...]

Without files: `eval/datasets/contradictions`. A line: {"id", "lang", "kind", "split",
"contradicts", "one": {"title", "text"}, "other": {"title", "text"}}. Every sentence of the one text
is compared with every sentence of the other. Of each language and split: precision, recall and n;
then the pairs told wrongly.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.contradictions.differing import difference_between
from assistant.contradictions.statement import Statement, statement
from assistant.text import sentence_spans

FOLDER = Path(__file__).parent.parent / "datasets" / "contradictions"


@dataclass(frozen=True)
class Told:
    """One pair and what was said of it."""

    pair_id: str
    group: str
    """Language and split."""
    contradicts: bool
    found: bool


def told(row: dict[str, Any]) -> Told:
    """Compare the two texts of a line."""
    one, other = (_statements(row[side], row["lang"]) for side in ("one", "other"))
    found = any(difference_between(left, right) for left in one for right in other)
    return Told(row["id"], f"{row['lang']} {row['split']}", row["contradicts"], found)


def _statements(side: dict[str, str], lang: str) -> list[Statement]:
    text = side["text"]
    return [
        statement("", side["title"], (), text[start:end], lang)
        for start, end in sentence_spans(text)
    ]


def read_pairs(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of pairs."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path, nargs="*")
    paths = parser.parse_args().pairs or sorted(FOLDER.glob("*.jsonl"))
    results = [told(row) for path in paths for row in read_pairs(path)]
    for group in sorted({one.group for one in results}):
        _print(group, [one for one in results if one.group == group])
    _print("all", results)
    for one in results:
        if one.found is not one.contradicts:
            print(f"{one.pair_id}: {'missed' if one.contradicts else 'false alarm'}")


def _print(name: str, results: list[Told]) -> None:
    right = sum(one.found and one.contradicts for one in results)
    found = sum(one.found for one in results)
    there = sum(one.contradicts for one in results)
    print(f"{name:16} precision {right}/{found}, recall {right}/{there}, n {len(results)}")


if __name__ == "__main__":
    main()
