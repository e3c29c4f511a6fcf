"""Logs and labels of DSTC: the last turn gets its label, a malformed pair is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import DatasetError
from eval.importing.dialogs import Imported
from eval.importing.dstc import import_dstc
from tests.eval.importing.files import turns_of, write_json

ASKED = {"speaker": "U", "text": "do they take dogs?"}
REPLIED = {"speaker": "S", "text": "Shall I book?"}
SNIPPET = {"domain": "hotel", "entity_id": 3, "doc_id": 7}


def imported(folder: Path, logs: Any, labels: Any) -> Imported:
    return import_dstc(
        write_json(folder / "logs.json", logs), write_json(folder / "labels.json", labels)
    )


def error_of(folder: Path, logs: Any, labels: Any) -> str:
    with pytest.raises(DatasetError) as caught:
        imported(folder, logs, labels)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("label", "labels"),
    [
        ({"target": False}, {}),
        ({"target": False, "knowledge": 5}, {}),
        ({"target": True, "knowledge": [SNIPPET]}, {"article_ids": ["hotel--3--7"]}),
        (
            {"target": True, "knowledge": [SNIPPET], "response": "Small ones."},
            {"article_ids": ["hotel--3--7"], "answer": "Small ones."},
        ),
        (
            {"target": True, "knowledge": [{**SNIPPET, "doc_type": "faq"}]},
            {"article_ids": ["hotel--3--7--faq"]},
        ),
        (
            {
                "target": True,
                "knowledge": [
                    {**SNIPPET, "doc_type": "review", "sent_id": sentence} for sentence in (0, 1)
                ],
            },
            {"article_ids": ["hotel--3--7--review"]},
        ),
        (
            {"target": True, "knowledge": [{**SNIPPET, "entity_id": "*"}, SNIPPET]},
            {"article_ids": ["hotel--*--7", "hotel--3--7"]},
        ),
    ],
)
def test_the_last_turn_gets_its_label(
    tmp_path: Path, label: dict[str, Any], labels: dict[str, Any]
) -> None:
    found = imported(tmp_path, [[ASKED, REPLIED, ASKED]], [label])
    assert turns_of(found, "logs-0") == [
        ("customer", "do they take dogs?", {}),
        ("operator", "Shall I book?", {}),
        ("customer", "do they take dogs?", labels),
    ]


@pytest.mark.parametrize(
    ("logs", "labels", "problem"),
    [
        ([[ASKED]], [{"target": False}] * 2,
         "labels.json:1: the file: holds 2 labels, but logs.json holds 1 dialogs"),
        ([[ASKED]] * 2, [],
         "labels.json:1: the file: holds 0 labels, but logs.json holds 2 dialogs"),
        ({}, [], "logs.json:1: the file: is an object, not a list"),
        ([[ASKED]], {"target": True}, "labels.json:1: the file: is an object, not a list"),
        ([ASKED], [{"target": False}], "logs.json:2: [0]: is an object, not a list"),
        ([[]], [{"target": False}], "logs.json:2: [0]: holds no turns"),
        ([[ASKED, REPLIED]], [{"target": False}],
         "logs.json:7: [0][1]: the last turn is not the user's (U), so nothing is labelled"),
        ([["hi"]], [{"target": False}], "logs.json:3: [0][0]: is 'hi', not an object"),
        ([[{"text": "hi"}]], [{"target": False}],
         "logs.json:3: [0][0].speaker: is missing; it must be text"),
        ([[{"speaker": "X", "text": "hi"}]], [{"target": False}],
         "logs.json:4: [0][0].speaker: is 'X'; it can be U or S"),
        ([[{"speaker": "U"}]], [{"target": False}],
         "logs.json:3: [0][0].text: is missing; it must be text"),
        ([[{"speaker": "U", "text": " "}]], [{"target": False}],
         "logs.json:5: [0][0].text: the text is empty"),
        ([[ASKED]], [5], "labels.json:2: [0]: is 5, not an object"),
        ([[ASKED]], [{}], "labels.json:2: [0].target: is missing; it can be true or false"),
        ([[ASKED]], [{"target": "yes"}],
         "labels.json:3: [0].target: is 'yes'; it can be true or false"),
        ([[ASKED]], [{"target": True}],
         "labels.json:2: [0].knowledge: is missing; it must be a list"),
        ([[ASKED]], [{"target": True, "knowledge": []}],
         "labels.json:4: [0].knowledge: is empty although `target` is true"),
        ([[ASKED]], [{"target": True, "knowledge": [{"domain": "a", "entity_id": 1}]}],
         "labels.json:5: [0].knowledge[0].doc_id: is missing; it must be an id"),
        ([[ASKED]], [{"target": True, "knowledge": [{**SNIPPET, "doc_type": []}]}],
         "labels.json:9: [0].knowledge[0].doc_type: is a list, not an id"),
        ([[ASKED]], [{"target": True, "knowledge": [SNIPPET], "response": 5}],
         "labels.json:11: [0].response: is 5, not text"),
    ],
)  # fmt: skip
def test_a_malformed_pair_is_named_with_file_line_and_field(
    tmp_path: Path, logs: Any, labels: Any, problem: str
) -> None:
    assert error_of(tmp_path, logs, labels) == problem
