"""The probability of an answer: what it looks at, that it stays one, and how it is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.confidence import (
    ConfidenceModel,
    Promise,
    document_of,
    load_confidence,
    model_of,
    promise_for,
    save_confidence,
)
from assistant.confidence_features import (
    FEATURES,
    KNOWN,
    Cases,
    Sight,
    features_of,
    known_of,
)
from assistant.domain import NOTHING_SEEN
from assistant.saying import Context
from assistant.wiring import Parts


@pytest.fixture(scope="module")
def shipped() -> ConfidenceModel:
    return load_confidence()


@pytest.fixture(scope="module")
def sight(parts: Parts) -> Sight:
    """What is seen of a question that the sample shop answers."""
    found = parts.decider.consider(Context("сколько хранится заказ в пункте выдачи?"))[1]
    assert found is not None
    return found


def _unit(*values: float) -> np.ndarray:
    row = np.array(values, np.float32)
    return row / np.linalg.norm(row)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=200).filter(lambda text: text.strip()))
def test_any_message_has_finite_signals_and_a_probability(parts: Parts, text: str) -> None:
    seen = parts.decider.consider(Context(text))[1]
    if seen is None:
        return
    assert np.isfinite(features_of(seen)).all()
    confidence = load_confidence().confidence(seen)
    assert 0 <= confidence.probability <= confidence.either <= 1


def test_every_signal_has_its_name(shipped: ConfidenceModel, sight: Sight) -> None:
    assert len(features_of(sight)) == len(FEATURES) == len(set(FEATURES))
    assert tuple(shipped.confidence(sight).features) == FEATURES


def test_nothing_found_is_no_confidence(shipped: ConfidenceModel, sight: Sight) -> None:
    nothing = shipped.confidence(replace(sight, passages=[]))
    assert nothing.probability == nothing.either == 0
    assert nothing.features == {}


def test_article_that_hardly_stands_out_is_no_confidence(
    shipped: ConfidenceModel, sight: Sight
) -> None:
    faint = replace(sight, passages=[replace(sight.passages[0], score=4.9)])
    assert shipped.confidence(faint).probability == 0
    assert shipped.confidence(faint).features["score"] == pytest.approx(4.9)


def test_one_article_alone_and_one_nobody_looked_at_have_signals(sight: Sight) -> None:
    alone = replace(sight, passages=sight.passages[:1])
    unseen = replace(sight, passages=[replace(sight.passages[0], evidence=NOTHING_SEEN)])
    assert np.isfinite(features_of(alone)).all()
    assert np.isfinite(features_of(unseen)).all()


def test_twin_of_the_best_article_is_no_competitor(sight: Sight) -> None:
    best = sight.passages[0]
    twin = replace(
        best,
        article=replace(best.article, article_id="twin"),
        chunk=replace(best.chunk, article_id="twin"),
        score=best.score - 0.1,
    )
    others = sight.passages[1:]
    with_twin = replace(sight, passages=[best, twin, *others])
    assert [item.article.article_id for item in with_twin.rest] == [
        item.article.article_id for item in replace(sight, passages=[best, *others]).rest
    ]


def test_one_number_never_seen_before_does_not_decide_alone(
    shipped: ConfidenceModel, sight: Sight
) -> None:
    features = features_of(sight)
    at = FEATURES.index("luck")
    far, further = features.copy(), features.copy()
    far[at], further[at] = 1e3, 1e6
    assert shipped.best(far) == pytest.approx(shipped.best(further))


# --- labelled questions --------------------------------------------------------------------------


def test_labelled_question_for_the_article_speaks_for_it(sight: Sight) -> None:
    best = sight.passages[0].article.article_id
    other = np.roll(sight.vector, 1)
    cases = Cases(np.stack([sight.vector, other, -other]), ((best,), ("another",), ()))
    seen = dict(zip(KNOWN, known_of(sight, cases).tolist(), strict=True))
    assert seen["known_for"] > seen["known_against"]
    assert seen["known_gap"] == pytest.approx(seen["known_for"] - seen["known_against"], abs=1e-5)
    assert seen["vote_for"] > 0.99
    assert seen["familiar"] == pytest.approx(1, abs=1e-5)


def test_labelled_question_that_nothing_answers_speaks_against_it(sight: Sight) -> None:
    best = sight.passages[0].article.article_id
    other = np.roll(sight.vector, 1)
    cases = Cases(np.stack([sight.vector, other]), ((), (best,)))
    seen = dict(zip(KNOWN, known_of(sight, cases).tolist(), strict=True))
    assert seen["known_nothing"] == seen["known_against"] > seen["known_for"]
    assert seen["vote_nothing"] > 0.99


def test_no_labelled_question_says_nothing(sight: Sight) -> None:
    assert not known_of(sight, Cases(np.empty((0, len(sight.vector)), np.float32), ())).any()


def test_cases_are_picked_by_marks() -> None:
    cases = Cases(np.stack([_unit(1, 0), _unit(0, 1)]), (("a",), ("b",)))
    picked = cases.only(np.array([False, True]))
    assert picked.article_ids == (("b",),)
    assert picked.vectors.tolist() == [[0, 1]]
    assert cases.only(np.zeros(2, bool)).article_ids == ()


# --- keeping it ----------------------------------------------------------------------------------


def test_model_comes_back_as_it_was_written(
    shipped: ConfidenceModel, sight: Sight, tmp_path: Path
) -> None:
    kept = replace(shipped, promises=(Promise(0.05, 0.9, True, 0.2), Promise(0.01, None, False, 0)))
    save_confidence(kept, tmp_path / "model.json")
    again = load_confidence(tmp_path / "model.json")
    assert again.promises == kept.promises
    assert again.confidence(sight) == kept.confidence(sight)


def test_model_of_other_features_is_refused(shipped: ConfidenceModel, tmp_path: Path) -> None:
    document = document_of(shipped)
    document["features"] = document["features"][1:]
    with pytest.raises(ValueError, match="other features"):
        model_of(document)
    with pytest.raises(ValueError, match="other features"):
        model_of(document_of(shipped), Cases(np.empty((0, 4), np.float32), ()))
    path = tmp_path / "model.json"
    path.write_text(json.dumps(document))
    with pytest.raises(ValueError, match=r"model\.json.*make weights"):
        load_confidence(path)


def test_shipped_confidence_says_that_it_is_provisional(shipped: ConfidenceModel) -> None:
    assert shipped.provisional
    assert shipped.promises == ()


def test_promise_of_the_largest_risk_allowed_counts() -> None:
    promises = tuple(Promise(risk, 1 - risk, True, risk) for risk in (0.01, 0.05, 0.1))
    assert promise_for(promises, 0.05) == promises[1]
    assert promise_for(promises, 0.07) == promises[1]
    assert promise_for(promises, 0.005) is None
    assert promise_for((), 0.05) is None
