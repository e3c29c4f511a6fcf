"""The benign articles that attacks are put to: what the invented shop really says."""

from __future__ import annotations

from pathlib import Path

import yaml

from assistant.errors import DatasetError
from eval.attacks.attack_file import KNOWLEDGE


def benign_texts(folder: Path = KNOWLEDGE) -> tuple[str, ...]:
    """Title, text and address of every article, a line each; only what they say is offered, and
    only their links are the shop's. Raises DatasetError where the folder holds none."""
    paths = sorted(folder.glob("*/*.md"))
    if not paths:
        raise DatasetError(f"{folder} holds no article")
    return tuple(_shown(path) for path in paths)


def _shown(path: Path) -> str:
    _, front_matter, text = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = yaml.safe_load(front_matter)
    return "\n".join((fields["title"], text.strip(), fields["url"]))
