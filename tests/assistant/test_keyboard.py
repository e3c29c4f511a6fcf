"""What was typed in another layout or in Latin letters is read as it was meant; the rest is not
touched."""

from __future__ import annotations

import pytest

from assistant.keyboard import as_meant
from assistant.knowledge.embedder import BuiltinEmbedder, Embedder
from eval.fitting.messages import intent_messages


def meant(embedder: Embedder, text: str) -> str:
    assert isinstance(embedder, BuiltinEmbedder)
    return as_meant(text, embedder.fluency)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("rfr dthyenm ltymub", "как вернуть деньги"),
        ("ghbdtn? ult vjq pfrfp", "привет? где мой заказ"),
        ("rfr jnvtybnm pfrfp?", "как отменить заказ?"),
        ("djghjc hti`y", "вопрос решён"),
        ("цруку шы ьн щквук", "where is my order"),
        ("cgfcb,j", "спасибо"),
        ("где мой pfrfp", "где мой заказ"),
    ],
)
def test_other_layout_is_read_as_meant(embedder: Embedder, typed: str, wanted: str) -> None:
    assert meant(embedder, typed) == wanted


@pytest.mark.parametrize("typed", ["SİPARİŞ NEREDE", "abc\u212a def", "İ", "\u212a"])
def test_letters_whose_lower_case_is_longer_do_no_harm(embedder: Embedder, typed: str) -> None:
    assert meant(embedder, typed)


@pytest.mark.parametrize("typed", ["and to Vladivostok?", "what is tovar", "dostavka for moscow"])
def test_message_with_an_english_word_stays_as_it_is(embedder: Embedder, typed: str) -> None:
    assert meant(embedder, typed) == typed


def test_what_is_too_long_for_a_word_is_left_alone() -> None:
    asked: list[int] = []

    def fluency(text: str) -> float:
        asked.append(len(text))
        return -3.0

    text = "sdtn" * 1000
    assert as_meant(text, fluency) == text
    assert len(asked) < 10
    many = " ".join(f"slovo{'abvgd'[at % 5]}{'a' * (at % 9)}" for at in range(600))
    asked.clear()
    as_meant(many, fluency)
    assert len(asked) < 150 * 200


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("kak vernut dengi", "как вернуть деньги"),
        ("gde moy zakaz???", "где мой заказ???"),
        ("pochemu ne prihodit kod", "почему не приходит код"),
        ("skolko stoit dostavka", "сколько стоит доставка"),
        ("4to delat esli tovar slomalsya", "что делать если товар сломался"),
        ("Polis ne dejstvuet", "полис не действует"),
    ],
)
def test_russian_in_latin_letters_is_read_as_russian(
    embedder: Embedder, typed: str, wanted: str
) -> None:
    assert meant(embedder, typed) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "how do I return a shirt",
        "can u pls refund",
        "thx",
        "iphone 13 pro max",
        "Visa Mastercard",
        "apk не ставится",
        "dns не резолвится",
        "Where is my parcel? order DX-7781",
        "PDF",
        "bonjour je veux un remboursement",
        "https://shop.example/rfr-dthyenm",
        "anna@shop.example не приходит письмо",
        "где мой iPhone 13 pro",
        "",
        "12345 !!!",
        "👍",
    ],
)
def test_what_is_right_is_not_touched(embedder: Embedder, text: str) -> None:
    assert meant(embedder, text) == text


def test_hardly_any_english_message_is_taken_for_russian(embedder: Embedder) -> None:
    english = [m.text for m in intent_messages() if m.lang == "en" and m.text.isascii()][::7]
    changed = [text for text in english if meant(embedder, text) != text]
    assert len(english) > 500
    assert len(changed) <= len(english) // 200, changed
