"""Word lists compile, match their own signal and are quick on hostile text."""

from __future__ import annotations

import re

import pytest

from assistant.domain import IntentLabel, Signal
from prompts.loader import LANGUAGES, PromptError, patterns, read

SUBJECTS = {lang: read(f"lexicon/complaints.{lang}").content["subjects"] for lang in LANGUAGES}
SIGNALS = read("lexicon/signals").content


@pytest.mark.parametrize(
    ("signal", "expression"),
    [(signal, expression) for signal, listed in SIGNALS.items() for expression in listed],
)
def test_signal_pattern_compiles_and_never_matches_nothing(signal: str, expression: str) -> None:
    pattern = re.compile(expression, re.IGNORECASE)
    assert not pattern.search(""), signal
    assert not pattern.search("как удалить аккаунт"), signal
    assert not pattern.search("how do i delete my account"), signal


def test_every_signal_has_its_phrases() -> None:
    assert set(SIGNALS) == {signal.value for signal in Signal}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_subject_words_compile_and_never_match_nothing(lang: str) -> None:
    for subject in SUBJECTS[lang]:
        for word in subject["words"]:
            assert not re.compile(word, re.IGNORECASE).search(""), (subject["id"], word)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_subject_can_be_said_and_named(lang: str) -> None:
    for subject in SUBJECTS[lang]:
        assert subject["said"].endswith(".")
        assert subject["named"]
        assert subject["words"]


def test_subjects_are_the_same_in_both_languages() -> None:
    assert [item["id"] for item in SUBJECTS["ru"]] == [item["id"] for item in SUBJECTS["en"]]


def test_intent_patterns_are_those_of_labels_and_never_match_nothing() -> None:
    listed = patterns("lexicon/intents")
    assert set(listed) <= {label.value for label in IntentLabel}
    assert [label for label, pattern in listed.items() if pattern.search("")] == []


def test_patterns_of_a_missing_list_are_an_error() -> None:
    with pytest.raises(PromptError):
        patterns("lexicon/nowhere")


def test_zones_are_named_in_both_languages() -> None:
    zones = read("zones").content
    assert set(zones) == set(LANGUAGES)
    assert "Europe/Moscow" in zones["ru"]
    assert "Europe/Moscow" in zones["en"]
