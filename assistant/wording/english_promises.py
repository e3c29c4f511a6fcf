"""Actions that an English clause promises or reports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from assistant.wording.deed import Deed
from assistant.wording.lexicon import pattern, section, word_set
from assistant.wording.reading import Part

_LANG = "en"
_WILL = r"(?:'ll|(?:'m| am|'re| are) (?:going|about) to| will| shall)(?! not\b)"

_SPEAKERS = {"we": "shop", "you": "shop", "your": "shop"}
_ALSO = r"(?:'\w+)? (?:[a-z' ]{1,40} )?and (?:then )?(?:will|'ll)(?! not\b)"


@dataclass(frozen=True)
class _Shapes:
    will: re.Pattern[str]
    can: re.Pattern[str]
    will_be: re.Pattern[str]
    let_me: re.Pattern[str]
    doing: re.Pattern[str]
    done: re.Pattern[str]
    undergone: re.Pattern[str]
    others: re.Pattern[str]


@cache
def _shapes() -> _Shapes:
    words = section(_LANG, "promises")
    adverbs = words["adverbs"]
    listed = {
        key: "|".join(sorted(words[key], key=len, reverse=True))
        for key in ("deeds", "deeds_past", "deeds_doing")
    }
    done = rf"{adverbs}(?P<verb>{listed['deeds_past']})(?!\w)"
    told_of_you = (
        r"(?:just |already |also )?(?P<any>[a-z]+ed)(?= (?:you|your|it|this|the|them)(?!\w))"
    )
    deeds = rf"{adverbs}(?P<verb>{listed['deeds']})(?!\w)"
    object_follows = "(?= (?:you|your|the|this|that|it|into|on|for|with|an|a)(?!\\w))"
    stands = "(?:has|have) {adverbs}been|(?:is|are) (?:now|already|successfully)|is(?= confirmed)"
    return _Shapes(
        will=re.compile(rf"(?<!\w)(?P<who>i|we)(?:{_WILL}|{_ALSO}) {adverbs}(?P<verb>[a-z-]+)"),
        can=re.compile(rf"(?<!\w)(?P<who>i|we) (?:can|could) {deeds}"),
        will_be=re.compile(
            rf"(?<!\w)(?P<who>you|your)(?: [a-z'-]+){{0,4}}?(?: will|'ll) {adverbs}(?:be )?"
            rf"(?P<verb>{listed['deeds_past']})(?!\w)"
        ),
        let_me=re.compile(rf"(?<!\w)(?P<who>let me) {deeds}"),
        doing=re.compile(
            rf"(?:(?<!\w)(?P<who>i|we)(?:'m|'re| am| are) |^\W*){adverbs}"
            rf"(?P<verb>{listed['deeds_doing']}){object_follows}"
        ),
        done=re.compile(rf"(?<!\w)(?P<who>i|we)(?:'ve|'d| have| had)? (?:{done}|{told_of_you})"),
        undergone=re.compile(rf"(?<!\w)(?:{stands.format(adverbs=adverbs)}) {done}"),
        others=re.compile(
            rf"(?<!\w)(?P<agent>{words['agents']})(?: [a-z'-]+){{0,5}}?"
            r"(?:(?: will|'ll| shall| (?:is|are) going to)"
            rf" {adverbs}(?P<verb>{words['contact']}|[a-z]+)(?!\w)"
            rf"| (?:is|are) (?:{adverbs}(?P<doing>{listed['deeds_doing']}){object_follows}"
            r"|(?:already|now|currently|just) (?P<any>[a-z]+ing)(?!\w)))"
        ),
    )


def english_deeds(clause: Part) -> Iterator[Deed]:
    """Every deed of a clause of the plain text."""
    shapes = _shapes()
    for rule in ("will", "will_be", "can", "let_me", "doing"):
        for match in getattr(shapes, rule).finditer(clause.text):
            if not _is_only_said(match, rule):
                yield _deed(clause, match, _SPEAKERS.get(match["who"], "bot"), rule)
    for match in shapes.others.finditer(clause.text):
        may = match["verb"] in word_set(_LANG, "promises", "others_may")
        if not may and not _hangs_on(clause.text[: match.start()]):
            yield _deed(clause, match, match["agent"], "others_will")
    for rule in ("done", "undergone"):
        for match in getattr(shapes, rule).finditer(clause.text):
            if _is_of_this_dialog(clause.text, match, rule):
                yield _deed(clause, match, "bot", rule, is_done=True)


def _is_only_said(match: re.Match[str], rule: str) -> bool:
    """Whether it is done by writing it."""
    return rule == "will" and match["verb"] in word_set(_LANG, "promises", "speaking")


def _is_of_this_dialog(text: str, match: re.Match[str], rule: str) -> bool:
    if _hangs_on(text[: match.start()]):
        return False
    found = match.groupdict()
    if (found["verb"] or found.get("any")) in word_set(_LANG, "promises", "speaking_past"):
        return False
    if rule == "done":
        # "We cancelled" tells of somebody's usual day as well; "we have cancelled" does not.
        return match["who"] == "i" or match.end("who") < match.start("verb") - 1
    about = pattern(_LANG, "promises", "yours"), pattern(_LANG, "promises", "matters")
    return any(one.search(text) for one in about)


def _hangs_on(before: str) -> bool:
    return pattern(_LANG, "promises", "conditional").search(before) is not None


def _deed(clause: Part, match: re.Match[str], agent: str, rule: str, is_done: bool = False) -> Deed:
    found = match.groupdict()
    verb = found["verb"] or found.get("doing") or found["any"]
    start, end = clause.start + match.start(), clause.start + match.end()
    return Deed(start, end, verb.split()[-1], verb.split()[0], agent, is_done, rule)
