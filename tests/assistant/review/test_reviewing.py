"""Advice on drafts: what is told, where, with what better wording, and what is not told."""

from __future__ import annotations

import pytest

from assistant.domain import Customer
from assistant.review.advice import SEVERITY, Advice, AdviceCode, Severity
from assistant.review.choosing import MOST
from tests.assistant.review.conftest import Review


def only(advice: tuple[Advice, ...], code: str) -> Advice:
    found = [one for one in advice if one.code == code]
    assert len(found) == 1, advice
    return found[0]


def codes(advice: tuple[Advice, ...]) -> list[str]:
    return [one.code.value for one in advice]


@pytest.mark.parametrize(
    "draft",
    [
        "Заказ уже в пункте выдачи, забрать можно до пятницы.",
        "Ценю, что прислали фото: по нему сразу видно брак.",
        "Кабель USB-C в комплекте, корпус по ГОСТ, защита IP67.",
        "Горячая линия 8 800 555-35-35, звонок бесплатный",
        "Здравствуйте, меня зовут Екатерина! Размер есть.",
        "Кешбэк придёт в СДЭК-кабинет, скрин пришлите сюда",
        "Код из смс никому не говорите, даже нам.",
        "ок, записала 🙂",
        "Your order ships today, colour as you chose it.",
        "",
        "   ",
        "👍",
    ],
)
def test_a_fine_draft_gets_nothing(review: Review, draft: str) -> None:
    assert review(draft) == ()


def test_a_hollow_sentence_had_better_go(review: Review) -> None:
    draft = "Мы ценим ваш выбор! Доставка завтра."
    advice = only(review(draft), "hollow")
    assert draft[slice(*advice.span)] == "Мы ценим ваш выбор!"
    assert advice.suggestion == ""


def test_of_a_sentence_that_says_more_only_the_hollow_part_goes(review: Review) -> None:
    draft = "Спасибо за терпение и понимание, замену привезём в среду с 10 до 12."
    advice = only(review(draft), "hollow")
    assert draft[: advice.span[0]] + draft[advice.span[1] :] == (
        " замену привезём в среду с 10 до 12."
    )


def test_a_complaint_answered_without_a_step_is_told_with_a_blank_to_fill(review: Review) -> None:
    draft = "Мне неприятно это читать, понимаю вас."
    advice = only(review(draft, "complaint"), "no_next_step")
    assert advice.severity is Severity.HIGH
    assert advice.suggestion is not None
    assert draft[slice(*advice.span)] == "вас."
    assert advice.suggestion.startswith("вас. ")
    assert advice.suggestion.endswith("[напишите, что сделаете и до какого срока]")


@pytest.mark.parametrize(
    "step",
    [
        "Оформил замену, курьер привезёт её завтра.",
        "Пришлите фото упаковки.",
        "Какой номер на коробке?",
        "Деньги отправлены вчера.",
        "Вы можете сдать товар в любом пункте.",
        "Ответ будет 10 мая.",
    ],
)
def test_steps_of_many_kinds_are_steps(review: Review, step: str) -> None:
    assert "no_next_step" not in codes(review(f"Понимаю вас. {step}", "complaint"))


def test_a_missing_step_is_not_told_while_the_draft_grows(review: Review) -> None:
    assert review("понимаю вас и", "complaint") == ()
    assert "no_next_step" in codes(review("понимаю вас.", "complaint"))


def test_a_missing_step_is_only_told_of_complaints(review: Review) -> None:
    assert review("Понимаю вас.", "question") == ()
    assert review("Понимаю вас.", None) == ()


def test_a_step_without_a_time_asks_when(review: Review) -> None:
    draft = "Передам вашу жалобу руководителю пункта."
    advice = only(review(draft, "complaint"), "no_time")
    assert advice.suggestion == "Передам вашу жалобу руководителю пункта до [укажите срок]"
    assert review("Передам вашу жалобу руководителю пункта сегодня.", "complaint") == ()


def test_soon_is_no_time(review: Review) -> None:
    draft = "Специалист свяжется с вами в ближайшее время."
    advice = only(review(draft, "complaint"), "no_time")
    assert draft[slice(*advice.span)] == "в ближайшее время"
    assert advice.suggestion == "до [укажите срок]"


def test_a_term_of_something_else_does_not_make_soon_exact(review: Review) -> None:
    draft = "Вернуть можно в течение 14 дней, менеджер свяжется с вами в ближайшее время."
    assert codes(review(draft, "complaint")) == ["no_time"]
    assert review("Ответим в ближайшее время, до 20 минут.", "complaint") == ()


def test_asking_for_what_was_said_shows_what_was_said(review: Review) -> None:
    advice = only(
        review("Какой у вас номер заказа?", said=("Где заказ 10432?",)), "already_answered"
    )
    assert "10432" in advice.text
    assert advice.suggestion == "Вижу, номер заказа: 10432."


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        ("Какой у вас номер заказа?", "Где мой заказ?"),
        ("Номер заказа 10432, верно?", "Где заказ 10432?"),
        ("На какую почту отправить?", "мой номер 8 921 333-44-55"),
    ],
)
def test_what_was_not_said_or_is_read_back_may_be_asked(
    review: Review, draft: str, said: str
) -> None:
    assert review(draft, said=(said,)) == ()


def test_a_device_that_was_named_is_not_asked_for(review: Review) -> None:
    said = ("приложение вылетает на айфоне 12",)
    advice = only(review("Какой у вас телефон?", said=said), "already_answered")
    assert "айфоне 12" in advice.text


RETURNS = ("Возврат одежды", "Одежду можно вернуть в течение 14 дней с даты получения.")


def test_a_term_that_an_article_states_otherwise_is_told_with_the_articles(review: Review) -> None:
    draft = "Одежду можно вернуть в течение 7 дней."
    advice = only(review(draft, articles=(RETURNS,)), "contradicts_article")
    assert draft[slice(*advice.span)] == "7 дней"
    assert advice.suggestion == "14 дней"
    assert "Возврат одежды" in advice.text


@pytest.mark.parametrize(
    "draft",
    [
        "Одежду можно вернуть в течение 14 дней.",
        "Одежду можно вернуть в течение двух недель.",
        "Курьер приедет через 7 дней.",
        "Вернуть одежду можно в течение 7 дней?",
        "Отвечу вам про возврат одежды через 10 минут.",
    ],
)
def test_what_agrees_or_is_about_something_else_contradicts_nothing(
    review: Review, draft: str
) -> None:
    assert review(draft, articles=(RETURNS,)) == ()


@pytest.mark.parametrize(
    ("draft", "faults"),
    [
        ("Выездной мастер принимает заявки сегодня до 18:00.", []),
        ("Выездной мастер принимает заявки до 18:00.", ["contradicts_article"]),
    ],
)
def test_an_hour_of_one_day_is_agreed_with_the_customer(
    review: Review, draft: str, faults: list[str]
) -> None:
    articles = (("Выезд мастера", "Выездной мастер принимает заявки до 12:00."),)
    assert codes(review(draft, articles=articles)) == faults


def test_what_an_article_denies_is_not_allowed(review: Review) -> None:
    articles = (("Бельё", "Нижнее бельё вернуть нельзя."),)
    assert codes(review("Нижнее бельё вернуть можно.", articles=articles)) == [
        "contradicts_article"
    ]


def test_a_discount_is_no_answer_to_a_complaint_even_a_true_one(review: Review) -> None:
    articles = (("Акции", "Скидка 10% на аксессуары действует до конца месяца."),)
    draft = "Сделаем вам скидку 10% на аксессуары. Заказ приедет сегодня."
    assert codes(review(draft, "complaint", articles=articles)) == ["discount_to_complaint"]
    assert review("Скидка 10% на аксессуары действует до конца месяца.", articles=articles) == ()


def test_an_offer_that_no_article_states_is_told_only_where_there_are_articles(
    review: Review,
) -> None:
    articles = (("Акции", "Скидка 10% на аксессуары действует до конца месяца."),)
    assert codes(review("Сейчас скидка 50% на куртки.", articles=articles)) == ["offer"]
    assert review("Сейчас скидка 50% на куртки.") == ()


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ("Больше такого не повторится, обещаю.", "false_promise"),
        ("Гарантирую, деньги придут сегодня.", "false_promise"),
        ("Сами виноваты, не проверили адрес.", "blame"),
        ("Успокойтесь, пожалуйста.", "rude"),
        ("Назовите код из смс.", "asks_for_secret"),
        ("ВАМ УЖЕ ОТВЕТИЛИ вчера", "caps"),
        ("Готово. Чем ещё могу помочь?", "chatter"),
        ("Деньги придут до [укажите срок].", "unfilled"),
        ("Деньги придут до «укажите срок».", "unfilled"),
        ("It arrives by [fill in the date].", "unfilled"),
    ],
)
def test_manners(review: Review, draft: str, code: str) -> None:
    assert codes(review(draft)) == [code]


@pytest.mark.parametrize(
    "draft",
    [
        "Проверю и отпишусь до 18:00.",
        "Позвоню вам завтра.",
        "Я не бот, пишу сама.",
        "Хорошего дня!",
    ],
)
def test_a_person_may_promise_and_be_a_person(review: Review, draft: str) -> None:
    assert review(draft, "complaint" if "18" in draft else "question") == ()


def test_a_ticket_number_must_be_the_tickets(review: Review) -> None:
    draft = "Ваше обращение номер 77123 принято, ответ завтра."
    assert "12" in only(review(draft, ticket="12"), "false_promise").text
    assert review(draft.replace("77123", "12"), ticket="12") == ()
    assert review(draft) == ()


@pytest.mark.parametrize(
    ("draft", "said", "name"),
    [
        ("Отправил на petrov@mail.ru.", "пришлите на masha@ya.ru", None),
        ("Отправил на petrov@mail.ru.", "пришлите чек", None),
        ("Смс ушло на 8 905 777-88-99.", "не приходит смс на 89061112233", None),
        ("По заказу 55871 всё готово.", "что с заказом 55817?", None),
        ("Пётр, заказ готов.", "готов?", "Наталья"),
        ("Всё верно, Екатерина Игоревна, ждём.", "верно?", "Дмитрий"),
    ],
)
def test_somebody_elses_data_is_told(
    review: Review, draft: str, said: str, name: str | None
) -> None:
    advice = review(draft, said=(said,), customer=Customer(name=name))
    assert codes(advice) == ["others_personal_data"]


@pytest.mark.parametrize(
    ("draft", "said", "customer"),
    [
        ("Смс ушло на 8 906 111-22-33.", "не приходит смс на 89061112233", Customer()),
        ("Смс ушло на 8 906 111-22-33.", "нет смс", Customer(attributes={"tel": "+79061112233"})),
        ("По заказу 55871 всё готово.", "что с заказом?", Customer()),
        ("По заказу 55871 готово.", "заказ 55817?", Customer(attributes={"last_order": "55871"})),
        ("Аня, привет!", "есть M?", Customer(name="Анна")),
        ("Саша, готово!", "готово?", Customer(name="Александр Орлов")),
        ("Курьер Тимур позвонит за час.", "кто привезёт?", Customer(name="Анна")),
        ("Пётр, готово.", "это Пётр, муж Натальи", Customer(name="Наталья")),
    ],
)
def test_the_customers_own_data_is_not(
    review: Review, draft: str, said: str, customer: Customer
) -> None:
    assert review(draft, said=(said,), customer=customer) == ()


def test_the_companys_contacts_stand_in_articles(review: Review) -> None:
    articles = (("Контакты", "Пишите на help@lavka.example или звоните +7 495 123-45-67."),)
    draft = "Пишите на help@lavka.example, телефон 8 (495) 123-45-67."
    assert review(draft, articles=articles) == ()
    assert codes(review(draft)) == ["others_personal_data", "others_personal_data"]


def test_at_most_six_pieces_the_worst_first_and_none_twice_in_a_place(review: Review) -> None:
    draft = (
        "Здраствуйте! Мы ценим ваш выбор. ВАМ УЖЕ ОТВЕТИЛИ! Сами виноваты. Успокойтесь. "
        "Назовите код из смс. Гарантирую, всё придёт. Дарим промокод на 500 рублей. "
        "Пожалуста, сегодна всё будет. Чем ещё могу помочь?"
    )
    advice = review(draft, "complaint")
    assert len(advice) == MOST
    order = list(Severity)
    ranks = [order.index(one.severity) for one in advice]
    assert ranks == sorted(ranks)
    for one in advice:
        assert 0 <= one.span[0] < one.span[1] <= len(draft)
        assert one.text


def test_reasons_are_in_the_operators_language_and_wordings_in_the_drafts(review: Review) -> None:
    advice = only(review("We will check it soon.", "complaint", lang="ru"), "no_time")
    assert "Назовите срок" in advice.text
    assert advice.suggestion == "by [fill in the date]"


def test_every_code_has_a_severity() -> None:
    assert set(SEVERITY) == set(AdviceCode)


@pytest.mark.parametrize(
    "draft", ["а" * 4000, "?" * 4000, "запрт " * 600, "\n\n", "«", "{}", "😀" * 500]
)
def test_odd_drafts_raise_nothing(review: Review, draft: str) -> None:
    for one in review(draft, "complaint", said=("заказ 10432",)):
        assert 0 <= one.span[0] < one.span[1] <= len(draft)


def test_spans_count_code_points(review: Review) -> None:
    draft = "👨‍👩‍👧 😀 Мы ценим ваш выбор! Да."
    assert draft[slice(*only(review(draft), "hollow").span)] == "Мы ценим ваш выбор!"
