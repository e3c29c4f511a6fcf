"""What is published of a proposal, and what a learning rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assistant.knowledge.calibration import Calibration
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.tuning import Tuning
from assistant.ranking import shipped_weights
from assistant.store.learnings import LearningKind
from assistant.verdict_review import serves
from assistant.wiring import Parts
from eval.calibration import Example, calibration_of, fit
from eval.learning.lessons import Lessons
from eval.learning.proposal import Proposal, propose
from eval.learning.running import Wish, choose, ground_of, names_of

NO_CASES = np.zeros((0, 4), np.float32)
TUNING = Tuning(np.zeros((4, 4), np.float32), NO_CASES, (), shipped_weights(), {})
CALIBRATION = Calibration({"a": 1}, "model", None, ("ru",), frozenset(), NO_CASES, ())
LEARNT: dict[str, Any] = {"id": 3, "verdicts": [1, 2], "layers": {"tuning": TUNING.identity}}


def lessons(*numbers: int) -> Lessons:
    return Lessons((), {}, {"d-1": frozenset(numbers)}, 0)


def proposal(*, retrieval: bool, confidence: bool) -> Proposal:
    return Proposal(
        tuning=TUNING if retrieval else None,
        calibration=CALIBRATION if confidence else None,
        retrieval_wins=retrieval,
        confidence_holds=confidence,
        figures={},
        why=(),
    )


@pytest.mark.parametrize(
    ("retrieval", "confidence", "kind"),
    [
        (True, True, LearningKind.BOTH),
        (True, False, LearningKind.RETRIEVAL),
        (False, True, LearningKind.CONFIDENCE),
        (False, False, LearningKind.NOTHING),
    ],
)
def test_what_wins_or_holds_is_published(
    shop_knowledge: Knowledge, retrieval: bool, confidence: bool, kind: LearningKind
) -> None:
    found = proposal(retrieval=retrieval, confidence=confidence)
    chosen, layers, _ = choose(found, shop_knowledge, None, lessons(1, 2))
    assert chosen is kind
    assert layers == (found.tuning, found.calibration)


def test_retrieval_alone_does_not_put_a_calibration_out_of_effect(
    shop_knowledge: Knowledge, sample_examples: list[Example]
) -> None:
    fitted = fit(sample_examples, shop_knowledge.model_id, risk=0.3)
    held = calibration_of(fitted, sample_examples, shop_knowledge)
    serving = replace(shop_knowledge, calibration=held)
    found = proposal(retrieval=True, confidence=False)
    kind, layers, why = choose(found, serving, None, lessons(1, 2))
    assert (kind, layers) == (LearningKind.NOTHING, (None, held))
    assert "would no longer serve" in why[0]
    withdrawn, _, _ = choose(found, serving, LEARNT, lessons(1))
    assert withdrawn is LearningKind.RETRIEVAL


def test_what_rests_on_withdrawn_verdicts_serves_no_longer(shop_knowledge: Knowledge) -> None:
    serving = replace(shop_knowledge, tuning=TUNING)
    nothing = proposal(retrieval=False, confidence=False)
    kind, layers, why = choose(nothing, serving, LEARNT, lessons(1))
    assert (kind, layers) == (LearningKind.FORGOT, (None, None))
    assert "no longer count" in why[0]
    still, kept, _ = choose(nothing, serving, LEARNT, lessons(1, 2))
    assert (still, kept) == (LearningKind.NOTHING, (TUNING, None))


def test_forgetting_leaves_what_was_not_learnt_from_verdicts(shop_knowledge: Knowledge) -> None:
    serving = replace(shop_knowledge, tuning=TUNING, calibration=CALIBRATION)
    nothing = proposal(retrieval=False, confidence=False)
    assert choose(nothing, serving, LEARNT, lessons(1))[1] == (None, CALIBRATION)
    both = LEARNT | {"layers": {"tuning": "t", "calibration": CALIBRATION.identity}}
    assert choose(nothing, serving, both, lessons(1))[1] == (None, None)


def test_learning_serves_as_long_as_its_layers_do() -> None:
    row = {"kind": "retrieval", "layers": {"tuning": "t-1"}}
    assert serves(row, {"tuning": "t-1", "calibration": "c-9"})
    assert not serves(row, {"tuning": None, "calibration": "c-9"})
    assert not serves({"kind": "forgot", "layers": {}}, {"tuning": None, "calibration": None})
    assert not serves(None, {"tuning": "t-1", "calibration": None})


def test_dialog_is_new_until_one_of_its_verdicts_was_learnt_from() -> None:
    found = Lessons((), {}, {"d-1": frozenset({1, 2}), "d-2": frozenset({3})}, 0)
    assert found.numbers == {1, 2, 3}
    assert found.new_since([]) == {"d-1", "d-2"}
    assert found.new_since([2, 9]) == {"d-2"}


def held(tuning: Tuning | None, knowledge: Knowledge) -> Knowledge:
    return replace(knowledge, tuning=tuning)


@pytest.mark.parametrize(("numbers", "kept"), [((1, 2, 3), TUNING), ((2, 3), None)])
def test_tuning_learnt_before_serves_on_unless_its_verdicts_went(
    shop_knowledge: Knowledge, shop_parts: Parts, numbers: tuple[int, ...], kept: Tuning | None
) -> None:
    serving = held(TUNING, shop_knowledge)
    ground = ground_of(lessons(*numbers), serving, LEARNT, shop_parts, Wish("op-1"))
    proposed = propose(ground, lambda: None)
    assert not proposed.retrieval_wins
    assert proposed.tuning is kept


def test_confidence_that_is_learnt_says_when_a_tuning_goes_with_its_verdicts(
    shop_knowledge: Knowledge,
) -> None:
    found = proposal(retrieval=False, confidence=True)
    kind, layers, why = choose(found, held(TUNING, shop_knowledge), LEARNT, lessons(1))
    assert (kind, layers) == (LearningKind.CONFIDENCE, (None, CALIBRATION))
    assert "rested on verdicts that no longer count" in why[0]


def test_learning_names_what_it_put_there_kept_of_earlier_ones_and_took_away(
    shop_knowledge: Knowledge,
) -> None:
    serving, confidence = held(TUNING, shop_knowledge), LearningKind.CONFIDENCE
    both = {"tuning": TUNING.identity, "calibration": CALIBRATION.identity}
    assert names_of((TUNING, CALIBRATION), confidence, serving, LEARNT) == both
    by_hand = names_of((TUNING, CALIBRATION), confidence, serving, None)
    assert by_hand == {"calibration": CALIBRATION.identity}
    gone = names_of((None, None), LearningKind.FORGOT, serving, LEARNT)
    assert gone == {"tuning": None}
    assert names_of((TUNING, None), LearningKind.NOTHING, serving, LEARNT) == {}
