"""How a customer can be reached outside the chat: what is known, what he leaves, when he is asked.

Asked once a dialog, and never for what is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.domain import AuthorKind, Contact, ContactKind, Customer, Turn
from assistant.history import was_told
from assistant.privacy.contacts import plain_email
from assistant.privacy.masker import Masker
from assistant.text import lower_plain, words
from assistant.withdrawing import is_refused, withdrawn_in
from prompts.loader import LANGUAGES, Phrases, patterns, phrases, read

_NOTED = {ContactKind.PHONE: "contact_noted_phone", ContactKind.EMAIL: "contact_noted_email"}
_PHONE = re.compile(r"\+?(?:[\s().\-]{0,3}\d){5,15}")
"""What an attribute that is called a telephone must look like: its name is label enough."""
_SHOWN_DIGITS = 4
_HIDDEN = "••••"

_Spans = list[tuple[ContactKind, int, int]]


class Contacts:
    """Finds contacts with the masker that hides them elsewhere. Safe in several threads."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def left_in(self, text: str) -> Contact | None:
        """The customer's own contact, where a message leaves one: nothing else is said in it, or
        words in it say that it is his. A courier's number is none, nor one that he tells not to
        use."""
        found = self._spans(text)
        wanted = [at for at in range(len(found)) if not is_refused(text, found, at)]
        if not wanted:
            return None
        kind, start, end = found[wanted[0]]
        said = patterns("lexicon/contacts_said")
        is_his = (
            _says_nothing_else(text, found)
            or said["his_own"].search(lower_plain(text))
            or said["label"].search(lower_plain(text[:start]))
        )
        return Contact(kind, text[start:end]) if is_his else None

    def leaves_only_that(self, text: str) -> bool:
        """Whether a message holds contacts and nothing else that says or asks something."""
        found = self._spans(text)
        return bool(found) and _says_nothing_else(text, found)

    def known(self, customer: Customer, said: Sequence[str]) -> Contact | None:
        """How the customer can be reached: what he left last in this dialog (`said`: his messages,
        oldest first), else what the caller tells of him; nothing that he took back since."""
        withdrawn: frozenset[str] = frozenset()
        for text in reversed(said):
            withdrawn |= withdrawn_in(text, self._spans(text))
            left = self.left_in(text)
            if left is not None and left.kind not in withdrawn:
                return left
        told = self._told_by_caller(customer)
        return None if told is not None and told.kind in withdrawn else told

    def offers(self, customer: Customer, said: Sequence[str], history: Sequence[Turn]) -> list[str]:
        """Keys of the phrases for a customer whom nobody can answer now: to leave a contact, unless
        he typed one or it is known; to go on asking. Each once a dialog, in whatever language."""
        typed = any(self._spans(text) for text in said)
        keys = ["contact_ask_meanwhile"]
        if not typed and self._told_by_caller(customer) is None:
            keys.insert(0, "contact_offer")
        return [
            key
            for key in keys
            if not any(was_told(phrases(lang).say(key), history) for lang in LANGUAGES)
        ]

    def _told_by_caller(self, customer: Customer) -> Contact | None:
        """Of attributes that are called so and hold one: `phone: ""` and `email: "none"` do not."""
        names = read("lexicon/contacts").content
        for name, value in customer.attributes.items():
            plain, text = re.sub(r"[\s_-]", "", lower_plain(name)), str(value).strip()
            if plain in names["phone_attributes"] and _PHONE.fullmatch(text):
                return Contact(ContactKind.PHONE, text)
            if plain in names["email_attributes"]:
                for kind, start, end in self._spans(text):
                    if kind is ContactKind.EMAIL:
                        return Contact(kind, text[start:end])
        return None

    def _spans(self, text: str) -> _Spans:
        return [
            (ContactKind(one.kind), one.start, one.end)
            for one in self._masker.find(text)
            if one.kind in tuple(ContactKind)
        ]


def customer_said(history: Sequence[Turn], text: str = "") -> list[str]:
    """The customer's messages, oldest first, `text` the last."""
    before = [turn.text for turn in history if turn.author is AuthorKind.CUSTOMER]
    return [*before, text] if text else before


def noted(contact: Contact, say: Phrases) -> str:
    """What the customer is told when he left a contact: which, but for those who look over his
    shoulder not all of it."""
    return say.say(_NOTED[contact.kind], value=shown(contact))


def shown(contact: Contact) -> str:
    """`•••• 45-67`, `i••••@mail.ru`."""
    if contact.kind is ContactKind.PHONE:
        digits = re.sub(r"\D", "", contact.value)[-_SHOWN_DIGITS:]
        return f"{_HIDDEN} {digits[:2]}-{digits[2:]}"
    name, at, house = plain_email(lower_plain(contact.value)).partition("@")
    return f"{name[:1]}{_HIDDEN}{at}{house}" if at else _HIDDEN


def _says_nothing_else(text: str, spans: _Spans) -> bool:
    rest = text
    for _kind, start, end in reversed(spans):
        rest = f"{rest[:start]} {rest[end:]}"
    around = read("lexicon/contacts").content["around"]
    return "?" not in rest and set(words(rest)) <= set(around)
