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
        ("Посчитайте доставку\nОт: Москва\nДо: Казань\nСколько стоит?", None),
        ("Заказ не пришёл\nДата: 12.03.2024\nЧто делать?", None),
        ("Где мой заказ 123?\nСпасибо!\nИ ещё: как вернуть деньги за первый?", None),
        ("Где мой заказ?\nСпасибо!\nЖду ответа до вечера, иначе отменяю всё", None),
        ("От: Москва\nДо: Казань", None),
        ("Где мой заказ?\nСпасибо,\nИван Петров\n+7 900 000-00-00", "Где мой заказ?"),
        ("да\nОт: Магазин\nТема: ваш заказ\nЗаказ едет", "да"),
        ("dc` yjhvfkmyj", None),
        ("👍👍", None),
        ("спасибо", None),
    ],
)  # fmt: skip
def test_own_words_are_what_the_writer_added(text: str, wanted: str | None) -> None:
    assert own_words(text) == (text if wanted is None else wanted)


@pytest.mark.parametrize(
    "text", [")" * 100_000 + "x", "(- " * 30_000 + "x", "а " + " -" * 50_000 + " x"]
)
def test_long_runs_of_marks_are_gone_through_once(text: str) -> None:
    assert question_in(text) == text.strip()  # gone through from every mark, this takes hours


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
