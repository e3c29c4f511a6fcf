"""Each fault is found where it stands; near misses are let through."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.wording.checking import find_faults
from assistant.wording.fault import Fault, FaultCode, WordingContext

NOTHING = WordingContext()


def codes(text: str, lang: str = "ru", facts: WordingContext = NOTHING) -> set[str]:
    return {fault.code.value for fault in find_faults(text, lang, facts=facts)}


@pytest.mark.parametrize(
    ("lang", "text", "code"),
    [
        ("ru", "Мы ценим ваш выбор.", "hollow"),
        ("ru", "Ваше мнение очень важно для нас.", "hollow"),
        ("ru", "Отличный вопрос!", "hollow"),
        ("en", "Your call is important to us.", "hollow"),
        ("en", "Great question!", "hollow"),
        ("ru", "Я не бот.", "denies_bot"),
        ("ru", "Меня зовут Анна.", "denies_bot"),
        ("en", "I'm a real person.", "denies_bot"),
        ("en", "My name is Anna.", "denies_bot"),
        ("ru", "Согласно отрывку, срок 10 дней.", "leak"),
        ("en", "As an AI language model, I can't.", "leak"),
        ("en", '{"action": "answer"}', "leak"),
        ("ru", "Назовите код из СМС.", "asks_for_secret"),
        ("en", "Please send us your password.", "asks_for_secret"),
        ("ru", "Вы сами виноваты.", "blame"),
        ("en", "You should have read the terms.", "blame"),
        ("ru", "Это не наша проблема.", "rude"),
        ("en", "Calm down.", "rude"),
        ("ru", "Чем ещё могу помочь?", "chatter"),
        ("en", "Is there anything else?", "chatter"),
        ("ru", "ВОЗВРАТ НЕВОЗМОЖЕН.", "shouting"),
        ("en", "No refunds!!!", "shouting"),
        ("ru", "Возврат " * 60, "too_long"),
        ("ru", "Извините, доставка платная.", "empty_apology"),
        ("en", "Sorry, delivery is paid.", "empty_apology"),
    ],
)
def test_a_fault_is_found_alone(lang: str, text: str, code: str) -> None:
    assert codes(text, lang) == {code}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ru", "Важно сохранить упаковку."),
        ("ru", "Я бот, а не человек."),
        ("ru", "Я не оператор."),
        ("ru", "По правилам магазина нужны бирки."),
        ("ru", "Никому не сообщайте код из СМС."),
        ("ru", "Введите пароль на странице входа."),
        ("ru", "Если вы указали неверный адрес, измените его."),
        ("ru", "Код придёт по SMS."),
        ("ru", "Робот-пылесос можно вернуть."),
        ("ru", "Извините, я не понял вопрос."),
        ("en", "It is important to keep the packaging."),
        ("en", "I'm a bot, not a human."),
        ("en", "I'm not an operator."),
        ("en", "According to the return policy, tags are needed."),
        ("en", "Never tell anyone your CVV."),
        ("en", "If you entered a wrong address, change it."),
        ("en", "A robot vacuum can be returned."),
        ("en", "Sorry, I didn't understand the question."),
    ],
)
def test_a_near_miss_is_fine(lang: str, text: str) -> None:
    assert codes(text, lang) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Мы «ценим»  ваш **выбор** 💛",
        "Мы цeним вaш выбор",
        "Мы ц\u200bеним ваш выбор",
        "Мы ц е н и м ваш выбор",
    ],
)
def test_decoration_and_lookalike_letters_hide_nothing(text: str) -> None:
    assert codes(text) == {"hollow"}


def test_the_span_is_of_the_sentence_as_it_came() -> None:
    text = "Да 💛 «Отличный»  вопрос, ёлки."
    (fault,) = find_faults(text, "ru", facts=NOTHING)
    assert text[fault.start : fault.end] == "Отличный»  вопрос"
    assert fault.rule == "flattery"


def test_words_of_the_other_language_are_checked_too() -> None:
    assert codes("Конечно: I am a real person.") == {"denies_bot"}
    assert codes("Sure, я живой человек.", "en") == {"denies_bot"}


def test_an_apology_for_a_concrete_matter_answers_a_complaint() -> None:
    complaint = WordingContext(complaint=True)
    assert codes("Извините, что курьер не приехал.", facts=complaint) == set()
    assert codes("Извините, что так вышло.", facts=complaint) == {"empty_apology"}
    assert codes("Sorry about the broken mug.", "en", complaint) == set()
    assert codes("We are sorry for what happened.", "en", complaint) == {"empty_apology"}


def test_the_bots_own_name_is_no_denial() -> None:
    named = WordingContext(bot_name="Анна")
    assert codes("Меня зовут Анна.", facts=named) == set()
    assert codes("Меня зовут Ольга.", facts=named) == {"denies_bot"}


def test_a_live_person_may_be_promised_only_by_a_handover() -> None:
    text = "Вам ответит живой оператор."
    assert codes(text, facts=WordingContext(handed_over=True)) == set()
    assert codes(text) == {"false_promise"}


def test_capitals_of_the_evidence_are_not_shouted() -> None:
    stated = WordingContext(evidence=("Отправитель называется TROPINKA.",))
    assert codes("Код пришлёт TROPINKA.", facts=stated) == set()
    assert codes("Код пришлёт TROPINKA.") == {"shouting"}


@pytest.mark.parametrize("text", ["", " ", "💛", "…", "\u200b", "\n\n"])
def test_nothing_said_is_no_fault(text: str) -> None:
    assert find_faults(text, "ru", facts=NOTHING) == []


def test_faults_come_in_order_and_once() -> None:
    text = "Отличный вопрос! Я проверю и перезвоню вам. Дарим скидку 10 %."
    found = find_faults(text, "ru", facts=NOTHING)
    assert [fault.code for fault in found] == [
        FaultCode.HOLLOW,
        FaultCode.FALSE_PROMISE,
        FaultCode.OFFER,
    ]
    assert found == sorted(set(found), key=lambda fault: fault.start)
    assert all(isinstance(fault, Fault) and fault.rule for fault in found)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=80), lang=st.sampled_from(["ru", "en"]))
def test_any_text_is_read_and_every_span_lies_in_it(text: str, lang: str) -> None:
    facts = WordingContext(evidence=(text[::-1], text), complaint=True, ticket_number="5")
    for fault in find_faults(text, lang, facts=facts):
        assert 0 <= fault.start < fault.end <= len(text)
