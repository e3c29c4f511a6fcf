"""The shop of the attacks, indexed once, with every poisoned file in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.language_models.asking import AsksModels
from assistant.settings import Settings
from eval.attacks.arena import Arena, build_arena
from eval.attacks.attack_file import load_attacks
from eval.attacks.levels import index_shop


@pytest.fixture(scope="session")
def indexed_attacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with all articles that attacks are put to."""
    folder = tmp_path_factory.mktemp("attacks")
    index_shop(load_attacks(), folder)
    return folder


@pytest.fixture
def arena_of(indexed_attacks: Path, tmp_path: Path) -> Callable[[AsksModels], Arena]:
    """Builds both levels over the models given."""

    def build(models: AsksModels) -> Arena:
        folder = tmp_path / "data"
        shutil.copytree(indexed_attacks, folder)
        settings = Settings(data_dir=folder, llm_answer_seconds=60, _env_file=None)  # type: ignore[call-arg]
        return build_arena(settings, models)

    return build
