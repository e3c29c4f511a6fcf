"""May one sentence of the model's be said? The first reason against it, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.claims.checking import ClaimChecker
from assistant.claims.fact import FactKind
from assistant.claims.facts import facts_of
from assistant.history import was_told
from assistant.privacy.placeholders import placeholders_in
from assistant.text import detect_language, words
from assistant.writing.prompting import system_prompt
from assistant.writing.reply_format import ReplySentence
from assistant.writing.task import Refusal, WritingTask, shown_text

LONGEST_SENTENCE = 500
_LEAKED_WORDS = 7
"""So many words in a row of the prompt are no chance."""
_MARKUP = re.compile(
    r"[<>‹›{}`]|\]\(|\[\s*\d+\s*\]|https?:|www\.|\bпассаж|\bpassage\s*\d", re.IGNORECASE
)
_LETTERS_TO_TELL_A_LANGUAGE = 12


@dataclass(frozen=True)
class SentenceCheck:
    """Checks the sentences of one task."""

    task: WritingTask
    known_placeholders: frozenset[str]
    """Those that stand for something in this dialog."""
    checker: ClaimChecker

    def refusal(self, sentence: ReplySentence) -> Refusal | None:
        """Why the sentence may not be said; the cheapest reasons are looked for first."""
        text = sentence.text
        if len(text) > LONGEST_SENTENCE:
            return Refusal.TOO_LONG
        if not self._evidence(sentence):
            return Refusal.NO_PASSAGE
        if self._has_link(text):
            return Refusal.LINK
        if self._is_leak(text):
            return Refusal.LEAK
        if self._is_other_language(text):
            return Refusal.OTHER_LANGUAGE
        named = {name for _, _, name in placeholders_in(text)}
        if not named <= self.known_placeholders:
            return Refusal.UNKNOWN_PLACEHOLDER
        if was_told(text, self.task.history):
            return Refusal.TOLD_BEFORE
        if not self._is_supported(sentence):
            return Refusal.UNSUPPORTED
        return None

    def refusal_of_question(self, text: str) -> Refusal | None:
        """Why a question back may not be asked; it states nothing, but what it names must stand in
        the passages or have been said by the customer."""
        if len(text) > LONGEST_SENTENCE or not text.endswith("?"):
            return Refusal.TOO_LONG
        if self._has_link(text):
            return Refusal.LINK
        if self._is_leak(text):
            return Refusal.LEAK
        if self._is_other_language(text):
            return Refusal.OTHER_LANGUAGE
        if placeholders_in(text):
            return Refusal.UNKNOWN_PLACEHOLDER
        everything = ReplySentence(text, tuple(range(1, len(self.task.passages) + 1)))
        return None if self._is_supported(everything) else Refusal.UNSUPPORTED

    def _evidence(self, sentence: ReplySentence) -> list[str]:
        passages = self.task.passages
        cited = [
            passages[number - 1] for number in sentence.passages if 0 < number <= len(passages)
        ]
        return [f"{each.article.title}\n{shown_text(each)}" for each in cited]

    def _has_link(self, text: str) -> bool:
        linked = (FactKind.URL, FactKind.EMAIL)
        return bool(_MARKUP.search(_without_placeholders(text))) or any(
            fact.kind in linked for fact in facts_of(text).found
        )

    def _is_leak(self, text: str) -> bool:
        said = words(text)
        runs = zip(*(said[at:] for at in range(_LEAKED_WORDS)), strict=False)
        return any(run in self._prompt_runs for run in runs)

    @cached_property
    def _prompt_runs(self) -> frozenset[tuple[str, ...]]:
        prompt = words(system_prompt(self.task.lang))
        return frozenset(zip(*(prompt[at:] for at in range(_LEAKED_WORDS)), strict=False))

    def _is_other_language(self, text: str) -> bool:
        if sum(char.isalpha() for char in text) < _LETTERS_TO_TELL_A_LANGUAGE:
            return False
        return detect_language(text, self.task.lang) != self.task.lang

    def _is_supported(self, sentence: ReplySentence) -> bool:
        # What the customer typed himself is repeated under its placeholder and proves nothing.
        claim = _without_placeholders(sentence.text)
        return self.checker.check(claim, self._evidence(sentence)).is_supported


def _without_placeholders(text: str) -> str:
    for start, end, _ in reversed(placeholders_in(text)):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def with_given_passages(sentence: ReplySentence, count: int) -> ReplySentence:
    """The sentence without markers of passages that nobody gave."""
    return replace(sentence, passages=tuple(n for n in sentence.passages if 0 < n <= count))
