"""Recall and precision of the faults of wording, by code and language, and the time.

    python -m eval.bench.wording [SENTENCES.jsonl...] [--part dev|heldout|all] [--batch LETTER]
        [--errors]

A line: {"id", "lang", "text", "faults": [codes], "evidence"?, "context"?, "held_out"?}; without
files the set that ships under `eval/datasets/wording`. The letter after the language in an id is
its batch: h and d were written before any rule, e, f, g and i after them; h and i are held out.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode
from eval.wording_scores import (
    WORDING_SET,
    LabelledSentence,
    false_alarm_rate,
    read_sentences,
    score_code,
    told_faults,
)


def main() -> None:
    """Print a table a half and language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--part", choices=["dev", "heldout", "all"], default="all")
    parser.add_argument("--batch", default="", help="only ids of this batch: d, e, f, g, h or i")
    parser.add_argument("--errors", action="store_true", help="show sentences that went wrong")
    options = parser.parse_args()
    files = options.files or sorted(WORDING_SET.glob("*.jsonl"))
    sentences = [
        one
        for path in files
        for one in read_sentences(path)
        if one.sentence_id.partition("-")[2].startswith(options.batch)
    ]
    for one in sentences[:1] + sentences[-1:]:
        # The dictionaries are read once, which no sentence should be charged with.
        find_faults(one.text, one.lang, facts=one.facts)
    for held_out in [part == "heldout" for part in ("dev", "heldout")]:
        if options.part in ("all", "heldout" if held_out else "dev"):
            _report_half(sentences, held_out, errors=options.errors)


def _report_half(sentences: list[LabelledSentence], held_out: bool, *, errors: bool) -> None:
    for lang in ("ru", "en"):
        own = [one for one in sentences if one.lang == lang and one.held_out == held_out]
        if own:
            _report(f"{lang}, {'held out' if held_out else 'development'}", own, errors=errors)


def _report(name: str, sentences: list[LabelledSentence], *, errors: bool) -> None:
    started = time.perf_counter()
    told = told_faults(sentences)
    milliseconds = (time.perf_counter() - started) / len(sentences) * 1000
    alarms = false_alarm_rate(sentences, told)
    fine = sum(not one.faults for one in sentences)
    print(f"{name}: {len(sentences)} sentences, {fine} of them fine, {milliseconds:.2f} ms each")
    print(f"{'':18}{'n':>4}{'told':>6}{'recall':>9}{'precision':>11}")
    for code in FaultCode:
        scores = score_code(sentences, told, code)
        if scores.labelled or scores.told:
            print(
                f"{code:18}{scores.labelled:>4}{scores.told:>6}"
                f"{_shown(scores.recall):>9}{_shown(scores.precision):>11}"
            )
    print(f"false alarms in fine sentences {_shown(alarms)}\n")
    if errors:
        _show_errors(sentences, told)


def _shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _show_errors(sentences: list[LabelledSentence], told: list[frozenset[FaultCode]]) -> None:
    for one, own in zip(sentences, told, strict=True):
        if own == one.faults:
            continue
        missed, extra = sorted(one.faults - own), sorted(own - one.faults)
        print(f"  {one.sentence_id} missed {missed} extra {extra} {one.text!r}")
    print()


if __name__ == "__main__":
    main()
