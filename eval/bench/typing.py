"""How suggestions behave while a question is typed letter by letter: from which word on a right
article is shown, and how often the list changes.

    python -m eval.bench.typing DIALOGS.jsonl [--data-dir DIR]
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

from assistant.command_options import settings_for
from assistant.suggesting import Suggester
from assistant.wiring import build_parts
from eval.cases import Case, load_cases

_SHOWN = 3


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogs", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--most", type=int, default=60, help="how many questions to type")
    options = parser.parse_args()
    suggester = build_parts(settings_for(options.data_dir)).suggester
    cases = [case for case in load_cases(options.dialogs) if _is_plain(case)][: options.most]
    typed = [_type(case, suggester) for case in cases]
    keys = sum(len(lists) - 1 for lists in typed)
    changes = sum(one != other for lists in typed for one, other in pairwise(lists))
    print(f"{len(cases)} questions, {keys} keys")
    of_100, each = 100 * changes / keys, changes / len(cases)
    print(f"list changes: {of_100:.1f} of 100 keys, {each:.1f} a question")
    for count in (3, 4, 5, 100):
        shown = [_shown_at(case, lists, count) for case, lists in zip(cases, typed, strict=True)]
        name = f"after {count} words" if count < 100 else "at the end"
        print(f"a right article shown {name}: {100 * sum(shown) / len(shown):.0f} %")


def _is_plain(case: Case) -> bool:
    return bool(case.labels.article_ids) and not case.history and "\n" not in case.text


def _type(case: Case, suggester: Suggester) -> list[tuple[str, ...]]:
    """The list of article ids after each key."""
    return [
        tuple(item.article_id for item in suggester.suggest(case.text[:end], _SHOWN, case.locale))
        for end in range(1, len(case.text) + 1)
    ]


def _shown_at(case: Case, lists: list[tuple[str, ...]], count: int) -> bool:
    """Whether a right article was shown when the `count`-th word was finished."""
    end = len(" ".join(case.text.split(" ")[:count]))
    return bool(set(lists[min(end, len(lists) - 1)]) & set(case.labels.article_ids or ()))


if __name__ == "__main__":
    main()
