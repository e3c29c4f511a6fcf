"""What a customer has said is found, told to the operator and not asked again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assistant.certainty import Certainty
from assistant.claims.checking import ClaimChecker
from assistant.confidence import load_confidence
from assistant.deciding import Context, Decider
from assistant.domain import Action, Customer, IncomingMessage, Said
from assistant.handoff import known_line
from assistant.known import (
    CITY,
    Known,
    asks_for_known,
    find_known,
    in_words,
    known_document,
    names_of_kinds,
)
from assistant.pipeline import Assistant
from assistant.privacy.entities import KINDS
from assistant.privacy.masker import Masker
from assistant.privacy.masking import Masking
from assistant.wiring import Parts
from assistant.writing.prompting import messages_for
from assistant.writing.task import WritingTask
from assistant.writing.writer import Writer
from assistant.written_answers import WrittenAnswers
from prompts.loader import LANGUAGES, read
from tests.assistant.test_handoff import situation
from tests.assistant.writing.scripted import ScriptedModels, reply

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUESTION = "Как удалить аккаунт?"
MASKER = Masker()


def said(*texts: str) -> list[Said]:
    """Messages, the newest first, an hour between."""
    return [
        Said(text, f"d-{at}", "web", NOW - timedelta(hours=at)) for at, text in enumerate(texts)
    ]


def known(kind: str, value: str = "x") -> Known:
    return Known(kind, value, "d-1", "web", NOW)


def pairs(*texts: str) -> list[tuple[str, str]]:
    return [(item.kind, item.value) for item in find_known(said(*texts), MASKER)]


def test_everything_he_said_of_himself_is_found_newest_first() -> None:
    assert pairs(
        "где мой заказ 10432?",
        "почта ivan@mail.ru, я Анна Иванова",
        "телефон +7 916 123-45-67, живу: Казань, ул. Ленина, 5, кв 3",
    ) == [
        ("order", "10432"),
        ("email", "ivan@mail.ru"),
        ("name", "Анна Иванова"),
        ("phone", "+7 916 123-45-67"),
        ("address", "Казань, ул. Ленина, 5, кв 3"),
    ]


def test_numbers_of_a_long_dialog_are_found_however_long_ago() -> None:
    talk = [f"ну и что дальше {'да ' * at}" for at in range(100)]
    assert pairs(*talk, "где заказ 55555?", "почта ivan@mail.ru") == [
        ("order", "55555"),
        ("email", "ivan@mail.ru"),
    ]


def test_contact_that_was_taken_back_long_ago_is_none_either() -> None:
    talk = ["ну и что дальше"] * 100
    assert pairs(*talk, "не звоните мне больше", "мой телефон +7 916 123-45-67") == []


def test_town_alone_is_found_too() -> None:
    assert pairs("сколько идёт доставка в Казань") == [(CITY, "Казань")]


def test_value_said_twice_stands_once_as_it_was_said_last() -> None:
    (found,) = find_known(said("мой номер 8 916 123 45 67", "телефон +7 (916) 123-45-67"), MASKER)
    assert (found.value, found.dialog_id, found.at) == ("8 916 123 45 67", "d-0", NOW)
    assert known_document(found) == {
        "kind": "phone",
        "value": "8 916 123 45 67",
        "dialog_id": "d-0",
        "channel": "web",
        "at": "2026-03-02T12:00:00Z",
    }


def test_nothing_said_is_nothing_known() -> None:
    assert pairs("как удалить аккаунт", "спасибо") == []
    assert in_words((), "ru") == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_has_its_words(lang: str) -> None:
    words = read("lexicon/known").content[lang]
    assert set(words) == {*KINDS, CITY}
    assert all(entry["named"] and entry["asks"] for entry in words.values())
    every = [known(kind) for kind in words]
    assert not asks_for_known("", every)
    assert not asks_for_known(QUESTION, every)
    assert len(names_of_kinds(every, lang)) == len(words)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Подскажите, пожалуйста, номер заказа?", "order"),
        ("Какой у вас номер телефона?", "phone"),
        ("Как к вам обращаться?", "name"),
        ("В каком городе вы находитесь?", CITY),
        ("По какому адресу доставить заказ?", "address"),
        ("Какой адрес электронной почты указан?", "email"),
        ("What is your order number?", "order"),
        ("Could you tell me your phone number?", "phone"),
        ("Which city do you live in?", CITY),
    ],
)
def test_question_for_what_is_known_is_recognised(question: str, kind: str) -> None:
    assert asks_for_known(question, [known(kind)])
    other = "passport" if kind != "passport" else "inn"
    assert not asks_for_known(question, [known(other)])


@pytest.mark.parametrize(
    "question",
    [
        "Какая у вас модель телефона?",
        "Вы оформляли заказ через приложение или сайт?",
        "Деньги вернуть на карту или на счёт?",
        "Which phone model do you have?",
        "Do you want a refund or an exchange?",
    ],
)
def test_question_for_something_else_may_be_asked(question: str) -> None:
    every = [known(kind) for kind in (*KINDS, CITY)]
    assert not asks_for_known(question, every)


def test_operator_reads_in_the_summary_what_is_known() -> None:
    told = (known("phone", "+7 916 123-45-67"), known("order", "2"), known("order", "1"))
    case = replace(situation(), known=told)
    told = "Уже известно: телефон +7 916 123-45-67; номер заказа 2, 1."
    assert known_line(case, "ru") == told
    assert known_line(case, "en").startswith("Known already: phone +7")
    assert known_line(situation(), "ru") == ""


# --- the drafting step ---------------------------------------------------------------------------


def prompt(*told: Known, lang: str = "ru") -> str:
    task = WritingTask(QUESTION, [], lang, known=told)
    return messages_for(task, Masking(MASKER))[1]["content"]


def test_model_is_told_the_kinds_and_never_the_values() -> None:
    sent = prompt(known("phone", "+7 916 123-45-67"), known("order", "10432"))
    assert "Уже известно от клиента: телефон, номер заказа." in sent
    assert "916" not in sent
    assert "10432" not in sent
    assert "phone" in prompt(known("phone", "1"), lang="en")


def test_prompt_is_as_ever_when_nothing_is_known() -> None:
    assert "известно" not in prompt()
    assert prompt().endswith("Тон: спокойно и по делу.")


@pytest.fixture
def asks_for_phone(parts: Parts) -> Decider:
    """The real decisions, with a model that asks for a phone, which the article names too."""
    question = "Какой номер телефона указан в профиле аккаунта?"
    models = ScriptedModels(reply((question, [1]), action="clarify"))
    checker = ClaimChecker(parts.embedder)  # type: ignore[arg-type]
    return Decider(
        library=parts.library,
        understander=parts.understander,
        certainty=Certainty(load_confidence(), None),
        staffing=parts.staffing,
        rules=parts.rules,
        written=WrittenAnswers(Writer(models, checker, MASKER, 5), parts.embedder),
    )


def test_question_for_what_was_said_is_not_asked(asks_for_phone: Decider) -> None:
    asked = asks_for_phone.decide(Context(QUESTION))
    assert asked.action is Action.CLARIFY
    told = [known("phone", "+7 916 123-45-67")]
    answered = asks_for_phone.decide(Context(QUESTION, known=told))
    assert answered.action is Action.ANSWER
    assert answered.written is not None
    assert answered.written.question == ""


# --- the street ----------------------------------------------------------------------------------


def test_what_was_said_in_an_earlier_dialog_stands_in_the_handoff(street: Assistant) -> None:
    anna = Customer(id="c-17")
    for text, channel in (("мой телефон +7 916 123-45-67", "telegram"), (QUESTION, "web")):
        street.reply(IncomingMessage(text=text, channel=channel, customer=anna))
    handed_over = street.reply(IncomingMessage(text="позовите оператора", customer=anna)).document
    kept = street.store.view(handed_over["dialog_id"])["handoff"]
    assert "+7 916 123-45-67" in kept["known"]
    # The id is believed as the caller gives it: the reply must not bring another's telephone.
    assert "+7 916 123-45-67" not in json.dumps(handed_over, ensure_ascii=False)
    (item,) = street.known(handed_over["dialog_id"])
    assert (item.kind, item.channel) == ("phone", "telegram")
    stranger = street.reply(IncomingMessage(text="позовите оператора")).document
    assert "known" not in street.store.view(stranger["dialog_id"])["handoff"]


def test_button_hands_over_what_is_known_too(street: Assistant) -> None:
    dialog_id = street.reply(IncomingMessage(text="где мой заказ 10432")).document["dialog_id"]
    street.call_a_person(dialog_id)
    kept = street.store.view(dialog_id)["handoff"]
    assert kept["known"] == "Уже известно: номер заказа 10432."
