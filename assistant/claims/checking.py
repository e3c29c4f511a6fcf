"""Is a claim backed by its evidence? Sentence by sentence: facts by rule, the rest by weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.claims.association import misplaced_facts
from assistant.claims.entailment import Entailment, load_entailment
from assistant.claims.facts import unsupported_facts
from assistant.claims.features import features_of
from assistant.claims.model import CheckedSentence, ClaimModel, load_claim_model
from assistant.claims.reading import Sentence, WordReader, nearest, sentences_of
from assistant.claims.words import without_frames


@dataclass(frozen=True)
class Verdict:
    """What the check says of a claim; `unsupported` holds the claim's own words."""

    is_supported: bool
    score: float
    unsupported: tuple[str, ...]


class ClaimChecker:
    """Checks claims; holds the model that reads them, the network that doubts and the weights."""

    def __init__(
        self,
        reader: WordReader,
        model: ClaimModel | None = None,
        network: Entailment | None = None,
    ) -> None:
        self._reader = reader
        self._model = load_claim_model() if model is None else model
        self._network = load_entailment() if network is None else network

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
        checked = check_sentences(stated, passages, self._reader, self._network)
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
    stated: Sequence[Sentence],
    passages: Sequence[Sentence],
    reader: WordReader,
    network: Entailment,
) -> list[CheckedSentence]:
    """Features and missing facts of each sentence against all sentences of the evidence."""
    facts = [each.facts for each in passages]
    checked = []
    for sentence in stated:
        missing = unsupported_facts(sentence.facts, facts)
        missing += [fact for fact in misplaced_facts(sentence, passages) if fact not in missing]
        features = features_of(sentence, passages, _doubt(sentence, passages, reader, network))
        checked.append(CheckedSentence(sentence, features, tuple(missing)))
    return checked


def _doubt(
    claim: Sentence, passages: Sequence[Sentence], reader: WordReader, network: Entailment
) -> float:
    """What the network says of a claim beside the sentences nearest to it; nothing against one
    that stands there word for word."""
    if any(_same_words(claim, passage) for passage in passages):
        return 0.0
    near = nearest(claim, passages)
    return network.doubt(reader.read_together(claim.text, [each.text for each in near]))


def _same_words(claim: Sentence, passage: Sentence) -> bool:
    return [word.plain for word in claim.words] == [word.plain for word in passage.words]
