"""One answer, one question to a language model, one verdict.

The rubric is `prompts/judge/{ru,en}.yaml`. A reply that holds no verdict, or two that differ, is
unparsable; a model that did not reply is a failure. Neither is a verdict, so neither is a 0.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.errors import (
    LanguageModelBusyError,
    LanguageModelError,
    LanguageModelRefusedError,
)
from assistant.json_objects import json_objects
from assistant.llm import Completes, Message
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from eval.judging.answered import Answered
from prompts.loader import LANGUAGES, TextFile, fill, read

MAX_TOKENS = 1000
LONGEST_ARTICLE = 6000
"""Characters of an article that are shown; the rest is cut, and the cut is marked."""

WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Between one answer of a busy model (429) and the next request."""

Pause = Callable[[float], None]

_OUR_TAG = re.compile(
    r"<(/?\s*(?:history|message|answer|quotes|reference_answer|articles)\s*)>", re.IGNORECASE
)


class Verdict(StrEnum):
    """What a judge says of an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    CANNOT_TELL = "cannot_tell"


class Outcome(StrEnum):
    """What came of asking a judge."""

    JUDGED = "judged"
    UNPARSABLE = "unparsable"
    """The reply holds no verdict."""
    FAILED = "failed"
    """There was no reply."""


@dataclass(frozen=True)
class Judgement:
    """What a judge said of one turn."""

    outcome: Outcome
    verdict: Verdict | None
    """None unless judged."""
    reason: str
    """The judge's sentence; else why there is no verdict."""
    raw: str | None
    """The reply as it came; None where there was none."""


class Judge:
    """Asks a model about answers. Safe to use from several threads when the model is."""

    def __init__(
        self, model: Completes, pause: Pause = time.sleep, masker: Masker | None = None
    ) -> None:
        """`pause` waits so many seconds. What people wrote is sent with placeholders that `masker`
        finds; without one as it is."""
        self._model = model
        self._pause = pause
        self._masker = masker

    @property
    def name(self) -> str:
        """Of the model."""
        return self._model.model

    def digest(self, answered: Answered) -> str:
        """16 digits that differ when the turn, the model, the rubric or anything shown differs."""
        asked = json.dumps([self.name, answered.place, self._messages(answered)[0]])
        return hashlib.sha256(asked.encode()).hexdigest()[:16]

    def judge(self, answered: Answered) -> Judgement:
        """The verdict on an answer; asked once, and again only when the model is busy. Raises
        LanguageModelRefusedError, for which no other turn would fare better; any other failure of
        the model is a Judgement."""
        try:
            messages, masking = self._messages(answered)
            raw = self._ask(messages)
        except LanguageModelRefusedError:
            raise
        except LanguageModelError as error:
            return Judgement(Outcome.FAILED, None, f"{error.code}: {error}", None)
        return read_verdict(masking.restore(raw) if masking else raw)

    def _messages(self, answered: Answered) -> tuple[tuple[Message, ...], Masking | None]:
        """What is asked, and the placeholders in it."""
        if self._masker is None:
            return messages_about(answered), None
        masking = Masking(self._masker)
        return messages_about(_masked(answered, masking)), masking

    def _ask(self, messages: Sequence[Message]) -> str:
        for seconds in WAITS_SECONDS:
            try:
                return self._model.complete(messages, MAX_TOKENS)
            except LanguageModelBusyError:
                self._pause(seconds)
        return self._model.complete(messages, MAX_TOKENS)


def rubric(lang: str) -> TextFile:
    """The rubric in a language; in Russian for a language there is none in."""
    return read(f"judge/{lang if lang in LANGUAGES else LANGUAGES[0]}")


def messages_about(answered: Answered) -> tuple[Message, ...]:
    """What the model is asked about an answer."""
    file = rubric(answered.lang)
    none = fill(file, "none")
    said = [
        fill(file, "said", author=fill(file, f"author_{turn.author.value}"), text=turn.text)
        for turn in answered.history
    ]
    articles = [
        fill(file, "article", article_id=name, text=_shortened(file, text))
        for name, text in answered.articles.items()
    ]
    asked = fill(
        file,
        "user",
        history=_harmless("\n".join(said) or none),
        message=_harmless(answered.message),
        answer=_harmless(answered.answer),
        quotes=_harmless("\n".join(answered.quotes) or none),
        reference_answer=_harmless(
            none if answered.reference_answer is None else answered.reference_answer
        ),
        articles=_harmless("\n\n".join(articles) or none),
    )
    return (
        {"role": "system", "content": fill(file, "system")},
        {"role": "user", "content": asked},
    )


def _masked(answered: Answered, masking: Masking) -> Answered:
    """What people wrote with placeholders; the articles are the knowledge base's."""
    reference = answered.reference_answer
    return replace(
        answered,
        history=tuple(
            replace(turn, text=masking.mask(turn.text).text) for turn in answered.history
        ),
        message=masking.mask(answered.message).text,
        reference_answer=None if reference is None else masking.mask(reference).text,
    )


def _shortened(file: TextFile, text: str) -> str:
    if len(text) <= LONGEST_ARTICLE:
        return text
    return fill(file, "cut", text=text[:LONGEST_ARTICLE])


def _harmless(text: str) -> str:
    """The text without tags that would seem to end the part it stands in."""
    return _OUR_TAG.sub(r"(\1)", text)


def read_verdict(raw: str) -> Judgement:
    """The verdict in a model's reply: in one JSON object, maybe among other words or in a fence."""
    found = [row for row in json_objects(raw) if "verdict" in row]
    verdicts = {row["verdict"] if isinstance(row["verdict"], str) else "" for row in found}
    if not verdicts:
        return Judgement(Outcome.UNPARSABLE, None, "the reply holds no verdict", raw)
    if len(verdicts) > 1:
        return Judgement(Outcome.UNPARSABLE, None, "the reply holds several verdicts", raw)
    said = verdicts.pop()
    if said not in set(Verdict):
        return Judgement(Outcome.UNPARSABLE, None, "the verdict is none of the three", raw)
    reason = found[-1].get("reason")
    told = " ".join(reason.split()) if isinstance(reason, str) else ""
    return Judgement(Outcome.JUDGED, Verdict(said), told, raw)
