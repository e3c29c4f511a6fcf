"""Who asked what, and what became of it."""

from __future__ import annotations

from assistant.domain import Action, AuthorKind, Said
from assistant.known import find_known
from assistant.operator_context.exchange import Exchange, read_exchange
from assistant.privacy.masker import Masker
from assistant.store.dialog_lines import Line
from tests.assistant.operator_context.lines import bot, customer, operator, unasked

MASKER = Masker()


def read(*lines: Line, wrong: tuple[str, ...] = ()) -> Exchange:
    said = [
        Said(line.text, "d-1", "web", line.at)
        for line in reversed(lines)
        if line.author is AuthorKind.CUSTOMER and line.at is not None
    ]
    return read_exchange(lines, find_known(said, MASKER), MASKER, wrong)


def still_open(exchange: Exchange) -> list[str]:
    return [one.text for one in exchange.questions if one.is_open]


def test_question_that_the_bot_answered_is_closed_by_its_articles() -> None:
    exchange = read(customer("Как вернуть куртку?"), bot("За 30 дней.", Action.ANSWER, "returns"))
    (question,) = exchange.questions
    assert question.answered_by is AuthorKind.BOT
    assert [item["article_id"] for item in question.articles] == ["returns"]
    assert still_open(exchange) == []


def test_answer_that_did_not_help_leaves_it_open() -> None:
    exchange = read(
        customer("Как вернуть куртку?"),
        bot("За 30 дней.", Action.ANSWER, "returns"),
        customer("это не помогло"),
    )
    assert still_open(exchange) == ["Как вернуть куртку?"]
    assert not exchange.questions[0].helped


def test_answer_that_an_operator_called_wrong_leaves_it_open() -> None:
    lines = (customer("Как вернуть куртку?", "m-1"), bot("За 30 дней.", Action.ANSWER, "returns"))
    assert still_open(read(*lines, wrong=("m-1",))) == ["Как вернуть куртку?"]
    assert still_open(read(*lines, wrong=("m-2",))) == []


def test_call_for_a_person_right_after_an_answer_leaves_it_open() -> None:
    lines = (customer("Как вернуть куртку?"), bot("За 30 дней.", Action.ANSWER, "returns"))
    by_words = read(*lines, customer("позовите оператора"), bot("Зову.", Action.HANDOFF))
    by_button = read(*lines, bot("Зову.", Action.HANDOFF))
    assert still_open(by_words) == still_open(by_button) == ["Как вернуть куртку?"]
    assert by_words.questions[0].helped


def test_question_handed_over_waits_for_the_operator_who_only_asks_back() -> None:
    lines = [
        customer("Где мой заказ?"),
        bot("Передаю оператору.", Action.HANDOFF),
        operator("Здравствуйте! Сейчас проверю. Подскажите номер заказа?"),
        customer("10432"),
    ]
    assert still_open(read(*lines)) == ["Где мой заказ?"]
    done = read(*lines, operator("Заказ приедет завтра до 18:00."))
    assert still_open(done) == []
    assert done.questions[0].answered_by is AuthorKind.HUMAN
    assert done.questions[0].answer == "Заказ приедет завтра до 18:00."


def test_of_two_questions_the_one_that_the_operator_speaks_of_is_answered() -> None:
    exchange = read(
        customer("Можно поменять адрес доставки?"),
        customer("И сколько идёт возврат денег на карту?"),
        operator("Возврат на карту занимает до 10 дней."),
    )
    assert still_open(exchange) == ["Можно поменять адрес доставки?"]


def test_answer_that_names_neither_is_for_all_that_stood() -> None:
    exchange = read(
        customer("Можно поменять адрес доставки?"), customer("Ответьте?"), operator("Да, конечно.")
    )
    assert still_open(exchange) == []


def test_what_is_told_first_belongs_to_the_question_that_follows() -> None:
    exchange = read(customer("посылка уже в пункте"), customer("можно подольше подержать?"))
    assert still_open(exchange) == ["посылка уже в пункте / можно подольше подержать?"]


def test_question_said_twice_is_one_and_open_again() -> None:
    exchange = read(
        customer("Где мой заказ сейчас?"),
        bot("В пути.", Action.ANSWER, "tracking"),
        customer("где сейчас мой заказ"),
    )
    (question,) = exchange.questions
    assert question.times == 2
    assert question.is_open


def test_short_follow_up_names_what_it_leans_on() -> None:
    exchange = read(
        customer("Сколько стоит курьер по Питеру?"),
        bot("299 рублей.", Action.ANSWER, "courier"),
        customer("а в екб"),
    )
    assert exchange.questions[-1].before == "Сколько стоит курьер по Питеру?"


def test_messages_of_a_burst_are_one_question() -> None:
    exchange = read(
        customer("Здравствуйте", "m-1", answered_with="m-2"),
        customer("где заказ 10432?", "m-2"),
        bot("В пути.", Action.ANSWER, "tracking"),
    )
    (question,) = exchange.questions
    assert question.line.message_id == "m-2"
    assert question.text == "где заказ 10432?"


def test_rating_is_no_question_and_what_was_said_unasked_answers_none() -> None:
    exchange = read(
        customer("Где мой заказ?"), unasked("Оцените ответ."), customer("5"), operator("Спасибо!")
    )
    assert still_open(exchange) == ["Где мой заказ?"]


def test_what_we_asked_has_its_answer_or_none_yet() -> None:
    exchange = read(
        customer("Где мой заказ?"),
        operator("Подскажите номер заказа? И на какую почту написать?"),
        customer("10432"),
        operator("Когда вы его ждали?"),
        customer("вчера вечером"),
        operator("Какого он цвета?"),
    )
    assert [(one.text, one.answer) for one in exchange.asked_by_us] == [
        ("Подскажите номер заказа?", "10432"),
        ("И на какую почту написать?", None),
        ("Когда вы его ждали?", "вчера вечером"),
        ("Какого он цвета?", None),
    ]


def test_what_he_said_before_anybody_asked_counts_as_the_answer() -> None:
    exchange = read(
        customer("Где заказ 10432? Мой телефон +7 916 123-45-67"),
        operator("Назовите ваш номер телефона."),
    )
    assert exchange.asked_by_us[0].answer == "+7 916 123-45-67"


def test_question_of_his_own_is_no_answer_to_ours() -> None:
    exchange = read(
        customer("Где мой заказ?"), operator("Когда вы его ждали?"), customer("а вам зачем?")
    )
    assert exchange.asked_by_us[0].answer is None
    assert still_open(exchange) == ["Где мой заказ?", "а вам зачем?"]
