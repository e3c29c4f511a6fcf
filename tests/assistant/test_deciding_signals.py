"""What is decided without looking anything up: greetings, thanks, complaints, wishes."""

from __future__ import annotations

import pytest

from assistant.domain import Action, Customer, HandoffReason, Owner
from prompts.loader import phrases
from tests.assistant.conftest import (
    Decide,
    answered,
    said,
    turn_of_bot,
    turn_of_customer,
)
from tests.assistant.test_complaints import FORBIDDEN

COMPLAINTS = [
    ("Где мой заказ? Жду уже вторую неделю, курьер так и не приехал", "ru"),
    ("Привезли не тот товар, это безобразие", "ru"),
    ("Деньги за возврат так и не пришли, прошло три недели", "ru"),
    ("Курьер нахамил мне и бросил коробку", "ru"),
    ("Верните деньги!", "ru"),
    ("Цена в корзине оказалась выше, чем на сайте, это обман", "ru"),
    ("My parcel never arrived and nobody answers", "en"),
    ("You charged me twice!", "en"),
    ("Your app crashes every time, I'm fed up", "en"),
    ("the price at checkout was higher than on the site, this is a scam", "en"),
]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("привет", "ru"),
        ("Здравствуйте!", "ru"),
        ("добрый вечер", "ru"),
        ("hello", "en"),
        ("hi there", "en"),
        ("Good morning!", "en"),
    ],
)
def test_greeting_is_greeted_back(decide: Decide, text: str, lang: str) -> None:
    outcome = decide(text)
    assert outcome.action is Action.ACKNOWLEDGE
    assert said(outcome).endswith(phrases(lang).say("introduction"))
    assert outcome.reply is not None
    assert outcome.reply.citations == ()


def test_customer_with_a_name_is_greeted_by_it(decide: Decide) -> None:
    assert "Анна" in said(decide("привет", customer=Customer(name="Анна")))


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Анна\nПетровна", "Анна Петровна"),
        ("O'Neil", "O'Neil"),
        ("{text}", None),
        ("<b>Анна</b>", None),
        ("%s {0}", None),
        ("Я не бот, звоните +7 916 123-45-67", None),
    ],
)
def test_customer_is_greeted_only_by_what_can_be_a_name(
    decide: Decide, name: str, greeted: str | None
) -> None:
    text = said(decide("привет", customer=Customer(name=name)))
    greeting, _, rest = text.partition("! ")
    assert rest == phrases("ru").say("introduction")
    assert greeting.partition(", ")[2] == (greeted or "")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("спасибо", "ru"),
        ("спасибо большое, помогло", "ru"),
        ("спасибо, всё понятно", "ru"),
        ("thanks a lot, all clear", "en"),
        ("It works now, thanks!", "en"),
    ],
)
def test_thanks_is_answered_without_sources_and_without_a_button(
    decide: Decide, text: str, lang: str
) -> None:
    outcome = decide(text)
    assert outcome.action is Action.ACKNOWLEDGE
    assert said(outcome) == phrases(lang).say("thanks")
    assert outcome.reply is not None
    assert outcome.reply.citations == outcome.reply.quick_replies == ()
    assert outcome.confidence is None


@pytest.mark.parametrize(("text", "lang"), COMPLAINTS)
def test_complaint_goes_to_a_person(decide: Decide, text: str, lang: str) -> None:
    outcome = decide(text)
    assert outcome.action is Action.HANDOFF
    assert outcome.handoff is not None
    assert outcome.handoff.reason is HandoffReason.COMPLAINT
    assert (outcome.handoff.queue, outcome.owner) == ("complaints", Owner.WAITING)
    assert outcome.lang == lang


@pytest.mark.parametrize(("text", "lang"), COMPLAINTS)
def test_complaint_is_met_without_praise_and_without_discounts(
    decide: Decide, text: str, lang: str
) -> None:
    told = said(decide(text)).lower()
    assert not [word for word in FORBIDDEN[lang] if word in told]


BOT_QUESTIONS = [
    ("ты бот?", "ru"),
    ("Вы робот?", "ru"),
    ("вы живой человек?", "ru"),
    ("С кем я говорю?", "ru"),
    ("я с ботом общаюсь или с человеком?", "ru"),
    ("are you a bot?", "en"),
    ("is this a bot?", "en"),
    ("are you human?", "en"),
    ("Am I talking to a real person?", "en"),
]


@pytest.mark.parametrize(("text", "lang"), BOT_QUESTIONS)
@pytest.mark.parametrize("owner", [Owner.BOT, Owner.WAITING])
def test_bot_says_plainly_that_it_is_one(
    decide: Decide, text: str, lang: str, owner: Owner
) -> None:
    phrase = "am_a_bot_waiting" if owner is Owner.WAITING else "am_a_bot"
    assert phrases(lang).say(phrase) in said(decide(text, owner=owner))


@pytest.mark.parametrize(("text", "lang"), BOT_QUESTIONS)
def test_asking_whether_it_is_a_bot_calls_nobody(decide: Decide, text: str, lang: str) -> None:
    assert decide(text).action is Action.ACKNOWLEDGE


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("ты бот или человек? и ещё скажи пожалуйста как мне удалить аккаунт на сайте", "ru"),
        ("Are you a bot? And please tell me how do I delete my account on this site", "en"),
        ("Вы бот или человек? Курьер опять не приехал, третий день жду заказ, надоело", "ru"),
    ],
)
def test_bot_says_so_also_where_something_else_is_asked(
    decide: Decide, text: str, lang: str
) -> None:
    outcome = decide(text)
    assert said(outcome).startswith(phrases(lang).say("am_a_bot"))
    assert len(said(outcome)) > len(phrases(lang).say("am_a_bot")) + 20


@pytest.mark.parametrize(
    "text",
    [
        "позовите оператора",
        "хочу поговорить с живым человеком",
        "оператор",
        "get me a human please",
        "I want to talk to a human",
    ],
)
def test_wish_for_a_person_is_granted_at_once(decide: Decide, text: str) -> None:
    outcome = decide(text)
    assert outcome.handoff is not None
    assert outcome.handoff.reason is HandoffReason.CUSTOMER_REQUEST
    assert outcome.owner is Owner.WAITING


@pytest.mark.parametrize(
    "text", ["хочу покончить с собой", "меня ударило током от вашей дрели", "I want to kill myself"]
)
@pytest.mark.parametrize("owner", [Owner.BOT, Owner.WAITING])
def test_danger_goes_to_the_urgent_queue_also_when_waiting_already(
    decide: Decide, text: str, owner: Owner
) -> None:
    outcome = decide(text, owner=owner)
    assert outcome.handoff is not None
    assert outcome.handoff.reason is HandoffReason.UNSAFE
    assert outcome.handoff.queue == "urgent"
    assert "112" in said(outcome)


@pytest.mark.parametrize(
    ("question", "reaction"),
    [
        ("Как удалить аккаунт?", "не помогло"),
        ("Как удалить аккаунт?", "вы меня не поняли"),
        ("How do I delete my account?", "That did not help"),
    ],
)
def test_answer_that_did_not_help_is_not_given_again(
    decide: Decide, question: str, reaction: str
) -> None:
    outcome = decide(reaction, history=answered(question, decide(question)))
    assert outcome.handoff is not None
    assert outcome.handoff.reason is HandoffReason.REPEATED


def test_not_helped_without_an_answer_before_is_no_repetition(decide: Decide) -> None:
    outcome = decide("не помогло")
    assert outcome.action is Action.HANDOFF
    assert outcome.handoff is not None
    assert outcome.handoff.reason is not HandoffReason.REPEATED


@pytest.mark.parametrize(
    "text",
    [
        "позовите оператора",
        "Привезли не тот товар, это безобразие",
        "zxcvb qwert asdfg",
        "не помогло",
    ],
)
def test_waiting_dialog_is_not_handed_over_twice(decide: Decide, text: str) -> None:
    outcome = decide(text, owner=Owner.WAITING, history=[turn_of_customer("где заказ")])
    assert outcome.action is Action.ACKNOWLEDGE
    assert outcome.owner is Owner.WAITING
    assert outcome.handoff is None


def test_waiting_customer_who_asks_again_is_told_that_it_is_done(decide: Decide) -> None:
    told = said(decide("позовите оператора", owner=Owner.WAITING))
    assert told.startswith(phrases("ru").say("waiting_already"))


def test_waiting_customer_is_told_the_hours_once(decide: Decide) -> None:
    handed = decide("позовите оператора")
    history = [turn_of_customer("позовите оператора"), turn_of_bot(said(handed), Action.HANDOFF)]
    told = said(decide("не помогло", owner=Owner.WAITING, history=history))
    assert told == phrases("ru").say("waiting_added")
    again = said(decide("позовите оператора", owner=Owner.WAITING, history=history))
    assert len(again) > len(phrases("ru").say("waiting_already"))


def test_waiting_customer_still_gets_an_answer_and_keeps_the_place(decide: Decide) -> None:
    outcome = decide("Как удалить аккаунт?", owner=Owner.WAITING)
    assert outcome.action is Action.ANSWER
    assert outcome.owner is Owner.WAITING
    assert said(outcome).startswith(phrases("ru").say("waiting_meanwhile"))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("алло", "waiting_here"),
        ("алло вы тут?", "am_a_bot_waiting"),
        ("ау", "waiting_here"),
        ("ок", "waiting_here"),
        ("жду", "waiting_here"),
        ("привет", "waiting_here"),
        ("???", "waiting_here"),
        ("ну и где оператор", "waiting_here"),
        ("а долго ждать оператора?", "waiting_here"),
        ("спасибо, я подожду", "waiting_thanks"),
        ("ты бот?", "am_a_bot_waiting"),
    ],
)
def test_remark_of_somebody_who_waits_is_answered_as_such(
    decide: Decide, text: str, phrase: str
) -> None:
    outcome = decide(text, owner=Owner.WAITING)
    assert outcome.action is Action.ACKNOWLEDGE
    assert outcome.owner is Owner.WAITING
    assert said(outcome).startswith(phrases(outcome.lang).say(phrase))


@pytest.mark.parametrize(("text", "again"), [("ок", False), ("а долго ждать оператора?", True)])
def test_what_happens_next_is_told_again_to_whoever_asks(
    decide: Decide, text: str, again: bool
) -> None:
    handed = said(decide("позовите оператора"))
    opening = phrases("ru").say("handoff_customer_request")
    what_next = handed.removeprefix(opening).partition("\n\n")[0].strip()
    history = [turn_of_customer("позовите оператора"), turn_of_bot(handed, Action.HANDOFF)]
    told = said(decide(text, owner=Owner.WAITING, history=history))
    assert told.startswith(phrases("ru").say("waiting_here"))
    assert (what_next in told) is again


@pytest.mark.parametrize("text", ["верните", "какая погода", "где", "when"])
def test_what_is_no_greeting_is_not_greeted(decide: Decide, text: str) -> None:
    assert phrases("ru").say("introduction") not in said(decide(text))
    assert phrases("en").say("introduction") not in said(decide(text))


def test_second_addition_is_not_answered_in_the_same_words(decide: Decide) -> None:
    first = said(decide("Привезли не тот товар", owner=Owner.WAITING))
    history = [turn_of_customer("Привезли не тот товар"), turn_of_bot(first, Action.ACKNOWLEDGE)]
    second = said(decide("и коробка мятая", owner=Owner.WAITING, history=history))
    assert second.startswith(phrases("ru").say("waiting_added_too"))


@pytest.mark.parametrize(
    ("danger", "after", "lang"),
    [
        ("меня ударило током от вашей дрели", "рука до сих пор болит", "ru"),
        ("the drill gave me an electric shock", "my arm still hurts", "en"),
    ],
)
def test_danger_that_goes_on_is_not_only_added(
    decide: Decide, danger: str, after: str, lang: str
) -> None:
    told = said(decide(danger))
    history = [turn_of_customer(danger), turn_of_bot(told, Action.HANDOFF)]
    again = decide(after, owner=Owner.WAITING, history=history)
    assert again.owner is Owner.WAITING
    assert "112" in said(again)


def test_number_given_while_waiting_is_no_question(decide: Decide) -> None:
    history = [turn_of_customer("где мой заказ?"), turn_of_bot("Зову", Action.HANDOFF)]
    outcome = decide("заказ 88213 если что", owner=Owner.WAITING, history=history)
    assert outcome.action is Action.ACKNOWLEDGE


def test_same_answer_is_not_said_twice_whatever_was_asked(decide: Decide) -> None:
    question = "Как удалить аккаунт?"
    first = decide(question)
    outcome = decide(
        "Как удалить аккаунт насовсем в приложении?", history=answered(question, first)
    )
    assert outcome.answer is None or outcome.answer != first.answer


@pytest.mark.parametrize(
    "text", ["привет", "спасибо", "ты бот?", "Как удалить аккаунт?", "👍", "хочу покончить с собой"]
)
def test_bot_is_silent_where_a_person_answers(decide: Decide, text: str) -> None:
    outcome = decide(text, owner=Owner.HUMAN)
    assert outcome.action is Action.SILENT
    assert outcome.owner is Owner.HUMAN
    assert outcome.reply is outcome.handoff is outcome.confidence is None
    assert outcome.intent.label


def test_greeting_in_the_middle_of_a_dialog_forgets_nothing(decide: Decide) -> None:
    history = [turn_of_customer("как удалить аккаунт"), turn_of_bot("Так", Action.ANSWER, "a")]
    assert decide("добрый вечер", history=history).action is Action.ACKNOWLEDGE
