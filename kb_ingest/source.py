"""What a loader gives: the articles of one file, and what in it could not be used."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assistant.domain import Article, Audience
from assistant.text import detect_language, is_encodable, shorten
from kb_ingest.orders import gives_orders, without_orders

log = logging.getLogger(__name__)

_TITLE_CHARACTERS = 80
MAX_FILE_BYTES = 20 * 1024 * 1024


class UnreadableError(Exception):
    """The file, or one record of it, cannot be used; the text says why."""


@dataclass(frozen=True)
class LoadedFile:
    """Articles of one file and the records of it that were left out, with the reason."""

    articles: tuple[Article, ...]
    problems: tuple[str, ...] = ()


def make_article(
    *,
    article_id: str,
    title: str,
    text: str,
    fields: Mapping[str, Any],
    source: str,
    is_answer: bool = False,
) -> Article:
    """An article from its text and the optional fields of section 5 of the contract, without
    sentences that give orders to a bot.

    Raises UnreadableError when a field holds something impossible.
    """
    title, text = _without_orders(
        article_id, title, text.replace("\r\n", "\n").replace("\r", "\n").strip()
    )
    if not text:
        raise UnreadableError("there is no text in it")
    if not is_encodable(f"{article_id}{title}{text}"):
        raise UnreadableError("it holds half of a character (a lone surrogate)")
    return Article(
        article_id=article_id,
        title=title.strip() or article_id,
        text=text,
        url=_text_field(fields, "url"),
        lang=_text_field(fields, "lang") or detect_language(f"{title}\n{text}"),
        topic=_text_field(fields, "topic"),
        audience=_audience(fields),
        valid_until=_date(fields),
        is_answer=is_answer,
        source=source,
    )


def _without_orders(article_id: str, title: str, text: str) -> tuple[str, str]:
    """Title and text; a title that gives orders is the beginning of the text instead."""
    text, orders = without_orders(text)
    is_order = gives_orders(title)
    if orders or is_order:
        log.warning(
            "%s: left out what gives orders to a bot: %s",
            article_id,
            "; ".join(
                shorten(order, _TITLE_CHARACTERS) for order in (*orders, *[title] * is_order)
            ),
        )
    return (shorten(text, _TITLE_CHARACTERS) if is_order else title), text


def _text_field(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return str(value).strip() or None if value is not None else None


def given(fields: Mapping[str, Any], name: str) -> str:
    """A field as text, empty when it is not there; a zero is something."""
    value = fields.get(name)
    return "" if value is None else str(value).strip()


def _audience(fields: Mapping[str, Any]) -> Audience:
    value = (_text_field(fields, "audience") or Audience.CUSTOMER).lower()
    try:
        return Audience(value)
    except ValueError as error:
        raise UnreadableError(
            f"audience is {value!r}; it can be `customer` or `operator`"
        ) from error


def _date(fields: Mapping[str, Any]) -> date | None:
    value = fields.get("valid_until")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise UnreadableError(f"valid_until is {value!r}; write it as 2026-12-31") from error
