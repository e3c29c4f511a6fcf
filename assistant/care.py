"""Manners: what the bot may say unasked, how often, and what it never says twice. Every rule is a
function of plain values here, with its constant beside it; the database only fetches the values
(`assistant.store.telling`, `assistant.store.surveys`), and settings change the constants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from assistant.text import lower_plain, sentence_spans, words
from prompts.loader import patterns, read


class Purpose(StrEnum):
    """Why a message was sent that answers no message."""

    NEWS = "news"
    """A ticket changed."""
    ALARM = "alarm"
    """The customer waits too long and is told so, once."""
    SURVEY = "survey"
    PROACTIVE = "proactive"
    """For a reason that the deployment has named."""


# --- the budget: how many unasked messages a customer gets a day --------------------------------

CONTACTS_PER_DAY = 5


def is_counted(purpose: Purpose | None) -> bool:
    """Whether a message is charged to the budget: a reply (no purpose) is always allowed."""
    return purpose is not None


def is_within_budget(sent_today: int, contacts_per_day: int = CONTACTS_PER_DAY) -> bool:
    """Whether one more unasked message may go to a customer today. `sent_today`: how many he got in
    all his dialogs, on every channel, since midnight where the operators are."""
    return sent_today < contacts_per_day


def midnight_before(now: datetime, zone: tzinfo) -> datetime:
    """When today began in a zone: the budget's day."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


# --- the survey: once, short, after a good ending -----------------------------------------------

SURVEY_DAYS = 30
"""For so many days a customer who was asked once is not asked again, in any of his dialogs."""


SURVEY_FRESH = timedelta(days=1)
"""An ending longer ago is not asked about: whoever tidies up closes many old dialogs at once."""


@dataclass(frozen=True)
class Ending:
    """How a dialog stands when it might be asked about."""

    is_good: bool
    """The bot answered and was thanked; or a person answered, closed it, and the customer's last
    word after that, if there is one, was thanks."""
    asked_here: bool = False
    is_rated: bool = False
    asked_at: datetime | None = None
    """When this customer was last asked, in whichever dialog."""
    complaint_open: bool = False
    """He complained and no person wrote to him after that."""
    is_upset: bool = False
    """His last message swears or tells of danger."""
    ago: timedelta = timedelta()
    """How long ago the last word of it was said."""


def may_ask_survey(ending: Ending, now: datetime, survey_days: float = SURVEY_DAYS) -> bool:
    """Whether the customer may be asked for a rating. A time of asking that lies in the future (the
    clock was set back) counts as a moment ago."""
    if not ending.is_good or ending.complaint_open or ending.is_upset:
        return False
    if ending.asked_here or ending.is_rated or ending.ago > SURVEY_FRESH:
        return False
    return ending.asked_at is None or now - ending.asked_at >= timedelta(days=survey_days)


_NO_BARE_DIGIT = re.compile(r"[+%№#/?$€₽]|-\d|\d-")


def rating_in(text: str) -> int | None:
    """The rating that a message is: one number from 1 to 5, in a digit or a word, and nothing
    beside it but what people say with a rating («спасибо, 5», «5 из 5», «Оценка 5»); None for
    anything else («5 дней», «10»)."""
    known = read("lexicon/ratings").content
    plain = patterns("lexicon/ratings_out_of")["out_of"].sub(" ", lower_plain(text))
    if _NO_BARE_DIGIT.search(plain):
        return None
    around = set(known["around"])
    said = [word for word in words(plain) if word not in around]
    return known["scores"].get(said[0]) if len(said) == 1 else None


# --- proactive messages: for named reasons, never at night --------------------------------------

AWAKE_HOURS = (time(9), time(21))


def is_reason_allowed(reason: str, allowed: frozenset[str] = frozenset()) -> bool:
    """Whether the deployment has named a reason to write first; it names none by default."""
    return reason in allowed


def is_quiet(now: datetime, zone: tzinfo, awake: tuple[time, time] = AWAKE_HOURS) -> bool:
    """Whether it is night where the customer is: outside `awake`, which may run over midnight."""
    start, end = awake
    local = now.astimezone(zone).time()
    if start == end:
        return False
    return not (start <= local < end if start < end else local >= start or local < end)


# --- "anything else?": once a dialog ------------------------------------------------------------

_LONGEST_REMARK_WORDS = 12


def is_closing_offer(sentence: str) -> bool:
    """Whether a sentence asks if there is anything else, or invites to come back with it. One with
    a digit says something besides (a number, an hour)."""
    plain = lower_plain(sentence)
    if plain.rstrip(' *_»")').endswith("?"):
        return any(offer.search(plain) for offer in patterns("lexicon/closing_offers").values())
    if len(words(plain)) > _LONGEST_REMARK_WORDS or any(char.isdigit() for char in plain):
        return False
    return any(remark.search(plain) for remark in patterns("lexicon/closing_remarks").values())


def offers_to_go_on(text: str) -> bool:
    """Whether a text has a closing offer in it."""
    return any(is_closing_offer(text[start:end]) for start, end in sentence_spans(text))


def without_second_offer(text: str, *, offered_before: bool, quotes: Sequence[str] = ()) -> str:
    """The text without the closing offers that would be the dialog's second. A text that is nothing
    else stays as it is, and so does an answer whose quotes are nothing else."""
    spans = sentence_spans(text)
    offers = [span for span in spans if is_closing_offer(text[span[0] : span[1]])]
    surplus = offers if offered_before else offers[1:]
    if not surplus or len(surplus) == len(spans) or _is_all_offer(quotes):
        return text
    for start, end in reversed(surplus):
        before, after = text[:start].rstrip(" \t"), text[end:].lstrip(" \t")
        joint = " " if before and after and before[-1] != "\n" and after[0] != "\n" else ""
        text = before + joint + after
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _is_all_offer(quotes: Sequence[str]) -> bool:
    sentences = [quote[start:end] for quote in quotes for start, end in sentence_spans(quote)]
    return bool(sentences) and all(map(is_closing_offer, sentences))


# --- no sentence twice in a row -----------------------------------------------------------------


def otherwise_said(text: str, earlier: Sequence[str], variants: Sequence[str]) -> str:
    """The text where it is new in the dialog; else the variant that was said longest ago, those
    never said first, so that nothing is said the same way twice in a row. `earlier`: what the bot
    said, oldest first."""
    if not variants or not any(said.startswith(text) for said in earlier):
        return text
    latest = {said: at for at, said in enumerate(earlier)}
    return min(variants, key=lambda variant: latest.get(variant, -1))


# --- what a deployment sets ---------------------------------------------------------------------


@dataclass(frozen=True)
class Manners:
    """The constants as a deployment has them."""

    surveys: bool = True
    survey_days: float = SURVEY_DAYS
    contacts_per_day: int = CONTACTS_PER_DAY
    proactive_reasons: frozenset[str] = frozenset()
    awake: tuple[time, time] = AWAKE_HOURS
    zone: tzinfo = field(default=UTC)
    """Where the operators are."""
