"""Who asks how is not answered by yes."""

from __future__ import annotations

import pytest

from assistant.written_answers import tells_what_was_asked

CHANGE = "How do I change my delivery address?"
HOW = "как мне выдать доступы к студии канала через приложение?"


@pytest.mark.parametrize(
    ("sentence", "question", "does"),
    [
        ("Да, вы можете выдать доступы к студии канала через приложение.", HOW, False),
        ("Откройте «Настройки» и нажмите «Пригласить».", HOW, True),
        (
            "Yes, you can change the delivery address.",
            "How do I change my delivery address?",
            False,
        ),
        ("Open Orders and tap Change address.", CHANGE, True),
        ("Счёт действует 3 дня.", "сколько дней действует счёт", True),
        ("Да, вы можете оплатить картой.", "можно оплатить картой?", True),
        ("Yes, you can pay by card.", "Can I pay by card?", True),
    ],
)
def test_sentence_tells_what_was_asked(sentence: str, question: str, does: bool) -> None:
    assert tells_what_was_asked(sentence, question) == does
