"""Is a claim backed by its evidence? Sentence by sentence: facts by rule, the rest by weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.claims.association import misplaced_facts
from assistant.claims.facts import unsupported_facts
from assistant.claims.features import features_of
from assistant.claims.model import CheckedSentence, ClaimModel, load_claim_model
from assistant.claims.reading import (
    Floats,
    Sentence,
    WordReader,
    nearest,
    sentences_of,
    with_vectors,
)
from assistant.claims.words import without_frames


@dataclass(frozen=True)
class Verdict:
    """What the check says of a claim; `unsupported` holds the claim's own words."""

    is_supported: bool
    score: float
    unsupported: tuple[str, ...]


class ClaimChecker:
    """Checks claims; holds the model that reads words and the weights."""

    def __init__(self, reader: WordReader, model: ClaimModel | None = None) -> None:
        self._reader = reader
        self._model = load_claim_model() if model is None else model

    def check(self, claim: str, evidence: Sequence[str]) -> Verdict:
        """Whether every sentence of a claim that states something is backed by the passages.

        A claim without words states nothing and is supported; nothing else is without evidence.
        """
        stated = stated_sentences(claim)
        if not stated:
            return Verdict(True, 1.0, ())
        passages = sentences_of(evidence)
        if not passages:
            return Verdict(False, 0.0, (claim.strip(),))
        checked = check_sentences(stated, passages, self._reader, self._model.mean)
        scores = [self._model.score_checked(each) for each in checked]
        parts = [
            part
            for each, score in zip(checked, scores, strict=True)
            for part in self._unsupported(each, score)
        ]
        return Verdict(not parts, min(scores), tuple(dict.fromkeys(parts)))

    def _unsupported(self, checked: CheckedSentence, score: float) -> list[str]:
        """The facts that are nowhere in the evidence; else the sentence, when it scores too low."""
        text = checked.sentence.text
        if checked.facts:
            return [text[fact.start : fact.end] for fact in checked.facts]
        return [text] if score < self._model.threshold else []


def stated_sentences(claim: str) -> list[Sentence]:
    """The sentences of a claim that state something: questions and what is said around an answer
    are left out, unless there is nothing else."""
    sentences = sentences_of([claim])
    stated = [
        bare
        for sentence in sentences
        for bare in sentences_of([without_frames(sentence.text)])
        if not sentence.text.endswith("?") and bare.saying
    ]
    return stated if stated else sentences


def check_sentences(
    stated: Sequence[Sentence], passages: Sequence[Sentence], reader: WordReader, mean: Floats
) -> list[CheckedSentence]:
    """Features and missing facts of each sentence against all sentences of the evidence."""
    near = [nearest(sentence, passages) for sentence in stated]
    # Each sentence of the evidence is read once, however many sentences of the claim it is near.
    needed = {id(sentence): sentence for group in near for sentence in group}
    readings = with_vectors([*stated, *needed.values()], reader)
    known = dict(zip(needed, readings[len(stated) :], strict=True))
    checked = []
    for sentence, own, group in zip(stated, readings, near, strict=False):
        missing = unsupported_facts(sentence.facts, [each.facts for each in passages])
        missing += [fact for fact in misplaced_facts(sentence, passages) if fact not in missing]
        backing = [known[id(each)] for each in group]
        features = features_of(own, backing, mean)
        checked.append(CheckedSentence(sentence, features, tuple(missing)))
    return checked
