"""What operators read of a dialog says the same in both languages."""

from __future__ import annotations

import re

import pytest

from prompts.loader import patterns, read, variables_of
from tests.conftest import REPO

RU, EN = (read(f"operator_context/{lang}").content for lang in ("ru", "en"))


def test_both_languages_have_the_same_texts_with_the_same_variables() -> None:
    assert list(RU) == list(EN)
    assert {key: variables_of(text) for key, text in RU.items()} == {
        key: variables_of(text) for key, text in EN.items()
    }


@pytest.mark.parametrize("key", sorted(RU))
def test_every_text_is_said_somewhere(key: str) -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (REPO / "assistant" / "operator_context").glob("*.py")
    )
    prefixes = ("reason_", "priority_", "ticket_", "outcome_", "queue_", "channel_")
    assert f'"{key}"' in code or key.startswith(prefixes)


@pytest.mark.parametrize("name", ["operators_talk", "withdrawn", "not_places"])
def test_patterns_compile_and_never_match_nothing(name: str) -> None:
    assert [key for key, pattern in patterns(f"lexicon/{name}").items() if pattern.search("")] == []


def test_patterns_of_requests_compile() -> None:
    lists = read("lexicon/requests").content
    for part in (*lists["beside_waiting"], *lists["announces"]):
        assert not re.compile(part).search(""), part
