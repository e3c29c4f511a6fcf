"""What is learnt from verdicts: what waits for review, what was learnt, what it changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.audited import audited, audited_read
from api.routes.verdicts import VerdictId
from api.schemas import ReviewBody
from api.service import OperatorCaller, Service, ServiceHere
from assistant.privacy.masker import Masker
from assistant.store.learning import ReviewState
from assistant.verdict_review import VerdictReview, learning_that_serves, learning_view
from assistant.verdicts import MarkKind

router = APIRouter(prefix="/v1/learning", tags=["learning"])

_LEARNINGS_SHOWN = 20


@router.get("")
@audited_read("learning.read")
def learning(
    service: ServiceHere,
    _operator: OperatorCaller,
    *,
    kind: MarkKind | None = None,
    state: ReviewState = ReviewState.PENDING,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Verdicts that wait for review (or are in another `state`), by number; how many there are of
    each sort; the newest learnings with what they changed. Personal data is masked."""
    review = _review(service)
    kinds = () if kind is None else (kind,)
    page, following = review.page(state, kinds=kinds, after=cursor, limit=limit)
    store, knowledge = service.assistant.store, service.parts.library.current()
    served = learning_that_serves(store, knowledge.layers) if knowledge else None
    latest = served["id"] if served else None
    return {
        state.value: page,
        "next_cursor": following,
        "counts": review.counts(),
        "learnings": [
            learning_view(row, serves=row["id"] == latest)
            for row in store.learnings(_LEARNINGS_SHOWN)
        ],
    }


@router.post("/verdicts/{verdict_id}/review")
@audited("verdict.review")
def review_verdict(
    verdict_id: VerdictId, body: ReviewBody, service: ServiceHere, operator: OperatorCaller
) -> dict[str, Any]:
    """Approve a verdict, so that it may teach something, or reject it; one's own only with an
    admin's key. `learnt_in` of the reply: learnings that rest on it already."""
    return _review(service).decide(
        verdict_id, body.review, body.operator_id, is_admin=operator.may_act_as("admin")
    )


def _review(service: Service) -> VerdictReview:
    return VerdictReview(service.assistant.store, Masker(service.settings.order_number_patterns))
