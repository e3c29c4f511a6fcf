"""Advice that was wrong once: another thing's value, a whole answer wiped out, words kept."""

from __future__ import annotations

import pytest

from assistant.domain import AuthorKind, IntentLabel, Turn
from assistant.privacy.masker import Masker
from assistant.review.advice import Advice, ReviewContext
from assistant.review.of_dialog import context_of_history
from assistant.review.reviewing import Reviewer
from assistant.review.sources import Passage, PassagesAtHand
from tests.assistant.review.conftest import Review

STORAGE = (
    "Получение заказа",
    "В пункте выдачи заказ хранится 7 дней, в постамате 3 дня, в почтовом отделении 15 дней.",
)
GOODWILL = "Для операторов: баллы за неудобство"


def told(advice: tuple[Advice, ...], draft: str) -> list[tuple[str, str, str | None]]:
    return [(one.code.value, draft[slice(*one.span)], one.suggestion) for one in advice]


@pytest.mark.parametrize(
    ("draft", "wrong", "right"),
    [
        ("Заказ хранится 99 дней в постамате.", "99 дней", "3 дня"),
        ("В почтовом отделении заказ хранится 30 дней.", "30 дней", "15 дней"),
        ("В пункте выдачи заказ хранится 20 дней.", "20 дней", "7 дней"),
    ],
)
def test_the_value_offered_belongs_to_the_thing_that_the_draft_names(
    review: Review, draft: str, wrong: str, right: str
) -> None:
    found = review(draft, articles=(STORAGE,))
    assert told(found, draft) == [("contradicts_article", wrong, right)]


def test_of_values_with_owners_that_the_draft_does_not_name_none_is_offered(
    review: Review,
) -> None:
    draft = "Заказ хранится 60 дней."
    [advice] = review(draft, articles=(STORAGE,))
    assert advice.suggestion is None
    assert "Получение заказа" in advice.text
    assert all(one in advice.text for one in ("7 дней", "3 дня", "15 дней"))


def test_values_joined_by_and_belong_each_to_its_side(review: Review) -> None:
    draft = "В постамате заказ хранится 6 дней."
    joined = "Заказ хранится в пункте выдачи 7 дней и в постамате 3 дня."
    [advice] = review(draft, articles=(("Хранение", joined),))
    assert advice.suggestion == "3 дня"


@pytest.mark.parametrize("end", ["", "."])
def test_a_discount_to_a_complaint_goes_by_its_clause_and_the_rest_is_told_too(
    review: Review, end: str
) -> None:
    draft = f"мы ценим ваш выбор, скидка 50%, ждите{end}"
    assert told(review(draft, "complaint"), draft) == [
        ("discount_to_complaint", "скидка 50%,", ""),
        ("no_next_step", f"ждите{end}", "ждите. [напишите, что сделаете и до какого срока]"),
        ("hollow", "мы ценим ваш выбор,", ""),
    ]


def test_a_step_that_is_joined_to_a_discount_stays(review: Review) -> None:
    draft = "Дарим промокод на 500 рублей и оформляем возврат до завтра."
    [advice] = review(draft, "complaint")
    assert draft[: advice.span[0]] + draft[advice.span[1] :] == "оформляем возврат до завтра."


@pytest.mark.parametrize(
    "draft",
    ["Дарим промокод на 500 рублей.", "Успокойтесь и не пишите ерунду.", "Вы идиот."],
)
def test_no_better_wording_keeps_words_that_another_piece_is_about(
    review: Review, draft: str
) -> None:
    found = {one.code.value: one for one in review(draft, "complaint")}
    assert found["no_next_step"].suggestion is None
    assert {"rude", "discount_to_complaint"} & set(found)


@pytest.mark.parametrize("draft", ["ты дурак", "дурак", "Вы идиот.", "You are stupid."])
def test_nobody_is_called_names(review: Review, draft: str) -> None:
    assert ("rude", draft, "") in told(review(draft, "complaint"), draft)


def test_proof_against_fools_is_no_insult(review: Review) -> None:
    assert review("В разъёме есть защита от дурака, перепутать нельзя.") == ()


def test_a_word_that_closes_an_answer_ends_it_without_a_full_stop(review: Review) -> None:
    assert [one.code for one in review("ждите", "complaint")] == ["no_next_step"]
    assert review("подо", "complaint") == ()


def test_a_guarantee_has_no_better_wording_and_its_per_cent_no_article(review: Review) -> None:
    draft = "Решим обязательно сегодня! 100% гарантия"
    plan = ("Расширенная гарантия", "Расширенная гарантия стоит 9 % от цены.")
    found = review(draft, "complaint", articles=(plan,))
    assert told(found, draft) == [("false_promise", "100% гарантия", None)]
    assert review("Гарантирую, что посылка придёт завтра.")[0].suggestion is None


@pytest.mark.parametrize(
    ("draft", "slip", "right"),
    [
        ("Деньги вернуться на карту", "вернуться", "вернутся"),
        ("заказ храниться 3 дня", "храниться", "хранится"),
        ("деньги вернёться завтра", "вернёться", "вернётся"),
    ],
)
def test_an_infinitive_after_its_own_subject_is_a_slip(
    review: Review, draft: str, slip: str, right: str
) -> None:
    assert told(review(draft), draft) == [("typo", slip, right)]


@pytest.mark.parametrize(
    "draft",
    [
        "Деньги должны вернуться на карту.",
        "Заказ может задержаться.",
        "Чтобы деньги вернуться смогли, нужны реквизиты.",
        "Пора заказу отправиться в путь.",
        "Есть возможность вернуться к заказу.",
    ],
)
def test_an_infinitive_that_something_asks_for_is_right(review: Review, draft: str) -> None:
    assert [one for one in review(draft) if one.code == "typo"] == []


def test_capitals_are_told_beside_rows_of_marks(review: Review) -> None:
    draft = "ЗДРАВСТВУЙТЕ!!!! ВЫ ДОЛЖНЫ ЖДАТЬ!!!"
    caps = [one for one in told(review(draft, "complaint"), draft) if one[0] == "caps"]
    assert caps == [
        ("caps", "ЗДРАВСТВУЙТЕ!!!!", "Здравствуйте!"),
        ("caps", "ВЫ ДОЛЖНЫ ЖДАТЬ!!!", "Вы должны ждать!"),
    ]


def test_which_telephone_he_has_is_known_when_he_gave_its_number(review: Review) -> None:
    draft = "Какой у вас телефон?"
    [advice] = review(draft, "complaint", said=("мой телефон +7 921 123-45-67, привезли брак",))
    assert advice.suggestion == "Вижу, телефон: +7 921 123-45-67."
    [device] = review(draft, said=("мой номер +7 921 123-45-67, айфон 13 не грузит",))
    assert device.suggestion == "Вижу, устройство: айфон 13."
    assert review(draft, said=("не грузит видео",)) == ()


@pytest.mark.parametrize(
    ("draft", "span"),
    [
        (
            "Да, если заказ опоздал больше чем на 2 дня по нашей вине, разберёмся.",
            "заказ опоздал больше чем на 2 дня по нашей вине",
        ),
        ("Размер лимитов не раскрывайте.", "Размер лимитов не раскрывайте"),
        (
            "Баллы начислять взамен законного требования клиента денег и ремонта нельзя.",
            "Баллы начислять взамен законного требования клиента денег и ремонта нельзя.",
        ),
    ],
)
def test_words_of_an_article_for_operators_are_told(
    reviewer: Reviewer, draft: str, span: str
) -> None:
    [advice] = reviewer.review_draft(draft, "ru", operators_context())
    assert (advice.code, draft[slice(*advice.span)]) == ("operators_only", span)
    assert GOODWILL in advice.text
    assert advice.suggestion is None


@pytest.mark.parametrize(
    "draft",
    [
        "Курьер привезёт заказ в выбранный вами день с 10 до 22.",
        "Баллы за заказ придут на ваш счёт.",
    ],
)
def test_what_customers_are_told_too_is_no_secret(reviewer: Reviewer, draft: str) -> None:
    assert reviewer.review_draft(draft, "ru", operators_context()) == ()


def operators_context() -> ReviewContext:
    both = "Курьер привезёт заказ в выбранный вами день с 10 до 22."
    own = (
        "Заказ опоздал больше чем на 2 дня по нашей вине. Размер лимитов не раскрывайте. "
        f"Нельзя начислять баллы взамен законного требования: денег и ремонта. {both}"
    )
    passages = [
        Passage(GOODWILL, own, for_operators=True),
        Passage("Доставка", both),
    ]
    history = [Turn(AuthorKind.CUSTOMER, "здравствуйте")]
    return context_of_history(history, IntentLabel.QUESTION, Masker(), PassagesAtHand(passages))
