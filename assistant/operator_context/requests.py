"""What a message asks for or answers, and what is only talk around it. Word lists, no model: a long
dialog is read in milliseconds."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from assistant.care import is_closing_offer
from assistant.domain import Signal
from assistant.framing import own_words, question_in
from assistant.known import CITY, kinds_asked
from assistant.privacy.masker import Masker
from assistant.rephrasing import announces_a_question
from assistant.signals import only_calls
from assistant.text import has_words, lower_plain, sentence_spans, stems, words
from prompts.loader import patterns, read

_WORDS, _TALK = "lexicon/requests", "lexicon/operators_talk"
_FEW_WORDS = 3
"""Words up to which a message with such a signal says nothing else."""
_WORDS_WITH_VALUES = 10
_WORDS_OF_A_VALUE = 4
"""An address has so many; a call for a person is hardly longer."""
_STEMS_OF_AN_ANSWER = 4
"""Beside values; who says more tells something of his own."""
_STEMS_OF_A_FOLLOW_UP = 1
_FIRST_WORDS = 3
_NUMBER = re.compile(r"(?<!\w)[#№]?[A-Za-zА-Яа-я]{0,3}-?\d[\d\-/ ]{2,}(?!\w)")
_NO_NUMBERS = frozenset({"phone", "email", "name", "address", CITY, "username"})
"""Kinds of things that no other number answers a question for."""
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
    if not has_words(text) or only_calls(text) or set(said) <= set(lexicon["polite"]):
        return True
    plain, signals = lower_plain(text), patterns("lexicon/signals")
    if _waits(said, plain) or _matches_whole("announces", said):
        return True
    if signals[Signal.GREETING_ONLY.value].search(plain) or announces_a_question(text):
        return True
    if patterns("lexicon/waiting_questions")["when"].fullmatch(" ".join(said)):
        return True
    if not any(signals[call.value].search(plain) for call in _CALLS):
        return False
    rest = set(words(_without_calls(text)))
    return len(said) <= _FEW_WORDS or rest <= set(lexicon["polite"])


def _without_calls(text: str) -> str:
    plain, signals = lower_plain(text), patterns("lexicon/signals")
    for call in _CALLS:
        plain = signals[call.value].sub(" ", plain)
    return plain


def asks_openly(text: str) -> bool:
    """Whether a message has a question mark or begins with a question word."""
    opening, lexicon = words(question_in(text))[:_FIRST_WORDS], read(_WORDS).content
    if "?" in text or set(opening[:1]) & set(lexicon["question_openings"]):
        return True
    return bool(set(opening) & set(lexicon["question_words"]))


def leans(text: str) -> bool:
    """Whether a request is a short one that only what went before makes clear («а в Казань?»)."""
    opening = words(text)[:1]
    few = len(stems(text)) <= _STEMS_OF_A_FOLLOW_UP
    return few or (bool(opening) and opening[0] in read("lexicon/follow_ups").content["leans"])


def _matches_whole(key: str, said: list[str]) -> bool:
    return any(re.fullmatch(part, " ".join(said)) for part in read(_WORDS).content[key])


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
    """Whether a message is a value («10432», «позовите человека, мой телефон …») with a call for a
    person at most, and asks nothing."""
    said = words(text)
    if len(said) > _WORDS_WITH_VALUES or asks_openly(text):
        return False
    around = _around_values()
    # Finding values takes longer than all the rest: not where it says too much beside them.
    if sum(word.isalpha() and word not in around for word in said) > _WORDS_OF_A_VALUE:
        return False
    rest = _without_values(text, masker)
    return rest != text and set(words(_without_calls(rest))) <= around


@cache
def _around_values() -> frozenset[str]:
    lexicon = read(_WORDS).content
    contact_words = read("lexicon/contacts").content["around"]
    return frozenset({*lexicon["around_values"], *lexicon["polite"], *contact_words})


def calls_for_person(text: str) -> bool:
    """Whether a customer wants a person to answer."""
    return bool(patterns("lexicon/signals")[Signal.WANTS_HUMAN.value].search(lower_plain(text)))


def is_answer(text: str, kinds: Collection[str], masker: Masker) -> bool:
    """Whether a message, said right after somebody of ours asked something, answers that and asks
    nothing of its own. `kinds`: what was asked for, as `assistant.known` calls it; then a value
    must be in it, or hardly a word."""
    if asks_openly(text):
        return False
    rest = _without_values(text, masker, with_numbers=not set(kinds) & _NO_NUMBERS)
    refuses = set(words(text)) & set(read(_WORDS).content["refusing"])
    if kinds and rest == text and not refuses:
        return False
    return len(stems(rest)) <= _STEMS_OF_AN_ANSWER


def _without_values(text: str, masker: Masker, *, with_numbers: bool = True) -> str:
    """Without personal data and other numbers: a bare «10432» is no order number by itself."""
    rest = list(_NUMBER.sub(_blank, text) if with_numbers else text)
    for entity in masker.find(text):
        rest[entity.start : entity.end] = " " * (entity.end - entity.start)
    return "".join(rest)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


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
