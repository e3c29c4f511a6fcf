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
    is_answer,
    only_gives,
    request_in,
    says_not_helped,
)
from assistant.privacy.masker import Masker
from assistant.store.dialog_lines import Line
from assistant.text import stems

_SAME = 0.8
"""Share of the words of two requests that are the same from which they are one said twice."""


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
    times: int = 1
    """How often he asked it."""
    before: str = ""
    """What a short follow-up came after."""
    words: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_open(self) -> bool:
        """Whether he still waits for an answer that helps."""
        return self.answered_by is None or not self.helped


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
        self._we_asked = False
        """Whether the last word of ours was a question."""
        self._after_survey = False

    def hear(self, line: Line) -> None:
        """The next message."""
        if line.author is AuthorKind.CUSTOMER:
            self._hear_customer(line)
        elif line.is_unasked:
            self._after_survey = True
            return
        elif line.author is AuthorKind.BOT:
            self._hear_bot(line)
        else:
            self._hear_operator(line)
        self._after_survey = False

    def _hear_customer(self, line: Line) -> None:
        answers, self._we_asked = self._we_asked, False
        if says_not_helped(line.text):
            self._did_not_help()
        text = "" if self._after_survey and len(line.text) == 1 else request_in(line.text)
        if not text or only_gives(line.text, self._masker):
            return
        if answers and is_answer(line.text, self._masker):
            return
        stemmed = frozenset(stems(text))
        same = next((one for one in self.questions if _is_same(one, stemmed, line)), None)
        if same is not None:
            same.times += 1
            same.helped = False
            self.questions.remove(same)
            self.questions.append(same)
            return
        leans = self.questions[-1].text if self.questions and len(stemmed) <= 1 else ""
        self.questions.append(Question(text, line, before=leans, words=stemmed))

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
        else:  # it asks for a contact where it hands over
            self._ask(line, [one for one in asked_in(line.text) if kinds_asked(one)])
            self._we_asked = False

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
        question.articles = line.citations
        wrong = line.author is AuthorKind.BOT and question.line.message_id in self._judged_wrong
        question.helped = not wrong

    def _ask(self, line: Line, sentences: Sequence[str]) -> None:
        self._we_asked = bool(sentences)
        self.asked += [AskedByUs(text, line, kinds_asked(text)) for text in sentences]


def _is_same(question: Question, stemmed: frozenset[str], line: Line) -> bool:
    if len(stemmed) < 2 or question.line.is_past is not line.is_past:
        return False
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
        elif not one.kinds and reply is not None and is_answer(reply.text, masker):
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
