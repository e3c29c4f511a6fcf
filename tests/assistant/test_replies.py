"""What the trace says of language models."""

from __future__ import annotations

import pytest

from assistant.language_models.asking import CallOutcome, ModelCall
from assistant.replies import model_document
from assistant.writing.task import Written

PASSED_OVER = ModelCall("first", CallOutcome.NOT_ASKED, "draft", cost_usd=0.0)
CACHED = ModelCall("first", CallOutcome.CACHED, "draft", cost_usd=0.0)
UNKNOWN = ModelCall("second", CallOutcome.OK, "draft", 100, 10, None)
FREE = ModelCall("second", CallOutcome.OK, "draft", 100, 10, 0.0)
PAID = ModelCall("third", CallOutcome.OK, "draft", 100, 10, 0.25)


@pytest.mark.parametrize(
    ("calls", "cost"),
    [
        ((PASSED_OVER, UNKNOWN), None),
        ((UNKNOWN,), None),
        ((UNKNOWN, PAID), 0.25),
        ((PASSED_OVER, PAID, PAID), 0.5),
        ((PASSED_OVER, FREE), 0),
        ((CACHED,), 0),
        ((PASSED_OVER,), 0),
        ((), None),
    ],
)
def test_cost_is_of_the_calls_that_took_tokens_and_unknown_where_their_price_is(
    calls: tuple[ModelCall, ...], cost: float | None
) -> None:
    assert model_document(Written(calls=calls))["cost_usd"] == cost
