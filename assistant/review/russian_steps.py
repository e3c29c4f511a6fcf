"""Steps in a Russian sentence, told by the forms of its verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.morphology import VerbForm, noun_lemma, verb_form
from assistant.review.lexicon import pattern, word_set
from assistant.review.step import Step, StepKind
from assistant.wording.reading import Part, Reading

_LANG = "ru"
_WORD = re.compile(r"[а-я]+(?:-[а-я]+)*")
_FIRST, _THIRD = 1, 3


@dataclass(frozen=True)
class _Verb:
    form: VerbForm
    before: tuple[str, ...]
    """The words of the clause before it."""


def russian_steps(reading: Reading) -> Iterator[Step]:
    """Every clause that says what happens next, once, with the strongest of its verbs."""
    for clause in reading.clauses:
        kinds = [kind for verb in _verbs(clause) if (kind := _kind(verb, clause.text))]
        kinds += [StepKind.CUSTOMERS] if pattern(_LANG, "he_may").search(clause.text) else []
        if kinds:
            kind = next((one for one in _STRONGEST if one in kinds), kinds[0])
            yield Step(*reading.place(clause.start, clause.end), kind)


_STRONGEST = (StepKind.CUSTOMERS, StepKind.AWAITED, StepKind.DONE)


def _verbs(clause: Part) -> Iterator[_Verb]:
    words = _WORD.findall(clause.text)
    for at, word in enumerate(words):
        form = verb_form(word)
        is_denied = at > 0 and words[at - 1] in word_set(_LANG, "denying")
        if form and not is_denied and form.lemma not in word_set(_LANG, "idle_verbs"):
            yield _Verb(form, tuple(words[:at]))


def _kind(verb: _Verb, clause: str) -> StepKind | None:
    """What a verb says of the next step; None where it tells of the past or of somebody else."""
    form = verb.form
    if form.is_order:
        return StepKind.CUSTOMERS if form.is_plural else None
    if form.is_infinitive:
        return StepKind.CUSTOMERS if _is_advised(verb.before) else None
    if form.person == _FIRST:
        return _own(form)
    if form.person == _THIRD and form.tense == "futr":
        return StepKind.AWAITED
    if form.person == _THIRD:
        return StepKind.DONE if _on_its_way(form, clause) else None
    if form.is_passive:
        return _after(form) if not _is_somebody_elses(verb.before, clause) else None
    if form.tense == "past" and form.is_perfective and _is_ours(verb.before):
        return _after(form)
    return None


def _own(form: VerbForm) -> StepKind:
    if form.tense == "futr":
        is_said = form.lemma in word_set(_LANG, "done_by_saying")
        return StepKind.DONE if is_said else StepKind.AWAITED
    return StepKind.AWAITED if form.lemma in word_set(_LANG, "goes_on") else StepKind.DONE


def _after(form: VerbForm) -> StepKind:
    """Of what has been done: whether the customer still waits for somebody."""
    return StepKind.AWAITED if form.lemma in word_set(_LANG, "passes_on") else StepKind.DONE


def _is_advised(before: Sequence[str]) -> bool:
    return any(word in word_set(_LANG, "advising") for word in before)


def _is_ours(before: Sequence[str]) -> bool:
    """A verb of the past without any subject of its own, or with ours."""
    if any(word in word_set(_LANG, "ourselves") for word in before):
        return True
    return not any(noun_lemma(word) or word in word_set(_LANG, "subjects") for word in before)


def _is_somebody_elses(before: Sequence[str], clause: str) -> bool:
    return any(word in word_set(_LANG, "subjects") for word in before) or not pattern(
        _LANG, "their_matters"
    ).search(clause)


def _on_its_way(form: VerbForm, clause: str) -> bool:
    return form.lemma in word_set(_LANG, "arriving") and bool(
        pattern(_LANG, "their_matters").search(clause)
    )
