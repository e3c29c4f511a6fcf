"""The examples of docs/importing.md import as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from eval.cases import load_cases
from eval.importing.commands import importing
from eval.importing.table import FIELDS
from tests.conftest import REPO
from tests.eval.importing.files import write_text

TEXT = (REPO / "docs" / "importing.md").read_text("utf-8")
CSV, *_ = re.findall(r"```\n(dialog id;.*?)```", TEXT, re.DOTALL)
CHATWOOT, WEBIM, LOGS, LABELS = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
(RASA,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(
    ("words", "texts", "turns"),
    [
        (["table", "a.csv"], [CSV], 2),
        (["chatwoot", "a.json"], [CHATWOOT], 1),
        (["webim", "a.json", "--bot", "240001"], [WEBIM], 1),
        (["rasa", "a.yml"], [RASA], 1),
        (["dstc", "a.json", "b.json"], [LOGS, LABELS], 2),
    ],
)
def test_an_example_gives_the_customers_turns_it_shows(
    tmp_path: Path, words: list[str], texts: list[str], turns: int
) -> None:
    names = [word for word in words if "." in word]
    for name, text in zip(names, texts, strict=True):
        write_text(tmp_path / name, text)
    called = [str(tmp_path / word) if word in names else word for word in words]
    found = CliRunner().invoke(importing, [*called, "--out", str(tmp_path / "out.jsonl")])
    assert found.exit_code == 0, found.output
    assert len(load_cases(tmp_path / "out.jsonl")) == turns


def test_every_column_and_every_importer_is_described() -> None:
    assert [field for field in FIELDS if f"| `{field}` |" not in TEXT] == []
    assert [name for name in importing.commands if f"eval import {name} " not in TEXT] == []
