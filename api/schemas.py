"""Bodies of requests. Unknown fields are let through: callers may be newer than we are."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    field_validator,
    model_validator,
)

from assistant.domain import Customer, IncomingMessage, IntentLabel
from assistant.settings_checks import is_web_address
from assistant.store.events import EVENT_TYPES
from assistant.store.tickets import UNCHANGED, Unchanged
from assistant.text import MAX_TEXT_CHARACTERS, is_encodable
from assistant.tickets import TicketStatus
from assistant.verdicts import Review


def whole_characters(text: str) -> str:
    """Refuses half a character and NUL, which no database keeps."""
    if not is_encodable(text):
        raise ValueError("holds half of a character (a lone surrogate)")
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@+-]{1,64}$")]
MessageId = Annotated[
    str, StringConstraints(min_length=1, max_length=100), AfterValidator(whole_characters)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]

Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}(-[A-Za-z0-9]{2,8})?$")]

Label = Annotated[str, StringConstraints(max_length=64)]

_ATTRIBUTES_CHARACTERS = 8000


Remark = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(whole_characters),
]
Subject = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(whole_characters),
]
MessageText = Annotated[
    str, StringConstraints(max_length=MAX_TEXT_CHARACTERS), AfterValidator(whole_characters)
]
ArticleId = Annotated[
    str, StringConstraints(min_length=1, max_length=512), AfterValidator(whole_characters)
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class CustomerBody(_Body):
    """Who writes, as far as the caller knows."""

    id: Annotated[str, StringConstraints(max_length=128)] | None = None
    name: Annotated[str, StringConstraints(max_length=128)] | None = None
    segment: Annotated[str, StringConstraints(max_length=64)] | None = None
    attributes: dict[Label, JsonValue] = Field(default_factory=dict, max_length=50)
    anonymous_id: Annotated[str, StringConstraints(max_length=128)] | None = None
    """Your own id of a visitor who has not signed in; sent beside `id` once he does, it makes what
    he wrote before part of the customer's history."""

    @field_validator("id", "name", "segment", "attributes", "anonymous_id")
    @classmethod
    def _whole_characters(cls, value: object) -> object:
        text = json.dumps(value, ensure_ascii=False)
        if not is_encodable(text):
            raise ValueError("holds half of a character (a lone surrogate)")
        if "\\u0000" in json.dumps(value):
            raise ValueError("holds a NUL character")
        if len(text) > _ATTRIBUTES_CHARACTERS:
            raise ValueError(f"has more than {_ATTRIBUTES_CHARACTERS} characters")
        return value


class MessageBody(_Body):
    """A customer's message."""

    text: str
    dialog_id: Id | None = None
    message_id: MessageId | None = None
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")] = "web"
    locale: Locale | None = None
    customer: CustomerBody | None = None
    announce: bool = False
    """In a stream: first an event `accepted` with the ids of dialog and message and the dialog's
    token, as soon as the message is kept. Whoever has seen it may send the next one in order."""
    ends_turn: bool = False
    """Nothing follows this message within a moment (a button was pressed): answer it at once."""

    def to_domain(self, caller: str) -> IncomingMessage:
        """The message as the assistant takes it."""
        customer = self.customer or CustomerBody()
        return IncomingMessage(
            text=self.text,
            dialog_id=self.dialog_id,
            message_id=self.message_id,
            channel=self.channel,
            locale=self.locale[:2].lower() if self.locale else None,
            customer=Customer(
                customer.id or None,
                customer.name,
                customer.segment,
                customer.attributes,
                customer.anonymous_id or None,
            ),
            caller=caller,
            ends_turn=self.ends_turn,
        )


class SignInBody(_Body):
    """Who signs in, and with which key."""

    name: Annotated[Name, AfterValidator(whole_characters)]
    key: Annotated[str, StringConstraints(max_length=512), AfterValidator(whole_characters)] = ""
    """Not needed where no key is set."""


class OperatorBody(_Body):
    """Which operator acts."""

    operator_id: Id
    operator_name: Name | None = None


class NoteBody(OperatorBody):
    """A note for operators."""

    text: Remark


class TransferBody(OperatorBody):
    """Who gets a dialog: an operator or a queue."""

    to_operator_id: Id | None = None
    to_queue: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    note: Remark | None = None
    """For whoever gets it."""
    force: Annotated[bool, Field(strict=True)] = False
    """Also to an operator who is not at work."""

    @model_validator(mode="after")
    def _to_one(self) -> TransferBody:
        if (self.to_operator_id is None) is (self.to_queue is None):
            raise ValueError("name to_operator_id or to_queue, one of them")
        return self


class TypingBody(_Body):
    """Who types; without an operator it is the customer."""

    operator_id: Id | None = None
    operator_name: Name | None = None


class OperatorMessageBody(OperatorBody):
    """What an operator says."""

    text: str
    message_id: MessageId | None = None
    """The same id again is the same message: send it again when no answer came."""
    hint_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    """The hint that it was made of, changed or not."""


class SaidBody(_Body):
    """A message of a dialog that is kept elsewhere."""

    author: Literal["customer", "bot", "operator"]
    text: MessageText


class DraftBody(_Body):
    """What an operator has typed so far, and what it answers."""

    draft: MessageText
    dialog_id: Id | None = None
    intent: IntentLabel | None = None
    """Of the customer's message; before that of the dialog."""
    history: Annotated[list[SaidBody], Field(max_length=200)] | None = None
    """Oldest first; in the place of the dialog's messages."""
    locale: Locale | None = None
    """The operator's language, in which reasons are told; suggestions are in the draft's."""


class HintsBody(_Body):
    """What hints are wanted for: a dialog kept here, or messages."""

    dialog_id: Id | None = None
    messages: Annotated[list[SaidBody], Field(min_length=1, max_length=200)] | None = None
    locale: Locale | None = None
    """The language of the operator who asks; hints are in the customer's."""

    @model_validator(mode="after")
    def _one_of_them(self) -> HintsBody:
        if (self.dialog_id is None) == (self.messages is None):
            raise ValueError("give either dialog_id or messages")
        return self


class RatingBody(_Body):
    """How content the customer is."""

    score: Annotated[int, Field(strict=True, ge=1, le=5)]
    comment: Remark | None = None


class RatingCommentBody(_Body):
    """What the customer adds to his rating."""

    comment: Remark


class NoticeBody(_Body):
    """What a customer is told first."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    text: Annotated[str, AfterValidator(whole_characters)]
    dialog_id: Id | None = None
    """Where it goes; the customer's latest dialog when absent."""
    notice_id: MessageId | None = None
    """Your own id: the same one again sends nothing twice."""


class VerdictBody(_Body):
    """An operator's word on what the bot did."""

    message_id: MessageId
    right: Annotated[bool, Field(strict=True)]
    article_ids: Annotated[list[ArticleId], Field(max_length=50)] | None = None
    """The articles that answer; empty: none does, so an answer was wrong; absent: not said."""
    reason: Remark | None = None
    operator_id: Id


class NewTicketBody(_Body):
    """A ticket to open."""

    operator_id: Id
    subject: Subject | None = None
    """Absent: what the customer wrote last."""
    expected_at: AwareDatetime | None = None


class TicketChangeBody(_Body):
    """What becomes of a ticket; what is absent stays as it is, an `expected_at` of null takes the
    time back."""

    status: TicketStatus | None = None
    note: Remark | None = None
    """For operators; the customer is not told."""
    expected_at: AwareDatetime | None = None
    operator_id: Id | None = None

    @property
    def until(self) -> datetime | Unchanged | None:
        """The expected time, as the store takes it."""
        return self.expected_at if "expected_at" in self.model_fields_set else UNCHANGED


class ReviewBody(_Body):
    """Whether a verdict may teach anything."""

    review: Review
    operator_id: Id


class WebhookBody(_Body):
    """Whom to tell what."""

    url: Annotated[str, StringConstraints(max_length=2000)]
    event_types: Annotated[list[str], Field(max_length=50)] = []
    """Empty: all."""

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not is_web_address(value):
            raise ValueError("it is no address; write it as https://HOST/PATH, without a password")
        return value

    @field_validator("event_types")
    @classmethod
    def _known_types(cls, value: list[str]) -> list[str]:
        for name in value:
            if name not in EVENT_TYPES:
                known = ", ".join(sorted(EVENT_TYPES))
                raise ValueError(f"there are no events {name[:64]!r}; there are {known}")
        return list(dict.fromkeys(value))


class PresenceBody(_Body):
    """Whether an operator is at work."""

    name: Name
    online: bool = True
