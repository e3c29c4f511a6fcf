"""Recall of turns that come after others: looked up alone, always with the question before, and as
shipped.

    python -m eval.bench.followups DIALOGS.jsonl... [--data-dir DIR]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.command_options import settings_for
from assistant.history import previous_questions
from assistant.rephrasing import ADVANCE
from assistant.wiring import Parts, build_parts
from eval.cases import Case, load_cases

Choose = Callable[[Sequence[float]], int]
_NOT_FOUND = 1000


def main() -> None:
    """Print the figures, by kind of turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    options = parser.parse_args()
    parts = build_parts(settings_for(options.data_dir))
    cases = [
        case
        for path in options.dialogs
        for case in load_cases(path)
        if case.labels.article_ids and previous_questions(case.history)
    ]
    ways: dict[str, Choose] = {
        "alone": lambda scores: 0,
        "always joined": lambda scores: len(scores) - 1,
        "as shipped": lambda scores: int(scores[-1] + ADVANCE >= scores[0]) * (len(scores) - 1),
    }
    for name, kept in (("leans on the dialog", True), ("stands alone", False), ("all", None)):
        own = [case for case in cases if kept is None or case.labels.follow_up is kept]
        if not own:
            continue
        print(f"{name}, n {len(own)}")
        for way, choose in ways.items():
            turns = [replace(case, history=()) for case in own] if way == "alone" else own
            ranks = np.array(_ranks(turns, parts, choose))
            shares = " ".join(f"R@{k} {np.mean(ranks <= k):.3f}" for k in (1, 3, 10))
            print(f"  {way:14} {shares}")


def _ranks(cases: Sequence[Case], parts: Parts, choose: Choose) -> list[int]:
    retriever = parts.decider.retriever()
    if retriever is None:
        raise SystemExit("there is no knowledge base: run `souffleur kb ingest` first")
    found = []
    for case in cases:
        ways = parts.understander.readings(case.text, case.history, case.locale)
        vectors = parts.understander.vectors([way.question for way in ways])
        looked_up = [
            retriever.find_passages(way.question, vector, way.lang, limit=20)
            for way, vector in zip(ways, vectors, strict=True)
        ]
        passages = looked_up[choose([now[0].score if now else -np.inf for now in looked_up])]
        ids = [passage.article.article_id for passage in passages]
        right = (at for at, name in enumerate(ids, 1) if name in (case.labels.article_ids or ()))
        found.append(next(right, _NOT_FOUND))
    return found


if __name__ == "__main__":
    main()
