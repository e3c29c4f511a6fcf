"""Addresses, e-mails, Markdown links, article ids and passage markers; role tags of models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.wording.fault import Fault, FaultCode, WordingContext
from assistant.wording.reading import Reading
from prompts.loader import read

_MACHINE_TEXT = re.compile(
    r"<\|\w+\|>|</?(?:system|user|assistant|instructions?|context|passages?)>"
    r"|^\s*[{\[]\s*\"\w+\"\s*[:,]|\"\w+\"\s*:\s*[\[{\"]|^\s*#{2,}\s*(?:instruction|system|response)"
    r"|^\s*(?:system|assistant|user)\s*:|\[/?inst\]|<s>|<think>"
)
_PLACEHOLDER = re.compile(r"\[[a-z]+_\d+\]")


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    forms = read("lexicon/wording_forms").content
    domains, spoken, dot, at = (forms[key] for key in ("domains", "spoken", "dot", "at"))
    rest = r"[^\s<>«»\"')]"
    word, id_like = forms["marker_word"], r"[a-z]+-[a-z-]+\w|[№#]\s?\d+"
    host = r"[^\W_](?:[\w-]*[^\W_])?"
    return (
        ("markdown", re.compile(r"\[[^\]\n]*\]\([^)\n]*\)|<a\s[^>]*>|</a>")),
        (
            "address",
            re.compile(rf"(?:(?:h(?:tt|xx)ps?|ftp)\s?:/?/?\s?|www\.){rest}+"),
        ),
        (
            "email",
            re.compile(
                rf"(?<![\w.+-])[\w.+-]{{1,64}}\s?(?:@|{at})\s?{host}(?:(?:\.|{dot}){host})+"
            ),
        ),
        (
            "domain",
            re.compile(
                rf"(?<![\w@.-])(?:{host}(?:\.|\s?\[\.\]\s?|\s?\(\.\)\s?))+(?:{domains})(?![\w-])"
                rf"(?:/{rest}*)?"
                rf"|(?<![\w-])[\w-]+{dot}(?:{domains}|{spoken})(?![\w-])"
            ),
        ),
        (
            "marker",
            re.compile(rf"\[(?:{forms['marker']})\]|【[^】]*】|\((?:{word})[^)]*\)"),
        ),
        ("article_id", re.compile(r"(?<![\w-])[a-z]{2,}(?:-[a-z]+)*-\d{1,4}(?![\w-])")),
        (
            "article_id",
            re.compile(rf"(?:{forms['article']})\s+(?:{id_like})"),
        ),
    )


def link_faults(reading: Reading, facts: WordingContext) -> Iterator[Fault]:
    """Everything that points somewhere and is not among `allowed_links`; machine text as a leak."""
    taken: list[tuple[int, int]] = []
    for rule, shape in _shapes():
        for match in shape.finditer(reading.folded):
            start, end = match.start(), match.start() + len(match[0].rstrip(".,;:!?"))
            if end <= start or any(left < end and start < right for left, right in taken):
                continue
            taken.append((start, end))
            if not _is_allowed(reading.folded[start:end], rule, facts):
                yield Fault(FaultCode.LINK, *reading.folded_place(start, end), rule)
    found = _MACHINE_TEXT.search(reading.folded)
    if found:
        yield Fault(FaultCode.LEAK, *reading.folded_place(*found.span()), "machine_text")


def _is_allowed(found: str, rule: str, facts: WordingContext) -> bool:
    if rule == "marker" and _PLACEHOLDER.fullmatch(found):
        return True
    if rule == "article_id" and any(found in passage.lower() for passage in facts.evidence):
        return True  # a model's number or a form, as the article writes it
    return bare(found) in {bare(one) for one in facts.allowed_links}


def bare(link: str) -> str:
    """An address without what does not tell it from another: scheme, `www.`, the last slash."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link.lower()).rstrip("/")
