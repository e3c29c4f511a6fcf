"""What a complaint is about, so that it is met by its matter and not by a stock phrase."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from prompts.loader import LANGUAGES, read


@dataclass(frozen=True)
class Subject:
    """A kind of trouble: how to acknowledge it and what to call it for the operator."""

    id: str
    said: str
    named: str
    pattern: re.Pattern[str]


@cache
def subjects(lang: str) -> tuple[Subject, ...]:
    """The kinds of trouble a language's word list knows, the narrow ones first."""
    known = lang if lang in LANGUAGES else LANGUAGES[0]
    rows = read(f"lexicon/complaints.{known}").content["subjects"]
    return tuple(
        Subject(
            id=row["id"],
            said=row["said"],
            named=row["named"],
            pattern=re.compile("|".join(f"(?:{word})" for word in row["words"]), re.IGNORECASE),
        )
        for row in rows
    )


def subject_of(text: str, lang: str) -> Subject | None:
    """The first kind of trouble whose words the complaint uses; None when it is none of them."""
    return next((item for item in subjects(lang) if item.pattern.search(text)), None)
