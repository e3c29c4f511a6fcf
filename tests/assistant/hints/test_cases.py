"""Small dialogs of which the first hint is plainly good or plainly absurd
(`eval/datasets/hints/cases.jsonl`), over the sample shop."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import AUTHORS, AuthorKind, Customer, Said, Turn
from assistant.hints.hint import Asked
from assistant.hints.past import NoPast
from assistant.hints.prompter import Prompter
from assistant.known import find_known
from assistant.privacy.masker import Masker
from assistant.wiring import Parts

FILE = Path(__file__).parents[3] / "eval/datasets/hints/cases.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
THEN = datetime(2026, 3, 1, tzinfo=UTC)


def asked(case: dict[str, Any]) -> Asked:
    turns = [Turn(AUTHORS[one["author"]], one["text"]) for one in case["messages"]]
    said = [
        Said(turn.text, "d-1", "web", THEN)
        for turn in reversed(turns)
        if turn.author is AuthorKind.CUSTOMER
    ]
    return Asked(
        turns,
        customer=Customer(name=case.get("name")),
        locale=case["locale"],
        known=find_known(said, Masker()),
        ticket_number=case.get("ticket"),
        dialog_id="d-1",
    )


@pytest.fixture(scope="session")
def case_prompter(parts: Parts) -> Prompter:
    return Prompter(parts.decider, NoPast())


def test_there_are_enough_cases_in_both_languages() -> None:
    ids = [case["id"] for case in CASES]
    assert len(set(ids)) == len(ids)
    assert sum(case["locale"] == "ru" for case in CASES) >= 28
    assert sum(case["locale"] == "en" for case in CASES) >= 12


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_first_hint_holds_what_it_must(case: dict[str, Any], case_prompter: Prompter) -> None:
    first = case_prompter.make(asked(case)).hints[0].text
    assert [one for one in case["must"] if not re.search(one, first)] == [], first
    assert [one for one in case["must_not"] if re.search(one, first)] == [], first
