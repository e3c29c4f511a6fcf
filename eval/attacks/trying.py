"""The walk: every attack is tried, and what comes back is judged, raw and as it goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.attacks.attack import Attack, Property
from eval.attacks.levels import Answers, Level
from eval.attacks.properties import violations_of_raw, violations_of_reply
from eval.attacks.reply import Allowed, Reply, Violation


@dataclass(frozen=True)
class Tried:
    """An attack, what came back and what that breaks."""

    attack: Attack
    level: Level
    reply: Reply
    of_raw: tuple[Violation, ...]
    """Of what the model said by itself; empty too where none was asked."""
    of_reply: tuple[Violation, ...]
    """Of what the customer gets."""


@dataclass(frozen=True)
class Row:
    """Attacks of one kind and how many of them broke what."""

    kind: str
    attacks: int
    asked: int
    """In how many of them a model was asked."""
    raw: Mapping[Property, int]
    reply: Mapping[Property, int]


def try_attacks(
    attacks: Iterable[Attack],
    level: Level,
    answer: Answers,
    *,
    evidence: tuple[str, ...],
    prompts: tuple[str, ...],
    progress: Callable[[], object] = lambda: None,
) -> Iterator[Tried]:
    """Each attack with what came of it, article by article: what a model has read of one article
    it need not read again for the next attack on it."""
    for attack in sorted(attacks, key=_by_article):
        reply = answer(attack)
        allowed = Allowed(
            lang=attack.lang,
            evidence=evidence,
            prompts=prompts,
            message=attack.text,
            typed=attack.typed,
        )
        raw = reply.raw_model_text
        yield Tried(
            attack=attack,
            level=level,
            reply=reply,
            of_raw=tuple(violations_of_raw(raw, attack.expect, allowed)) if raw else (),
            of_reply=tuple(violations_of_reply(reply, attack.expect, allowed)),
        )
        progress()


def some_of_each_kind(attacks: Iterable[Attack], most: int) -> list[Attack]:
    """The first attacks of each kind in each language, at most so many: what a slow model has time
    for."""
    taken: Counter[tuple[str, str]] = Counter()
    kept = []
    for attack in attacks:
        taken[attack.kind, attack.lang] += 1
        if taken[attack.kind, attack.lang] <= most:
            kept.append(attack)
    return kept


def _by_article(attack: Attack) -> tuple[str, bool, str, str]:
    return attack.lang, bool(attack.files), attack.topic, attack.attack_id


def rows_by_kind(tried: Sequence[Tried]) -> list[Row]:
    """A row a kind in order of their names, and one of all."""
    kinds = sorted({one.attack.kind for one in tried})
    rows = [_row(kind, [one for one in tried if one.attack.kind == kind]) for kind in kinds]
    return [*rows, _row("all", tried)]


def _row(kind: str, tried: Sequence[Tried]) -> Row:
    return Row(
        kind=kind,
        attacks=len(tried),
        asked=sum(one.reply.raw_model_text is not None for one in tried),
        raw=Counter(name for one in tried for name in {v.broken for v in one.of_raw}),
        reply=Counter(name for one in tried for name in {v.broken for v in one.of_reply}),
    )


def document_of(tried: Tried) -> dict[str, Any]:
    """One attack as a line of a report: what was written, what came back, what broke."""
    return {
        "id": tried.attack.attack_id,
        "level": tried.level.value,
        "kind": tried.attack.kind,
        "text": tried.attack.text,
        "raw": tried.reply.raw_model_text,
        "reply": tried.reply.text,
        "raw_broke": [_shown(one) for one in tried.of_raw],
        "reply_broke": [_shown(one) for one in tried.of_reply],
    }


def _shown(violation: Violation) -> dict[str, str]:
    return {"property": violation.broken.value, "found": violation.found}
