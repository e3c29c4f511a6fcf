"""The pairs that ship, and what the claim check is worth on those it was not fitted on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.claims.checking import ClaimChecker
from assistant.errors import DatasetError
from assistant.knowledge.embedder import Embedder
from eval.grounding_pairs import HELD_OUT, SHIPPED, TRAIN, load_pairs, of_split
from tests.conftest import SHARED

EXACT = {"number", "date", "sum", "name", "url", "phone"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_pairs_are_many_and_split_by_evidence(path: Path) -> None:
    pairs = load_pairs(path)
    assert len(pairs) >= 400
    assert len({(pair.claim, pair.evidence) for pair in pairs}) == len(pairs)
    assert 0.4 < np.mean([pair.is_supported for pair in pairs]) < 0.6
    groups = [{pair.group for pair in of_split(pairs, split)} for split in (TRAIN, HELD_OUT)]
    assert not groups[0] & groups[1]
    evidence = [{pair.evidence for pair in of_split(pairs, split)} for split in (TRAIN, HELD_OUT)]
    assert not evidence[0] & evidence[1]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_held_out_pairs_are_told_apart(
    path: Path, embedder: Embedder, counted: Callable[..., None]
) -> None:
    pairs = of_split(load_pairs(path), HELD_OUT)
    checker = ClaimChecker(embedder)  # type: ignore[arg-type]
    verdicts = [checker.check(pair.claim, pair.evidence) for pair in pairs]
    true = [v for v, pair in zip(verdicts, pairs, strict=True) if pair.is_supported]
    false = [v for v, pair in zip(verdicts, pairs, strict=True) if not pair.is_supported]
    wins = [(a.score > b.score) + 0.5 * (a.score == b.score) for a in true for b in false]
    assert np.mean(wins) > 0.78
    assert np.mean([not verdict.is_supported for verdict in true]) < 0.16
    exact = [
        not verdict.is_supported
        for verdict, pair in zip(verdicts, pairs, strict=True)
        if pair.kind in EXACT
    ]
    assert np.mean(exact) > 0.85
    counted(f"grounding, {path.stem}: changed numbers, dates, names, links held out", len(exact))
    counted(f"grounding, {path.stem}: of these caught", sum(exact))
    counted(f"grounding, {path.stem}: true claims held out", len(true))
    counted(f"grounding, {path.stem}: of these let through", sum(v.is_supported for v in true))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"evidence": ["a"], "supported": True}, ":1: 'claim' is missing"),
        ({"claim": "a", "supported": True}, ":1: 'evidence' is missing or not a list"),
        ({"claim": "a", "evidence": [1], "supported": True}, ":1: text 1 of 'evidence'"),
        ({"claim": "a", "evidence": ["b"]}, "'supported' is missing"),
    ],
)
def test_bad_line_is_named(tmp_path: Path, line: dict[str, object], message: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        load_pairs(path)


@pytest.mark.shared
@pytest.mark.parametrize(("lang", "least"), [("ru", 0.58), ("en", 0.65)])
def test_shared_pairs_are_told_apart_somewhat(lang: str, least: float, embedder: Embedder) -> None:
    path = SHARED / f"grounded_{lang}" / "pairs.jsonl"
    if not path.exists():
        pytest.skip("no development data beside the checkout")
    pairs = load_pairs(path)[::2]
    checker = ClaimChecker(embedder)  # type: ignore[arg-type]
    scores = [checker.check(pair.claim, pair.evidence).score for pair in pairs]
    true = [s for s, pair in zip(scores, pairs, strict=True) if pair.is_supported]
    false = [s for s, pair in zip(scores, pairs, strict=True) if not pair.is_supported]
    assert np.mean([(a > b) + 0.5 * (a == b) for a in true for b in false]) > least
