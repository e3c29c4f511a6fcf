"""What is counted, over dialogs of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.domain import Action
from eval.simulation.customer import Outcome
from eval.simulation.dialogue import Dialogue
from eval.simulation.measures import (
    broken_promises,
    faults_of,
    measure_all,
    ratio_with_interval,
)
from eval.simulation.scenario import Patience, Question
from prompts.loader import LANGUAGES, patterns, phrases
from tests.eval.simulation.doubles import (
    CLARIFY,
    HANDOFF,
    NOTED,
    WELCOME,
    reply,
    right,
    scenario,
    talk,
    wrong,
)

ANSWERED = talk(scenario(), wrong(), right(), WELCOME)
HANDED_OVER = talk(scenario(), HANDOFF, NOTED)
PATIENT = Patience(9, 9)


def value(name: str, *dialogues: Dialogue) -> float | None:
    return measure_all(dialogues)[name].value


def faults(name: str, *dialogues: Dialogue) -> list[int]:
    return [fault.turn for fault in faults_of(dialogues) if fault.check == name]


def test_outcomes_are_shares_of_dialogs() -> None:
    metrics = measure_all([ANSWERED, HANDED_OVER])
    assert metrics["goal_reached"].value == 0.5
    assert metrics["answered"].value == 0.5
    assert metrics["handed_over"].value == 0.5
    assert metrics["left"].value == 0.0
    assert {metrics[outcome.value].n for outcome in Outcome} == {2}


def test_turns_are_counted_in_messages_of_the_customer() -> None:
    later = talk(scenario(), wrong(), wrong(), HANDOFF, NOTED)
    assert value("turns_to_answer", ANSWERED, HANDED_OVER) == 2.0
    assert value("turns_to_handoff", HANDED_OVER, later, ANSWERED) == 2.0


def test_measure_without_anything_to_count_is_none_and_never_zero() -> None:
    metric = measure_all([ANSWERED])["turns_to_handoff"]
    assert (metric.value, metric.ci_low, metric.ci_high, metric.n) == (None, None, None, 0)


def test_dialog_cut_off_before_its_first_message_counts_as_a_dialog_and_nothing_else() -> None:
    burst = scenario(Question(("раз", "два"), ("storage",)))
    metrics = measure_all([talk(burst, right(), most_turns=1)])
    assert metrics["cut_off"].value == 1.0
    assert metrics["disclosed"].n == 0


def test_ratio_is_of_totals_and_its_interval_holds_it() -> None:
    draws = np.random.default_rng(0).integers(0, 3, (1000, 3))
    metric = ratio_with_interval([(1, 4), (0, 0), (3, 4)], draws)
    assert metric.value == 0.5
    assert metric.n == 8
    assert metric.ci_low == 0.25
    assert metric.ci_high == 0.75


def test_answer_that_cites_none_of_the_wanted_articles_is_wrong() -> None:
    assert value("wrong_answers", ANSWERED) == 0.5
    assert faults("wrong_answers", ANSWERED) == [1]


def test_same_text_or_same_quotes_twice_in_a_row_are_a_loop() -> None:
    same_text = talk(scenario(patience=PATIENT), wrong(), wrong(), right(), WELCOME)
    same_quotes = talk(scenario(patience=PATIENT), wrong("а"), wrong("б"), right(), WELCOME)
    assert faults("loops", same_text, same_quotes) == [2, 2]
    assert faults("loops", ANSWERED) == []


def test_two_messages_without_quotes_are_no_loop() -> None:
    greeted = talk(scenario(), reply("acknowledge", "Здравствуйте!"), CLARIFY, right(), WELCOME)
    assert faults("loops", greeted) == []


def test_answer_given_before_is_repeated_also_when_another_stands_between() -> None:
    customer = scenario(
        Question(("а?",), ("storage",), rephrases=("б", "в", "г")), patience=PATIENT
    )
    dialogue = talk(customer, wrong(), reply("answer", "!", "post"), wrong(), right(), WELCOME)
    assert faults("repeated_answers", dialogue) == [3]
    assert faults("loops", dialogue) == []
    assert value("repeated_answers", dialogue) == 0.25


def test_person_asked_for_and_not_called_is_a_broken_promise() -> None:
    wanted = scenario(Question(("человека!",), wants_human=True), patience=PATIENT)
    ignored = talk(wanted, wrong(), HANDOFF, NOTED)
    metrics = measure_all([ignored])
    assert metrics["person_at_once"].value == 0.5
    assert broken_promises(metrics) == ["person_at_once"]
    assert faults("person_at_once", ignored) == [1]


def test_person_called_within_a_burst_is_called_at_once() -> None:
    burst = scenario(Question(("алло", "человека!", "тут?"), wants_human=True))
    greeting = reply("acknowledge", "Здравствуйте!")
    assert value("person_at_once", talk(burst, greeting, HANDOFF, NOTED)) == 1.0


def test_complaint_met_with_a_phrase_is_a_fault_and_so_is_anger() -> None:
    complaint = scenario(Question(("вы меня обманули",), complaint=True), patience=Patience(1, 3))
    dialogue = talk(complaint, WELCOME, reply("acknowledge", "Понимаю вас."), HANDOFF, NOTED)
    assert faults("complaints_handed_over", dialogue) == [1, 2]


def test_asking_back_twice_in_a_row_breaks_a_promise() -> None:
    once = talk(scenario(), CLARIFY, wrong(), CLARIFY, right(), WELCOME)
    twice = talk(scenario(), CLARIFY, CLARIFY, right(), WELCOME)
    assert value("clarifications_in_a_row", once) == 0.0
    assert faults("clarifications_in_a_row", twice) == [2]
    assert broken_promises(measure_all([twice])) == ["clarifications_in_a_row"]


def test_message_that_does_not_say_it_is_of_a_bot_breaks_a_promise() -> None:
    hidden = talk(scenario(), reply("answer", "7 дней", "storage", disclosure=" "), WELCOME)
    assert value("disclosed", hidden) == 0.5
    assert broken_promises(measure_all([hidden])) == ["disclosed"]


@pytest.mark.parametrize(
    ("offer", "other"),
    [
        ("7 дней. Могу ли я ещё чем-нибудь помочь?", "Чем ещё могу помочь?"),
        ("7 дней. Остались ли у вас вопросы?", "Пожалуйста! Что-нибудь ещё?"),
        ("7 days. Is there anything else?", "Do you have any other questions?"),
        ("7 days. Did that help?", "How else can I help?"),
    ],
)
def test_asking_for_anything_else_a_second_time_is_a_fault(offer: str, other: str) -> None:
    again = talk(scenario(), right(offer), reply("acknowledge", other))
    once = talk(scenario(), right(offer), WELCOME)
    assert faults("offered_again", again) == [2]
    assert faults("offered_again", once) == []


def test_ordinary_sentences_ask_for_nothing_else() -> None:
    offers = patterns("lexicon/closing_offers")
    assert set(offers) == set(LANGUAGES)
    russian = ("", "сотрудник пункта может помочь с возвратом", "вот ответы на частые вопросы")
    english = ("any of our pickup points will do", "that helps us find the parcel")
    for text in russian + english:
        assert not any(shape.search(text) for shape in offers.values()), text


def test_second_handoff_breaks_a_promise() -> None:
    again = talk(scenario(), HANDOFF, HANDOFF)
    assert broken_promises(measure_all([again])) == ["handed_over_again"]
    assert faults("handed_over_again", again) == [2]


def test_danger_may_be_handed_over_although_a_person_was_called_already() -> None:
    danger = reply("handoff", "Звоните 112.", reason="unsafe")
    assert value("handed_over_again", talk(scenario(), HANDOFF, danger)) == 0.0


def test_reply_to_one_who_waits_has_to_know_of_the_person_called() -> None:
    greeted = talk(scenario(), HANDOFF, reply("acknowledge", "Здравствуйте! Что случилось?"))
    assert faults("noticed_while_waiting", greeted) == [2]
    for lang in ("ru", "en"):
        for key in ("waiting_added", "waiting_already"):
            known = talk(scenario(), HANDOFF, reply("acknowledge", phrases(lang).say(key) + " !"))
            assert faults("noticed_while_waiting", known) == []


def test_sentence_said_again_to_one_who_waits_is_a_fault() -> None:
    told = reply("handoff", "Зову оператора. Сейчас никого нет в сети.")
    again = reply("acknowledge", "Оператор уже позван. Сейчас никого нет в сети.")
    assert faults("repeats_while_waiting", talk(scenario(), told, again)) == [2]
    assert faults("repeats_while_waiting", talk(scenario(), told, NOTED)) == []


def test_handoff_of_what_an_article_answers_is_needless_unless_a_person_was_asked_for() -> None:
    asked_for = talk(scenario(patience=PATIENT), wrong(), wrong(), wrong(), HANDOFF, NOTED)
    beyond = Question(("погода?",), satisfied_by_actions=frozenset({Action.HANDOFF}))
    assert faults("handed_over_needlessly", HANDED_OVER) == [1]
    assert faults("handed_over_needlessly", asked_for) == []
    assert value("handed_over_needlessly", talk(scenario(beyond), HANDOFF, NOTED)) is None


def test_thanks_answered_with_an_article_are_a_fault() -> None:
    assert faults("thanks_taken", talk(scenario(), right(), wrong())) == [2]
    assert value("thanks_taken", ANSWERED) == 1.0


def test_intervals_are_the_same_in_every_run() -> None:
    dialogues = [ANSWERED, HANDED_OVER, talk(scenario(), right(), WELCOME)]
    assert measure_all(dialogues, seed=3) == measure_all(dialogues, seed=3)
