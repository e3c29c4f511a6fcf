"""The one place that signs what the bot says.

A bot's message cannot be built without a `Disclosure`, and only this file makes one. The sentence
comes from `prompts/`, but whether it says the truth is checked here: no setting, prompt, article or
model can take the word out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.domain import BotReply, Citation, Disclosure, QuickReply
from assistant.errors import SettingsError
from prompts.loader import phrases

HANDOFF_BUTTON = "handoff"

_SAYS_BOT = re.compile(r"\b(?:бот|bot)\b", re.IGNORECASE)
_DENIES_IT = re.compile(
    r"\b(?:не|ни|not|no|never|isn.t|n.t)\s+(?:a\s+|an\s+|the\s+)?(?:бот|bot)\b", re.IGNORECASE
)


def disclosure(lang: str, bot_name: str = "") -> Disclosure:
    """The bot's name and the sentence that says what it is, in the customer's language.

    Raises SettingsError when the text in `prompts/` no longer says that a bot is answering.
    """
    texts = phrases(lang)
    sentence = texts.say("disclosure")
    if not _SAYS_BOT.search(sentence) or _DENIES_IT.search(sentence):
        raise SettingsError(
            f"prompts/{texts.file.name}.yaml: `disclosure` must say that a bot is answering"
        )
    return Disclosure(bot_name=bot_name.strip() or texts.say("bot_name"), text=sentence)


def sign(
    text: str,
    lang: str,
    *,
    bot_name: str = "",
    citations: Sequence[Citation] = (),
    offer_person: bool = True,
    choices: Sequence[str] = (),
) -> BotReply:
    """A message of the bot, marked as one, with the button to a person unless one is called;
    before it a button for each of `choices`, which says its own label."""
    buttons = [QuickReply(f"choice-{at}", label) for at, label in enumerate(choices, start=1)]
    if offer_person:
        buttons.append(QuickReply(HANDOFF_BUTTON, phrases(lang).say("handoff_button")))
    return BotReply(
        text=text,
        disclosure=disclosure(lang, bot_name),
        citations=tuple(citations),
        quick_replies=tuple(buttons),
    )
