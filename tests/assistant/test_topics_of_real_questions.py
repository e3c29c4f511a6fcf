"""Topics on real questions to a video site's support, by its own classes of articles."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from assistant.deciding import Context
from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from assistant.settings import Settings
from assistant.wiring import build_parts
from kb_ingest.build import ingest
from tests.conftest import SHARED

RUTUBE = SHARED / "rutube"


def with_classes(folder: Path) -> Path:
    """The articles with the upper of their two classes as topic."""
    with (RUTUBE / "kb_classes.csv").open(encoding="utf-8-sig", newline="") as file:
        classes = {row["id"]: row["class1"] for row in csv.DictReader(file)}
    with (RUTUBE / "kb.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row | {"topic": classes[row["id"]]} for row in csv.DictReader(file)]
    path = folder / "kb.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.shared
@pytest.mark.skipif(not RUTUBE.exists(), reason="the development data is not beside the checkout")
def test_four_of_five_real_questions_get_the_topic_that_support_gave_them(
    tmp_path: Path, embedder: Embedder
) -> None:
    ingest([with_classes(tmp_path)], SnapshotStore(tmp_path), embedder)
    parts = build_parts(Settings(data_dir=tmp_path, support_hours="", _env_file=None))
    lines = (RUTUBE / "dialogs.jsonl").read_text(encoding="utf-8").splitlines()
    turns = [json.loads(line)["turns"][0] for line in lines]
    told = [parts.decider.decide(Context(turn["text"])).topic for turn in turns]
    right = [topic == turn["labels"]["topic"] for topic, turn in zip(told, turns, strict=True)]
    assert sum(right) >= 0.8 * len(turns)
    assert sum(right) >= 0.85 * sum(topic is not None for topic in told)
