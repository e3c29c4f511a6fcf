"""Whether the passages say what a clause says: the same action by the same party, in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from assistant.text import is_stop_word, lower_plain, stem_of
from assistant.wording.fault import WordingContext
from assistant.wording.lexicon import section
from prompts.loader import read

_NUMBER = re.compile(r"\d+(?:[ \u00a0\u202f]\d{3}(?!\d))*(?:[.,]\d+)?")
_THOUSANDS = re.compile(r"[,.](?=\d{3}$)")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_ROOT = 4
_COVERED = 0.5


@dataclass(frozen=True)
class Statement:
    """A sentence of a passage: its plain text, the roots of its words, its numbers."""

    text: str
    roots: frozenset[str]
    numbers: frozenset[str]


def root_of(word: str) -> str:
    """The first letters of a word's stem without the prefix: «позвонит» and «звонок» share one."""
    return _prefix().sub("", stem_of(word))[:_ROOT]


@cache
def _prefix() -> re.Pattern[str]:
    return re.compile(rf"^(?:{read('lexicon/wording_forms').content['prefixes']})(?=[^\W\d_]{{4}})")


def content_words(text: str) -> list[str]:
    """Words that say something, in lower case, in order."""
    return [word for word in _WORD.findall(text) if len(word) > 2 and not is_stop_word(word)]


def numbers_of(text: str, thousand: re.Pattern[str] | None = None) -> frozenset[str]:
    """Numbers in one writing: «5 000», "5,000" and «5 тыс.» are 5000."""
    found = set()
    for match in _NUMBER.finditer(text):
        value = re.sub(r"[\s\u00a0\u202f]", "", match[0])
        value = _THOUSANDS.sub("", value).replace(",", ".")
        if thousand and thousand.match(text[match.end() :].lstrip()):
            value = f"{float(value) * 1000:g}" if float(value) < 1000 else value
        found.add(f"{float(value):.10g}")
    return frozenset(found)


@lru_cache(maxsize=2_000)
def statements_of(passage: str) -> tuple[Statement, ...]:
    """The sentences and lines of a passage, each with the one before it for what it leaves out."""
    lines = [lower_plain(one) for one in _SENTENCE_END.split(passage) if one.strip()]
    own = [_statement(line) for line in lines]
    pairs = [_statement(f"{one} {other}") for one, other in pairwise(lines)]
    return (*own, *pairs)


def _statement(line: str) -> Statement:
    roots = frozenset(root_of(word) for word in _WORD.findall(line))
    return Statement(line, roots, numbers_of(line))


def all_statements(facts: WordingContext) -> list[Statement]:
    """Every statement of the evidence."""
    return [one for passage in facts.evidence for one in statements_of(passage)]


@cache
def _families(lang: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<!\w)(?:{one})") for one in section(lang, "same_actions"))


def does_the_same(action: str, statement: Statement, lang: str) -> bool:
    """Whether a statement tells of the action, given as a word of the claim."""
    if root_of(action) in statement.roots:
        return True
    return any(family.match(action) and family.search(statement.text) for family in _families(lang))


def is_covered(clause: str, statement: Statement, leave_out: str = "") -> bool:
    """Whether half of what the clause speaks of (`leave_out` aside) stands in the statement."""
    roots = {root_of(word) for word in content_words(clause)} - {root_of(leave_out)}
    return len(roots & statement.roots) >= _COVERED * len(roots)
