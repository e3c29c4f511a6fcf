"""What a simulated customer does about each kind of reply."""

from __future__ import annotations

import pytest

from assistant.domain import Action
from eval.simulation.customer import Move, Outcome, Verdict, judge
from eval.simulation.dialogue import hold
from eval.simulation.reply import read_reply
from eval.simulation.scenario import Patience, Question
from tests.eval.simulation.doubles import (
    CLARIFY,
    HANDOFF,
    NOTED,
    WELCOME,
    Document,
    ScriptedAssistant,
    reply,
    right,
    said,
    scenario,
    talk,
    wrong,
)

SECOND = Question(("а на почте?",), ("post",))
UNHELPFUL = reply("acknowledge", "Здравствуйте!")


def test_satisfied_customer_says_thanks_and_has_reached_the_goal() -> None:
    dialogue = talk(scenario(), right(), WELCOME)
    assert said(dialogue) == ["сколько хранится заказ", "спасибо"]
    assert dialogue.outcome is Outcome.ANSWERED
    assert dialogue.goal_reached


def test_satisfied_customer_asks_the_next_question() -> None:
    first = scenario().questions[0]
    dialogue = talk(scenario(first, SECOND), right(), reply("answer", "15 дней", "post"), WELCOME)
    assert said(dialogue) == ["сколько хранится заказ", "а на почте?", "спасибо"]
    assert [exchange.question for exchange in dialogue.exchanges] == [0, 1, None]


def test_answer_from_another_article_is_asked_about_in_other_words() -> None:
    dialogue = talk(scenario(), wrong(), right(), WELCOME)
    assert said(dialogue) == ["сколько хранится заказ", "срок?", "спасибо"]
    assert dialogue.exchanges[1].move is Move.REPHRASES


def test_question_asked_back_is_answered_in_other_words_at_no_cost_of_patience() -> None:
    short = Patience(angry_after=1, leaves_after=2)
    dialogue = talk(scenario(patience=short), CLARIFY, CLARIFY, right(), WELCOME)
    moves = [exchange.move for exchange in dialogue.exchanges]
    assert moves == [Move.ASKS, Move.CLARIFIES, Move.CLARIFIES, Move.THANKS]
    assert dialogue.goal_reached


def test_asked_back_without_words_left_the_customer_calls_a_person() -> None:
    plain = Question(("где?",), ("storage",))
    assert said(talk(scenario(plain), CLARIFY, HANDOFF, NOTED)) == ["где?", "оператора", "жду"]


def test_rephrases_used_up_the_customer_calls_a_person() -> None:
    dialogue = talk(scenario(patience=Patience(9, 9)), wrong(), wrong(), wrong(), HANDOFF, NOTED)
    assert said(dialogue)[1:] == ["срок?", "дней?", "оператора", "жду"]
    assert dialogue.outcome is Outcome.HANDED_OVER
    assert not dialogue.goal_reached


def test_patience_used_up_the_customer_gets_angry_before_anything_else() -> None:
    dialogue = talk(scenario(patience=Patience(1, 9)), wrong(), HANDOFF, NOTED)
    assert said(dialogue) == ["сколько хранится заказ", "безобразие", "жду"]
    assert dialogue.exchanges[1].move is Move.GETS_ANGRY


def test_customer_leaves_without_a_word_after_so_many_unhelpful_replies() -> None:
    dialogue = talk(scenario(patience=Patience(9, 2)), wrong())
    assert said(dialogue) == ["сколько хранится заказ", "срок?"]
    assert dialogue.outcome is Outcome.LEFT
    assert not dialogue.goal_reached


def test_customer_with_nothing_left_to_say_leaves() -> None:
    dialogue = talk(scenario(patience=Patience(50, 99)), wrong())
    assert said(dialogue)[1:] == ["срок?", "дней?", "оператора", "безобразие"]
    assert dialogue.outcome is Outcome.LEFT


def test_patience_is_one_for_the_whole_dialog() -> None:
    first = Question(("раз?",), ("storage",), rephrases=("раз",))
    second = Question(("два?",), ("post",), rephrases=("два",))
    customer = scenario(first, second, patience=Patience(9, 2))
    assert said(talk(customer, wrong(), right(), wrong())) == ["раз?", "раз", "два?"]


def test_handed_over_the_customer_asks_nothing_more_and_only_waits() -> None:
    first = scenario().questions[0]
    dialogue = talk(scenario(first, SECOND), HANDOFF, NOTED)
    assert said(dialogue) == ["сколько хранится заказ", "жду"]
    assert dialogue.exchanges[-1].move is Move.WAITS
    assert dialogue.handed_over_at == 1


@pytest.mark.parametrize(
    "question",
    [
        Question(("оператора!",), wants_human=True),
        Question(("вы меня обманули",), complaint=True),
        Question(("какая погода",), satisfied_by_actions=frozenset({Action.HANDOFF})),
    ],
)
def test_handoff_reaches_the_goal_of_who_is_content_with_a_person(question: Question) -> None:
    dialogue = talk(scenario(question), HANDOFF, NOTED)
    assert dialogue.goal_reached
    assert dialogue.outcome is Outcome.HANDED_OVER


def test_who_wants_a_person_and_gets_none_asks_again_for_one() -> None:
    dialogue = talk(scenario(Question(("оператора!",), wants_human=True)), wrong(), HANDOFF, NOTED)
    assert dialogue.exchanges[1].move is Move.CALLS_A_PERSON


def test_handoff_in_answer_to_thanks_ends_handed_over_with_the_goal_reached() -> None:
    dialogue = talk(scenario(), right(), HANDOFF)
    assert dialogue.outcome is Outcome.HANDED_OVER
    assert dialogue.goal_reached


BURST = Question(("привет", "вопрос есть", "сколько хранится"), ("storage",))


@pytest.mark.parametrize(
    ("replies", "verdict"),
    [
        ([right(), HANDOFF, NOTED], Verdict.HANDED_OVER),
        ([UNHELPFUL, right(), wrong()], Verdict.SATISFIED),
        ([UNHELPFUL, UNHELPFUL, CLARIFY], Verdict.ASKED_BACK),
        ([CLARIFY, UNHELPFUL, wrong()], Verdict.UNHELPFUL),
    ],
)
def test_in_a_burst_a_handoff_wins_then_what_satisfies_then_the_last(
    replies: list[Document], verdict: Verdict
) -> None:
    assert judge([read_reply(document) for document in replies], BURST) is verdict


def test_messages_of_a_burst_are_all_sent_before_the_customer_reacts() -> None:
    dialogue = talk(scenario(BURST), UNHELPFUL, right(), wrong(), WELCOME)
    assert said(dialogue) == ["привет", "вопрос есть", "сколько хранится", "спасибо"]


def test_dialog_is_cut_off_before_the_limit_of_turns_is_passed() -> None:
    endless = Question(("сколько?",), ("storage",), rephrases=("ну сколько?",) * 50)
    dialogue = talk(scenario(endless, patience=Patience(99, 99)), wrong(), most_turns=5)
    assert len(dialogue.exchanges) == 5
    assert dialogue.outcome is Outcome.CUT_OFF
    assert not dialogue.goal_reached


def test_all_messages_go_to_one_dialog_with_ids_of_their_own_and_the_name() -> None:
    assistant = ScriptedAssistant(wrong(), right(), WELCOME)
    hold(scenario(), assistant)
    assert {incoming.dialog_id for incoming in assistant.heard} == {"simulated-x"}
    assert len({incoming.message_id for incoming in assistant.heard}) == 3
    assert assistant.heard[0].customer.name == "Анна"
