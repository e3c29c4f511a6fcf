"""Actions that a Russian clause promises or reports, told by the forms of its verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.morphology import VerbForm, noun_lemma, verb_form
from assistant.wording.deed import Deed
from assistant.wording.lexicon import pattern, section, word_set
from assistant.wording.reading import Part

_WORD = re.compile(r"[а-я]+(?:-[а-я]+)*")
_LANG = "ru"
_FIRST, _THIRD = 1, 3


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    form: VerbForm | None


def russian_deeds(clause: Part, before: str) -> Iterator[Deed]:
    """Every deed of a clause of the plain text; `before` is what its sentence says before it."""
    words = [
        _Word(
            match[0], clause.start + match.start(), clause.start + match.end(), verb_form(match[0])
        )
        for match in _WORD.finditer(clause.text)
    ]
    for at, word in enumerate(words):
        form = word.form
        if form is None or _is_denied(words, at):
            continue
        if form.person == _FIRST and form.tense:
            yield from _own(words, at, form, clause.text)
        elif form.tense == "past" and form.is_perfective:
            yield from _done(words, at, form, clause.text, before)
        elif form.is_passive:
            yield from _undergone(words, at, form, clause.text)
        elif form.person == _THIRD and (form.tense == "futr" or _is_under_way(form, clause.text)):
            yield from _others(words, at, form, clause.text)


def _says(key: str, word: str) -> bool:
    return word in word_set(_LANG, "promises", key)


def _finds(key: str, text: str) -> bool:
    return pattern(_LANG, "promises", key).search(text) is not None


def _is_denied(words: Sequence[_Word], at: int) -> bool:
    return at > 0 and words[at - 1].text in section(_LANG, "promises")["denying"]


def _is_under_way(form: VerbForm, clause: str) -> bool:
    """Whether somebody is said to be at it for this customer: «сотрудники уже выясняют»."""
    return _says("deeds", form.lemma) and _finds("right_now", clause)


def _own(words: Sequence[_Word], at: int, form: VerbForm, clause: str) -> Iterator[Deed]:
    """I or we: a deed in the future, or under way."""
    agent = "shop" if form.is_plural else "bot"
    if _says("modal", form.lemma):
        verb = _infinitive(words, at)
        lemma = verb.form.lemma if verb and verb.form else ""
        if verb and _says("deeds", lemma) and not _says("speaking", lemma):
            yield _deed(words[at], verb, agent, "offers_to")
        return
    if form.tense == "futr":
        if not _says("speaking", form.lemma):
            yield _deed(words[at], words[at], agent, "will_do")
    elif _says("deeds", form.lemma) and (agent == "bot" or _finds("yours", clause)):
        yield _deed(words[at], words[at], agent, "is_doing")


def _infinitive(words: Sequence[_Word], at: int) -> _Word | None:
    return next((word for word in words[at + 1 :] if word.form and word.form.is_infinitive), None)


def _done(
    words: Sequence[_Word], at: int, form: VerbForm, clause: str, before: str
) -> Iterator[Deed]:
    """I or we have done it: the pronoun is there, or no other subject and nothing it hangs on."""
    if _says("speaking", form.lemma) or _finds("conditional", _before(words, at, clause)):
        return
    pronouns = section(_LANG, "promises")["pronouns"]
    said = next((pronouns[word.text] for word in words if word.text in pronouns), None)
    if said != "bot" and not _says("deeds", form.lemma):
        return
    if said is None:
        earlier = [*_WORD.findall(before), *(word.text for word in words[:at])]
        if any(_can_be_subject(word) for word in earlier) or (
            form.is_plural and not _finds("yours", clause)
        ):
            return
        said = "shop" if form.is_plural else "bot"
    if said in ("bot", "shop"):
        # «Мы запустили прокат» is news that an article may state; with «вам» it is this customer's.
        is_done = said == "bot" or _finds("yours", clause)
        yield _deed(words[at], words[at], said, "has_done", is_done=is_done)


def _undergone(words: Sequence[_Word], at: int, form: VerbForm, clause: str) -> Iterator[Deed]:
    """It has been done to what is the customer's."""
    if not _says("deeds", form.lemma) or _finds("conditional", clause):
        return
    if _finds("yours", clause) or _finds("matter_first", clause):
        yield _deed(words[at], words[at], "shop", "is_done", is_done=True)


def _others(words: Sequence[_Word], at: int, form: VerbForm, clause: str) -> Iterator[Deed]:
    """Somebody of the shop, or nobody named, will do it."""
    verb = words[at]
    lemma = form.lemma
    if lemma in section(_LANG, "promises")["auxiliary"]:
        found = _infinitive(words, at)
        if not found or not found.form:
            return
        verb, lemma = found, found.form.lemma
    if _says("others_may", lemma) or _finds("conditional", _before(words, at, clause)):
        return
    agents = [word for word in words if _says("agents", noun_lemma(word.text) or word.text)]
    if agents:
        first, last = sorted([agents[0], verb], key=lambda word: word.start)
        yield Deed(first.start, last.end, verb.text, lemma, agents[0].text, False, "others_will")
        return
    is_to_customer = form.is_plural and _says("contact", lemma) and _finds("to_customer", clause)
    if is_to_customer and not any(_can_be_subject(word.text) for word in words[:at]):
        yield _deed(words[at], verb, "shop", "others_will")


def _before(words: Sequence[_Word], at: int, clause: str) -> str:
    return clause[: words[at].start - (words[0].start - clause.index(words[0].text))]


def _can_be_subject(word: str) -> bool:
    return bool(noun_lemma(word)) or word in section(_LANG, "promises")["other_pronouns"]


def _deed(first: _Word, verb: _Word, agent: str, rule: str, is_done: bool = False) -> Deed:
    lemma = verb.form.lemma if verb.form else verb.text
    return Deed(first.start, verb.end, verb.text, lemma, agent, is_done, rule)
