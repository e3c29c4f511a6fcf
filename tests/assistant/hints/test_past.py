"""Past answers: which are near, which are one, and that what is deleted is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from assistant.domain import Said
from assistant.hints.past import Floats, PastAnswers, grouped
from assistant.hints.reusing import Stated, reused, stated_in, stripped
from assistant.known import find_known
from assistant.privacy.masker import Masker
from assistant.store.audit import Doing
from assistant.store.dialogs import DialogStore
from assistant.store.past_answers import NewPastAnswer, PastAnswer
from tests.assistant.conftest import waiting_dialog

THEN = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING: Stated = frozenset()
ONE = PastAnswer(
    1, "d-1", "можно вернуть шкаф?", "Да, собранный шкаф можно вернуть за 14 дней", "ru", THEN
)
MODEL = "m-1"


def vector(*values: float) -> Floats:
    whole = np.array([*values, 0.0, 0.0, 0.0][:3], np.float32)
    return whole / np.linalg.norm(whole)


def closed(store: DialogStore, answer: str = "Да, за 14 дней, в пункте выдачи") -> tuple[str, str]:
    """A dialog that an operator answered and closed, and his message's id."""
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    said = store.add_operator_message(dialog_id, "op-1", None, answer)
    store.resolve(dialog_id, "op-1")
    return dialog_id, str(said["message_id"])


def new(message_id: str, of: Floats, answer: str = "Да, за 14 дней") -> NewPastAnswer:
    return NewPastAnswer(message_id, "можно вернуть шкаф?", answer, "ru", "question", of, MODEL)


def test_answers_that_say_nearly_the_same_are_one_and_rank_higher() -> None:
    same = replace(ONE, message=2, dialog_id="d-2", answer=ONE.answer.replace("шкаф", "стол"))
    other = replace(ONE, message=3, dialog_id="d-3", answer="Нет, мебель на заказ не возвращаем")
    found = grouped([(other, 0.905), (ONE, 0.90), (same, 0.89)])
    assert [(one.answer.message, one.dialogs) for one in found] == [(1, 2), (3, 1)]


def test_two_answers_of_one_dialog_are_backed_by_one_dialog() -> None:
    found = grouped([(ONE, 0.9), (replace(ONE, message=2), 0.9)])
    assert [one.dialogs for one in found] == [1]


def test_only_near_questions_of_other_dialogs_in_the_language_are_found(
    store: DialogStore,
) -> None:
    dialog_id, message_id = closed(store)
    store.keep_past_answers(dialog_id, [new(message_id, vector(1, 0.1))], 1)
    past = PastAnswers(store, MODEL)
    assert len(past.find(vector(1), "ru", without=None)) == 1
    assert past.find(vector(1), "ru", without=dialog_id) == []
    assert past.find(vector(1), "en", without=None) == []
    assert past.find(vector(0, 1), "ru", without=None) == []
    assert PastAnswers(store, "another").find(vector(1), "ru", without=None) == []


def test_deleted_dialog_is_found_no_more_and_leaves_the_memory(store: DialogStore) -> None:
    kept = [closed(store), closed(store, "Нет, мебель на заказ не возвращаем никогда")]
    for event, (dialog_id, message_id) in enumerate(kept, start=1):
        answer = new(message_id, vector(1, 0.1), f"ответ номер {event} про возврат шкафа")
        store.keep_past_answers(dialog_id, [answer], event)
    past = PastAnswers(store, MODEL)
    past.find(vector(1), "ru", without=None)
    assert past.size == 2
    store.delete_dialog(kept[0][0], Doing("admin", "dialog.delete"))
    found = past.find(vector(1), "ru", without=None)
    assert [one.answer.dialog_id for one in found] == [kept[1][0]]
    assert past.size == 1


def test_new_answers_are_found_without_a_restart(store: DialogStore) -> None:
    past = PastAnswers(store, MODEL)
    assert past.find(vector(1), "ru", without=None) == []
    dialog_id, message_id = closed(store)
    store.keep_past_answers(dialog_id, [new(message_id, vector(1))], 1)
    assert len(past.find(vector(1), "ru", without=None)) == 1


def test_nothing_is_kept_of_a_dialog_that_did_not_end_well(store: DialogStore) -> None:
    rated, message_id = closed(store)
    store.rate(rated, 1, None)
    assert store.keep_past_answers(rated, [new(message_id, vector(1))], 1) == 0
    opened, message_id = closed(store)
    store.keep_past_answers(opened, [new(message_id, vector(1))], 2)
    store.reopen(opened, "op-1")
    assert store.keep_past_answers(opened, [new(message_id, vector(1))], 3) == 0
    assert store.past_answers_state(MODEL)[0] == 0


def test_each_ending_is_looked_at_once(store: DialogStore) -> None:
    dialog_id, message_id = closed(store)
    [(event, of_dialog)] = store.endings_to_look_at(10)
    assert of_dialog == dialog_id
    store.keep_past_answers(dialog_id, [new(message_id, vector(1))], event)
    assert store.endings_to_look_at(10) == []
    store.rate(dialog_id, 1, None)
    assert [one for _, one in store.endings_to_look_at(10)] == [dialog_id]


def test_vectors_of_another_model_are_renewed(store: DialogStore) -> None:
    dialog_id, message_id = closed(store)
    store.keep_past_answers(dialog_id, [new(message_id, vector(1))], 1)
    [old] = store.past_answers_of_other_models("m-2", 10)
    store.renew_past_vectors({old.message: vector(0, 1)}, "m-2")
    assert store.past_answers_of_other_models("m-2", 10) == []
    assert len(PastAnswers(store, "m-2").find(vector(0, 1), "ru", without=None)) == 1


@pytest.mark.parametrize(
    ("answer", "rest"),
    [
        ("Здравствуйте, [NAME_1]! Шкаф можно вернуть. Хорошего дня!", "Шкаф можно вернуть."),
        ("Добрый день, шкаф можно вернуть", "Шкаф можно вернуть"),
        ("Hello [NAME_1]! You can return it. Have a nice day!", "You can return it."),
        ("Здравствуйте! Хорошего вам дня!", ""),
    ],
)
def test_greeting_and_goodbye_are_left_out(answer: str, rest: str) -> None:
    assert stripped(answer) == rest


def test_what_was_the_other_customers_is_a_blank() -> None:
    reply = reused("Позвоните [PHONE_1], заказ [ORDER_1] приедет завтра.", "ru", (), "d-2", NOTHING)
    assert [blank.label for blank in reply.blanks] == ["телефон", "номер заказа", "дату"]
    assert "[" not in reply.text
    assert "завтра" not in reply.text


def test_only_order_number_of_this_dialog_is_put_in() -> None:
    said = Said("где заказ 10432, мой телефон +7 916 123-45-67", "d-2", "web", THEN)
    known = find_known([said], Masker())
    text = "Заказ [ORDER_1] у курьера, он звонит на [PHONE_1]."
    reply = reused(text, "ru", known, "d-2", NOTHING)
    assert "Заказ 10432 у курьера" in reply.text
    assert [blank.label for blank in reply.blanks] == ["телефон"]
    assert "10432" not in reused(text, "ru", known, "d-3", NOTHING).text


def test_of_two_order_numbers_neither_is_put_in() -> None:
    said = [Said(f"заказ {number}", "d-2", "web", THEN) for number in ("10432", "10433")]
    reply = reused("Заказ [ORDER_1] у курьера.", "ru", find_known(said, Masker()), "d-2", NOTHING)
    assert [blank.label for blank in reply.blanks] == ["номер заказа"]


def test_numbers_and_codes_that_no_article_states_are_blanks() -> None:
    stated = stated_in(["Заказ хранится 7 дней, продление стоит 50 ₽."])
    said = "Код ячейки 884173, домофон 45к1234, трек RA123456789RU. Хранится 7 дней, 3 450 рублей."
    reply = reused(said, "ru", (), "d-2", stated)
    assert "7 дней" in reply.text
    assert not any(secret in reply.text for secret in ("884173", "45к", "RA1", "450"))
    assert [blank.label for blank in reply.blanks] == ["число или код"] * 4
