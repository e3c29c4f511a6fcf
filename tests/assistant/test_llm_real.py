"""The door to a language model, opened on a real one: small, weak, on this machine."""

from __future__ import annotations

import json

import pytest

from assistant.llm import LanguageModel

pytestmark = pytest.mark.model


def test_model_answers_in_words(small_model: LanguageModel) -> None:
    said = small_model.complete([{"role": "user", "content": "Say the one word: hello"}], 16)
    assert "hello" in said.lower()


def test_same_question_gets_the_same_reply(small_model: LanguageModel) -> None:
    asked = [{"role": "user", "content": "Назови столицу Франции одним словом."}]
    assert small_model.complete(asked, 16) == small_model.complete(asked, 16)


def test_model_that_is_asked_for_json_gives_json(small_model: LanguageModel) -> None:
    asked = 'Reply with this JSON and nothing else: {"verdict": "right"}'
    said = small_model.complete([{"role": "user", "content": asked}], 40)
    found = said[said.index("{") : said.rindex("}") + 1]
    assert json.loads(found) == {"verdict": "right"}
