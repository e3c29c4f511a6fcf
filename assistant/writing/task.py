"""What is to be written, and what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event

from assistant.domain import Draft, IntentLabel, Passage, Turn
from assistant.known import Known
from assistant.language_models.asking import ModelCall

BOTS_PROMPT = "drafting"
LONGEST_WHOLE_ARTICLE = 1500
"""Characters up to which an article is shown whole; of a longer one the best chunk."""


@dataclass(frozen=True)
class WritingTask:
    """A customer's message that the passages answer."""

    message: str
    passages: Sequence[Passage]
    """The best first; they are numbered from 1."""
    lang: str
    """In which to answer."""
    history: Sequence[Turn] = ()
    intent: IntentLabel = IntentLabel.QUESTION
    snapshot: str = ""
    dialog_id: str | None = None
    bot_name: str = ""
    is_handed_over: bool = False
    """Whether the dialog waits for a person already."""
    known: Sequence[Known] = ()
    """What the customer has said of himself, here and before."""
    ticket_number: str | None = None
    """Of the dialog's open ticket."""
    prompt: str = BOTS_PROMPT
    """The folder of `prompts` with what the model is asked: an answer of the bot's, or with
    `operator_drafting` one that a person will send."""


@dataclass(frozen=True)
class Listener:
    """Who gets sentences as they pass the check, and how he stops the writing."""

    hear: Callable[[str], None] | None = None
    """Takes the next piece of the answer; what it got is part of the answer for good. It raises
    LanguageModelStoppedError when nothing may be said any more."""
    stop: Event = field(default_factory=Event)


class Refusal(StrEnum):
    """Why a sentence of the model's was not said; beside these the codes of `wording.fault`."""

    NO_PASSAGE = "no_passage"
    UNSUPPORTED = "unsupported"
    LINK = "link"
    LEAK = "leak"
    OTHER_LANGUAGE = "other_language"
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"
    TOLD_BEFORE = "told_before"
    TOO_LONG = "too_long"
    NO_QUESTION = "no_question"
    QUESTION = "question"
    SAYS_NOTHING = "says_nothing"
    UNFINISHED = "unfinished"
    ONLY_A_TITLE = "only_a_title"
    SPEAKS_OF_ITSELF = "speaks_of_itself"
    LEANS_ON_REFUSED = "leans_on_refused"
    ECHOES = "echoes"
    TOLD_AS_DONE = "told_as_done"
    JUDGED_UNSUPPORTED = "judged_unsupported"
    """By the optional second model."""


@dataclass(frozen=True)
class Written:
    """What came of asking a model; no draft where nothing that answers passed the check."""

    draft: Draft | None = None
    question: str = ""
    """What the model would ask the customer back, checked; empty for none."""
    declined: bool = False
    """Whether the model said that the passages hold no answer."""
    missing: str = ""
    """What it said is missing, for those who look after the articles; not for the customer."""
    calls: tuple[ModelCall, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    """Sentences that were not said, by why."""
    heard: bool = False
    """Whether the listener has heard a part of it already."""
    broke_off: str = ""
    """Why a reply that was heard in part did not come to its end; empty for one that did. Such a
    reply is not remembered."""
    prompt: Mapping[str, str] = field(default_factory=dict)
    """Name and label of the prompt it was asked with."""
    removed: tuple[str, ...] = ()
    """Those sentences, with placeholders; for evaluations, never kept or logged."""


def shown_text(passage: Passage) -> str:
    """What the model sees of an article, and may rely on: all of it, or its best chunk."""
    text = passage.article.text
    return text if len(text) <= LONGEST_WHOLE_ARTICLE else passage.chunk.text
