"""Find personal data in a text: all finders over the folded text, overlaps settled."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.privacy.accounts import accounts
from assistant.privacy.addresses import addresses
from assistant.privacy.cards import cards
from assistant.privacy.contacts import contacts
from assistant.privacy.dates import birth_dates, orders, plates
from assistant.privacy.documents import documents
from assistant.privacy.entities import Entity, settle
from assistant.privacy.folding import fold
from assistant.privacy.lexicon import patterns_of
from assistant.privacy.names import names
from assistant.privacy.phones import phones
from assistant.privacy.placeholders import placeholder_spans
from assistant.privacy.spoken import spoken_numbers


class Masker:
    """Finds personal data in Russian and English text. Holds no text; safe in several threads."""

    # `order_patterns` empty: the usual ones.
    def __init__(self, order_patterns: Sequence[str] = ()) -> None:
        patterns = order_patterns or tuple(patterns_of("order_numbers"))
        self._orders = tuple(re.compile(pattern) for pattern in patterns)

    def find(self, text: str) -> list[Entity]:
        """Entities in order of their start, without overlaps; what is a placeholder already is
        none."""
        folded = fold(text)
        if not folded.text:
            return []
        people = list(names(folded))
        finds = [
            *phones(folded),
            *documents(folded),
            *cards(folded),
            *accounts(folded),
            *spoken_numbers(folded),
            *contacts(folded),
            *birth_dates(folded, [one.end for one in people]),
            *plates(folded),
            *orders(folded, self._orders),
            *addresses(folded),
            *people,
        ]
        settled = settle(finds, folded.text, placeholder_spans(folded.text))
        return [Entity(one.kind, *folded.span(one.start, one.end)) for one in settled]
