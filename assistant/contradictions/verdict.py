"""What a language model says of two sentences that seem to contradict each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.contradictions.finding import Contradiction
from assistant.errors import LanguageModelError, LanguageModelRefusedError
from assistant.json_objects import json_objects
from assistant.llm import Completes, Message
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from prompts.loader import LANGUAGES, fill, read

MAX_TOKENS = 200
_OUR_TAG = re.compile(r"<(/?\s*(?:other_)?(?:title|sentence)\s*)>", re.IGNORECASE)


class Verdict(StrEnum):
    """Whether both sentences can be true."""

    CONTRADICT = "contradict"
    AGREE = "agree"
    DIFFERENT = "different"
    """They speak of different things."""


@dataclass(frozen=True)
class Opinion:
    """A model's verdict; None where its reply held none or there was no reply, with the reason."""

    verdict: Verdict | None
    reason: str


def opinion_on(pair: Contradiction, lang: str, model: Completes, masker: Masker) -> Opinion:
    """Ask about one pair, once. Raises LanguageModelRefusedError; any other failure of the model
    is an opinion without a verdict."""
    masking = Masking(masker)
    try:
        reply = model.complete(messages_about(pair, lang, masking), MAX_TOKENS)
    except LanguageModelRefusedError:
        raise
    except LanguageModelError as error:
        return Opinion(None, f"{error.code}: {error}")
    opinion = read_opinion(reply)
    # Put back after parsing: a value may hold quotation marks, which would end a text of JSON.
    return replace(opinion, reason=masking.restore(opinion.reason))


def messages_about(pair: Contradiction, lang: str, masking: Masking) -> tuple[Message, ...]:
    """What the model is asked; personal data is replaced by placeholders of `masking`."""
    file = read(f"enriching/{lang if lang in LANGUAGES else LANGUAGES[0]}")

    def shown(text: str) -> str:
        return _OUR_TAG.sub(r"(\1)", masking.mask(text).text)

    user = fill(
        file,
        "compare_user",
        title=shown(pair.one.title),
        sentence=shown(pair.one.text),
        other_title=shown(pair.other.title),
        other_sentence=shown(pair.other.text),
    )
    return (
        {"role": "system", "content": fill(file, "compare_system")},
        {"role": "user", "content": user},
    )


def read_opinion(reply: str) -> Opinion:
    """The verdict in a reply: in one JSON object, or in several that agree."""
    found = [row for row in json_objects(reply) if "verdict" in row]
    verdicts = {row["verdict"] if isinstance(row["verdict"], str) else "" for row in found}
    if len(verdicts) != 1 or not verdicts <= set(Verdict):
        return Opinion(None, "the reply holds no verdict")
    reason = found[-1].get("reason")
    return Opinion(
        Verdict(verdicts.pop()), " ".join(reason.split()) if isinstance(reason, str) else ""
    )
