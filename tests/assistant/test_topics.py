"""What a message is about: the vote of the articles found and of other voices."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.domain import Action, Article, Chunk, Passage
from assistant.replies import Outcome
from assistant.topics import topic_of, votes_of_citations
from tests.assistant.conftest import turn_of_bot, turn_of_customer


def found(*topics_and_scores: tuple[str | None, float]) -> list[Passage]:
    """Passages of articles with these topics, best first."""
    return [
        Passage(
            Article(f"a{at}", "title", "text", topic=topic),
            Chunk(f"a{at}", ("title",), "text", 0, 4, 3),
            at,
            score,
            dense=3.0,
            lexical_coverage=0.5,
        )
        for at, (topic, score) in enumerate(topics_and_scores)
    ]


def test_topic_is_that_of_the_best_article_when_it_stands_out() -> None:
    passages = found(("returns", 10), ("orders", 6), ("orders", 6), ("delivery", 5))
    assert topic_of(passages) == "returns"


def test_several_good_articles_outvote_a_slightly_better_one() -> None:
    assert topic_of(found(("returns", 8), ("orders", 7.8), ("orders", 7.5))) == "orders"


def test_equal_votes_go_to_the_topic_of_the_better_article() -> None:
    assert topic_of(found(("returns", 8), ("orders", 8))) == "returns"


def test_topic_is_unknown_when_every_article_is_about_something_else() -> None:
    assert topic_of(found(("a", 7), ("b", 6.9), ("c", 6.8), ("d", 6.7))) is None


def test_articles_without_a_topic_do_not_vote() -> None:
    assert topic_of(found((None, 12), ("", 11), ("returns", 7), ("orders", 3))) == "returns"
    assert topic_of(found((None, 12), (None, 11))) is None


def test_articles_far_down_the_list_do_not_vote() -> None:
    crowd = [("orders", 7.0)] * 2 + [("returns", 7.0)] * 3
    assert topic_of(found(*crowd, *[("orders", 6.9)] * 10)) == "returns"


def test_nothing_found_has_no_topic() -> None:
    assert topic_of([]) is None


def test_other_voices_vote_beside_the_articles() -> None:
    passages = found(("returns", 8), ("orders", 6))
    assert topic_of(passages, [("orders", 0.3)]) == "returns"
    assert topic_of(passages, [("orders", 0.5), ("orders", 0.5)]) == "orders"
    assert topic_of([], [("orders", 0.1)]) == "orders"


def test_other_voices_can_leave_it_open() -> None:
    assert topic_of(found(("returns", 8)), [("orders", 1.0), ("delivery", 1.0)]) is None


ARTICLES = {
    "pay": Article("pay", "Pay", "text", topic="payment"),
    "ship": Article("ship", "Ship", "text", topic="delivery"),
    "bare": Article("bare", "Bare", "text"),
}


def test_latest_answer_counts_most() -> None:
    history = [
        turn_of_customer("?"),
        turn_of_bot("!", Action.ANSWER, "pay"),
        turn_of_bot("hello", Action.ACKNOWLEDGE),
        turn_of_bot("!", Action.ANSWER, "ship"),
    ]
    votes = votes_of_citations(history, ARTICLES)
    assert [topic for topic, _ in votes] == ["delivery", "payment"]
    assert votes[0][1] > votes[1][1] > 0


def test_articles_of_one_answer_share_its_vote() -> None:
    both = votes_of_citations([turn_of_bot("!", Action.ANSWER, "pay", "ship")], ARTICLES)
    one = votes_of_citations([turn_of_bot("!", Action.ANSWER, "pay")], ARTICLES)
    assert sum(weight for _, weight in both) == pytest.approx(one[0][1])


def test_citations_that_are_gone_or_have_no_topic_do_not_vote() -> None:
    history = [turn_of_bot("!", Action.ANSWER, "bare", "deleted")]
    assert votes_of_citations(history, ARTICLES) == []


def test_decision_tells_what_a_message_is_about(decide: Callable[..., Outcome]) -> None:
    assert decide("Как применить промокод к заказу?").topic == "payment"
    assert decide("How do I delete my account?").topic == "account"
    assert decide("позовите оператора").topic is None
