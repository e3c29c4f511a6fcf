"""What a reviewer of verdicts sees."""

from __future__ import annotations

from assistant.privacy.masker import Masker
from assistant.store.dialogs import DialogStore
from assistant.verdict_review import VerdictReview
from assistant.verdicts import HintOutcome
from tests.assistant.test_store_learning import hinted

DIFFERENCE = {
    "words": 2,
    "share": 0.5,
    "removed": ["7 дней"],
    "added": ["позвоню на +7 916 123-45-67"],
}


def test_reviewer_sees_what_was_changed_of_a_hint_and_nothing_personal(store: DialogStore) -> None:
    hinted(store, HintOutcome.EDITED, "Ждёт 7 дней.", sent="Ждёт.", difference=DIFFERENCE)
    (item,), _ = VerdictReview(store, Masker()).page()
    changed = item["difference"]
    assert (changed["words"], changed["share"], changed["removed"]) == (2, 0.5, ["7 дней"])
    assert changed["added"][0].startswith("позвоню на ")
    assert "916" not in changed["added"][0]


def test_there_is_no_difference_where_a_hint_was_taken_as_it_was(store: DialogStore) -> None:
    hinted(store, HintOutcome.ACCEPTED)
    (item,), _ = VerdictReview(store, Masker()).page()
    assert item["difference"] is None
