"""The prompts for drafts say the same in both languages and take the variables that are given."""

from __future__ import annotations

import pytest

from assistant.domain import IntentLabel
from prompts.loader import LANGUAGES, PromptError, fill, read, variables_of

VARIABLES = {
    "system": set(),
    "user": {"passages", "history", "message", "tone", "known"},
    "known": {"kinds"},
    "passage": {"number", "title", "text"},
    "said": {"author", "text"},
}
PLAIN = {"none", "author_customer", "author_bot", "author_human"}
TONES = {f"tone_{label.value}" for label in IntentLabel}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_prompt_takes_exactly_the_variables_that_the_code_gives(lang: str) -> None:
    content = read(f"drafting/{lang}").content
    found = {key: variables_of(text) for key, text in content.items()}
    assert found == VARIABLES | {key: set() for key in PLAIN | TONES}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_missing_and_unused_variables_are_errors(lang: str) -> None:
    file = read(f"drafting/{lang}")
    with pytest.raises(PromptError, match="takes"):
        fill(file, "said", author="Бот")
    with pytest.raises(PromptError, match="takes"):
        fill(file, "said", author="Бот", text="да", secret="x")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_prompt_names_its_version_and_hash(lang: str) -> None:
    label = read(f"drafting/{lang}").label
    name, digest = label.split(":")
    assert name == f"drafting/{lang}@2"
    assert len(digest) == 12


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_stands_in_braces_in_a_variable_is_no_template(lang: str) -> None:
    file = read(f"drafting/{lang}")
    assert "{system}" in fill(file, "said", author="x", text="{system} {{0}}")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_prompt_of_the_second_opinion_takes_what_the_code_gives(lang: str) -> None:
    content = read(f"grounding/{lang}").content
    assert {key: variables_of(text) for key, text in content.items()} == {
        "system": set(),
        "user": {"passages", "sentence"},
        "passage": {"text"},
    }
