"""A name that is not the bot's, given as the speaker's own."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.text import lower_plain
from assistant.wording.fault import Fault, FaultCode, WordingContext
from assistant.wording.lexicon import pattern
from assistant.wording.reading import Reading


def name_faults(reading: Reading, lang: str, facts: WordingContext) -> Iterator[Fault]:
    """«Меня зовут Анна», where the bot is not called so and the sentence does not say it is one."""
    says, machine = (pattern(lang, "own_name", key) for key in ("says", "machine"))
    own = lower_plain(facts.bot_name).split()
    for sentence in reading.sentences:
        match = says.search(sentence.text)
        if match and match["name"] not in own and not machine.search(sentence.text):
            place = reading.place(sentence.start + match.start(), sentence.start + match.end())
            yield Fault(FaultCode.DENIES_BOT, *place, "own_name")
