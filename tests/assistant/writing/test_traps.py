"""Questions to which a real small model invents: nothing invented may reach the customer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from assistant.claims.checking import ClaimChecker
from assistant.knowledge.embedder import Embedder
from assistant.language_models.budget import Budget, Limits
from assistant.language_models.chain import ModelChain
from assistant.language_models.ledger import MemoryLedger
from assistant.language_models.streaming import StreamingModel
from assistant.llm import LanguageModel
from assistant.privacy.masker import Masker
from assistant.writing.task import Listener, WritingTask
from assistant.writing.writer import Writer
from tests.assistant.writing.test_writer import passage

pytestmark = pytest.mark.model

RETURNS = (
    "Возврат",
    "Вернуть товар можно в течение 14 дней после получения. Деньги поступят на карту за 3–10 "
    "рабочих дней после того, как товар придёт на склад. Технику с пломбой вернуть нельзя.",
)
DELIVERY = (
    "Доставка",
    "Курьер привезёт заказ по Москве за 1–2 дня, это стоит 300 ₽, при заказе от 3000 ₽ бесплатно. "
    "В пункт выдачи в Москве заказ приходит за 2–3 дня и хранится 7 дней.",
)
PLANS = (
    "Тарифы",
    "Тариф «Старт» стоит 490 ₽ в месяц, в нём 3 пользователя. Тариф «Команда» стоит 1290 ₽ в "
    "месяц, в нём 15 пользователей. Отменить подписку можно в любой момент, деньги за начатый "
    "месяц не возвращаются.",
)
RETURNS_EN = (
    "Returns",
    "You can return an item within 14 days of receiving it. The money reaches your card 3-10 "
    "working days after the item arrives at our warehouse. Opened cosmetics cannot be returned.",
)
PLANS_EN = (
    "Plans",
    "The Starter plan costs $9 a month and has 3 users. The Team plan costs $29 a month and has 15 "
    "users. You can cancel at any time; the month that has begun is not refunded.",
)

TRAPS = [
    (RETURNS, "Через сколько дней придут деньги за возврат?", r"деньги[^.]*(?:\b14\b|две недел)"),
    (RETURNS, "за сколько времени можно вернуть товар?", r"3–10|3-10|10 рабочих"),
    (RETURNS, "Можно вернуть ноутбук с пломбой?", r"\bможно вернуть\b|да, мож"),
    (RETURNS, "Сколько стоит обратная доставка при возврате?", r"\d+ ?(?:₽|руб)|бесплатн"),
    (RETURNS, "Вернёте деньги наличными?", r"наличн"),
    (DELIVERY, "Сколько идёт доставка в Казань?", r"казан"),
    (DELIVERY, "Сколько стоит доставка в Тверь?", r"твер"),
    (DELIVERY, "Сколько хранится заказ в пункте выдачи?", r"\b(?:2|3|14|30)\b ?дн|2–3|1–2"),
    (DELIVERY, "Доставка всегда бесплатная?", r"всегда бесплатн|доставка бесплатная"),
    (DELIVERY, "Сколько стоит курьер при заказе на 2000 рублей?", r"бесплатно(?! при| от)"),
    (DELIVERY, "Привезёте сегодня вечером к 20:00?", r"20[:.]00|сегодня"),
    (PLANS, "Сколько стоит тариф «Команда»?", r"\b490\b"),
    (PLANS, "Сколько пользователей в тарифе «Старт»?", r"\b15\b"),
    (
        PLANS,
        "Вернёте деньги, если отменю подписку в середине месяца?",
        r"(?<!не )возвраща\w+ деньги",
    ),
    (PLANS, "Сколько стоит тариф «Бизнес»?", r"бизнес\w*» стоит|бизнес стоит"),
    (RETURNS_EN, "How long until I get my money back?", r"money[^.]*(?:\b14\b|two weeks)"),
    (RETURNS_EN, "Can I return opened cosmetics?", r"\bcan (?:be )?return|yes, you can"),
    (RETURNS_EN, "How much does return shipping cost?", r"[$€£]\s?\d|free"),
    (PLANS_EN, "How much is the Team plan?", r"\$9\b"),
    (PLANS_EN, "How many users does Starter have?", r"\b15\b"),
    (PLANS_EN, "How much is the Enterprise plan?", r"enterprise plan (?:costs|is)"),
    (
        PLANS_EN,
        "Will I be refunded if I cancel in the middle of the month?",
        r"(?<!not )\brefunded\b",
    ),
]


@pytest.fixture(scope="module")
def writer(small_model: LanguageModel, embedder: Embedder) -> Writer:
    chain = ModelChain((StreamingModel(small_model, None),), Budget(Limits(), MemoryLedger()))
    return Writer(chain, ClaimChecker(embedder), Masker(), 120)  # type: ignore[arg-type]


@pytest.mark.parametrize(("article", "question", "wrong"), TRAPS)
def test_what_a_real_model_invents_is_not_said(
    writer: Writer,
    counted: Callable[..., None],
    article: tuple[str, str],
    question: str,
    wrong: str,
) -> None:
    title, text = article
    lang = "en" if question.isascii() else "ru"
    task = WritingTask(question, [passage("a", title, text, lang)], lang)
    written = writer.write(task, Listener(), lambda _text: True)
    assert written.calls[0].outcome.value == "ok"
    counted("traps: questions put to the real model")
    counted("traps: sentences of the real model that were refused", len(written.removed))
    counted("traps: drafts that passed", written.draft is not None)
    said = written.draft.text.lower() if written.draft else ""
    assert not re.search(wrong, said), said
