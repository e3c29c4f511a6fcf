"""docs/evaluating.md names every metric and every option of the commands it tells of."""

from __future__ import annotations

import click
import pytest

from eval.commands import run
from eval.judging.commands import judge
from eval.judging.judge import LONGEST_ARTICLE, Verdict
from eval.metrics import MEASURES
from tests.conftest import REPO

PAGE = (REPO / "docs" / "evaluating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MEASURES)
def test_every_metric_is_defined(name: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}`" in line]
    assert len(rows) == 1


@pytest.mark.parametrize("command", [run, judge], ids=lambda command: command.name)
def test_every_option_is_told(command: click.Command) -> None:
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert len(options) > 5
    assert [option.opts[0] for option in options if f"`{option.opts[0]}" not in PAGE] == []


def test_what_the_judge_says_and_sees_is_told() -> None:
    assert all(f"`{verdict.value}`" in PAGE for verdict in Verdict)
    assert f"{LONGEST_ARTICLE:,} characters" in PAGE
