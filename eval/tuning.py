"""`souffleur kb tune`: learns from labelled dialogs what helps retrieval in this knowledge base.

Learnt are an adapter of question vectors, the labelled questions as further entries of their
articles, and the weights of the views. Whatever is learnt is judged on questions that it was not
learnt from (five folds over dialogs), and only published when it wins there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import DatasetError
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.tuning import Tuning
from assistant.ranking import VIEWS, as_column, fit_weights, shipped_weights
from assistant.reading import Read
from assistant.retrieval import Retriever
from assistant.understanding import Understander
from eval.adapter import fit_adapter
from eval.cases import Case
from eval.folds import folds_of_dialogs

Floats = npt.NDArray[np.float32]
Ranks = npt.NDArray[np.int64]

FOLDS = 5
LEAST_QUESTIONS = 40
"""With fewer nothing can be judged."""
PULL = 0.01
_RESAMPLES = 2000
_NOT_FOUND = 10_000


@dataclass(frozen=True)
class Labelled:
    """A labelled question, ready to be looked up."""

    dialog_id: str
    question: str
    lang: str
    vector: Floats
    article_ids: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What tuning does to questions that it was not learnt from."""

    questions: int
    before: dict[str, float]
    after: dict[str, float]
    gain_in_mrr: tuple[float, float, float]
    """Mean of the difference with its 95 % interval (paired bootstrap over questions)."""

    @property
    def wins(self) -> bool:
        """Whether the gain is more than chance."""
        return self.gain_in_mrr[1] > 0


@dataclass(frozen=True)
class CrossFitted:
    """Tunings that are each of all folds of dialogs but one, judged on that one."""

    labelled: tuple[Labelled, ...]
    folds: npt.NDArray[np.int64]
    """(questions,)"""
    tunings: tuple[Tuning, ...]
    """Of each fold the one that was not learnt from it."""
    before: Ranks
    after: Ranks

    @property
    def verdict(self) -> Verdict:
        """What tuning does where it was held back."""
        gain = _gain(self.before, self.after)
        return Verdict(len(self.labelled), _figures(self.before), _figures(self.after), gain)


def tune(
    cases: Sequence[Case],
    knowledge: Knowledge,
    understander: Understander,
    progress: Callable[[], object],
) -> tuple[Tuning, Verdict]:
    """What can be learnt from `cases`, and what it is worth; `progress` is told of each step done
    of `steps()`.

    Raises DatasetError when too few questions name an article of this knowledge base.
    """
    plain = replace(knowledge, tuning=None)
    found = cross_fit(cases, plain, understander, progress)
    return learn_whole(found, plain, progress), found.verdict


def cross_fit(
    cases: Sequence[Case],
    knowledge: Knowledge,
    understander: Understander,
    progress: Callable[[], object],
) -> CrossFitted:
    """What is learnt from all folds of dialogs but one, for each, and what it is worth on that one.
    `knowledge` has nothing learnt about it.

    Raises DatasetError when too few questions name an article of this knowledge base.
    """
    labelled = _labelled(cases, knowledge, understander)
    before = ranks(knowledge, labelled)
    after = np.empty_like(before)
    folds = _folds(labelled)
    tunings = []
    for fold in range(FOLDS):
        held_back = np.flatnonzero(folds == fold)
        learnt = _learn(
            knowledge, [labelled[at] for at in np.flatnonzero(folds != fold).tolist()], progress
        )
        after[held_back] = ranks(
            replace(knowledge, tuning=learnt), [labelled[at] for at in held_back.tolist()]
        )
        tunings.append(learnt)
    return CrossFitted(tuple(labelled), folds, tuple(tunings), before, after)


def learn_whole(found: CrossFitted, knowledge: Knowledge, progress: Callable[[], object]) -> Tuning:
    """What is learnt from all of the questions."""
    verdict = found.verdict
    about = {
        "questions": verdict.questions,
        "before": verdict.before,
        "after_on_held_back": verdict.after,
        "gain_in_mrr": verdict.gain_in_mrr,
    }
    return replace(_learn(knowledge, found.labelled, progress), about=about)


def steps() -> int:
    """How many steps `tune` takes."""
    return (FOLDS + 1) * (FOLDS + 1)


def _labelled(
    cases: Sequence[Case], knowledge: Knowledge, understander: Understander
) -> list[Labelled]:
    known = [
        (case, ids)
        for case in cases
        if (ids := tuple(i for i in case.labels.article_ids or () if i in knowledge.articles))
    ]
    if len(known) < LEAST_QUESTIONS:
        raise DatasetError(
            f"{len(known)} labelled questions name an article of this knowledge base; "
            f"learning needs at least {LEAST_QUESTIONS}"
        )
    if len({case.dialog_id for case, _ in known}) < FOLDS:
        raise DatasetError(
            f"the labelled questions are of fewer than {FOLDS} dialogs; judging needs more"
        )
    asked = [_as_meant(case, understander) for case, _ in known]
    vectors = understander.vectors([item.question for item in asked])
    return [
        Labelled(case.dialog_id, item.question, item.lang, vector, ids)
        for (case, ids), item, vector in zip(known, asked, vectors, strict=True)
    ]


def _as_meant(case: Case, understander: Understander) -> Read:
    """The question as people understood it: with what went before where they say that it leans
    on that."""
    ways = understander.readings(case.text, case.history, case.locale)
    return ways[-1] if case.labels.follow_up else ways[0]


def _folds(labelled: Sequence[Labelled], seed: int = 0) -> npt.NDArray[np.int64]:
    """A fold for each question; all of a dialog's are in one."""
    return folds_of_dialogs([item.dialog_id for item in labelled], FOLDS, seed)


def _learn(
    knowledge: Knowledge, labelled: Sequence[Labelled], progress: Callable[[], object]
) -> Tuning:
    """Adapter and cases from all of `labelled`; the weights from views of questions that adapter
    and cases were not learnt from, or every question would find itself."""
    folds = _folds(labelled, seed=1)
    examples = []
    for fold in range(FOLDS):
        others = [labelled[at] for at in np.flatnonzero(folds != fold).tolist()]
        partly = replace(knowledge, tuning=_unweighted(knowledge, others))
        own = [labelled[at] for at in np.flatnonzero(folds == fold).tolist()]
        examples.extend(_views(partly, own))
        progress()
    start = dict(shipped_weights()) | {"cases": 0.3}
    weights = fit_weights(examples, start, pull=PULL)
    whole = _unweighted(knowledge, labelled)
    progress()
    return replace(whole, weights=_of_same_spread(weights, examples))


def _unweighted(knowledge: Knowledge, labelled: Sequence[Labelled]) -> Tuning:
    rows = {chunk_at: chunk.article_id for chunk_at, chunk in enumerate(knowledge.chunks)}
    vectors = np.stack([item.vector for item in labelled])
    right = np.array(
        [[rows[at] in item.article_ids for at in range(len(rows))] for item in labelled], np.bool_
    )
    count = len(knowledge.chunks)
    entries = knowledge.dense.vectors
    return Tuning(
        adapter=fit_adapter(vectors, entries[:count], entries[count:], right),
        case_vectors=vectors,
        case_articles=tuple(item.article_ids for item in labelled),
        weights=shipped_weights(),
        about={},
    )


def _views(
    knowledge: Knowledge, labelled: Sequence[Labelled]
) -> list[tuple[Floats, npt.NDArray[np.bool_]]]:
    retriever = Retriever(knowledge)
    names = list(knowledge.articles)
    found = []
    for item in labelled:
        scored = retriever.score_all(item.question, item.vector, item.lang)
        right = np.array([names[row] in item.article_ids for row in scored.articles], np.bool_)
        if right.any():
            found.append((scored.views, right))
    return found


def _of_same_spread(
    weights: dict[str, float], examples: Sequence[tuple[Floats, npt.NDArray[np.bool_]]]
) -> dict[str, float]:
    """Scaled so that scores spread as under the shipped weights: the confidence and the floor of
    suggestions are fitted to those."""
    shipped, learnt = as_column(shipped_weights()), as_column(weights)
    usual = np.mean([(views @ shipped).std() for views, _ in examples])
    now = np.mean([(views @ learnt).std() for views, _ in examples])
    return {view: round(float(usual / now * weights[view]), 4) for view in VIEWS}


def ranks(knowledge: Knowledge, labelled: Sequence[Labelled]) -> Ranks:
    """Rank, from 1, of the first right article of each question."""
    retriever = Retriever(knowledge)
    found = []
    for item in labelled:
        passages = retriever.find_passages(item.question, item.vector, item.lang, limit=50)
        ids = [passage.article.article_id for passage in passages]
        right = (at for at, name in enumerate(ids, start=1) if name in item.article_ids)
        found.append(next(right, _NOT_FOUND))
    return np.array(found, np.int64)


def _figures(found: Ranks) -> dict[str, float]:
    recalls = {f"recall_at_{k}": round(float(np.mean(found <= k)), 4) for k in (1, 3, 5, 10)}
    return recalls | {"mrr": round(float(np.mean(1 / found)), 4)}


def _gain(before: Ranks, after: Ranks) -> tuple[float, float, float]:
    differences = 1 / after - 1 / before
    draws = np.random.default_rng(0).integers(0, len(before), (_RESAMPLES, len(before)))
    low, high = np.quantile(differences[draws].mean(axis=1), [0.025, 0.975])
    return round(float(differences.mean()), 4), round(float(low), 4), round(float(high), 4)


def report(verdict: Verdict) -> dict[str, Any]:
    """What the command prints."""
    gain, low, high = verdict.gain_in_mrr
    return {
        "questions": verdict.questions,
        "before": verdict.before,
        "after": verdict.after,
        "gain_in_mrr": {"value": gain, "ci_low": low, "ci_high": high},
        "published": verdict.wins,
    }
