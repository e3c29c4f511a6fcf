"""Personal data in a draft that is not this customer's, nor the company's own contact."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from assistant.domain import AuthorKind
from assistant.privacy.entities import Entity
from assistant.privacy.masker import Masker
from assistant.privacy.values import value_key
from assistant.review.advice import AdviceCode, Finding, ReviewContext
from assistant.review.draft import Draft
from assistant.review.lexicon import lists, pattern
from assistant.review.sources import contact_values
from assistant.text import lower_plain

_ALWAYS = ("card", "passport", "snils", "ssn", "account", "inn")
_CONTACTS = ("phone", "email")
_OF_DIALOG = ("order",)
"""Numbers that an operator may have looked up: told only where the customer has named another."""
_WORD = re.compile(r"[^\W\d_]+")
_TOLL_FREE = re.compile(r"^\D*(?:8|\+?7)\D*800|^\D*(?:0|\+?44\D*)800|^\D*(?:1\D*)?8(?:00|88)\D")
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SAME_BEGINNING = 2
_SPELLED = 80
"""Of an attribute's value: longer ones are no number or address."""


class PersonalData:
    """Checks whose data a draft holds. Holds no text; safe in several threads."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def findings(self, draft: Draft, context: ReviewContext) -> Iterator[Finding]:
        """What belongs to nobody that the draft may name."""
        entities = list(self._entities(draft.text))
        if not entities:
            return
        own = self._own(context)
        for entity in entities:
            value = draft.text[entity.start : entity.end]
            if not self._is_foreign(entity, value, own, context, draft):
                continue
            same = own.get(entity.kind, {})
            suggestion = next(iter(same.values())) if len(same) == 1 else None
            yield Finding(AdviceCode.OTHERS_PERSONAL_DATA, entity.start, entity.end, suggestion)

    def _entities(self, text: str) -> Iterator[Entity]:
        """Line by line: a masker that remembers looks at those anew that have changed."""
        for line in _LINE.finditer(text):
            for entity in self._masker.find(line[0]):
                yield replace(
                    entity, start=line.start() + entity.start, end=line.start() + entity.end
                )

    def _own(self, context: ReviewContext) -> dict[str, dict[str, str]]:
        """What is the customer's, or was said by him: of each kind the values by their keys."""
        own: dict[str, dict[str, str]] = {}

        def add(kind: str, value: str) -> None:
            own.setdefault(kind, {})[value_key(kind, value)] = value

        for item in context.known:
            add(item.kind, item.value)
        for turn in context.history:
            # An operator before may have named the courier; what was said stays sayable.
            for entity in self._masker.find(turn.text):
                add(entity.kind, turn.text[entity.start : entity.end])
        for value in _told(context.customer.attributes):
            add("order", value)
            for entity in self._masker.find(value):
                add(entity.kind, value[entity.start : entity.end])
        return own

    def _is_foreign(
        self,
        entity: Entity,
        value: str,
        own: Mapping[str, Mapping[str, str]],
        context: ReviewContext,
        draft: Draft,
    ) -> bool:
        kind = entity.kind
        mine = own.get(kind, {})
        if kind != "name" and (value_key(kind, value) in mine or _is_said(value, context)):
            return False
        if kind in _ALWAYS:
            return True
        if kind in _CONTACTS:
            return not _is_companys(value, context)
        if kind in _OF_DIALOG:
            return bool(mine) and not _is_companys(value, context)
        return kind == "name" and _is_wrong_name(entity, draft, context)


def _told(attributes: Mapping[str, object]) -> Iterator[str]:
    for value in attributes.values():
        if isinstance(value, str | int) and len(str(value)) <= _SPELLED:
            yield str(value)


def _is_said(value: str, context: ReviewContext) -> bool:
    """Whether the customer's words or data hold just these letters and digits."""
    bare = re.sub(r"\W", "", lower_plain(value))
    texts = [one.text for one in context.history if one.author is AuthorKind.CUSTOMER]
    texts += [*_told(context.customer.attributes)]
    return any(bare in re.sub(r"\W", "", lower_plain(text)) for text in texts)


def _is_companys(value: str, context: ReviewContext) -> bool:
    """Whether an article names it, or it is a number that costs the caller nothing."""
    if _TOLL_FREE.match(value):
        return True
    return any(context.sources.has_contact(one) for one in contact_values(value))


def _is_wrong_name(entity: Entity, draft: Draft, context: ReviewContext) -> bool:
    """Whether the customer is spoken to by a name that is not his. Names of couriers, colleagues
    and of the operator himself are said of somebody, not to somebody."""
    name = context.customer.name
    if not name or not _is_spoken_to(entity, draft):
        return False
    written = set(_WORD.findall(lower_plain(draft.text[entity.start : entity.end])))
    his = set(_WORD.findall(lower_plain(name)))
    operators = set(_WORD.findall(lower_plain(context.operator_name)))
    texts = [one.text for one in context.history if one.author is AuthorKind.CUSTOMER]
    said = {word for text in texts for word in _WORD.findall(lower_plain(text))}
    return bool(his) and not any(
        _may_be_one(one, other) for one in written for other in his | operators | said
    )


def _is_spoken_to(entity: Entity, draft: Draft) -> bool:
    before = lower_plain(draft.text[: entity.start]).rstrip()
    after = draft.text[entity.end :].lstrip()
    begins = not before or before[-1] in ".!?\n"
    greeted = re.search(rf"{pattern(draft.lang, 'greets').pattern},?$", before)
    enclosed = before.endswith(",") and after[:1] in (",", "!", ".")
    return enclosed or (after[:1] in (",", "!") and bool(begins or greeted))


def _may_be_one(one: str, other: str) -> bool:
    """«Аня» and «Анна», «Саша» and «Александр»: the same beginning, or one family of names."""
    if one[:_SAME_BEGINNING] == other[:_SAME_BEGINNING]:
        return True
    return any(
        one[:4] in family and other[:4] in family
        for lang in ("ru", "en")
        for family in lists(lang)["names_of_one"]
    )
