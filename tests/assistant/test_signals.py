"""What is noticed in a message beside its label."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.domain import Signal
from assistant.intent import classify
from assistant.message_heads import load_heads
from assistant.signals import only_calls
from assistant.text import lower_plain
from assistant.wiring import Parts
from prompts.loader import patterns


def signals(parts: Parts, text: str) -> frozenset[Signal]:
    return parts.understander.understand(text, [], "ru").signals


NOTICED = {
    Signal.WANTS_HUMAN: [
        "позовите оператора",
        "ОПЕРАТОР",
        "хочу поговорить с живым человеком",
        "переключите на менеджера",
        "мне нужен живой оператор, не робот",
        "get me a human please",
        "Can I talk to a person?",
        "agent",
    ],
    Signal.ASKS_IF_BOT: [
        "ты бот?",
        "Вы робот или человек?",
        "С кем я говорю?",
        "это нейросеть?",
        "are you a bot?",
        "Am I talking to a real person?",
    ],
    Signal.GREETING_ONLY: [
        "привет",
        "Здравствуйте!",
        "добрый вечер",
        "Доброго времени суток",
        "hello",
        "Good morning!",
        "hi there",
    ],
    Signal.NOT_HELPED: [
        "не помогло",
        "вы меня не поняли",
        "это не то",
        "That did not help",
        "not what I asked",
    ],
    Signal.PROFANITY: ["да вы охуели", "какого хуя", "это пиздец", "what the fuck", "bullshit"],
    Signal.DISTRESS: [
        "хочу покончить с собой",
        "меня ударило током от вашей дрели",
        "у нас утечка газа",
        "I want to kill myself",
        "the charger caught fire",
    ],
}


@pytest.mark.parametrize(
    ("signal", "text"), [(signal, text) for signal, texts in NOTICED.items() for text in texts]
)
def test_signal_is_noticed(parts: Parts, signal: Signal, text: str) -> None:
    assert signal in signals(parts, text)


NOT_NOTICED = {
    Signal.WANTS_HUMAN: [
        "Здравствуйте!",
        "hi there",
        "ты бот?",
        "are you a bot?",
        "12345",
        "сколько человек может быть в семье",
        "до скольки работают операторы",
        "what does the operator do with my data",
    ],
    Signal.ASKS_IF_BOT: [
        "а по телефону?",
        "робот-пылесос сколько стоит",
        "Где ответ?",
        "как удалить аккаунт",
        "how long does the robot vacuum charge",
    ],
    Signal.GREETING_ONLY: [
        "привет, где мой заказ",
        "добрый день, не работает сайт",
        "hello, where is my order",
        "спасибо",
        "да",
    ],
    Signal.NOT_HELPED: ["помогло, спасибо", "it helped", "как удалить аккаунт"],
    Signal.PROFANITY: [
        "как застраховать посылку",
        "сколько стоит 100 рублей подъёма",
        "потребитель имеет право на возврат",
        "мандарины есть?",
        "хлебница и команда",
        "где мне посмотреть, тебя спрашиваю",
        "how do I assess a class",
        "Scunthorpe delivery",
    ],
    Signal.DISTRESS: [
        "умираю от нетерпения, когда доставка",
        "сколько стоит газовая горелка",
        "Курьер нахамил мне и бросил коробку",
        "горят сроки, нужен заказ сегодня",
        "Курьер меня убил своим хамством",
    ],
}


@pytest.mark.parametrize(
    ("signal", "text"), [(signal, text) for signal, texts in NOT_NOTICED.items() for text in texts]
)
def test_signal_is_not_imagined(parts: Parts, signal: Signal, text: str) -> None:
    assert signal not in signals(parts, text)


def test_long_message_is_never_only_a_greeting(parts: Parts) -> None:
    text = "добрый день добрый день добрый день добрый день"
    assert Signal.GREETING_ONLY not in signals(parts, text)


def test_yo_counts_as_ye(parts: Parts) -> None:
    assert Signal.DISTRESS in signals(parts, "меня бьёт током")
    assert Signal.DISTRESS in signals(parts, "меня бьет током")


@pytest.mark.parametrize("text", ["", "где мой заказ", "👍", "a" * 4000])
def test_probabilities_of_the_three_labels_sum_to_one(parts: Parts, text: str) -> None:
    (intent,) = parts.understander.intents([text])
    assert sorted(intent.probabilities) == ["complaint", "question", "thanks"]
    assert sum(intent.probabilities.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in intent.probabilities.values())
    assert intent.label == max(intent.probabilities, key=lambda name: intent.probabilities[name])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Где мой заказ?", "question"),
        ("Добрый день! Подскажите, где мой заказ?", "question"),
        ("hi, where's my parcel", "question"),
        ("где мой заказ, третий день жду", "complaint"),
        ("Not impressed, where is my order? You promised Monday", "complaint"),
    ],
)
def test_asking_where_the_order_is_is_no_complaint_by_itself(
    parts: Parts, text: str, label: str
) -> None:
    (intent,) = parts.understander.intents([text])
    assert intent.label == label


def test_label_of_a_zero_vector_is_still_one_of_three(parts: Parts) -> None:
    vector = np.zeros(2 * parts.embedder.dimension, np.float32)
    assert classify("", vector, load_heads()).label in ("complaint", "question", "thanks")


ONLY_CALLS = [
    "Please let me talk to a person",
    "call a person",
    "Can I speak to someone?",
    "I'd like to speak with somebody, please",
    "could you please connect me to a human agent right now",
    "I want a human",
    "оператор",
    "Позовите, пожалуйста, живого человека!",
    "Можно мне уже поговорить с оператором?",
    "я хотела бы поговорить с человеком",
]
ASK_SOMETHING = [
    "Can another person collect my order?",
    "Can I speak to someone about my refund for order 10432?",
    "позовите оператора, посылка пришла разбитой",
    "Сколько человек нужно для сборки шкафа?",
    "Where is my order?",
    "",
]
NO_CALLS = [
    "Can another person collect my order?",
    "Did the courier speak to someone?",
    "Do you call a person before delivery?",
    "I need a person to help carry the sofa, do you offer that?",
    "I need to give a person a gift card",
    "Can I speak to someone else's account manager name?",
]


@pytest.mark.parametrize("text", ONLY_CALLS)
def test_call_for_a_person_in_a_sentence_asks_nothing_else(text: str) -> None:
    assert only_calls(text)


@pytest.mark.parametrize("text", ASK_SOMETHING)
def test_question_is_no_mere_call(text: str) -> None:
    assert not only_calls(text)


@pytest.mark.parametrize("text", NO_CALLS)
def test_persons_in_a_question_are_not_called(text: str) -> None:
    calls = patterns("lexicon/signals")[Signal.WANTS_HUMAN.value]
    assert not calls.search(lower_plain(text))
