"""The word lists of wording compile, name only codes there are, and never match nothing."""

from __future__ import annotations

import pytest

from assistant.wording.fault import FaultCode
from assistant.wording.lexicon import Rule, promise_phrases, rules, word_file
from prompts.loader import LANGUAGES

FINE = (
    "чтобы вернуть товар, откройте профиль и выберите заказ",
    "to return an item, open the profile and choose the order",
)


def every_rule() -> list[tuple[str, Rule]]:
    return [(lang, rule) for lang in LANGUAGES for rule in (*rules(lang), *promise_phrases(lang))]


@pytest.mark.parametrize(("lang", "rule"), every_rule(), ids=lambda one: getattr(one, "name", one))
def test_a_rule_matches_neither_nothing_nor_plain_help(lang: str, rule: Rule) -> None:
    expressions = [rule.pattern] if rule.pattern else []
    for text in ("", " ", *FINE):
        assert not any(one.search(text) for one in expressions), lang
    assert all(len(group) > 1 or group[0].search("") is None for group in rule.together)


def test_codes_and_sections_are_the_same_in_both_languages() -> None:
    russian, english = (word_file(lang).content for lang in LANGUAGES)
    assert list(russian["phrases"]) == list(english["phrases"])
    assert set(russian["phrases"]) <= set(FaultCode)
    assert set(russian["offers"]) == set(english["offers"])
    assert set(russian) == set(english)
