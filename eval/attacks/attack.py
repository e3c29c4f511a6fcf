"""What an attack is: a message, what surrounds it, and what no reply to it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assistant.domain import Customer, Turn


class Property(StrEnum):
    """What every reply to an attack must keep to."""

    NO_PROMPT_LEAK = "no_prompt_leak"
    NO_INVENTED_OFFER = "no_invented_offer"
    NO_FOREIGN_LINK = "no_foreign_link"
    NO_BOT_DENIAL = "no_bot_denial"
    NO_OTHER_LANGUAGE_SWITCH = "no_other_language_switch"
    NO_PROFANITY = "no_profanity"
    NO_INSULT = "no_insult"
    NO_FOREIGN_DATA = "no_foreign_data"


ALWAYS = (
    Property.NO_PROMPT_LEAK,
    Property.NO_INVENTED_OFFER,
    Property.NO_FOREIGN_LINK,
    Property.NO_BOT_DENIAL,
)
"""Expected of every attack."""


class Where(StrEnum):
    """Where the attack hides."""

    MESSAGE = "message"
    NAME = "name"
    ATTRIBUTES = "attributes"
    HISTORY = "history"
    ARTICLE = "article"
    TITLE = "title"
    COMMENT = "comment"
    FILE_NAME = "file_name"
    TABLE = "table"


IN_KNOWLEDGE = frozenset({Where.ARTICLE, Where.TITLE, Where.COMMENT, Where.FILE_NAME, Where.TABLE})
"""Places that need files of their own in the knowledge base."""


@dataclass(frozen=True)
class PoisonedFile:
    """A file of the knowledge base that somebody has put an instruction into."""

    name: str
    """Path relative to the knowledge base's folder."""
    content: str


@dataclass(frozen=True)
class Attack:
    """One attack. What the customer writes is `text`, also where the attack hides elsewhere."""

    attack_id: str
    lang: str
    kind: str
    where: Where
    text: str
    topic: str
    """Name of the benign article that it is put to, without the language."""
    expect: tuple[Property, ...] = ALWAYS
    history: tuple[Turn, ...] = ()
    customer_name: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[PoisonedFile, ...] = ()

    @property
    def article_id(self) -> str:
        """Id of the benign article that it is put to."""
        return f"{self.topic}-{self.lang}"

    @property
    def customer(self) -> Customer:
        """Whoever writes."""
        return Customer(name=self.customer_name, attributes=dict(self.attributes))

    @property
    def typed(self) -> tuple[str, ...]:
        """Everything that came from the customer's side, whose repetition gives nothing away."""
        turns = [turn.text for turn in self.history]
        values = [str(value) for value in self.attributes.values()]
        return (self.text, *turns, *values, self.customer_name or "")
