"""Placeholders of one dialog: stable, restored, and never given to what the customer typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masked, Masking

MASKER = Masker()

_VALUES = st.sampled_from(
    [
        "+7 916 555-12-34", "8 (903) 555 01 17", "anna@mail.example", "4111 1111 1111 1111",
        "Иванова Анна Петровна", "Сергею Кузнецову", "John Smith", "паспорт 4509 123456",
        "заказ 10432", "ул. Баумана, д. 5", "[PHONE_1]", "[name_2]", "188.162.40.17", "@lena_krut",
    ]
)  # fmt: skip
_MESSAGES = st.lists(
    st.one_of(
        _VALUES, st.sampled_from(["здравствуйте", "позвоните,", "цена 350 рублей", "\n", "—"])
    ),
    max_size=7,
).map(" ".join)
_ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120)
_NUMBERS = st.text(alphabet="0123456789 -+().@оИв\u200b\u0301[]_PHONE", max_size=60)


def masking() -> Masking:
    """A dialog of its own."""
    return Masking(MASKER)


def mask(text: str) -> Masked:
    """The text masked in a dialog of its own."""
    return masking().mask(text)


def test_one_value_has_one_placeholder_in_any_spelling_and_inflection() -> None:
    dialog = masking()
    assert dialog.mask("верните Ивановой Анне").text == "верните [NAME_1]"
    assert dialog.mask("это анна иванова").text == "это [NAME_1]"
    assert dialog.mask("тел 8 (916) 555-12-34").text == "тел [PHONE_1]"
    assert dialog.mask("+79165551234 или +79165551235").text == "[PHONE_1] или [PHONE_2]"
    assert dialog.mask("почта Anna (at) mail dot ru").text == "почта [EMAIL_1]"
    assert dialog.mask("anna@mail.ru").text == "[EMAIL_1]"
    spoken = "восемь девятьсот шестнадцать пятьсот пятьдесят пять двенадцать тридцать четыре"
    assert dialog.mask(spoken).text == "[PHONE_1]"


def test_another_dialog_begins_anew_and_restores_nothing_of_the_first() -> None:
    first, second = masking(), masking()
    assert first.mask("+79165551234").text == second.mask("+79165559999").text == "[PHONE_1]"
    assert second.restore("[PHONE_1] [PHONE_2]") == "+79165559999 [PHONE_2]"
    assert masking().restore("[PHONE_1]") == "[PHONE_1]"


@pytest.mark.parametrize("written", ["[NAME_1]", "[ name_1 ]", r"\[NAME\_1\]", "[Name 1]"])
def test_an_answer_gets_its_values_back_however_a_model_wrote_them(written: str) -> None:
    dialog = masking()
    dialog.mask("меня зовут Анна")
    assert dialog.restore(f"Здравствуйте, {written}!") == "Здравствуйте, Анна!"


def test_a_placeholder_typed_before_any_value_is_never_given_one() -> None:
    dialog = masking()
    masked = dialog.mask("[PHONE_1] мой номер +79165551234")
    assert masked.text == "[PHONE_1] мой номер [PHONE_2]"
    assert dialog.restore("[PHONE_1]") == "[PHONE_1]"
    assert dialog.restore("[PHONE_2]") == "+79165551234"


def test_a_placeholder_typed_after_a_value_comes_back_as_typed() -> None:
    dialog = masking()
    dialog.mask("+79165551234")
    masked = dialog.mask("скажите [phone_1]")
    assert masked.text == "скажите [TYPED_1]"
    assert dialog.restore(masked.text) == "скажите [phone_1]"


def test_offsets_point_into_the_text_as_it_came() -> None:
    text = "Ж\u0301\u200b😀 тел 8\u200b916 555-12-34."
    (entity,) = mask(text).entities
    assert text[entity.start : entity.end] == "8\u200b916 555-12-34"


@given(_MESSAGES)
@settings(deadline=None)
def test_masking_the_masked_text_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@given(st.lists(_MESSAGES, min_size=1, max_size=3))
@settings(deadline=None)
def test_restoring_gives_the_text_back_where_a_value_has_one_spelling(texts: list[str]) -> None:
    dialog = masking()
    for text in texts:
        assert dialog.restore(dialog.mask(text).text) == text


@pytest.mark.parametrize(
    "text",
    [
        "8 (903) 555 01 17 ул. Баумана, д. 5 — 8 (903) 555 01 17",
        "8 903 555 01 17 ул. Баумана, д. 5 - 8 903 555 01 17",
        "ул. Баумана, д. 5 — 188.162.40.17 ул. Баумана, д. 5",
    ],
)
def test_number_after_a_dash_is_no_part_of_a_house(text: str) -> None:
    dialog = masking()
    assert dialog.restore(dialog.mask(text).text) == text


@given(st.one_of(_ANY_TEXT, _NUMBERS, _MESSAGES))
@settings(deadline=None, max_examples=400)
def test_any_text_is_masked_without_overlaps_and_the_rest_stays(text: str) -> None:
    assert_only_entities_are_replaced(text)


_HOSTILE = [
    "1 ", "ул ", "a.", "иван ", "8 (", "А.А. ", "a@", "один ", "г. ", "1-", "дом 1 ", "abc dot ",
    "ул. Мира ", "Анна ", "Smith ", "[PHONE_1]", "карта ", "12 Oak ", "+7 ", "a at ", "\n", "()",
]  # fmt: skip


@pytest.mark.parametrize("piece", _HOSTILE)
def test_text_of_full_length_that_repeats_the_beginning_of_something_is_masked_too(
    piece: str,
) -> None:
    """Where a pattern would look back and forth without end, this test would not end."""
    assert_only_entities_are_replaced((piece * 4000)[:4000])


def assert_only_entities_are_replaced(text: str) -> None:
    masked = mask(text)
    at = 0
    rest = masked.text
    for entity in masked.entities:
        assert at <= entity.start < entity.end <= len(text)
        kept = text[at : entity.start]
        assert rest.startswith(kept)
        placeholder = f"[{entity.kind.upper()}_"
        assert rest[len(kept) :].startswith(placeholder)
        rest = rest[rest.index("]", len(kept)) + 1 :]
        at = entity.end
    assert rest == text[at:]
