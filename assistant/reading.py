"""From what arrived to what was meant: the writer's own words, in the alphabet he meant, and the
question without its greetings. What was typed stays as it is wherever a person sees it."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.framing import own_words, question_in, quoted_words
from assistant.keyboard import Fluency, as_meant
from assistant.text import detect_language


@dataclass(frozen=True)
class Read:
    """A message as it is worked with."""

    said: str
    """All of the writer's own words."""
    question: str
    """The same without greetings before and thanks behind it: what is looked up."""
    lang: str
    quoted: str = ""
    """What he quotes of an earlier letter: a question may lean on it."""


def read(text: str, fluency: Fluency, default_language: str = "ru") -> Read:
    """Read a message; `default_language` is taken when it has no letters."""
    said = said_in(text, fluency)
    lang = detect_language(said, default_language)
    return Read(said, question_in(said), lang, quoted_words(text))


def said_in(text: str, fluency: Fluency) -> str:
    """The writer's own words as he meant them: what tells the intent."""
    return as_meant(own_words(text), fluency)
