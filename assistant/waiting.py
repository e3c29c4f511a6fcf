"""What a customer says while he waits for a person: most of it asks for nothing new."""

from __future__ import annotations

from assistant.domain import IntentLabel, Signal
from assistant.text import has_words, words
from assistant.understanding import Understanding
from prompts.loader import patterns, read

_SURE_THANKS = 0.6
_MOST_WORDS = 15


def asks_how_long(text: str) -> bool:
    """Whether a remark («а долго ждать?») asks for the time, however often it was told."""
    asks = set(words(text)) & set(read("lexicon/follow_ups").content["waiting_asks"])
    return bool(asks) or _asks_when(text)


def _asks_when(text: str) -> bool:
    """Whether a message is the question when somebody answers («а когда ответят?»), and nothing
    else."""
    said, when = words(text), patterns("lexicon/waiting_questions")["when"]
    return len(said) <= _MOST_WORDS and when.fullmatch(" ".join(said)) is not None


def answer_to_remark(text: str, meant: Understanding, *, asks_if_bot: bool) -> str | None:
    """The phrase that answers a remark («алло?», «ок», «спасибо, подожду»); None for anything
    that says or asks something. `asks_if_bot`: he asks that and nothing else."""
    if {Signal.DISTRESS, Signal.WANTS_HUMAN} & meant.signals:
        return None
    lexicon, said = read("lexicon/follow_ups").content, words(text)
    if asks_if_bot:
        return "am_a_bot_waiting"
    # What was typed, not what it may mean in another keyboard layout: «ау» is no "fe".
    if not has_words(text) or set(said) <= set(lexicon["waiting"]) or _asks_when(text):
        return "waiting_here"
    if Signal.GREETING_ONLY in meant.signals:
        return "waiting_here"
    thanks = meant.intent.probabilities[IntentLabel.THANKS] >= _SURE_THANKS
    return "waiting_thanks" if thanks else None
