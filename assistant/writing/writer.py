"""Asks for a draft, keeps of it what passes the check, and gives it sentence by sentence."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.claims.checking import ClaimChecker
from assistant.domain import Draft
from assistant.errors import LanguageModelError, LanguageModelStoppedError
from assistant.language_models.asking import AsksModels, Deadline, Message, ModelCall, ModelRequest
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from assistant.writing.prompting import messages_for, prompt_file
from assistant.writing.quoting import citations_of
from assistant.writing.reply_format import SCHEMA, ReplyAction, ReplyReader, ReplySentence
from assistant.writing.second_opinion import SecondOpinion, judge_prompt
from assistant.writing.sentence_check import SentenceCheck, with_given_passages
from assistant.writing.task import Listener, Refusal, WritingTask, Written

MOST_TOKENS = 400
"""Of a reply: four sentences with their markers, in the costliest alphabet."""

Answers = Callable[[str], bool]
"""Whether a sentence answers the question; what answers nothing is not said on its own."""


@dataclass(frozen=True)
class Writer:
    """Writes answers with whichever language model answers. Safe to use from several threads."""

    models: AsksModels
    checker: ClaimChecker
    masker: Masker
    answer_seconds: float
    """Within which the answer must be there; in a stream, from one sentence to the next."""
    second_opinion: SecondOpinion | None = None
    """Looks at each sentence once more; what it does not answer in time stays as it was checked."""

    def write(self, task: WritingTask, listener: Listener, answers: Answers) -> Written:
        """The model's answer, its sentences checked and personal data put back.

        Never raises for what the model or its server does: then there is no draft, and the calls
        say what happened.
        """
        masking = Masking(self.masker)
        messages = messages_for(task, masking)
        known = masking.placeholders
        deadline = Deadline(self.answer_seconds)
        request = ModelRequest(
            purpose="draft",
            messages=messages,
            max_tokens=MOST_TOKENS,
            deadline=deadline,
            schema=SCHEMA,
            dialog_id=task.dialog_id,
            stop=listener.stop,
            cache_key=_cache_key(task, messages, is_personal=bool(known)),
        )
        check = SentenceCheck(task, known, self.checker, masking.mask(task.message).text)
        progress = _Progress(check, masking, listener, answers, request, self.second_opinion)
        made, calls = self.models.first_good(request, progress.take)
        written = made if made is not None else progress.nothing()
        files = [prompt_file(task.lang, task.prompt)]
        files += [judge_prompt(task.lang)] if self.second_opinion else []
        prompt = {file.name: file.label for file in files}
        return replace(written, calls=(*calls, *progress.opinions), prompt=prompt)


@dataclass
class _Progress:
    """What has been written of one answer, by one model after another."""

    check: SentenceCheck
    masking: Masking
    listener: Listener
    answers: Answers
    request: ModelRequest
    second_opinion: SecondOpinion | None
    opinions: list[ModelCall] = field(default_factory=list)
    kept: list[ReplySentence] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    removed: list[str] = field(default_factory=list)
    does_answer: bool = False
    was_refused: bool = False
    """Whether the sentence before was."""
    broke_off: str = ""
    heard: int = 0
    """Sentences that the listener has heard."""

    def take(self, pieces: Iterator[str]) -> Written:
        """What a model's reply comes to. Raises LanguageModelError where the next model should be
        asked: nothing of this one has been heard yet."""
        if not self.heard:
            self.kept, self.does_answer, self.was_refused = [], False, False
        reader = ReplyReader()
        try:
            for piece in pieces:
                self._add(reader.feed(piece), reader.action)
            self._add(reader.finish(), reader.action)
        except LanguageModelError as error:
            if not self.heard:
                raise
            self.kept = self.kept[: self.heard]
            self.broke_off = error.code
        if reader.action is ReplyAction.CLARIFY and not self.heard:
            return self._question(reader)
        declined = reader.action is ReplyAction.NO_ANSWER and not self.kept
        return replace(self.written(), declined=declined, missing=reader.missing)

    def written(self) -> Written:
        """What there is by now: all that was heard, and all else only if it answers."""
        text = " ".join(sentence.text for sentence in self.kept)
        draft = None
        if self.does_answer:
            draft = Draft(
                text=self.masking.restore(text),
                citations=citations_of(self.kept, self.check.task.passages),
                lang=self.check.task.lang,
            )
        return replace(self.nothing(), draft=draft, heard=self.heard > 0, broke_off=self.broke_off)

    def nothing(self) -> Written:
        """Only what was refused."""
        return Written(refused=dict(self.refused), removed=tuple(self.removed))

    def _question(self, reader: ReplyReader) -> Written:
        text = " ".join(sentence.text for sentence in reader.given)
        # A statement before the question would pass as a part of it.
        refusal = (
            self.check.refusal_of_question(text)
            if len(reader.given) == 1
            else Refusal.NO_QUESTION.value
        )
        if refusal is not None:
            self._refuse(text, refusal)
        asked = self.masking.restore(text) if refusal is None else ""
        return replace(self.written(), question=asked, missing=reader.missing)

    def _add(self, sentences: Sequence[ReplySentence], action: ReplyAction) -> None:
        if action is not ReplyAction.ANSWER:
            return
        for given in sentences:
            sentence = with_given_passages(given, len(self.check.task.passages))
            refusal = self._refusal(sentence)
            self.was_refused = refusal is not None
            if refusal is not None:
                self._refuse(sentence.text, refusal)
            elif sentence not in self.kept:
                self.kept.append(sentence)
                self.does_answer = self.does_answer or self._answers(sentence)
        if self.does_answer:
            self._tell()

    def _answers(self, sentence: ReplySentence) -> bool:
        """Whether it answers, and out of the best passage: how sure the bot may be was reckoned of
        that one, and an answer out of another alone would be another answer."""
        passages = self.check.task.passages
        cited = {citation.article_id for citation in citations_of([sentence], passages)}
        return passages[0].article.article_id in cited and self.answers(sentence.text)

    def _refusal(self, sentence: ReplySentence) -> str | None:
        if self.was_refused and self.check.leans(sentence.text):
            return Refusal.LEANS_ON_REFUSED
        return self.check.refusal(sentence) or self._second_refusal(sentence)

    def _second_refusal(self, sentence: ReplySentence) -> str | None:
        if self.second_opinion is None:
            return None
        evidence, lang = self.check.evidence(sentence), self.check.task.lang
        opinion = self.second_opinion.ask(sentence.text, evidence, lang, self.request)
        self.opinions += opinion.calls
        return Refusal.JUDGED_UNSUPPORTED if opinion.is_supported is False else None

    def _refuse(self, text: str, refusal: str) -> None:
        self.refused[refusal] += 1
        self.removed.append(text)

    def _tell(self) -> None:
        """Give the listener what it has not heard."""
        hear = self.listener.hear
        if hear is None:
            return
        for sentence in self.kept[self.heard :]:
            before = " " if self.heard else ""
            if self.listener.stop.is_set():
                raise LanguageModelStoppedError("nobody wants the answer any more")
            hear(before + self.masking.restore(sentence.text))
            self.heard += 1
            self.request.deadline.renew()


def _cache_key(task: WritingTask, messages: Sequence[Message], *, is_personal: bool) -> str | None:
    """Names what is asked: the messages (question, dialog and prompt) and the snapshot. What rests
    on personal data is its dialog's own, and nobody's where there is no dialog."""
    if is_personal and not task.dialog_id:
        return None
    scope = task.dialog_id if is_personal else ""
    label = prompt_file(task.lang, task.prompt).label
    asked = [task.snapshot, scope, label, *(m["content"] for m in messages)]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()
