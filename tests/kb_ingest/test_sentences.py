from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.text import sentence_spans
from tests.kb_ingest.texts import ARTICLE


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Один. Два! Три?", ["Один.", "Два!", "Три?"]),
        ("г. Омск, ул. Мира, д. 5. Вход сзади.", ["г. Омск, ул. Мира, д. 5.", "Вход сзади."]),
        ("До 5 тыс. руб. в день. Больше — нет.", ["До 5 тыс. руб. в день.", "Больше — нет."]),
        ("It takes 2.5 days. Then wait.", ["It takes 2.5 days.", "Then wait."]),
        ("Перенос\nстроки внутри. Второе.", ["Перенос\nстроки внутри.", "Второе."]),
        ("Абзац\n\nдругой", ["Абзац", "другой"]),
        ("# Заголовок\nТекст.", ["Текст."]),
        ("- чек\n- паспорт", ["- чек", "- паспорт"]),
        ("1. Раз. Ещё.\n2) Два", ["1. Раз.", "Ещё.", "2) Два"]),
        ("* звезда\n• точка\n– тире", ["* звезда", "• точка", "– тире"]),
        ("- пункт\n  с продолжением\n- второй", ["- пункт\n  с продолжением", "- второй"]),
        ("| а | б |\n| --- | --- |\n| 1. | 2. |", ["| а | б |", "| 1. | 2. |"]),
        ("---\n\n|\n\n- - -", []),
        ("", []),
        (" \n\n ", []),
    ],
)  # fmt: skip
def test_sentences_items_and_rows_are_told_apart(text: str, sentences: list[str]) -> None:
    assert _sentences(text) == sentences


@pytest.mark.parametrize("text", ["#1 в продажах.", "#заказ найдётся по номеру."])
def test_line_that_only_begins_with_a_hash_is_no_heading(text: str) -> None:
    assert _sentences(text) == [text]


def test_only_the_stretch_asked_for_is_looked_at() -> None:
    text = "Один. Два. Три."
    assert [text[start:end] for start, end in sentence_spans(text, 6, 10)] == ["Два."]


def _assert_in_order(text: str, start: int, end: int) -> None:
    at = start
    for left, right in sentence_spans(text, start, end):
        assert at <= left < right <= end
        assert text[left:right] == text[left:right].strip()
        at = right


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_spans_lie_in_order_inside_the_stretch(data: st.DataObject) -> None:
    signs = st.sampled_from('абA1.!?…»«"() \n\r\t#-|*•;,:🙂\u2028\x0c\x1c\u00a0\u0301')
    text = data.draw(st.text(signs, max_size=80) | st.text(max_size=40) | ARTICLE)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    _assert_in_order(text, start, end)


@settings(max_examples=200, deadline=None)
@given(ARTICLE)
def test_every_word_outside_headings_belongs_to_a_sentence(text: str) -> None:
    lines = [line for line in text.split("\n") if not line.startswith("#") and "---" not in line]
    expected = " ".join(lines).split()
    assert " ".join(_sentences(text)).split() == expected
