"""What a complaint is looked up by: its own words together with what it is about, without the
question before it that was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.complaints import Subject, subjects
from assistant.domain import Action, AuthorKind, IntentLabel, Turn
from assistant.hint_use import is_holding
from assistant.hints.hint import Question
from assistant.hints.question import Looks
from prompts.loader import read

FITS_FROM = 0.4
"""Confidence of the look-up for a complaint whose matter is known from which an article is offered.
Of the 53 labelled complaints of the sample shop 9 have such an article; it is right for 8."""
FITS_ALONE_FROM = 0.55
"""The same where no matter is known: below it, there, every other article is a wrong one."""

PLAINLY_FROM = 0.75
"""Probability of the intent from which a message plainly is a complaint: of those below it, taken
for complaints on the sample dialogs, three in four (27 of 36) are questions."""
FITS_UNSURE_FROM = 0.25
"""The same for what may as well be a question."""


def looked_up(question: Question, looks: Looks) -> Question:
    """The complaint with what is found for its own words and its matter; the same where that is
    what it was looked up by."""
    before, subject = since_answered(question.before), matter_of(question.text, question.meant.lang)
    if subject is None and len(before) == len(question.before):
        return question
    return replace(question, sight=looks(in_full(question.text, subject), before)[1])


def matter_of(text: str, lang: str) -> Subject | None:
    """The kind of trouble that articles are looked up by; None for what no article settles, and
    where its words tell no kind."""
    unsettled = read("lexicon/unsettled").content["subjects"]
    found = (one for one in subjects(lang) if one.pattern.search(text))
    return next((one for one in found if one.id not in unsettled), None)


def fits_from(question: Question) -> float:
    """The confidence from which an article is offered for a complaint."""
    if question.meant.intent.probabilities[IntentLabel.COMPLAINT] < PLAINLY_FROM:
        return FITS_UNSURE_FROM
    known = matter_of(question.text, question.meant.lang) is not None
    return FITS_FROM if known else FITS_ALONE_FROM


def in_full(text: str, subject: Subject | None) -> str:
    """The customer's words, then what that is called."""
    return text if subject is None else f"{text.rstrip(' .!?')}. {subject.named}"


def since_answered(before: Sequence[Turn]) -> Sequence[Turn]:
    """What was said since bot or operator last answered something."""
    last = max((at for at, turn in enumerate(before) if _answers(turn)), default=-1)
    return before[last + 1 :]


def _answers(turn: Turn) -> bool:
    if turn.author is AuthorKind.BOT:
        # A dialog that is kept elsewhere does not tell what the bot did.
        return turn.action in (None, Action.ANSWER)
    return turn.author is AuthorKind.HUMAN and not is_holding(turn.text)
