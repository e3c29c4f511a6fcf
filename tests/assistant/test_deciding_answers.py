"""Questions: answered from an article, asked back, or handed over."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.deciding import Context
from assistant.domain import Action, Audience, HandoffReason, Owner
from assistant.drafting import render
from assistant.settings import Settings
from assistant.wiring import Parts, build_parts
from prompts.loader import phrases
from tests.assistant.conftest import (
    Decide,
    answered,
    said,
    turn_of_bot,
    turn_of_customer,
)
from tests.assistant.writing.scripted import ScriptedModels

ANSWERED = [
    ("Как удалить аккаунт?", "account-delete"),
    ("Как поменять номер телефона в профиле?", "account-change-phone"),
    ("Какие документы нужны, чтобы стать продавцом?", "marketplace-become-seller"),
    ("How do I delete my account?", "en-account-delete"),
    ("How can I check a gift card balance?", "en-gift-cards-faq"),
]
ON_ANOTHER_MATTER = [
    "Какая погода завтра в Москве?",
    "какой курс доллара",
    "рецепт борща",
    "как называется столица Австралии",
    "write me a poem about the sea",
    "who won the world cup in 1998",
    "zxcvb qwert asdfg",
]


@pytest.mark.parametrize(("question", "article_id"), ANSWERED)
def test_question_is_answered_from_the_article_on_it(
    decide: Decide, question: str, article_id: str
) -> None:
    outcome = decide(question)
    assert outcome.action is Action.ANSWER
    assert outcome.owner is Owner.BOT
    assert outcome.reply is not None
    assert {item.article_id for item in outcome.reply.citations} == {article_id}


@pytest.mark.parametrize(("question", "article_id"), ANSWERED)
def test_answer_is_nothing_but_quotes_of_its_article(
    parts: Parts, decide: Decide, question: str, article_id: str
) -> None:
    knowledge = parts.library.current()
    reply = decide(question).reply
    assert knowledge is not None
    assert reply is not None
    article = knowledge.articles[article_id]
    assert [item.quote for item in reply.citations if item.quote not in article.text] == []
    assert {item.title for item in reply.citations} == {article.title}
    assert reply.text == "\n".join(render(item.quote) for item in reply.citations)


@pytest.mark.parametrize(("question", "article_id"), ANSWERED)
def test_answer_has_a_confidence_and_a_button_to_a_person(
    parts: Parts, decide: Decide, question: str, article_id: str
) -> None:
    outcome = decide(question)
    assert outcome.confidence is not None
    assert parts.decider.confidence_model(outcome.lang).answer_from <= outcome.confidence <= 1
    assert outcome.reply is not None
    assert [button.id for button in outcome.reply.quick_replies] == ["handoff"]
    assert outcome.passages[0].article.article_id == article_id


def test_outcome_says_from_which_texts_and_which_snapshot_it_came(
    parts: Parts, decide: Decide
) -> None:
    outcome = decide("Как удалить аккаунт?")
    knowledge = parts.library.current()
    assert knowledge is not None
    assert outcome.snapshot == knowledge.snapshot_id
    assert outcome.prompt_versions["phrases/ru"] == phrases("ru").file.label
    assert {"understand", "find", "draft"} <= set(outcome.timings_ms)


@pytest.mark.parametrize("text", ON_ANOTHER_MATTER)
def test_message_on_another_matter_is_handed_over_and_not_answered(
    decide: Decide, text: str
) -> None:
    outcome = decide(text)
    assert outcome.action is Action.HANDOFF
    assert outcome.handoff is not None
    assert outcome.handoff.reason in (
        HandoffReason.NO_EVIDENCE,
        HandoffReason.LOW_CONFIDENCE,
        HandoffReason.OUT_OF_SCOPE,
    )
    assert outcome.reply is not None
    assert outcome.reply.citations == ()
    assert outcome.confidence is None


@pytest.mark.parametrize(
    "again",
    [
        "Как удалить аккаунт?",
        "как удалить аккаунт",
        "КАК УДАЛИТЬ АККАУНТ???",
        "как мне удалить свой аккаунт",
    ],
)
def test_question_asked_again_after_its_answer_goes_to_a_person(decide: Decide, again: str) -> None:
    question = "Как удалить аккаунт?"
    outcome = decide(again, history=answered(question, decide(question)))
    assert outcome.handoff is not None
    assert outcome.handoff.reason is HandoffReason.REPEATED
    assert outcome.reply is not None
    assert outcome.reply.citations == ()


def test_another_question_after_an_answer_is_answered(decide: Decide) -> None:
    before = "Как поменять номер телефона в профиле?"
    outcome = decide("Как удалить аккаунт?", history=answered(before, decide(before)))
    assert outcome.action is Action.ANSWER


def test_same_question_after_a_handoff_that_was_given_back_is_answered(decide: Decide) -> None:
    history = [turn_of_customer("Как удалить аккаунт?"), turn_of_bot("Зову", Action.HANDOFF)]
    assert decide("Как удалить аккаунт?", history=history).action is Action.ANSWER


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("а в Казань?", "ru"),
        ("and to Kazan?", "en"),
        ("нет", "ru"),
        ("nope", "en"),
        ("ну и?", "ru"),
    ],
)
def test_follow_up_of_nothing_is_asked_back(decide: Decide, text: str, lang: str) -> None:
    outcome = decide(text)
    assert outcome.action is Action.CLARIFY
    assert said(outcome) == phrases(lang).say("which_matter")


def test_follow_up_is_looked_up_with_the_question_before_it(decide: Decide) -> None:
    history = [turn_of_customer("Как удалить аккаунт?"), turn_of_bot("Так", Action.ANSWER, "x")]
    outcome = decide("а восстановить?", history=history)
    assert outcome.question == "Как удалить аккаунт? а восстановить?"
    assert outcome.passages[0].article.article_id == "account-delete"


def test_customers_see_no_article_for_operators_and_none_that_is_outdated(
    parts: Parts, decide: Decide
) -> None:
    knowledge = parts.library.current()
    assert knowledge is not None
    hidden = {
        item.article_id
        for item in knowledge.articles.values()
        if item.audience is Audience.OPERATOR or not item.is_for_customers(date.today())
    }
    assert hidden, "the sample holds such articles"
    for question in (
        "сколько живут баллы клуба и сколько процентов заказа можно оплатить",
        "какую скидку за неудобства может дать оператор",
        "когда эскалировать ремонт по гарантии",
    ):
        shown = {passage.article.article_id for passage in decide(question).passages}
        assert not shown & hidden


@pytest.mark.parametrize(
    ("question", "lang"), [("Как удалить аккаунт?", "ru"), ("How do I delete my account?", "en")]
)
def test_answer_is_in_the_language_of_the_question(
    decide: Decide, question: str, lang: str
) -> None:
    outcome = decide(question, locale="en" if lang == "ru" else "ru")
    assert outcome.lang == lang
    assert outcome.passages[0].article.lang == lang
    assert outcome.reply is not None
    assert outcome.reply.disclosure.text == phrases(lang).say("disclosure")


@pytest.mark.parametrize(
    "text",
    [
        "можно вопрос?",
        "есть вопрос",
        "вопрос",
        "Здравствуйте! Подскажите, пожалуйста",
        "у меня ещё один вопрос",
        "хочу спросить",
        "can you help me?",
        "Hi! I have a quick question",
    ],
)
def test_message_that_only_announces_a_question_is_asked_for_it(decide: Decide, text: str) -> None:
    outcome = decide(text)
    assert outcome.action is Action.CLARIFY
    assert said(outcome) == phrases(outcome.lang).say("ask_away")


@pytest.mark.parametrize("text", ["помогите", "подскажите адрес", "вопрос по возврату", "help!!"])
def test_message_with_a_matter_or_a_cry_announces_nothing(decide: Decide, text: str) -> None:
    outcome = decide(text)
    assert said(outcome) != phrases(outcome.lang).say("ask_away")


def test_question_announced_twice_calls_a_person(decide: Decide) -> None:
    first = decide("можно вопрос?")
    history = [turn_of_customer("можно вопрос?"), turn_of_bot(said(first), Action.CLARIFY)]
    again = decide("можно задать вопрос", history=history)
    assert again.handoff is not None
    assert again.handoff.reason is HandoffReason.CUSTOMER_REQUEST


@pytest.mark.parametrize("text", ["мне нужна помощь", "i need help please"])
def test_call_for_help_after_an_answer_announces_nothing(decide: Decide, text: str) -> None:
    question = "Как удалить аккаунт?"
    outcome = decide(text, history=answered(question, decide(question)))
    assert said(outcome) != phrases(outcome.lang).say("ask_away")


class _Broken:
    """Written answers with a fault of ours in them."""

    def write(self, *_: object) -> None:
        raise IndexError("a fault in the check")


def test_fault_in_reading_a_draft_costs_the_customer_only_the_models_words(
    parts: Parts, decide: Decide, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=parts.settings.data_dir, support_hours="", _env_file=None)
    decider = build_parts(settings, models=ScriptedModels("")).decider
    decider._written = _Broken()  # type: ignore[assignment]
    outcome = decider.decide(Context("Как удалить аккаунт?"))
    assert said(outcome) == said(decide("Как удалить аккаунт?"))
    assert "a draft could not be read" in caplog.text
