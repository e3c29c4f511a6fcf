"""Every value of a JSON or YAML file knows the line it stands on, however the file is laid out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.importing.markup import has_markup, seen_text
from eval.importing.sources import Node, read_json, read_yaml
from tests.eval.importing.files import write_text

_LEAF = re.compile(r"leaf-\d+")
KEYS = st.text(alphabet='abяё"\\{}[]:, ', min_size=1, max_size=5)


def documents(numbers: Iterator[int]) -> st.SearchStrategy[Any]:
    """Nested lists and objects whose leaves are texts that no other leaf has."""
    leaves = st.builds(lambda: f"leaf-{next(numbers)}")
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=10,
    )


def counted() -> Iterator[int]:
    number = 1000
    while True:
        number += 1
        yield number


def leaves_of(node: Node) -> Iterator[Node]:
    if isinstance(node.value, list):
        for item in node.items():
            yield from leaves_of(item)
    elif isinstance(node.value, dict):
        for key in node.object():
            yield from leaves_of(node.at(key))
    else:
        yield node


def lines_told(node: Node) -> dict[str, int]:
    return {leaf.value: int(leaf.where.rpartition(":")[2]) for leaf in leaves_of(node)}


def lines_seen(text: str) -> dict[str, int]:
    return {
        part: number
        for number, line in enumerate(text.split("\n"), start=1)
        for part in _LEAF.findall(line)
    }


@settings(max_examples=80, deadline=None)
@given(value=documents(counted()), indent=st.sampled_from([None, 0, 1, 4]))
def test_a_value_of_json_knows_its_line(
    tmp_path_factory: pytest.TempPathFactory, value: Any, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    found = lines_told(read_json(write_text(tmp_path_factory.mktemp("j") / "f.json", text)))
    assert found == lines_seen(text)


@settings(max_examples=80, deadline=None)
@given(value=documents(counted()), flow=st.booleans())
def test_a_value_of_yaml_knows_its_line(
    tmp_path_factory: pytest.TempPathFactory, value: Any, flow: bool
) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=20)
    found = lines_told(read_yaml(write_text(tmp_path_factory.mktemp("y") / "f.yml", text)))
    assert found == lines_seen(text)


def test_of_a_key_that_stands_twice_in_json_the_last_is_named(tmp_path: Path) -> None:
    path = write_text(tmp_path / "f.json", '{"a": 1,\n"a": 2,\n"b": 3}')
    assert str(read_json(path).at("a").error("no")) == f"{path}:2: a: no"


@settings(max_examples=100)
@given(text=st.text(alphabet="ab <>&;/.\nяЁ3", max_size=40))
def test_a_text_without_known_tags_is_no_markup(text: str) -> None:
    known = ("<a>", "</a>", "<b>", "</b>", "<a/>", "<b/>", "<a ", "<b ", "</a ", "</b ", "<a\n",
             "<b\n", "</a\n", "</b\n")  # fmt: skip
    if not any(tag in text for tag in known):
        assert not has_markup(text)


@settings(max_examples=100)
@given(lines=st.lists(st.text(alphabet="abяЁ3 .,!", min_size=1).map(str.strip), min_size=1))
def test_paragraphs_become_lines(lines: list[str]) -> None:
    said = [" ".join(line.split()) for line in lines if line]
    html = "".join(f"<p>{line}</p>" for line in said)
    assert seen_text(html) == "\n".join(said)
