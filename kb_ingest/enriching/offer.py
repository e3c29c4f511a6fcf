"""What a language model offers for an article: the question put to it, and its reply read."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.domain import Article
from assistant.errors import LanguageModelBusyError, MalformedReplyError
from assistant.json_objects import json_objects
from assistant.llm import Completes, Message
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from prompts.loader import LANGUAGES, TextFile, fill, read

MOST_QUESTIONS = 5
LONGEST_SUMMARY = 200
"""Characters."""
LONGEST_ARTICLE = 6000
"""Characters of an article that are shown; the rest is cut, and the cut is marked."""
MAX_TOKENS = 500
WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Between one answer of a busy model (429) and the next request."""

Pause = Callable[[float], None]

_OUR_TAG = re.compile(r"<(/?\s*(?:title|article)\s*)>", re.IGNORECASE)


@dataclass(frozen=True)
class Offer:
    """What a model says of an article, unchecked."""

    questions: tuple[str, ...]
    summary: str | None
    """None where it gave none."""


@dataclass(frozen=True)
class Asked:
    """What is asked about one article; holds the placeholders of its personal data."""

    article: Article
    messages: tuple[Message, ...]
    masking: Masking
    digest: str
    """16 digits that differ when the model, the prompt or the article's text differs."""

    def read(self, raw: str) -> Offer:
        """The offer in a reply, personal data put back. Raises MalformedReplyError."""
        offer = read_offer(raw)
        # Put back after parsing: a value may hold quotation marks, which would end a text of JSON.
        questions = tuple(self.masking.restore(question) for question in offer.questions)
        return Offer(questions, self.masking.restore(offer.summary) if offer.summary else None)


class Asker:
    """Asks a model about articles."""

    def __init__(self, model: Completes, masker: Masker, pause: Pause = time.sleep) -> None:
        """`masker` finds personal data; `pause` waits so many seconds for a busy model."""
        self._model = model
        self._masker = masker
        self._pause = pause

    @property
    def name(self) -> str:
        """Of the model."""
        return self._model.model

    def about(self, article: Article) -> Asked:
        """What would be asked about an article."""
        masking = Masking(self._masker)
        messages = messages_about(
            article.lang, masking.mask(article.title).text, masking.mask(article.text).text
        )
        asked = json.dumps([self.name, messages], ensure_ascii=False)
        digest = hashlib.sha256(asked.encode()).hexdigest()[:16]
        return Asked(article, messages, masking, digest)

    def reply(self, asked: Asked) -> str:
        """The model's reply, still with placeholders; asked again only while the model is busy.
        Raises LanguageModelError."""
        for seconds in WAITS_SECONDS:
            try:
                return self._model.complete(asked.messages, MAX_TOKENS)
            except LanguageModelBusyError:
                self._pause(seconds)
        return self._model.complete(asked.messages, MAX_TOKENS)


def prompt(lang: str) -> TextFile:
    """The prompt in a language; in Russian for a language there is none in."""
    return read(f"enriching/{lang if lang in LANGUAGES else LANGUAGES[0]}")


def messages_about(lang: str, title: str, text: str) -> tuple[Message, ...]:
    """What the model is asked about an article that holds nothing personal any more."""
    file = prompt(lang)
    shown = text if len(text) <= LONGEST_ARTICLE else fill(file, "cut", text=text[:LONGEST_ARTICLE])
    system = fill(file, "system", most=MOST_QUESTIONS, longest=LONGEST_SUMMARY)
    user = fill(file, "user", title=_harmless(title), text=_harmless(shown))
    return {"role": "system", "content": system}, {"role": "user", "content": user}


def _harmless(text: str) -> str:
    """The text without tags that would seem to end the part it stands in."""
    return _OUR_TAG.sub(r"(\1)", text)


def read_offer(raw: str) -> Offer:
    """The questions and the summary in a model's reply, in one JSON object.

    Raises MalformedReplyError when there is none with a list of texts under `questions`.
    """
    found = [row for row in json_objects(raw) if "questions" in row]
    if not found:
        raise MalformedReplyError("the reply holds no object with questions")
    questions, summary = found[0]["questions"], found[0].get("summary")
    if not isinstance(questions, list) or not all(isinstance(one, str) for one in questions):
        raise MalformedReplyError("the questions of the reply are no list of texts")
    told = _flat([summary]) if isinstance(summary, str) else ()
    return Offer(_flat(questions)[:MOST_QUESTIONS], told[0] if told else None)


def _flat(texts: Sequence[str]) -> tuple[str, ...]:
    """Each on one line; empty ones left out."""
    flat = (" ".join(text.split()) for text in texts)
    return tuple(text for text in flat if text)
