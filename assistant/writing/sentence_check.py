"""May one sentence of the model's be said? The first reason against it, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.claims.checking import ClaimChecker
from assistant.claims.fact import FactKind
from assistant.claims.facts import facts_of
from assistant.claims.words import likeness
from assistant.domain import IntentLabel
from assistant.history import was_told
from assistant.privacy.placeholders import placeholders_in
from assistant.text import detect_language, lower_plain, stems, words
from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext
from assistant.writing.denials import turns_around
from assistant.writing.prompting import system_prompt
from assistant.writing.reply_format import ReplySentence
from assistant.writing.task import Refusal, WritingTask, shown_text
from assistant.writing.told_as_done import reports_a_deed
from prompts.loader import patterns

LONGEST_SENTENCE = 500
LEAST_WORDS = 2
"""«Да.» on its own says yes to whatever was asked, also to "are you human?"."""
_SAME_WORD = 0.85
_LEAKED_WORDS = 6
"""So many words in a row of the prompt are no chance."""
_MAY_BE_REPEATED = ("[NAME_", "[ORDER_")
"""Personal data that an answer may say back: whom it speaks to and of which order."""
LEAST_SHARE = 0.4
"""Of a sentence's words that say something, those that stand in the passages it names: inventions
about another matter share next to none. Of claims that we reworded as far as we could, 18 % have
less (n 390); a model keeps closer to what it reads."""
LEAST_SCORE = 0.3
"""Of the claim check; `souffleur ground` asks for less. Here the article's own words go out
instead: refusing a true sentence costs little, letting a false one through costs a customer."""
_MARKUP = re.compile(r"[<>‹›{}`]|\]\(|\[\s*\d+\s*\]|\w+://|www\.|javascript:", re.IGNORECASE)
"""No sentence for a customer has tags, code, links or numbers of passages."""
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|(?<!\w)['‘][^'’]*['’](?!\w)")
_LETTERS_TO_TELL_A_LANGUAGE = 12


@dataclass(frozen=True)
class SentenceCheck:
    """Checks the sentences of one task."""

    task: WritingTask
    known_placeholders: frozenset[str]
    """Those that stand for something in this dialog."""
    checker: ClaimChecker
    message: str = ""
    """The customer's, masked."""

    def refusal(self, sentence: ReplySentence) -> str | None:
        """Why the sentence may not be said; the cheapest reasons are looked for first."""
        text = sentence.text
        if not sentence.passages:
            return Refusal.NO_PASSAGE
        if text.endswith("?"):
            # A question is not checked as a statement and may hold one.
            return Refusal.QUESTION
        named = {name for _, _, name in placeholders_in(text)}
        if not named <= self.known_placeholders:
            return Refusal.UNKNOWN_PLACEHOLDER
        if not all(name.startswith(_MAY_BE_REPEATED) for name in named):
            # «звоните [PHONE_1]» would send the customer to his own number, or to a stranger's.
            return Refusal.LINK
        if was_told(text, self.task.history):
            return Refusal.TOLD_BEFORE
        return self._of_form(sentence) or self._incomplete(text) or self._of_content(sentence)

    def leans(self, text: str) -> bool:
        """Whether a sentence is about the one before it: it goes with it."""
        return patterns("lexicon/written")["leaning"].match(lower_plain(text)) is not None

    def _incomplete(self, text: str) -> str | None:
        """What small models write instead of an answer."""
        if text.endswith((":", "…", "-", "—")):
            return Refusal.UNFINISHED
        own = set(stems(text))
        if own and any(own <= set(stems(each.article.title)) for each in self.task.passages):
            return Refusal.ONLY_A_TITLE
        unquoted = _QUOTED.sub(" ", lower_plain(text))  # a button may be called "My orders"
        itself = patterns("lexicon/written")["itself"].search(unquoted)
        return Refusal.SPEAKS_OF_ITSELF if itself else None

    def refusal_of_question(self, text: str) -> str | None:
        """Why a question back may not be asked; what it names must stand in the passages."""
        if not text.endswith("?"):
            return Refusal.NO_QUESTION
        if placeholders_in(text):
            return Refusal.UNKNOWN_PLACEHOLDER
        every = tuple(range(1, len(self.task.passages) + 1))
        asked = ReplySentence(text, every)
        return self._of_form(asked) or self._of_content(asked)

    def _of_form(self, sentence: ReplySentence) -> str | None:
        text = sentence.text
        if len(text) > LONGEST_SENTENCE:
            return Refusal.TOO_LONG
        if len(words(text)) < LEAST_WORDS:
            return Refusal.SAYS_NOTHING
        if _swears(text):
            return FaultCode.RUDE.value
        if self._has_link(text):
            return Refusal.LINK
        if self._is_leak(text):
            return Refusal.LEAK
        if self._is_other_language(text):
            return Refusal.OTHER_LANGUAGE
        faults = find_faults(text, self.task.lang, facts=self._what_is_true(sentence))
        if faults:
            return faults[0].code.value
        return None

    def _of_content(self, sentence: ReplySentence) -> str | None:
        if self._echoes(sentence):
            return Refusal.ECHOES
        if reports_a_deed(sentence.text, self.evidence(sentence)):
            return Refusal.TOLD_AS_DONE
        return None if self._is_supported(sentence) else Refusal.UNSUPPORTED

    def _what_is_true(self, sentence: ReplySentence) -> WordingContext:
        return WordingContext(
            handed_over=self.task.is_handed_over,
            ticket_number=self.task.ticket_number,
            complaint=self.task.intent is IntentLabel.COMPLAINT,
            evidence=self.evidence(sentence),
            bot_name=self.task.bot_name,
        )

    def evidence(self, sentence: ReplySentence) -> list[str]:
        """The texts of the passages that a sentence names."""
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
        prompt = words(system_prompt(self.task.lang, self.task.prompt))
        return frozenset(zip(*(prompt[at:] for at in range(_LEAKED_WORDS)), strict=False))

    def _is_other_language(self, text: str) -> bool:
        if sum(char.isalpha() for char in text) < _LETTERS_TO_TELL_A_LANGUAGE:
            return False
        return detect_language(text, self.task.lang) != self.task.lang

    def _echoes(self, sentence: ReplySentence) -> bool:
        """Whether it says of the customer's own word what no passage says: «да, можно положить
        винца» where the article speaks of flasks."""
        there = {stem for text in self.evidence(sentence) for stem in stems(text)}
        asked = set(stems(self.message))
        own = set(stems(_without_placeholders(sentence.text)))
        return any(not _stands_in(stem, there) for stem in own & asked)

    def _is_supported(self, sentence: ReplySentence) -> bool:
        # What the customer typed himself is repeated under its placeholder and proves nothing.
        claim, evidence = _without_placeholders(sentence.text), self.evidence(sentence)
        if share_of_words(claim, evidence) < LEAST_SHARE or turns_around(claim, evidence):
            return False
        verdict = self.checker.check(claim, evidence)
        return verdict.is_supported and verdict.score >= LEAST_SCORE


def share_of_words(claim: str, evidence: Sequence[str]) -> float:
    """The share of its stems, 0..1, that the evidence has in some form; 1 where it has none."""
    own = set(stems(claim))
    there = {stem for text in evidence for stem in stems(text)}
    return sum(_stands_in(stem, there) for stem in own) / len(own) if own else 1.0


def _stands_in(stem: str, there: Set[str]) -> bool:
    return any(likeness(stem, other) >= _SAME_WORD for other in there)


def _swears(text: str) -> bool:
    return patterns("lexicon/signals")["profanity"].search(lower_plain(text)) is not None


def _without_placeholders(text: str) -> str:
    for start, end, _ in reversed(placeholders_in(text)):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def with_given_passages(sentence: ReplySentence, count: int) -> ReplySentence:
    """The sentence without markers of passages that nobody gave."""
    return replace(sentence, passages=tuple(n for n in sentence.passages if 0 < n <= count))
