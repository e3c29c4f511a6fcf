"""What is promised is true, or is found."""

from __future__ import annotations

import pytest

from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext
from prompts.loader import LANGUAGES, phrases

COURIER = (
    "Курьер звонит за 30–60 минут до приезда.",
    "The courier calls 30 minutes before arriving.",
)
REFUND = (
    "После проверки мы вернём деньги на карту в течение 10 рабочих дней.",
    "After the check we will refund the money to your card within 10 working days.",
)
NOTHING = WordingContext()
HANDED_OVER = WordingContext(handed_over=True)
TICKET = WordingContext(ticket_number="A-120")


def promises(text: str, lang: str, facts: WordingContext = NOTHING) -> list[str]:
    return [
        text[fault.start : fault.end]
        for fault in find_faults(text, lang, facts=facts)
        if fault.code is FaultCode.FALSE_PROMISE
    ]


@pytest.mark.parametrize(
    ("lang", "text", "found"),
    [
        ("ru", "Здравствуйте! Я уточню и вернусь к вам.", "уточню"),
        ("ru", "Хорошо, мы вам перезвоним.", "перезвоним"),
        ("ru", "С вами свяжется специалист.", "свяжется специалист"),
        ("ru", "Уже оформил возврат.", "оформил"),
        ("ru", "Ваш заказ отменён.", "отменён"),
        ("en", "Sure, I'll check and get back to you.", "I'll check"),
        ("en", "A specialist will call you.", "specialist will call"),
        ("en", "I've issued a refund.", "I've issued"),
        ("en", "Your order has been cancelled.", "has been cancelled"),
    ],
)
def test_a_promise_is_found_where_it_stands(lang: str, text: str, found: str) -> None:
    assert promises(text, lang) == [found]


@pytest.mark.parametrize(("lang", "text"), [("ru", "Я не проверю."), ("en", "I will not check.")])
def test_what_is_denied_is_no_promise(lang: str, text: str) -> None:
    assert promises(text, lang) == []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Уточните у банка и свяжитесь с поддержкой."),
        ("ru", "Если заказ отменён, деньги вернутся."),
        ("ru", "Подскажу, как оформить возврат."),
        ("ru", "Если нужен человек, напишите, и я позову оператора."),
        ("en", "Check with your bank and contact support."),
        ("en", "Once your return has been approved, you get an email."),
        ("en", "I'll explain how returns work."),
        ("en", "If you need a person, just say so and I'll call an operator."),
    ],
)
def test_advice_conditions_and_speech_are_no_promises(lang: str, text: str) -> None:
    assert promises(text, lang) == []


def test_the_shop_keeps_what_its_articles_say_and_nothing_else() -> None:
    stated = WordingContext(evidence=(*COURIER, *REFUND))
    for lang, text in [
        ("ru", "Курьер позвонит вам за час до приезда."),
        ("ru", "Мы вернём деньги на карту."),
        ("en", "The courier will call you before arriving."),
        ("en", "We will refund the money to your card."),
    ]:
        assert promises(text, lang, stated) == []
        assert promises(text, lang) != []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Я верну деньги на карту в течение 10 рабочих дней."),
        ("ru", "Менеджер позвонит вам за 30 минут до приезда."),
        ("ru", "Мы уже вернули вам деньги на карту."),
        ("en", "I will refund the money to your card within 10 working days."),
        ("en", "A manager will call you 30 minutes before arriving."),
        ("en", "We have already refunded the money to your card."),
    ],
)
def test_an_article_makes_true_neither_the_bots_deeds_nor_others_nor_past_ones(
    lang: str, text: str
) -> None:
    assert promises(text, lang, WordingContext(evidence=(*COURIER, *REFUND))) != []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Передаю ваш вопрос оператору, он ответит в этом чате."),
        ("ru", "Вам ответит живой человек."),
        ("en", "I've passed your question to an operator, who will answer here."),
        ("en", "A person will answer you here."),
    ],
)
def test_a_handover_may_be_told_when_there_is_one(lang: str, text: str) -> None:
    assert find_faults(text, lang, facts=HANDED_OVER) == []
    assert promises(text, lang) != []


@pytest.mark.parametrize(
    ("lang", "key", "said"),
    [
        (lang, key, said)
        for lang in LANGUAGES
        for key, said in phrases(lang).file.content.items()
        if key.startswith(("handoff", "next", "waiting", "am_a_bot", "offer", "complaint"))
    ],
)
def test_what_the_service_itself_says_of_a_handover_is_true(lang: str, key: str, said: str) -> None:
    # A wait in minutes is the service's to know: no sentence that a model writes may name one.
    if "{" not in said:
        assert find_faults(said, lang, facts=HANDED_OVER) == [], key


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Оператор перезвонит вам."),
        ("ru", "Оператор ответит вам в течение 5 минут."),
        ("ru", "Я сам свяжусь с вами."),
        ("en", "An operator will call you back."),
        ("en", "An operator will answer you within 5 minutes."),
        ("en", "I will contact you myself."),
    ],
)
def test_a_handover_promises_no_call_no_time_and_nothing_of_the_bot(lang: str, text: str) -> None:
    assert promises(text, lang, HANDED_OVER) != []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Ваше обращение №A-120 зарегистрировано."),
        ("ru", "Номер вашей заявки: A-120."),
        ("en", "Your request #A-120 has been registered."),
        ("en", "Your ticket number is A-120."),
    ],
)
def test_only_the_tickets_own_number_may_be_said(lang: str, text: str) -> None:
    assert promises(text, lang, TICKET) == []
    assert promises(text.replace("120", "121"), lang, TICKET) != []
    assert promises(text, lang, HANDED_OVER) != []
