"""What a small knowledge base does: bases of a few articles drawn from a bigger one, asked the
labelled questions that they answer and as many that they do not.

    python -m eval.bench.small_bases DIALOGS.jsonl... [--data-dir DIR] [--sizes 3 5 10] [--draws 12]

Columns: how many questions had an article that answers, how many of those were answered from it
and from another one; how many had none, and how many of those were answered all the same.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np

from assistant.command_options import settings_for
from assistant.deciding import Context, Decider
from assistant.domain import Action, IntentLabel
from assistant.knowledge.contents import Knowledge
from assistant.wiring import Parts, build_parts
from eval.cases import Case, load_cases
from eval.indexing import index_articles

_QUESTIONS_OF_EACH = 12


def main() -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path, nargs="+")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2, 3, 5, 10, 20, 50])
    parser.add_argument("--draws", type=int, default=12)
    options = parser.parse_args()
    settings = settings_for(options.data_dir)
    parts = build_parts(settings)
    whole = parts.library.current()
    if whole is None:
        parser.error("no knowledge base: run `make sample` first")
    cases = [case for path in options.dialogs for case in load_cases(path) if _is_plain(case)]
    print(f"{'articles':>8}{'answerable':>12}{'right':>8}{'wrong':>8}{'others':>9}{'answered':>10}")
    for size in options.sizes:
        draw = np.random.default_rng(size)
        counts = sum(_one(parts, whole, cases, size, draw) for _ in range(options.draws))
        able, right, wrong, others, answered = np.asarray(counts)
        print(
            f"{size:>8}{able:>12}{right / able:>8.3f}{wrong / able:>8.3f}"
            f"{others:>9}{answered / others:>10.3f}"
        )


def _is_plain(case: Case) -> bool:
    labels = case.labels
    asks = labels.intent is IntentLabel.QUESTION and not labels.handoff
    return asks and bool(labels.article_ids) and not case.history


def _one(
    parts: Parts, whole: Knowledge, cases: list[Case], size: int, draw: np.random.Generator
) -> np.ndarray:
    locale = cases[draw.integers(len(cases))].locale
    ours = [case for case in cases if case.locale == locale]
    names = sorted(name for name, one in whole.articles.items() if one.lang == locale)
    picked = set(draw.choice(names, min(size, len(names)), replace=False))
    answerable = [case for case in ours if picked & set(case.labels.article_ids or ())]
    others = [case for case in ours if not picked & set(case.labels.article_ids or ())]
    draw.shuffle(answerable)
    draw.shuffle(others)
    with tempfile.TemporaryDirectory() as folder:
        decider = _decider_over(parts, whole, picked, Path(folder))
        counts = np.zeros(5, int)
        for case in answerable[:_QUESTIONS_OF_EACH]:
            cited = _answer(decider, case)
            is_right = cited in (case.labels.article_ids or ())
            counts += [1, bool(cited) and is_right, bool(cited) and not is_right, 0, 0]
        for case in others[:_QUESTIONS_OF_EACH]:
            counts += [0, 0, 0, 1, bool(_answer(decider, case))]
    return counts


def _decider_over(parts: Parts, whole: Knowledge, picked: set[str], folder: Path) -> Decider:
    """The service over some of the articles; their vectors are taken from the whole base."""
    data_dir = folder / "data"
    shutil.copytree(parts.settings.data_dir / "knowledge", data_dir / "knowledge")
    index_articles((a for name, a in whole.articles.items() if name in picked), data_dir)
    return build_parts(parts.settings.model_copy(update={"data_dir": data_dir})).decider


def _answer(decider: Decider, case: Case) -> str:
    """The article an answer cites; empty where none was given."""
    outcome = decider.decide(Context(text=case.text, locale=case.locale))
    if outcome.action is not Action.ANSWER or outcome.reply is None:
        return ""
    return outcome.reply.citations[0].article_id


if __name__ == "__main__":
    main()
