"""The word lists of `prompts/lexicon/wording.*.yaml` as patterns and sets, read once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from prompts.loader import LANGUAGES, TextFile, read

_PART = re.compile(r"(?<!P)<(\w+)>")
_GAP = r"(?:,? [^ ,.!?;:]+){0,3},? "


@dataclass(frozen=True)
class Rule:
    """One way to be at fault: any of `patterns`, or all patterns of one of `together`, unless
    `unless` stands in the same sentence."""

    code: str
    name: str
    pattern: re.Pattern[str] | None
    together: tuple[tuple[re.Pattern[str], ...], ...]
    unless: re.Pattern[str] | None


def word_file(lang: str) -> TextFile:
    """The file of a language; the first language's for one there is none of."""
    return read(f"lexicon/wording.{lang if lang in LANGUAGES else LANGUAGES[0]}")


@cache
def section(lang: str, name: str) -> Mapping[str, Any]:
    """A part of the file as it stands."""
    content: Mapping[str, Any] = word_file(lang).content[name]
    return content


@cache
def word_set(lang: str, name: str, key: str) -> frozenset[str]:
    """A list of plain words."""
    return frozenset(str(word) for word in section(lang, name)[key])


@cache
def pattern(lang: str, name: str, key: str) -> re.Pattern[str]:
    """One expression, or the list of them, as whole words of a plain text."""
    given = section(lang, name)[key]
    return whole_words(lang, [given] if isinstance(given, str) else given)


@cache
def rules(lang: str) -> tuple[Rule, ...]:
    """The rules of phrases, in the order of the file."""
    return tuple(
        _rule(lang, code, name, rule)
        for code, named in section(lang, "phrases").items()
        for name, rule in named.items()
    )


@cache
def promise_phrases(lang: str) -> tuple[Rule, ...]:
    """Phrases that promise by themselves, whatever the verb."""
    named = section(lang, "promises")["phrases"]
    return tuple(_rule(lang, "false_promise", name, {"says": says}) for name, says in named.items())


def _rule(lang: str, code: str, name: str, rule: Mapping[str, Any]) -> Rule:
    single = [one for one in rule["says"] if isinstance(one, str)]
    together = [one for one in rule["says"] if not isinstance(one, str)]
    unless = rule.get("unless")
    return Rule(
        code,
        name,
        whole_words(lang, single) if single else None,
        tuple(tuple(whole_words(lang, [one]) for one in group) for group in together),
        whole_words(lang, unless) if unless else None,
    )


def whole_words(lang: str, expressions: Sequence[str]) -> re.Pattern[str]:
    """Any of the expressions, as whole words, with parts and gaps filled in."""
    joined = "|".join(_filled(lang, one) for one in expressions)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)")


def _filled(lang: str, expression: str) -> str:
    parts = section(lang, "parts")
    filled = _PART.sub(lambda match: f"(?:{parts[match[1]]})", expression)
    return filled.replace(" .. ", _GAP)
