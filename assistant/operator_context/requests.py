"""What a message asks for or answers, and what is only talk around it. Word lists, no model: a long
dialog is read in milliseconds."""

from __future__ import annotations

import re

from assistant.care import is_closing_offer
from assistant.domain import Signal
from assistant.framing import own_words, question_in
from assistant.known import kinds_asked
from assistant.privacy.masker import Masker
from assistant.rephrasing import announces_a_question
from assistant.text import has_words, lower_plain, sentence_spans, stems, words
from prompts.loader import patterns, read

_WORDS, _TALK = "lexicon/requests", "lexicon/operators_talk"
_FEW_WORDS = 5
"""Words up to which a message with such a signal says nothing else."""
_WORDS_WITH_VALUES = 10
_STEMS_OF_AN_ANSWER = 4
"""Beside values; who says more tells something of his own."""
_FIRST_WORDS = 3
_CALLS = (Signal.WANTS_HUMAN, Signal.ASKS_IF_BOT, Signal.NOT_HELPED)


def request_in(text: str) -> str:
    """What a customer's message asks or tells, in his words without greetings, quoted letters and
    signature; empty when it is only talk."""
    own = own_words(text)
    return "" if is_talk(own) else question_in(own)


def is_talk(text: str) -> bool:
    """Whether a customer's message greets, thanks, agrees, waits, calls for a person or announces a
    question, and says nothing else."""
    said, lexicon = words(text), read(_WORDS).content
    if not has_words(text) or set(said) <= set(lexicon["polite"]):
        return True
    plain, signals = lower_plain(text), patterns("lexicon/signals")
    if _waits(said, plain):
        return True
    if signals[Signal.GREETING_ONLY.value].search(plain) or announces_a_question(text):
        return True
    if patterns("lexicon/waiting_questions")["when"].fullmatch(" ".join(said)):
        return True
    return len(said) <= _FEW_WORDS and any(signals[call.value].search(plain) for call in _CALLS)


def _waits(said: list[str], plain: str) -> bool:
    """Whether a message is made of the words of somebody who waits, and asks nothing else."""
    beside = read(_WORDS).content["beside_waiting"]
    only = set(said) <= set(read("lexicon/follow_ups").content["waiting"])
    return only and not any(re.search(part, plain) for part in beside)


def says_not_helped(text: str) -> bool:
    """Whether a customer says that the answer did not help."""
    return bool(patterns("lexicon/signals")[Signal.NOT_HELPED.value].search(lower_plain(text)))


def swears(text: str) -> bool:
    """Whether a customer swears."""
    return bool(patterns("lexicon/signals")[Signal.PROFANITY.value].search(lower_plain(text)))


def only_gives(text: str, masker: Masker) -> bool:
    """Whether a message is a value («10432», «мой телефон …») and nothing that is asked."""
    if "?" in text or len(words(text)) > _WORDS_WITH_VALUES:
        return False
    rest = _without_values(text, masker)
    lexicon = read(_WORDS).content
    around = set(lexicon["around_values"]) | set(lexicon["polite"])
    return rest != text and set(words(rest)) <= around


def is_answer(text: str, masker: Masker) -> bool:
    """Whether a message, said right after somebody of ours asked something, is the answer to that
    and asks nothing of its own."""
    opening = set(words(question_in(text))[:_FIRST_WORDS])
    if "?" in text or opening & set(read(_WORDS).content["question_words"]):
        return False
    return len(stems(_without_values(text, masker))) <= _STEMS_OF_AN_ANSWER


def _without_values(text: str, masker: Masker) -> str:
    rest = list(text)
    for entity in masker.find(text):
        rest[entity.start : entity.end] = " " * (entity.end - entity.start)
    return "".join(rest)


def asked_in(text: str) -> list[str]:
    """The sentences of ours that ask the customer for something; an offer of help is none."""
    return [sentence for sentence in _sentences(text) if _asks(sentence)]


def answer_in(text: str) -> str:
    """What an operator's message tells, without greetings, questions and "let me check"; empty when
    it tells nothing."""
    lists = patterns(_TALK)
    told = [
        sentence
        for sentence in _sentences(text)
        if not _asks(sentence)
        and "?" not in sentence
        and not is_closing_offer(sentence)
        and not lists["holding"].search(lower_plain(sentence))
    ]
    return " ".join(told) if has_words(" ".join(told)) else ""


def _asks(sentence: str) -> bool:
    plain, lists = lower_plain(sentence), patterns(_TALK)
    if is_closing_offer(sentence) or lists["offering"].search(plain):
        return False
    if "?" in sentence or lists["asking"].search(plain):
        return True
    return bool(lists["asking_for_values"].search(plain) and kinds_asked(sentence))


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]
