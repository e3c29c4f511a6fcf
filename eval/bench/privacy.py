"""Recall, precision and leaks of the masking of personal data, and its speed.

    python -m eval.bench.privacy [MARKED.jsonl...] [--part dev|heldout|all] [--errors]

A line: {"id", "text", "entities": [{"kind", "start", "end"}]}; without files the set that ships
under `eval/datasets/privacy`. The word lists and patterns were made with `dev` only: look at the
errors of `heldout` and it is none any more.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from assistant.privacy.entities import KINDS, Entity
from assistant.privacy.masker import Masker
from eval.masking_scores import (
    MarkedText,
    SpanScores,
    false_alarm_rate,
    leak_rate,
    leaks,
    read_marked,
    score_spans,
    touches_nothing_marked,
)

_SET = Path(__file__).parent.parent / "datasets" / "privacy"


def main() -> None:
    """Print a table a file group, with the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--part", choices=["dev", "heldout", "all"], default="all")
    parser.add_argument("--errors", action="store_true", help="show texts that went wrong")
    options = parser.parse_args()
    files = options.files or sorted(
        _SET.glob(f"{'*' if options.part == 'all' else options.part}_*.jsonl")
    )
    started = time.perf_counter()
    masker = Masker()
    masker.find("ок, call me at +7 900 000-00-00, Ann")
    print(f"ready in {time.perf_counter() - started:.2f} s\n")
    by_part: dict[str, list[Path]] = {}
    for path in files:
        by_part.setdefault(path.stem.split("_")[0], []).append(path)
    for part, own in by_part.items():
        for path in own:
            _report(path.stem, read_marked(path), masker, kinds=False, errors=options.errors)
        if len(own) > 1:
            texts = [text for path in own for text in read_marked(path)]
            _report(part, texts, masker, kinds=True, errors=False)


def _report(
    name: str, texts: list[MarkedText], masker: Masker, *, kinds: bool, errors: bool
) -> None:
    started = time.perf_counter()
    found = [masker.find(text.text) for text in texts]
    seconds = time.perf_counter() - started
    empty = sum(not text.entities for text in texts)
    print(f"{name}: {len(texts)} texts, {empty} of them without personal data")
    print(f"{'':12}{'n':>5}{'found':>7}   recall exact / overlap   precision exact / overlap")
    for kind in (*(KINDS if kinds else ()), None):
        scores = score_spans(texts, found, kind)
        if scores.marked or scores.found:
            print(_row(kind or "all", scores))
    characters = sum(len(text.text) for text in texts)
    print(
        f"texts that leak {_shown(leak_rate(texts, found))}, "
        f"false alarms in texts without personal data {_shown(false_alarm_rate(texts, found))}, "
        f"{seconds / len(texts) * 1000:.2f} ms a text ({characters / len(texts):.0f} characters)\n"
    )
    if errors:
        _show_errors(texts, found)


def _row(name: str, scores: SpanScores) -> str:
    return (
        f"{name:12}{scores.marked:>5}{scores.found:>7}"
        f"{_shown(scores.recall_exact):>15} / {_shown(scores.recall_overlapping)}"
        f"{_shown(scores.precision_exact):>18} / {_shown(scores.precision_overlapping)}"
    )


def _shown(share: float | None) -> str:
    return "    -" if share is None else f"{share:.3f}"


def _show_errors(texts: list[MarkedText], found: list[list[Entity]]) -> None:
    for text, own in zip(texts, found, strict=True):
        if set(own) == set(text.entities):
            continue
        signs = "LEAK " * leaks(text, own) + "EXTRA " * touches_nothing_marked(text, own)
        print(f"  {text.text_id} {signs}{text.text!r}")
        for mark, spans in (
            ("-", set(text.entities) - set(own)),
            ("+", set(own) - set(text.entities)),
        ):
            for one in sorted(spans, key=lambda entity: entity.start):
                print(f"      {mark} {one.kind} {text.text[one.start : one.end]!r}")
    print()


if __name__ == "__main__":
    main()
