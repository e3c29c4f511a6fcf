"""Frames know where their blanks stand, and both languages have the same."""

from __future__ import annotations

import pytest

from assistant.hints.template import Reply, joined, say, texts, with_blanks
from assistant.privacy.entities import KINDS
from assistant.wording.checking import find_faults
from assistant.wording.fault import WordingContext
from prompts.loader import LANGUAGES, variables_of

KEYS = sorted(texts("ru").content)
FRAMES = [key for key in KEYS if not key.startswith(("advice_", "blank", "source_"))]


def given(lang: str, key: str) -> dict[str, str]:
    names = variables_of(texts(lang).content[key])
    return {name: "Анна" if name == "name" else "17" for name in names}


def test_both_languages_have_the_same_texts_with_the_same_variables() -> None:
    ru, en = texts("ru").content, texts("en").content
    assert list(ru) == list(en)
    assert [variables_of(ru[key]) for key in KEYS] == [variables_of(en[key]) for key in KEYS]


def test_every_kind_of_personal_data_has_its_blank() -> None:
    assert {f"blank_{kind}" for kind in (*KINDS, "typed", "day")} <= set(KEYS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", FRAMES)
def test_frame_passes_the_check_of_wording(lang: str, key: str) -> None:
    facts = WordingContext(
        handed_over=True, ticket_number="17", complaint=key.startswith("complaint")
    )
    reply = say(lang, key, **given(lang, key))
    assert find_faults(reply.text, lang, facts=facts) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", FRAMES)
def test_blanks_stand_where_they_say(lang: str, key: str) -> None:
    reply = say(lang, key, **given(lang, key))
    opening = "«укажите " if lang == "ru" else "[fill in "
    assert reply.text.count(opening) == len(reply.blanks)
    for blank in reply.blanks:
        shown = reply.text[blank.start : blank.end]
        assert shown.startswith(opening)
        assert blank.label in shown


def test_what_a_customer_is_called_makes_no_blank() -> None:
    assert say("ru", "greeting", name="[[деньги]]").blanks == ()


def test_joined_texts_keep_their_blanks() -> None:
    first = with_blanks("до: ?", [(4, 5, "срок")], "ru")
    both = joined([Reply("Да."), None, first, Reply(""), first])
    assert both.text == "Да.\nдо: «укажите срок»\nдо: «укажите срок»"
    assert [both.text[one.start : one.end] for one in both.blanks] == ["«укажите срок»"] * 2
