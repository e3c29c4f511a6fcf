"""What is lost when questions are written as people really type: recall of the typed message
against the same question written properly, by kind.

    python -m eval.bench.messy TYPED.jsonl... [--data-dir DIR]

A line: {"id", "kind", "locale", "clean", "typed", "article_ids"}.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from assistant.command_options import settings_for
from assistant.deciding import Context
from assistant.wiring import Parts, build_parts

_NOT_FOUND = 1000


def main() -> None:
    """Print a row a kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("typed", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    options = parser.parse_args()
    rows = [
        json.loads(line)
        for path in options.typed
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    parts = build_parts(settings_for(options.data_dir))
    print(f"{'kind':12}{'n':>5}  {'R@1 clean':>10}{'typed':>8}{'R@3 clean':>12}{'typed':>8}")
    for kind in [*dict.fromkeys(row["kind"] for row in rows), "all"]:
        own = [row for row in rows if kind in (row["kind"], "all")]
        clean, typed = (np.array(_ranks(own, field, parts)) for field in ("clean", "typed"))
        shares = [np.mean(ranks <= k) for k in (1, 3) for ranks in (clean, typed)]
        one, other, three, third = shares
        print(f"{kind:12}{len(own):>5}  {one:>10.3f}{other:>8.3f}{three:>12.3f}{third:>8.3f}")


def _ranks(rows: list[dict[str, Any]], field: str, parts: Parts) -> list[int]:
    found = []
    for row in rows:
        outcome = parts.decider.decide(Context(text=row[field], locale=row["locale"]))
        ids = [passage.article.article_id for passage in outcome.passages]
        right = (at for at, name in enumerate(ids, 1) if name in row["article_ids"])
        found.append(next(right, _NOT_FOUND))
    return found


if __name__ == "__main__":
    main()
