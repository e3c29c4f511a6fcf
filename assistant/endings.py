"""How a conversation ends and goes on politely: the question for a rating, thanks for one, and no
sentence twice in a row. The rules are in `assistant.care`; here is what is said by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant import disclosure
from assistant.care import otherwise_said
from assistant.domain import (
    Action,
    AuthorKind,
    BotReply,
    Intent,
    IntentLabel,
    Owner,
    QuickReply,
    Signal,
    Turn,
)
from assistant.history import last_bot_action
from assistant.replies import Outcome
from assistant.store.surveys import SURVEY_BUTTON
from prompts.loader import phrases

_SCORES = range(1, 6)
_IS_THANKS = {label: float(label is IntentLabel.THANKS) for label in IntentLabel}

_VARIANTS = {
    "thanks": ("thanks_again", "thanks_briefly"),
    "am_a_bot": ("am_a_bot_again", "am_a_bot_briefly"),
    "waiting_here": ("waiting_here_again", "waiting_here_briefly"),
    "waiting_thanks": ("thanks_again", "thanks_briefly"),
    "am_a_bot_waiting": ("am_a_bot_waiting_briefly", "am_a_bot_briefly"),
    "survey_thanks": ("survey_thanks_again",),
    "waiting_already": ("waiting_already_again", "waiting_already_briefly"),
}
"""What is said instead of a phrase that was said in the dialog before."""
_GREETING_VARIANTS = ("greeting_again", "greeting_briefly")


def survey_buttons() -> tuple[QuickReply, ...]:
    """A button for each score; pressed where buttons only send their label it says the digit."""
    return tuple(QuickReply(f"{SURVEY_BUTTON}{score}", str(score)) for score in _SCORES)


def survey_message(lang: str, bot_name: str) -> BotReply:
    """The question for a rating as a message of its own, after a person closed the dialog."""
    asked = disclosure.sign(
        phrases(lang).say("survey_after_person"), lang, bot_name=bot_name, offer_person=False
    )
    return replace(asked, quick_replies=survey_buttons())


def with_survey(outcome: Outcome, history: Sequence[Turn]) -> BotReply | None:
    """The reply with the question for a rating as its last line, where the customer thanks the bot
    right after its answer; None for any other reply."""
    thanks = outcome.action is Action.ACKNOWLEDGE and outcome.intent.label is IntentLabel.THANKS
    if not thanks or outcome.signals or outcome.owner is not Owner.BOT or outcome.reply is None:
        return None
    if last_bot_action(history) is not Action.ANSWER:
        return None
    text = f"{outcome.reply.text}\n{phrases(outcome.lang).say('survey')}"
    return replace(outcome.reply, text=text, quick_replies=survey_buttons())


def thanks_for_rating(understood: Outcome, owner: Owner) -> Outcome:
    """One short line for a message that is a rating, out of any outcome that has understood and
    signed: nothing else of it is kept, and the dialog stays with its owner. A bare digit is near to
    no label; it asks nothing and complains of nothing, and what it says stands in the rating."""
    assert understood.reply is not None  # noqa: S101 - it was made for a dialog of the bot
    text = phrases(understood.lang).say("survey_thanks")
    return replace(
        understood,
        action=Action.ACKNOWLEDGE,
        owner=owner,
        intent=Intent(IntentLabel.THANKS, _IS_THANKS),
        signals=frozenset(),
        reply=BotReply(text=text, disclosure=understood.reply.disclosure),
        handoff=None,
    )


def not_the_same_again(outcome: Outcome, history: Sequence[Turn]) -> Outcome:
    """The outcome with another wording where the bot would say what it has said in this dialog.
    What warns of danger is never shortened."""
    if outcome.action is not Action.ACKNOWLEDGE or outcome.reply is None:
        return outcome
    said, say = outcome.reply.text, phrases(outcome.lang)
    known = next((key for key in _VARIANTS if said == say.say(key)), None)
    if said.startswith(say.say("waiting_already")):
        known = "waiting_already"
    variants = _VARIANTS[known] if known else ()
    if known is None and Signal.GREETING_ONLY in outcome.signals:
        variants = _GREETING_VARIANTS
    earlier = [turn.text for turn in history if turn.author is AuthorKind.BOT]
    text = otherwise_said(said, earlier, [say.say(key) for key in variants])
    return outcome if text == said else replace(outcome, reply=replace(outcome.reply, text=text))
