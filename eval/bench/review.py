"""How long `POST /v1/hints/review` takes over HTTP, without a model.

    python -m eval.bench.review --url http://127.0.0.1:8000 [--key KEY] [--rounds 3]

First long drafts of 1,500 characters are pasted, the earliest of them of sentences that the service
has not seen; then the drafts of `eval/datasets/advice` are typed into the same dialog of ten
messages, some keys at a time, as the console does. Each call carries the dialog's id, so that
history, what is known and the articles are looked up too.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence

import httpx

from eval.advice_scores import ADVICE_SET, LabelledDraft, read_drafts

_KEYS = 12
"""The console sends a draft when the typing pauses: once in so many keys."""
_LONG = 1_500
_LONG_ONES = 40
_SAID = 10


def main() -> None:
    """Print the percentiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default="")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
    drafts = [one for path in sorted(ADVICE_SET.glob("*.jsonl")) for one in read_drafts(path)]
    with httpx.Client(base_url=options.url, headers=headers, timeout=30, trust_env=False) as client:
        dialog_id = _dialog(client, drafts)
        for number in range(1, options.rounds + 1):
            pasted = [_review(client, dialog_id, one) for one in _long_ones(drafts, number)]
            _report(f"round {number}, {_LONG} characters pasted", pasted)
            typed = [
                _review(client, dialog_id, part)
                for one in drafts
                if one.lang == "ru"
                for part in _typed(one.draft)
            ]
            _report(f"round {number}, typed", typed)


def _dialog(client: httpx.Client, drafts: Sequence[LabelledDraft]) -> str:
    """A dialog in which a customer has said a few things."""
    dialog_id = f"bench-review-{time.time_ns()}"
    said = [turn.text for one in drafts if one.lang == "ru" for turn in one.history]
    for text in said[:_SAID]:
        body = {"dialog_id": dialog_id, "text": text, "ends_turn": True}
        client.post("/v1/messages", json=body).raise_for_status()
    return dialog_id


def _typed(draft: str) -> Iterator[str]:
    yield from (draft[:end] for end in range(_KEYS, len(draft), _KEYS))
    yield draft


def _long_ones(drafts: Sequence[LabelledDraft], seed: int) -> Iterator[str]:
    """Drafts one after the other in random order, 1,500 characters each."""
    texts = [one.draft for one in drafts if one.lang == "ru"]
    shuffled = random.Random(seed)
    for _ in range(_LONG_ONES):
        shuffled.shuffle(texts)
        yield "\n".join(texts)[:_LONG]


def _review(client: httpx.Client, dialog_id: str, draft: str) -> float:
    """Milliseconds of one call."""
    started = time.perf_counter()
    answer = client.post("/v1/hints/review", json={"dialog_id": dialog_id, "draft": draft})
    taken = 1000 * (time.perf_counter() - started)
    answer.raise_for_status()
    return taken


def _report(name: str, taken: Sequence[float]) -> None:
    ranked = sorted(taken)
    p50, p95 = (ranked[int(len(ranked) * share)] for share in (0.5, 0.95))
    print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {ranked[-1]:.0f} ms (n {len(ranked)})")


if __name__ == "__main__":
    main()
