"""A calibration serves the knowledge it was fitted on, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assistant.certainty import NEVER, Certainty
from assistant.confidence import (
    ConfidenceModel,
    Logistic,
    Promise,
    document_of,
    load_confidence,
    names_with,
)
from assistant.confidence_features import Cases
from assistant.knowledge.calibration import Calibration
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.tuning import Tuning
from assistant.ranking import VIEWS
from assistant.wiring import Parts

PROMISES = (
    Promise(0.025, 0.95, True, 0.1),
    Promise(0.05, 0.9, True, 0.2),
    Promise(0.1, 0.8, True, 0.3),
    Promise(0.2, None, False, 0.0),
)


@pytest.fixture(scope="module")
def knowledge(parts: Parts) -> Knowledge:
    found = parts.library.current()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def shipped() -> ConfidenceModel:
    return load_confidence()


@pytest.fixture(scope="module")
def calibration(knowledge: Knowledge, shipped: ConfidenceModel) -> Calibration:
    cases = Cases(np.eye(2, 384, dtype=np.float32), (("faq-alcohol",), ()))
    names = names_with(cases)
    flat = np.zeros(len(names), np.float32)
    fitted = Logistic(flat, flat + 1, flat, 2.0)
    model = replace(
        shipped,
        names=names,
        best=fitted,
        either=fitted,
        promises=PROMISES,
        cases=cases,
        about={"provisional": False},
    )
    return Calibration(
        document=document_of(model),
        model_id=knowledge.model_id,
        tuning=None,
        languages=("ru",),
        texts=knowledge.text_hashes(),
        case_vectors=cases.vectors,
        case_articles=cases.article_ids,
    )


def test_shipped_confidence_serves_where_nothing_was_calibrated(
    knowledge: Knowledge, shipped: ConfidenceModel
) -> None:
    certainty = Certainty(shipped)
    assert certainty.model(knowledge, "ru") is shipped
    assert certainty.model(None, "ru") is shipped


def test_calibration_serves_the_languages_it_saw_and_no_other(
    knowledge: Knowledge, shipped: ConfidenceModel, calibration: Calibration
) -> None:
    certainty, held = Certainty(shipped), replace(knowledge, calibration=calibration)
    assert not certainty.model(held, "ru").provisional
    assert certainty.model(held, "en") is shipped
    assert certainty.standing(held).problem is None


@pytest.mark.parametrize(
    ("target", "answer_from", "sure_from"),
    [
        (None, 0.9, 0.95),
        (0.1, 0.8, 0.9),
        (0.06, 0.9, 0.95),
        (0.025, 0.95, NEVER),
        (0.01, NEVER, NEVER),
    ],
)
def test_threshold_is_that_of_the_share_of_wrong_answers_allowed(
    knowledge: Knowledge,
    shipped: ConfidenceModel,
    calibration: Calibration,
    target: float | None,
    answer_from: float,
    sure_from: float,
) -> None:
    held = replace(knowledge, calibration=calibration)
    model = Certainty(shipped, target).model(held, "ru")
    assert (model.answer_from, model.sure_from) == (answer_from, sure_from)
    assert model.risk == (target or 0.05)


def test_model_can_be_measured_whatever_was_calibrated(
    knowledge: Knowledge, shipped: ConfidenceModel, calibration: Calibration
) -> None:
    held = replace(knowledge, calibration=calibration)
    assert Certainty(shipped, whatever_was_calibrated=True).model(held, "ru") is shipped


@pytest.mark.parametrize(
    "broken",
    [
        {"risk": None},
        {"promises": [{"risk": 0.05, "threshold": 0.9, "unknown": 1}]},
        {"best": {"mean": [0.0], "scale": [1.0], "weights": [0.0], "bias": 0.0}},
    ],
    ids=["a field less", "a field more", "other numbers"],
)
def test_calibration_of_another_version_is_refused_and_nothing_breaks(
    knowledge: Knowledge,
    shipped: ConfidenceModel,
    calibration: Calibration,
    broken: dict[str, object],
) -> None:
    document = {**calibration.document, **broken}
    if broken == {"risk": None}:
        del document["risk"]
    held = replace(knowledge, calibration=replace(calibration, document=document))
    certainty = Certainty(shipped)
    assert certainty.model(held, "ru") is shipped
    assert certainty.standing(held).problem


def test_share_that_no_confidence_keeps_gives_no_answer(
    knowledge: Knowledge, shipped: ConfidenceModel, calibration: Calibration
) -> None:
    held = replace(knowledge, calibration=calibration)
    assert Certainty(shipped, 0.2).model(held, "ru").answer_from == NEVER > 1


def _tuned() -> Tuning:
    return Tuning(
        adapter=np.zeros((384, 384), np.float32),
        case_vectors=np.zeros((0, 384), np.float32),
        case_articles=(),
        weights=dict.fromkeys(VIEWS, 0.5),
        about={},
    )


def test_calibration_of_another_model_tuning_or_text_is_refused_and_said_so(
    knowledge: Knowledge,
    shipped: ConfidenceModel,
    calibration: Calibration,
    caplog: pytest.LogCaptureFixture,
) -> None:
    texts = sorted(calibration.texts)
    few = frozenset(texts[: len(texts) // 2])
    strangers = {
        "it was fitted for other/model": replace(calibration, model_id="other/model"),
        "the index was tuned since": replace(calibration, tuning="0123456789abcdef"),
        "of the texts are still the same": replace(calibration, texts=few),
        "other features": replace(
            calibration, document={**calibration.document, "features": ["score"]}
        ),
    }
    for problem, stranger in strangers.items():
        held = replace(knowledge, calibration=stranger)
        certainty = Certainty(shipped)
        assert certainty.model(held, "ru") is shipped
        said = certainty.standing(held).problem
        assert said is not None
        assert problem in said
        assert problem in caplog.text


def test_few_changed_texts_leave_it_serving(
    knowledge: Knowledge, shipped: ConfidenceModel, calibration: Calibration
) -> None:
    texts = sorted(calibration.texts)
    nearly = replace(calibration, texts=frozenset(texts[len(texts) // 50 :]))
    held = replace(knowledge, calibration=nearly)
    assert not Certainty(shipped).model(held, "ru").provisional


def test_calibration_fitted_before_tuning_does_not_serve_after_it(
    knowledge: Knowledge, shipped: ConfidenceModel, calibration: Calibration
) -> None:
    tuned = replace(knowledge, calibration=calibration, tuning=_tuned())
    assert Certainty(shipped).model(tuned, "ru") is shipped
    fitted_on_it = replace(calibration, tuning=_tuned().identity)
    again = replace(tuned, calibration=fitted_on_it)
    assert not Certainty(shipped).model(again, "ru").provisional


def test_what_serves_is_described_for_people(
    knowledge: Knowledge, shipped: ConfidenceModel, calibration: Calibration
) -> None:
    certainty = Certainty(shipped)
    plain = certainty.described(knowledge)
    assert plain["provisional"] is True
    assert plain["problem"] is None
    assert plain["guaranteed"] is False
    assert certainty.described(replace(knowledge, calibration=calibration)) == {
        "provisional": False,
        "problem": None,
        "languages": ["ru"],
        "risk": 0.05,
        "answer_from": 0.9,
        "guaranteed": True,
        "elsewhere_from": shipped.answer_from,
        "wanted_risk": None,
    }
    stranger = replace(knowledge, calibration=replace(calibration, model_id="other/model"))
    refused = certainty.described(stranger)
    assert refused["provisional"] is True
    assert "other/model" in refused["problem"]
