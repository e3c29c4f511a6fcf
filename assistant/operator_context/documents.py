"""The parts of the context as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assistant.domain import AuthorKind
from assistant.known import Known, known_document, name_of_kind
from assistant.operator_context.exchange import AskedByUs, Exchange, Question
from assistant.operator_context.words import ContextWords
from assistant.store.dialog_lines import Line
from assistant.store.rows import format_stamp, parse_stamp
from assistant.text import shorten

_QUESTIONS = 30
"""So many questions of either side are shown, the latest."""
_TEXT, _EXCERPT = 400, 240
_AUTHORS = {AuthorKind.BOT: "bot", AuthorKind.HUMAN: "operator"}


def question_documents(exchange: Exchange) -> list[dict[str, Any]]:
    """What the customer asked, in the order in which he asked it last."""
    return [_question(one) for one in exchange.questions[-_QUESTIONS:]]


def _question(one: Question) -> dict[str, Any]:
    ids = [str(item["article_id"]) for item in one.articles]
    return {
        "text": shorten(one.text, _TEXT),
        "message_id": one.line.message_id,
        "at": _stamp(one.line.at),
        "times": one.times,
        "answered_by": _AUTHORS[one.answered_by] if one.answered_by else None,
        "answer": shorten(one.answer, _EXCERPT) or None,
        "article_ids": list(dict.fromkeys(ids)),
        "helped": None if one.answered_by is None else one.helped,
        "open": one.is_open,
        "past": one.line.is_past,
    }


def asked_by_us_documents(exchange: Exchange) -> list[dict[str, Any]]:
    """What the customer was asked, oldest first."""
    return [_asked(one) for one in exchange.asked_by_us[-_QUESTIONS:]]


def _asked(one: AskedByUs) -> dict[str, Any]:
    return {
        "text": shorten(one.text, _EXCERPT),
        "message_id": one.line.message_id,
        "by": _AUTHORS[one.line.author],
        "at": _stamp(one.line.at),
        "kinds": sorted(one.kinds),
        "answered": one.answer is not None,
        "answer": shorten(one.answer or "", _EXCERPT) or None,
    }


def given_documents(known: Sequence[Known], lang: str) -> list[dict[str, Any]]:
    """What he said of himself, newest first, with the name of its kind."""
    return [known_document(item) | {"label": name_of_kind(item.kind, lang)} for item in known]


def articles_tried(exchange: Exchange, handoff: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The articles that the bot cited or looked at since the dialog was opened last: those shown to
    the customer first, then by score."""
    found: dict[str, dict[str, Any]] = {}
    for question in exchange.current:  # what is found for a mere "hello" is found by chance
        _look(found, question.line.looked_at)
    for line in exchange.lines:
        if not line.is_past:
            _cite(found, line)
    _look(found, (handoff or {}).get("passages") or ())
    return sorted(found.values(), key=lambda item: (not item["shown"], -(item["score"] or 0.0)))


def _look(found: dict[str, dict[str, Any]], articles: Sequence[Mapping[str, Any]]) -> None:
    for article in articles:
        kept = _entry(found, article)
        kept["score"] = max(kept["score"] or 0.0, float(article["score"]))


def _cite(found: dict[str, dict[str, Any]], line: Line) -> None:
    for citation in line.citations:
        _entry(found, citation)["shown"] = True


def _entry(found: dict[str, dict[str, Any]], article: Mapping[str, Any]) -> dict[str, Any]:
    fresh = {
        "article_id": article["article_id"],
        "title": article["title"],
        "url": article.get("url"),
        "score": None,
        "shown": False,
    }
    return found.setdefault(str(article["article_id"]), fresh)


def handoff_document(view: Mapping[str, Any], words: ContextWords) -> dict[str, Any] | None:
    """Why, to whom and since when the dialog was handed over; None where it was not."""
    handoff = view["handoff"]
    if not handoff:
        return None
    since = view["waiting_since"]
    waited = (words.now - parse_stamp(since)).total_seconds() if since else None
    return {
        "reason": handoff["reason"],
        "reason_in_words": words.put(f"reason_{handoff['reason']}"),
        "since": since,
        "waited_seconds": None if waited is None else max(0, round(waited)),
        "unanswered_since": view["unanswered_since"],
        "queue": handoff.get("queue"),
        "priority": handoff.get("priority"),
        "topic": handoff.get("topic"),
    }


def _stamp(at: datetime | None) -> str | None:
    return format_stamp(at) if at else None
