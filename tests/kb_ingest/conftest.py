from __future__ import annotations

from pathlib import Path

import pytest

from assistant.knowledge import builtin_model
from assistant.knowledge.embedder import Embedder
from assistant.settings import Settings


@pytest.fixture(scope="session")
def models(embedder: Embedder) -> Path:
    """The folder of unpacked models that this run uses."""
    folder = Settings(_env_file=None).models  # type: ignore[call-arg]
    assert (folder / builtin_model.folder_name()).is_dir()
    assert embedder.model_id.startswith(builtin_model.folder_name())
    return folder
