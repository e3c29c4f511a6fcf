"""Every phrase exists in both languages, with the same variables, and is said whole."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from assistant.domain import HandoffReason
from prompts.loader import LANGUAGES, PromptError, phrases, read, variables_of
from tests.conftest import REPO

RU, EN = (phrases(lang).file.content for lang in ("ru", "en"))
KEYS = sorted(RU)


def test_both_languages_have_the_same_phrases() -> None:
    assert list(RU) == list(EN)


@pytest.mark.parametrize("key", KEYS)
def test_phrase_takes_the_same_variables_in_both_languages(key: str) -> None:
    assert variables_of(RU[key]) == variables_of(EN[key])


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_phrase_is_said_whole(lang: str, key: str) -> None:
    say = phrases(lang)
    values = {name: f"<{name}>" for name in variables_of(say.file.content[key])}
    said = say.say(key, **values)
    assert said
    assert not set(said) & set("{}")
    assert all(value in said for value in values.values())


@pytest.mark.parametrize("key", [key for key in KEYS if variables_of(RU[key])])
def test_missing_variable_is_an_error(key: str) -> None:
    with pytest.raises(PromptError, match=key):
        phrases("ru").say(key)


@pytest.mark.parametrize("key", KEYS)
def test_unused_variable_is_an_error(key: str) -> None:
    values = dict.fromkeys(variables_of(RU[key]), "x")
    with pytest.raises(PromptError, match="surplus"):
        phrases("ru").say(key, **values, surplus="x")


def test_unknown_phrase_is_an_error() -> None:
    with pytest.raises(PromptError, match="no_such_phrase"):
        phrases("ru").say("no_such_phrase")


def test_version_is_not_a_phrase() -> None:
    with pytest.raises(PromptError):
        phrases("ru").say("version")


def test_values_are_never_taken_for_templates() -> None:
    said = phrases("ru").say("greeting_by_name", hello="…", name="{minutes} {0}")
    assert "{minutes} {0}" in said


@pytest.mark.parametrize("lang", ["de", "", "RU", "zz"])
def test_language_without_phrases_speaks_russian(lang: str) -> None:
    assert phrases(lang).say("thanks") == phrases("ru").say("thanks")


@pytest.mark.parametrize("reason", [reason.value for reason in HandoffReason])
def test_every_reason_to_hand_over_has_its_words(reason: str) -> None:
    if reason != "complaint":
        assert f"handoff_{reason}" in RU


def calls_of_say() -> Iterator[tuple[str, str]]:
    """File and key of every `say("key", …)` in the code, also of both sides of a choice."""
    for folder in ("assistant", "api"):
        for path in (REPO / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _is_say(node) and node.args:
                    for part in ast.walk(node.args[0]):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str):
                            yield path.name, part.value


def _is_say(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "say"


def test_every_phrase_that_the_code_says_exists() -> None:
    said = {key for _, key in calls_of_say() if not key.endswith("_")}
    assert said
    assert sorted(said - set(RU)) == []


def test_every_phrase_is_said_somewhere() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("assistant", "api")
        for path in (REPO / folder).rglob("*.py")
    )
    unsaid = [
        key
        for key in KEYS
        if f'"{key}"' not in code and not key.startswith(("handoff_", "summary_"))
    ]
    assert unsaid == []


def test_label_of_a_file_names_version_and_hash() -> None:
    file = read("phrases/ru")
    assert re.fullmatch(r"phrases/ru@\d+:[0-9a-f]{12}", file.label)
    assert read("phrases/en").digest != file.digest


def test_missing_file_is_an_error() -> None:
    with pytest.raises(PromptError, match=r"prompts/phrases/xx\.yaml"):
        read("phrases/xx")
