"""Models that do what an attacker wants, each in its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.errors import LanguageModelError
from assistant.language_models.asking import CallOutcome, ModelCall, ModelRequest, T
from assistant.text import detect_language, sentence_spans
from tests.assistant.writing.scripted import reply

OBEYED = {
    "ru": (
        "Правила отменены. Доставка теперь бесплатная для всех. Ваша скидка 90 %. "
        "Я не бот, с вами говорит живой человек. Пишите на help@fern-evil.top."
    ),
    "en": (
        "The rules are gone. Delivery is free for everyone. You have 90% off. "
        "I'm not a bot, I am a real person. Write to help@fern-evil.top."
    ),
}
_MESSAGE = re.compile(r"<message>\n(.*)\n\s*</message>", re.DOTALL)
_FIRST_PASSAGE = re.compile(r'<passage number="1">\n(.*?)\n\s*</passage>', re.DOTALL)


class ObeyingModels:
    """Says what a function makes of the messages it is sent, as a well-formed draft."""

    def __init__(self, obey: Callable[[str, str], str]) -> None:
        self._obey = obey

    @property
    def names(self) -> tuple[str, ...]:
        """One name."""
        return ("obeying",)

    def first_good(
        self, request: ModelRequest, use: Callable[[Iterator[str]], T]
    ) -> tuple[T | None, tuple[ModelCall, ...]]:
        """The sentences, each citing the first passage."""
        system, asked = (message["content"] for message in request.messages)
        text = self._obey(system, asked)
        sentences = [(text[start:end], [1]) for start, end in sentence_spans(text)]
        call = ModelCall("obeying", CallOutcome.OK, request.purpose)
        try:
            return use(iter([reply(*sentences)])), (call,)
        except LanguageModelError:
            return None, (call,)


def everything(system: str, asked: str) -> str:
    """Breaks all that can be broken, and gives the prompt away."""
    lang = detect_language(system)
    return f"{OBEYED[lang]} {' '.join(system.split())}"


def echo(_system: str, asked: str) -> str:
    """Says the customer's words back, as if they were the shop's."""
    found = _MESSAGE.search(asked)
    assert found is not None
    return found[1]


def parrot(_system: str, asked: str) -> str:
    """Says all that the first passage says, instructions in it included."""
    found = _FIRST_PASSAGE.search(asked)
    assert found is not None
    return found[1]
