"""A dialog in at most five lines, for an operator in a hurry: who and where, what he wants, what he
has said already, what was answered or tried, why it is here and since when.

Without a language model: each line is made of what is known, and is left out where nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.domain import Action, AuthorKind, Customer, HandoffReason, IntentLabel, Owner
from assistant.handoff import complaint_named, customer_in_words
from assistant.known import Known, in_words
from assistant.operator_context.exchange import AskedByUs, Exchange, Question
from assistant.operator_context.requests import swears
from assistant.operator_context.words import ContextWords
from assistant.text import detect_language, shorten
from prompts.loader import phrases

MOST_LINES = 5
_WHO, _TOPIC = 160, 60
_ONE, _EACH_OF_SEVERAL, _MOST_SHOWN = 300, 110, 3
_KNOWN, _ASKED, _ANSWER, _TITLES = 260, 80, 200, 2


@dataclass(frozen=True)
class Standing:
    """All that a summary is made of. What is not known is None or empty."""

    exchange: Exchange
    words: ContextWords
    customer: Customer
    known: Sequence[Known] = ()
    channels: Sequence[str] = ()
    previous: Sequence[Mapping[str, Any]] = ()
    """As `previous_documents` gives them."""
    intent: str | None = None
    owner: Owner | None = None
    operator: str | None = None
    handoff: Mapping[str, Any] | None = None
    waiting_since: datetime | None = None
    unanswered_since: datetime | None = None
    ticket: Mapping[str, Any] | None = None
    rating: int | None = None


def summarise_for_operator(now: Standing) -> str:
    """The lines, joined by newlines; never more than five, none of them empty."""
    lines = [_who(now), _wants(now), _given(now), _tried(now), _why_here(now)]
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


# --- 1. who, and where --------------------------------------------------------------------------


def _who(now: Standing) -> str:
    put, who = now.words.put, shorten(customer_in_words(now.customer), _WHO)
    parts = []
    if (now.handoff or {}).get("reason") == HandoffReason.UNSAFE:
        parts.append(phrases(now.words.lang).say("summary_unsafe"))
    if now.channels:
        channels = ", ".join(now.words.named("channel", one) for one in now.channels)
        parts.append(put("who", who=who or put("nobody"), channels=channels))
    elif who:
        parts.append(phrases(now.words.lang).say("summary_customer", who=who))
    if now.previous:
        latest = now.previous[0]
        key = "earlier" if latest["topic"] else "earlier_untold"
        told = {"topic": shorten(latest["topic"], _TOPIC)} if latest["topic"] else {}
        parts.append(put(key, count=len(now.previous), date=latest["day"], **told))
    return " ".join(parts)


# --- 2. what he wants ---------------------------------------------------------------------------


def _wants(now: Standing) -> str:
    waiting = [one for one in now.exchange.current if one.is_open]
    said = _wanted(now, waiting)
    upset = any(
        swears(line.text)
        for line in now.exchange.lines
        if line.author is AuthorKind.CUSTOMER and not line.is_past
    )
    tone = phrases(now.words.lang).say("summary_tone") if upset else ""
    return f"{said} {tone}"


def _wanted(now: Standing, waiting: Sequence[Question]) -> str:
    put = now.words.put
    if len(waiting) == 1:
        return _one(now, waiting[0])
    if waiting:
        shown = [_quoted(now.words, one, _EACH_OF_SEVERAL) for one in waiting[-_MOST_SHOWN:]]
        hidden = len(waiting) - len(shown)
        more = [put("more", count=hidden)] if hidden else []
        complains = any(_is_complaint(now, one) for one in waiting)
        key = "complaint_mark" if complains else "several"
        return put(key, count=len(waiting), texts="; ".join([*shown, *more]))
    if now.exchange.current:
        return put("answered_last", text=shorten(now.exchange.current[-1].text, _ONE))
    wrote = [line for line in now.exchange.lines if line.author is AuthorKind.CUSTOMER]
    return put("only_talk", text=shorten(wrote[-1].text, _ONE)) if wrote else ""


def _one(now: Standing, question: Question) -> str:
    put, text = now.words.put, shorten(question.text, _ONE)
    again = _again(now.words, question.times)
    if not _is_complaint(now, question):
        if question.before:
            before = shorten(question.before, _EACH_OF_SEVERAL)
            return put("question_after", text=text, before=before) + again
        return put("question", text=text) + again
    lang = detect_language(question.text, now.words.lang)
    subject = complaint_named(question.text, lang, phrases(now.words.lang))
    if subject:
        return put("complaint_named", subject=subject, text=text) + again
    return put("complaint", text=text) + again


def _again(words: ContextWords, times: int) -> str:
    if times == 1:
        return ""
    told = words.put("asked_again", count=times)
    return f" ({told})"


def _quoted(words: ContextWords, question: Question, limit: int) -> str:
    return words.put("quoted", text=shorten(question.text, limit))


def _is_complaint(now: Standing, question: Question) -> bool:
    label = (question.line.intent or {}).get("label") or now.intent
    return label == IntentLabel.COMPLAINT


# --- 3. what need not be asked again ------------------------------------------------------------


def _given(now: Standing) -> str:
    parts, lang = [], now.words.lang
    if now.known:
        known = shorten(in_words(now.known, lang), _KNOWN)
        parts.append(phrases(lang).say("summary_known", known=known))
    asked = [one for one in now.exchange.asked_by_us if _is_asked_now(one)]
    if asked and asked[-1].answer is None:
        shown = shorten(asked[-1].text, _ASKED)
        parts.append(now.words.put("unanswered_by_him", asked=shown))
    return " ".join(parts)


def _is_asked_now(asked: AskedByUs) -> bool:
    """Whether somebody waits for that answer; where the bot offers to call back, nobody does."""
    line = asked.line
    return not line.is_past and (line.author is AuthorKind.HUMAN or line.action is Action.CLARIFY)


# --- 4. what was answered or tried --------------------------------------------------------------


def _tried(now: Standing) -> str:
    words, parts = now.words, []
    answered = [one for one in now.exchange.current if one.answered_by is AuthorKind.BOT]
    if answered:
        titles = _titles(item for one in answered[-2:] for item in one.articles)
        failed = not answered[-1].helped or (now.handoff or {}).get("reason") == "repeated"
        key = "bot_did_not_help" if failed else "bot_answered"
        parts.append(words.put(key, titles=titles) if titles else "")
    else:
        parts.append(_not_answered(now))
    spoke = [
        line
        for line in now.exchange.lines
        if line.author is AuthorKind.HUMAN and not line.is_past and not line.is_unasked
    ]
    if spoke:
        name = spoke[-1].name or words.put("operator")
        parts.append(words.put("operator_said", name=name, text=shorten(spoke[-1].text, _ANSWER)))
    return " ".join(part for part in parts if part)


def _not_answered(now: Standing) -> str:
    titles = _titles((now.handoff or {}).get("passages") or ())
    if titles:
        return now.words.put("bot_tried", titles=titles)
    current = (line for line in now.exchange.lines if not line.is_past)
    if any(line.action is Action.CLARIFY for line in current):
        return now.words.put("bot_asked")
    return ""


def _titles(articles: Any) -> str:
    titles = dict.fromkeys(str(item["title"]) for item in articles)
    return "; ".join(shorten(title, _ASKED) for title in list(titles)[:_TITLES])


# --- 5. why it is here, and since when ----------------------------------------------------------


def _why_here(now: Standing) -> str:
    words, parts = now.words, []
    if now.handoff:
        reason = words.put(f"reason_{now.handoff['reason']}")
        parts.append(words.put("handed_over", reason=reason))
    parts += _standing(now)
    if now.handoff:
        priority = now.handoff.get("priority")
        queue = words.named("queue", now.handoff.get("queue") or "")
        parts.append(
            words.put("place", queue=queue, priority=words.put(f"priority_{priority}"))
            if priority
            else words.put("queue_only", queue=queue)
        )
    if now.ticket:
        status = words.put(f"ticket_{now.ticket['status']}")
        parts.append(words.put("ticket", number=now.ticket["number"], status=status))
    if now.rating is not None:
        parts.append(words.put("rated", score=now.rating))
    return " ".join(parts)


def _standing(now: Standing) -> list[str]:
    words = now.words
    if now.owner is Owner.WAITING:
        since = now.unanswered_since or now.waiting_since
        return [_waits(words, since)] if since else []
    if now.owner is Owner.HUMAN:
        name = now.operator or words.put("operator")
        if now.unanswered_since is None:
            return [words.put("with_operator", name=name)]
        moment, span = words.moment(now.unanswered_since), words.span(now.unanswered_since)
        return [words.put("waits_for_operator", name=name, since=moment, span=span)]
    if now.owner is Owner.CLOSED:
        return [words.put("closed")]
    return [words.put("with_bot")] if now.owner is Owner.BOT else []


def _waits(words: ContextWords, since: datetime) -> str:
    return words.put("waits", since=words.moment(since), span=words.span(since))
