"""Questions for what the customer has said already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.domain import AuthorKind
from assistant.known import Known, asks_for_known, names_of_kinds
from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft, Sentence
from assistant.review.lexicon import also_pattern, lists, pattern, said, told_pattern
from assistant.text import lower_plain
from prompts.loader import LANGUAGES


def asked_findings(draft: Draft, context: ReviewContext, lang: str) -> Iterator[Finding]:
    """Every sentence that asks for something known; `lang`: in which the kinds are named."""
    for sentence in draft.sentences:
        if not _asks(sentence, draft.lang):
            continue
        found = _found(sentence, context, lang)
        if found:
            better = _found(sentence, context, draft.lang) or found
            yield Finding(
                AdviceCode.ALREADY_ANSWERED,
                sentence.start,
                sentence.end,
                said(draft.lang, "instead_of_asking", what=better[0], value=better[1]),
                told={"what": found[0], "value": found[1]},
            )


def _found(sentence: Sentence, context: ReviewContext, lang: str) -> tuple[str, str] | None:
    """What it asks for, named in a language, and what he said."""
    return (
        _known(sentence, context.known, lang)
        or _said(sentence, context, lang)
        or _known_besides(sentence, context.known, lang)
    )


def _asks(sentence: Sentence, lang: str) -> bool:
    return sentence.is_question or pattern(lang, "asking").search(sentence.plain) is not None


def _known(sentence: Sentence, known: Sequence[Known], lang: str) -> tuple[str, str] | None:
    """The kind's name and the newest value that the sentence asks for and does not hold."""
    if any(lower_plain(item.value) in sentence.plain for item in known):
        return None  # it is read back to him
    for item in known:
        if asks_for_known(sentence.text, [item]):
            return names_of_kinds([item], lang)[0], item.value
    return None


def _known_besides(sentence: Sentence, known: Sequence[Known], lang: str) -> tuple[str, str] | None:
    """What is asked for in words that may mean something else: «какой у вас телефон?»."""
    if any(lower_plain(item.value) in sentence.plain for item in known):
        return None
    for one in LANGUAGES:
        for kind in lists(one)["asks_also"]:
            if not also_pattern(one, kind).search(sentence.plain):
                continue
            own = next((item for item in known if item.kind == kind), None)
            if own:
                return names_of_kinds([own], lang)[0], own.value
    return None


def _said(sentence: Sentence, context: ReviewContext, lang: str) -> tuple[str, str] | None:
    """What is no personal data: device, browser, way of paying, with the customer's word for it."""
    words = [lower_plain(one.text) for one in context.history if one.author is AuthorKind.CUSTOMER]
    for one in LANGUAGES:
        for kind in lists(one)["told"]:
            asks, tells = told_pattern(one, kind, "asks"), told_pattern(one, kind, "tells")
            value = _last(tells, words) if asks.search(sentence.plain) else None
            if value:
                return str(lists(lang)["told"][kind]["named"]), value
    return None


def _last(tells: re.Pattern[str], words: Sequence[str]) -> str | None:
    """How he put it last."""
    found = [match[0] for text in words for match in tells.finditer(text)]
    return found[-1] if found else None
