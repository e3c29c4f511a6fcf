"""What an operator is called: by the session where he is signed in, else as the call says, but
never so that a customer takes him for the bot, or cannot see what he is called."""

from __future__ import annotations

import re
import unicodedata

from api.access import Caller
from api.service import Service
from assistant.errors import BadInputError
from assistant.text import lower_plain
from prompts.loader import LANGUAGES, patterns, phrases, read

_UNSEEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
"""Characters that turn the direction of writing, hide, or break a line (Unicode, 4.5)."""
_UNSEEN_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Fillers of Hangul: letters by their kind, and nothing to see."""
_NO_LETTERS = re.compile(r"[\W\d_]+")


def acting_name(service: Service, caller: Caller, operator_id: str, given: str | None) -> str:
    """The name of an operator who does something: his session's, else the one of the call, else
    the last that he was known by, else his id. Raises BadInputError for a name that is none."""
    if caller.session is not None:
        return caller.session.name
    if given is not None:
        check_operator_name(given, service.settings.bot_name)
        return given
    return service.assistant.store.name_of_operator(operator_id) or operator_id


def check_operator_name(name: str, bot_name: str) -> None:
    """Raise BadInputError for a name that hides characters, has no letter, is the bot's
    (`bot_name`, or that of `prompts/` where it is empty or not), or says that a bot is writing."""
    for char in name:
        if unicodedata.category(char) in _UNSEEN_KINDS or char in _UNSEEN_LETTERS:
            raise BadInputError(
                f"the operator's name holds U+{ord(char):04X}, which nobody sees: leave it out"
            )
    if not _letters(name):
        raise BadInputError("the operator's name has no letter")
    if _says_bot(name) or _skeleton(name) in _names_of_bot(bot_name):
        raise BadInputError(
            "the operator's name is the bot's, or says that a bot is writing: customers must see "
            "that a person is; choose another"
        )


def _says_bot(name: str) -> bool:
    says = patterns("lexicon/bot_names")["says_bot"]
    latin, cyrillic = _look_alikes()
    spelt = [
        plain.translate(alphabet)
        for plain in (_plain(name), _without_marks(name))
        for alphabet in ({}, latin, cyrillic)
    ]
    return any(says.search(text) or says.fullmatch(_letters(text)) for text in spelt)


def _plain(name: str) -> str:
    return lower_plain(unicodedata.normalize("NFKC", name))


def _without_marks(name: str) -> str:
    """Without accents, which change no letter to the eye."""
    apart = unicodedata.normalize("NFKD", name)
    return lower_plain("".join(char for char in apart if unicodedata.category(char) != "Mn"))


def _look_alikes() -> tuple[dict[int, str], dict[int, str]]:
    """Letters as if all were Latin, and as if all were Cyrillic."""
    ours, theirs = read("lexicon/attack_letters").content["look_alikes"]
    pairs = [
        pair for pair in zip(ours, theirs, strict=True) if pair[0].isalpha() and pair[1] != " "
    ]
    to_cyrillic: dict[int, str] = {}
    for cyrillic, latin in pairs:
        to_cyrillic.setdefault(ord(latin), cyrillic)
    return {ord(cyrillic): latin for cyrillic, latin in pairs}, to_cyrillic


def _names_of_bot(bot_name: str) -> set[str]:
    named = [bot_name, *(phrases(lang).say("bot_name") for lang in LANGUAGES)]
    return {_skeleton(name) for name in named if _letters(name)}


def _skeleton(name: str) -> str:
    """A name without what the eye passes over: marks, digits, blanks, which alphabet it is in."""
    return _letters(_without_marks(name)).translate(_look_alikes()[0])


def _letters(name: str) -> str:
    return _NO_LETTERS.sub("", _plain(name))
