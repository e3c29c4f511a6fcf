"""Who asked what in a dialog, and whether and by what it was answered: on both sides."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.domain import Action, AuthorKind
from assistant.known import Known, kinds_asked
from assistant.operator_context.requests import (
    answer_in,
    asked_in,
    asks_openly,
    calls_for_person,
    is_answer,
    leans,
    only_gives,
    request_in,
    says_not_helped,
)
from assistant.privacy.masker import Masker
from assistant.store.dialog_lines import Line
from assistant.text import stems, words

_SAME = 0.8
"""Share of the words of two requests that are the same from which they are one said twice."""
_COMPARED = 20
"""With so many of his latest requests a new one is compared."""
_FEW_STEMS = 2
"""With fewer all words must be the same: the others say nothing by themselves."""


@dataclass
class Question:
    """Something that the customer asked or told, and what became of it."""

    text: str
    line: Line
    answered_by: AuthorKind | None = None
    answer: str = ""
    articles: tuple[dict[str, object], ...] = ()
    """Citations of the bot's answer."""
    helped: bool = True
    """False where the customer or an operator said that the answer was wrong."""
    doubted: bool = False
    """Whether he called for a person right after the bot's answer."""
    times: int = 1
    """How often he asked it."""
    before: str = ""
    """What a short follow-up came after."""
    words: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_open(self) -> bool:
        """Whether he still waits for an answer that helps."""
        return self.answered_by is None or not self.helped or self.doubted


@dataclass(frozen=True)
class AskedByUs:
    """Something that the bot or an operator asked the customer."""

    text: str
    line: Line
    kinds: frozenset[str]
    """What it asks for, as `assistant.known` calls it; empty for anything else."""
    answer: str | None = None
    """What he answered; None: nothing yet."""
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Exchange:
    """A dialog as questions and answers."""

    lines: Sequence[Line]
    """Its messages, those of a burst as one."""
    questions: Sequence[Question]
    asked_by_us: Sequence[AskedByUs]

    @property
    def current(self) -> list[Question]:
        """The questions since the dialog was last opened."""
        return [one for one in self.questions if not one.line.is_past]


def read_exchange(
    lines: Sequence[Line],
    known: Sequence[Known],
    masker: Masker,
    judged_wrong: Collection[str] = (),
) -> Exchange:
    """Read a dialog; `judged_wrong`: ids of customer's messages whose answer an operator called
    wrong."""
    said = list(whole_lines(lines))
    reader = _Reader(masker, judged_wrong)
    for line in said:
        reader.hear(line)
    return Exchange(said, reader.questions, list(_answered(reader.asked, said, known, masker)))


def whole_lines(lines: Sequence[Line]) -> Iterator[Line]:
    """The messages, those of one burst as one: with the id of the last, which has the answer."""
    parts: dict[str, list[str]] = {}
    for line in lines:
        if line.answered_with is not None:
            parts.setdefault(line.answered_with, []).append(line.text)
            continue
        before = parts.pop(line.message_id or "", [])
        yield replace(line, text="\n".join([*before, line.text])) if before else line


class _Reader:
    """Goes through a dialog once."""

    def __init__(self, masker: Masker, judged_wrong: Collection[str]) -> None:
        self.questions: list[Question] = []
        self.asked: list[AskedByUs] = []
        self._masker = masker
        self._judged_wrong = judged_wrong
        self._we_asked: frozenset[str] | None = None
        """Where the last word of ours was a question: what kinds of things it asked for."""
        self._in_a_row: Question | None = None
        """What the customer said last, while nobody has said anything to it."""
        self._after_survey = False
        self._just_answered: Question | None = None
        """What the bot answered last, while nobody has said anything to it."""

    def hear(self, line: Line) -> None:
        """The next message."""
        if line.author is AuthorKind.CUSTOMER:
            self._hear_customer(line)
        elif line.is_unasked:
            self._after_survey = True
            return
        else:
            self._in_a_row = None
            if line.author is AuthorKind.BOT:
                self._hear_bot(line)
            else:
                self._hear_operator(line)
        self._after_survey = False

    def _hear_customer(self, line: Line) -> None:
        asked, self._we_asked = self._we_asked, None
        if says_not_helped(line.text):
            self._did_not_help()
        elif self._just_answered is not None and calls_for_person(line.text):
            self._just_answered.doubted = True
        self._just_answered = None
        text = "" if self._after_survey and len(line.text) == 1 else request_in(line.text)
        if not text or only_gives(line.text, self._masker):
            return
        if asked is not None and is_answer(line.text, asked, self._masker):
            return
        stemmed = frozenset(stems(text))
        latest = self.questions[-_COMPARED:]
        same = next((one for one in latest if _is_same(one, stemmed, line)), None)
        if same is not None:
            same.times += 1
            same.helped = False
            self.questions.remove(same)
            self.questions.append(same)
            return
        told = self._in_a_row
        if told is not None and told.line.is_past is line.is_past and not asks_openly(told.text):
            self._go_on(told, text, line)
            return
        last = self.questions[-1] if self.questions else None
        same_talk = last is not None and last.line.is_past is line.is_past
        before = last.text if last is not None and same_talk and leans(text) else ""
        self._in_a_row = Question(text, line, before=before, words=stemmed)
        self.questions.append(self._in_a_row)

    @staticmethod
    def _go_on(question: Question, text: str, line: Line) -> None:
        """What he told first belongs to what he asks then: «посылка в пункте», «продлите?»."""
        question.text = f"{question.text} / {text}"
        question.line = line
        question.words |= frozenset(stems(text))

    def _did_not_help(self) -> None:
        answered = [one for one in self.questions if one.answered_by is AuthorKind.BOT]
        for one in answered[-1:]:
            one.helped = False

    def _hear_bot(self, line: Line) -> None:
        if line.action is Action.CLARIFY:
            self._ask(line, asked_in(line.text))
        elif line.action is Action.ANSWER:
            for one in [one for one in self.questions if one.is_open][-1:]:
                self._answer(one, line, line.text)
                self._just_answered = one
        else:  # it asks for a contact where it hands over
            self._ask(line, [one for one in asked_in(line.text) if kinds_asked(one)])
            self._we_asked = None
            if line.action is Action.HANDOFF and self._just_answered is not None:
                self._just_answered.doubted = True  # he pressed the button
                self._just_answered = None

    def _hear_operator(self, line: Line) -> None:
        self._ask(line, asked_in(line.text))
        told = answer_in(line.text)
        if not told:
            return
        waiting = [one for one in self.questions if one.is_open]
        about = frozenset(stems(told))
        # Where it speaks of some of them, the others still wait; else it was for all that stood.
        meant = [one for one in waiting if one.words & about] or waiting
        for one in meant:
            self._answer(one, line, told)

    def _answer(self, question: Question, line: Line, text: str) -> None:
        question.answered_by, question.answer = line.author, text
        question.articles, question.doubted = line.citations, False
        wrong = line.author is AuthorKind.BOT and question.line.message_id in self._judged_wrong
        question.helped = not wrong

    def _ask(self, line: Line, sentences: Sequence[str]) -> None:
        asked = [AskedByUs(text, line, kinds_asked(text)) for text in sentences]
        self.asked += asked
        kinds = frozenset().union(*(one.kinds for one in asked))
        self._we_asked = kinds if asked else None


def _is_same(question: Question, stemmed: frozenset[str], line: Line) -> bool:
    if question.line.is_past is not line.is_past:
        return False
    if len(stemmed) < _FEW_STEMS:
        return set(words(question.text)) == set(words(request_in(line.text)))
    either = question.words | stemmed
    return len(question.words & stemmed) >= _SAME * len(either)


def _answered(
    asked: Sequence[AskedByUs], lines: Sequence[Line], known: Sequence[Known], masker: Masker
) -> Iterator[AskedByUs]:
    """With what the customer answered: the value where it asks for one that is known, else what he
    wrote next, unless that asks something itself."""
    following = _next_of_customer(lines)
    for one in asked:
        values = [item for item in known if item.kind in one.kinds]
        reply = following.get(id(one.line))
        if values:
            yield replace(one, answer=values[0].value, answered_at=values[0].at)
        elif reply is not None and is_answer(reply.text, one.kinds, masker):
            yield replace(one, answer=reply.text, answered_at=reply.at)
        else:
            yield one


def _next_of_customer(lines: Sequence[Line]) -> dict[int, Line]:
    """Of each line what the customer wrote next."""
    following: dict[int, Line] = {}
    newest: Line | None = None
    for line in reversed(lines):
        if line.author is AuthorKind.CUSTOMER:
            newest = line
        elif newest is not None:
            following[id(line)] = newest
    return following
