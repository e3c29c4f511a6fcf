"""The sample dialogs as the assistant sees them, once for all tests of the confidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.knowledge.contents import Knowledge
from assistant.settings import Settings
from assistant.wiring import Parts, build_parts
from eval.calibration import Example, examples_of
from eval.cases import load_cases
from tests.conftest import REPO

SAMPLE_DIALOGS = REPO / "eval" / "datasets" / "shop"


@pytest.fixture(scope="session")
def shop_parts(indexed_shop: Path) -> Parts:
    """Everything but the store, over the sample shop."""
    return build_parts(Settings(data_dir=indexed_shop, support_hours="", _env_file=None))  # type: ignore[call-arg]


@pytest.fixture(scope="session")
def shop_knowledge(shop_parts: Parts) -> Knowledge:
    """The sample shop's snapshot."""
    knowledge = shop_parts.library.current()
    assert knowledge is not None
    return knowledge


@pytest.fixture(scope="session")
def sample_examples(shop_parts: Parts) -> list[Example]:
    """Every labelled question of the sample dialogs, Russian first, with the answer considered."""
    files = [SAMPLE_DIALOGS / f"dialogs_{lang}.jsonl" for lang in ("ru", "en")]
    cases = [case for file in files for case in load_cases(file)]
    return examples_of(cases, shop_parts.decider)
