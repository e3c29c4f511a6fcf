"""Greetings, quoted letters and signatures are no part of the question."""

from __future__ import annotations

import pytest

from assistant.framing import own_words, question_in


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("отменить?\n\nОт: Support <s@x.ru>\nОтправлено: 12 мая 2026\n> текст", "отменить?"),
        ("> вы писали\nа сколько ждать?", "а сколько ждать?"),
        ("On Mon, 3 May 2026 at 10:00, Shop <a@b.c> wrote:\n> hi\nStill waiting", "Still waiting"),
        ("How do I pay?\nSent from my iPhone", "How do I pay?"),
        ("Где заказ?\n--\nС уважением, Иван Петров", "Где заказ?"),
        ("✨✨ где    мой 🔥 заказ ✨", "где мой заказ"),
        ("12 мая 2026 в 14:30 Поддержка <s@x.ru> писал:\n> текст", None),
        ("👍👍", None),
        ("спасибо", None),
    ],
)  # fmt: skip
def test_own_words_are_what_the_writer_added(text: str, wanted: str | None) -> None:
    assert own_words(text) == (text if wanted is None else wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Здравствуйте! Подскажите, как вернуть товар? Заранее спасибо", "как вернуть товар?"),
        ("Добрый день, хотела бы узнать сколько стоит доставка", "сколько стоит доставка"),
        ("Hi there, could you tell me how to cancel it? Thanks in advance!", "how to cancel it?"),
        ("Sorry to bother you, do you ship to Malta", "do you ship to Malta"),
        ("привет", "привет"),
        ("спасибо", "спасибо"),
        ("доставка", "доставка"),
        ("подскажете адрес", "подскажете адрес"),
    ],
)  # fmt: skip
def test_question_is_taken_out_of_its_politeness(text: str, wanted: str) -> None:
    assert question_in(text) == wanted
