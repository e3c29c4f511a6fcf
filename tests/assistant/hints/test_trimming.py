"""What of a source's words an operator is offered in a dialog in which something was said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.complaints import subjects
from assistant.domain import Action, AuthorKind, Citation, Draft, Said, Turn
from assistant.hints.facts import Said as SaidHere
from assistant.hints.facts import same_facts, told_in
from assistant.hints.matter import in_full, matter_of, since_answered
from assistant.hints.tone import first_name
from assistant.hints.trimming import fits_here, trimmed, trimmed_text
from assistant.known import find_known
from assistant.privacy.masker import Masker
from assistant.wording.checking import find_faults
from assistant.wording.fault import FaultCode, WordingContext
from prompts.loader import LANGUAGES

C, B, H = AuthorKind.CUSTOMER, AuthorKind.BOT, AuthorKind.HUMAN
STORED = "В пункте выдачи заказ хранится 7 дней, в постамате — 3 дня."
THEN = datetime(2026, 3, 1, tzinfo=UTC)


def draft(*quotes: str) -> Draft:
    cited = tuple(Citation("a-1", "Статья", None, quote) for quote in quotes)
    return Draft("\n".join(quotes), cited, "ru")


@pytest.mark.parametrize(
    "sentence",
    [STORED, "Постамат — 3 дня.", "- Пункт выдачи: заказ хранится 7 дней", "Хранится 3 дня."],
)
def test_what_was_said_in_other_words_was_said(sentence: str) -> None:
    assert SaidHere([STORED]).holds(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["В пункте выдачи заказ хранится 15 дней.", "Продлить хранение можно за 50 ₽.", "Да."],
)
def test_other_numbers_and_other_matters_were_not(sentence: str) -> None:
    assert not SaidHere([STORED]).holds(sentence)


def test_only_what_bot_and_operators_said_was_told() -> None:
    assert not told_in([Turn(C, STORED)]).holds(STORED)
    assert told_in([Turn(B, STORED)]).holds(STORED)
    assert told_in([Turn(H, STORED)]).holds(STORED)


def test_two_wordings_of_one_fact_are_the_same_and_other_facts_are_not() -> None:
    assert same_facts(STORED, "- пункт выдачи: 7 дней\n- постамат: 3 дня")
    assert not same_facts(STORED, "Курьер привозит заказ за 2 дня, окно можно перенести.")


def test_quotes_stay_word_for_word_without_what_was_told() -> None:
    quote = f"{STORED} Продлить хранение можно один раз за 50 ₽."
    told = SaidHere([STORED])
    left = trimmed(draft(quote), lambda sentence: not told.holds(sentence))
    assert left is not None
    assert left.text == "Продлить хранение можно один раз за 50 ₽."
    assert all(one.quote in quote for one in left.citations)


def test_nothing_is_left_where_all_was_told() -> None:
    told = SaidHere([STORED])
    assert trimmed(draft(STORED), lambda sentence: not told.holds(sentence)) is None
    assert trimmed_text(STORED, lambda sentence: not told.holds(sentence)) == ""


def test_what_announces_a_list_goes_with_the_list() -> None:
    text = "Верните товар за 30 дней.\n\nВот как:\n\n- напишите в чат поддержки"
    left = trimmed(draft(text), lambda sentence: fits_here(sentence, ()))
    assert left is not None
    assert left.text == "Верните товар за 30 дней."


@pytest.mark.parametrize(
    "sentence",
    [
        "Напишите в чат поддержки и укажите, что случилось.",
        "Обратитесь в поддержку.",
        "Нажмите «Позвать оператора».",
        "Please contact support.",
        "Write to the chat and we'll sort it out.",
    ],
)
def test_sentence_that_sends_to_the_chat_is_left_out(sentence: str) -> None:
    assert not fits_here(sentence, ())


@pytest.mark.parametrize(
    "sentence",
    [
        "Напишите на help@tropinka.example.",
        "Объединить аккаунты может поддержка.",
        "Номер заказа приходит в письме.",
        "Open Profile and press Cancel.",
    ],
)
def test_other_sentences_stay(sentence: str) -> None:
    known = find_known([Said("заказ 10432", "d-1", "web", THEN)], Masker())
    assert fits_here(sentence, known)


def test_what_he_has_given_is_not_asked_for() -> None:
    known = find_known([Said("заказ 10432", "d-1", "web", THEN)], Masker())
    assert not fits_here("Укажите номер заказа.", known)
    assert fits_here("Укажите номер заказа.", ())
    assert fits_here("Назовите номер телефона.", known)


def test_complaint_is_looked_up_with_its_matter_and_without_what_was_answered() -> None:
    text = "палатка пришла с дырой, а поддержка молчит!!"
    subject = matter_of(text, "ru")
    assert subject is not None
    assert in_full(text, subject).endswith(f". {subject.named}")
    asked, late = Turn(C, "сколько хранится?"), Turn(C, "где заказ?")
    assert since_answered([asked, Turn(B, STORED, Action.ANSWER), late]) == [late]
    assert since_answered([asked, Turn(B, STORED)]) == []
    assert since_answered([late, Turn(B, "Передаю", Action.HANDOFF)])[0] is late
    assert since_answered([late, Turn(H, "минуту, уточняю")])[0] is late


@pytest.mark.parametrize("text", ["никто не отвечает третий день", "курьер нахамил", "всё плохо"])
def test_what_no_article_settles_has_no_matter_to_look_up(text: str) -> None:
    assert matter_of(text, "ru") is None


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Анна Смирнова", "Анна"),
        ("Смирнова Анна", "Анна"),
        ("Пётр Иванов", "Пётр"),
        ("Mary Brown", "Mary"),
        ("Арт Мебель", "Арт Мебель"),
        ("Анна", "Анна"),
        ("Анна Мария Смит", "Анна Мария Смит"),
        ("", ""),
    ],
)
def test_customer_is_called_by_his_given_name(name: str, first: str) -> None:
    assert first_name(name) == first


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_way_to_name_a_matter_passes_the_check_of_wording(lang: str) -> None:
    facts = WordingContext(handed_over=True, complaint=True)
    for subject in subjects(lang):
        codes = {fault.code for fault in find_faults(subject.said, lang, facts=facts)}
        assert codes <= {FaultCode.EMPTY_APOLOGY}, subject.said
