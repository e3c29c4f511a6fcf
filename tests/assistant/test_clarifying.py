"""One question back between two close articles: when it is asked, how, and never twice in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from assistant.certainty import Certainty
from assistant.clarifying import titles_to_choose_from
from assistant.confidence import Confidence, ConfidenceModel, Logistic, load_confidence
from assistant.confidence_features import Sight
from assistant.deciding import Decider
from assistant.domain import Action, HandoffReason, Owner, Turn
from assistant.replies import Outcome, bot_document
from assistant.saying import Context
from assistant.wiring import Parts
from prompts.loader import phrases
from tests.assistant.conftest import said, turn_of_bot, turn_of_customer

QUESTION = "какие карты вы принимаете к оплате?"
LIKELY = Confidence(0.5, 0.8, {})


def _constant(probability: float, width: int) -> Logistic:
    flat = np.zeros(width, np.float32)
    return Logistic(flat, flat + 1, flat, float(np.log(probability / (1 - probability))))


def _torn(best: float = 0.5, either: float = 0.9) -> ConfidenceModel:
    """A confidence that is the same for every question."""
    shipped = load_confidence()
    width = len(shipped.names)
    return replace(shipped, best=_constant(best, width), either=_constant(either, width))


@pytest.fixture(scope="module")
def torn(parts: Parts) -> Decider:
    """Decides as always, but is never sure which of two articles answers."""
    return Decider(
        library=parts.library,
        understander=parts.understander,
        certainty=Certainty(_torn()),
        staffing=parts.staffing,
        rules=parts.rules,
    )


@pytest.fixture(scope="module")
def sight(parts: Parts) -> Sight:
    """Two articles that are close: how one can pay, and what to do when paying fails."""
    found = parts.decider.consider(Context(QUESTION))[1]
    assert found is not None
    return _apart(found, 0.4)


def _apart(sight: Sight, distance: float) -> Sight:
    best, rest = sight.passages[0], sight.rest
    return replace(sight, passages=[best, replace(rest[0], score=best.score - distance)])


def _titled(sight: Sight, titles: Sequence[str]) -> Sight:
    named = [
        replace(passage, article=replace(passage.article, title=title))
        for passage, title in zip(sight.passages, titles, strict=True)
    ]
    return replace(sight, passages=named)


def choices(outcome: Outcome) -> list[str]:
    assert outcome.reply is not None
    buttons = outcome.reply.quick_replies
    return [button.label for button in buttons if button.id.startswith("choice-")]


def test_two_close_articles_are_offered_by_their_titles(sight: Sight) -> None:
    titles = tuple(passage.article.title for passage in sight.passages)
    assert titles_to_choose_from(sight, LIKELY) == titles


@pytest.mark.parametrize("distance", [1.1, 4.0])
def test_article_that_is_plainly_behind_is_not_offered(sight: Sight, distance: float) -> None:
    assert titles_to_choose_from(_apart(sight, distance), LIKELY) is None


def test_two_unlikely_articles_are_not_offered(sight: Sight) -> None:
    assert titles_to_choose_from(sight, Confidence(0.3, 0.65, {})) is None


def test_choice_that_gains_nothing_is_not_offered(sight: Sight) -> None:
    assert titles_to_choose_from(sight, Confidence(0.85, 0.9, {})) is None


def test_one_article_alone_is_no_choice(sight: Sight) -> None:
    assert titles_to_choose_from(replace(sight, passages=sight.passages[:1]), LIKELY) is None


@pytest.mark.parametrize(
    "titles",
    [("Оплата", "оплата"), ("Оплата", ""), ("О" * 81, "Возврат")],
    ids=["same", "empty", "too long for a button"],
)
def test_titles_that_tell_nothing_apart_are_not_offered(
    sight: Sight, titles: Sequence[str]
) -> None:
    assert titles_to_choose_from(_titled(sight, titles), LIKELY) is None


def test_articles_in_another_language_than_the_question_are_not_offered(sight: Sight) -> None:
    assert titles_to_choose_from(replace(sight, lang="en"), LIKELY) is None


def test_customer_is_asked_once_with_a_button_for_each_and_one_for_a_person(torn: Decider) -> None:
    outcome = torn.decide(Context(QUESTION))
    assert outcome.action is Action.CLARIFY
    first, second = choices(outcome)
    assert said(outcome) == phrases("ru").say("which_of_two", first=first, second=second)
    assert outcome.reply is not None
    buttons = bot_document(outcome.reply)["quick_replies"]
    assert [button["id"] for button in buttons] == ["choice-1", "choice-2", "handoff"]
    assert outcome.reply.citations == ()
    assert outcome.confidence is None


def _asked(outcome: Outcome) -> list[Turn]:
    return [turn_of_customer(QUESTION), turn_of_bot(said(outcome), Action.CLARIFY)]


def test_never_twice_in_a_row(torn: Decider) -> None:
    history = _asked(torn.decide(Context(QUESTION)))
    again = torn.decide(Context("а картой мир можно?", history=history))
    assert again.action is Action.HANDOFF
    assert again.handoff is not None
    assert again.handoff.reason is HandoffReason.LOW_CONFIDENCE


@pytest.mark.parametrize("way", ["{title}", "{title}.", "«{title}»", "{place}", "{ordinal}"])
def test_choice_is_answered_from_its_article_however_it_is_said(
    torn: Decider, parts: Parts, way: str
) -> None:
    asked = torn.decide(Context(QUESTION))
    for place, title in enumerate(choices(asked), start=1):
        text = way.format(title=title, place=place, ordinal=["первое", "второе"][place - 1])
        answer = parts.decider.decide(Context(text, history=_asked(asked)))
        assert answer.action is Action.ANSWER
        assert answer.reply is not None
        assert {citation.title for citation in answer.reply.citations} == {title}
        assert answer.question == QUESTION


def test_choice_is_as_sure_as_that_one_of_the_two_answers(torn: Decider) -> None:
    asked = torn.decide(Context(QUESTION))
    answer = torn.decide(Context(choices(asked)[0], history=_asked(asked)))
    assert answer.confidence == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize("text", ["третье", "Доставка курьером", "ни то ни другое"])
def test_what_was_not_offered_is_no_choice(torn: Decider, text: str) -> None:
    history = _asked(torn.decide(Context(QUESTION)))
    assert torn.decide(Context(text, history=history)).action is not Action.ANSWER


def test_title_after_another_question_back_is_no_choice(torn: Decider) -> None:
    asked = phrases("ru").say("which_matter")
    history = [turn_of_customer("а в Казань?"), turn_of_bot(asked, Action.CLARIFY)]
    assert torn.decide(Context("Доставка курьером", history=history)).action is not Action.ANSWER


def test_whoever_waits_for_a_person_is_asked_nothing(torn: Decider) -> None:
    outcome = torn.decide(Context(QUESTION, owner=Owner.WAITING))
    assert outcome.action is Action.ACKNOWLEDGE
    assert choices(outcome) == []


@pytest.mark.parametrize(("best", "sure"), [(0.7, False), (0.9, True)])
def test_answer_that_is_less_than_sure_offers_a_person_in_words(
    parts: Parts, best: float, sure: bool
) -> None:
    decider = Decider(
        library=parts.library,
        understander=parts.understander,
        certainty=Certainty(_torn(best, 0.95)),
        staffing=parts.staffing,
        rules=parts.rules,
    )
    outcome = decider.decide(Context(QUESTION))
    assert outcome.action is Action.ANSWER
    assert outcome.answer is not None
    offer = phrases("ru").say("offer_person")
    assert said(outcome) == (outcome.answer if sure else f"{outcome.answer}\n\n{offer}")
    waiting = decider.decide(Context(QUESTION, owner=Owner.WAITING))
    assert offer not in said(waiting)


def test_question_back_to_nobody_breaks_nothing(torn: Decider) -> None:
    history = [turn_of_bot("Что вы имеете в виду?", Action.CLARIFY)]
    assert torn.decide(Context("первое", history=history)).action is not Action.ANSWER
