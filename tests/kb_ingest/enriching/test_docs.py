"""docs/enriching.md tells every option, every reason and every bound."""

from __future__ import annotations

import click
import pytest

from assistant.contradictions.finding import NEIGHBOURS
from assistant.contradictions.verdict import Verdict
from kb_ingest.contradictions import contradictions
from kb_ingest.enriching.checking import LONGEST_QUESTION, Dropped
from kb_ingest.enriching.commands import enrich
from kb_ingest.enriching.offer import LONGEST_ARTICLE, LONGEST_SUMMARY, MOST_QUESTIONS
from tests.conftest import REPO

PAGE = (REPO / "docs" / "enriching.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [enrich, contradictions], ids=lambda command: command.name)
def test_every_option_is_told(command: click.Command) -> None:
    options = [option for option in command.params if isinstance(option, click.Option)]
    told = [option.opts[0] for option in options if f"`{option.opts[0]}" in PAGE]
    assert sorted({*told, "--data-dir"}) == sorted(option.opts[0] for option in options)


@pytest.mark.parametrize("reason", list(Dropped))
def test_every_reason_is_told(reason: Dropped) -> None:
    assert f"`{reason.value}`" in PAGE


def test_every_verdict_and_bound_is_told() -> None:
    assert all(f"`{verdict.value}`" in PAGE for verdict in Verdict)
    assert f"up to {MOST_QUESTIONS} questions" in PAGE
    assert f"at most {LONGEST_SUMMARY} characters" in PAGE
    assert f"over {LONGEST_ARTICLE:,} characters" in PAGE
    assert f"over {LONGEST_QUESTION} characters" in PAGE
    assert f"its {NEIGHBOURS} nearest ones" in PAGE
