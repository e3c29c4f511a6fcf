"""Hints are kept once, and what an operator sends settles them in the same transaction."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.errors import BadInputError, MessageIdReusedError, NotFoundError, NotYoursError
from assistant.store.audit import Doing
from assistant.store.dialogs import DialogStore
from assistant.store.live import HintUse, Span
from assistant.verdicts import HintOutcome
from tests.assistant.conftest import ask, waiting_dialog
from tests.conftest import Clock

CITED = [{"article_id": "a-1", "title": "Хранение", "url": None, "quote": "7 дней"}]
TERMS = "Пункт выдачи хранит заказ семь дней, постамат три дня."
OTHER = "Деньги приходят на карту за десять рабочих дней после проверки."
FRAME = "Что дальше: «укажите следующий шаг»."


def made(text: str, *, cites: bool = True, confidence: float | None = 0.7) -> dict[str, Any]:
    at = text.find("«укажите")
    blanks = [{"start": at, "end": len(text) - 1, "label": "следующий шаг"}] if at >= 0 else []
    return {
        "kind": "article" if cites else "written",
        "text": text,
        "citations": CITED if cites else [],
        "blanks": blanks,
        "source": {"kind": "article" if cites else "template", "title": "Хранение"},
        "confidence": confidence if cites else None,
    }


THREE = [made(TERMS), made(OTHER, confidence=0.4), made(FRAME, cites=False)]


@pytest.fixture
def taken(store: DialogStore) -> str:
    """Id of a dialog that op-1 has."""
    dialog_id = waiting_dialog(store)
    store.take(dialog_id, "op-1", "Ольга")
    return dialog_id


def question(store: DialogStore, dialog_id: str) -> str:
    return store.desk_view(dialog_id).spoken[0].message_id


def keep(store: DialogStore, dialog_id: str, snapshot: str = "s-1") -> list[dict[str, Any]]:
    return store.keep_hints(dialog_id, question(store, dialog_id), snapshot, THREE)


def say(store: DialogStore, dialog_id: str, text: str, **given: str) -> dict[str, Any]:
    message_id = given.pop("message_id", None)
    return store.add_operator_message(
        dialog_id, "op-1", None, text, message_id, hint_id=given.get("hint_id")
    )


def outcomes(store: DialogStore, dialog_id: str) -> dict[str, str]:
    return {row["text"]: row["outcome"] for row in store.hints_used(dialog_id)}


def marks(store: DialogStore, dialog_id: str) -> list[tuple[Any, ...]]:
    return [(row["kind"], row["right"], row["article_ids"]) for row in store.marks(dialog_id)]


def test_the_same_question_gets_the_same_hints(store: DialogStore, taken: str) -> None:
    first = keep(store, taken)
    assert [hint["text"] for hint in first] == [TERMS, OTHER, FRAME]
    again = store.keep_hints(taken, question(store, taken), "s-1", [made("другое")])
    assert again == first
    assert len({hint["hint_id"] for hint in first}) == 3
    assert all(len(hint["hint_id"]) > 24 for hint in first)


def test_other_articles_make_other_hints(store: DialogStore, taken: str) -> None:
    first, second = keep(store, taken), keep(store, taken, "s-2")
    assert not {hint["hint_id"] for hint in first} & {hint["hint_id"] for hint in second}


def test_hint_that_was_sent_is_accepted_and_its_article_was_right(
    store: DialogStore, taken: str
) -> None:
    hints = keep(store, taken)
    sent = say(store, taken, TERMS, hint_id=hints[0]["hint_id"])
    assert outcomes(store, taken) == {TERMS: "accepted", OTHER: "ignored", FRAME: "ignored"}
    assert marks(store, taken) == [("hint_accepted", True, ["a-1"])]
    used = next(row for row in store.hints_used(taken) if row["outcome"] == "accepted")
    assert (used["sent_message_id"], used["operator_id"]) == (sent["message_id"], "op-1")


def test_changed_hint_is_edited_with_the_difference(store: DialogStore, taken: str) -> None:
    hints = keep(store, taken)
    say(store, taken, TERMS.replace("семь", "девять"), hint_id=hints[0]["hint_id"])
    used = next(row for row in store.hints_used(taken) if row["text"] == TERMS)
    assert used["outcome"] == "edited"
    assert (used["difference"]["removed"], used["difference"]["added"]) == (["семь"], ["девять"])
    assert marks(store, taken) == [("hint_edited", None, ["a-1"])]


def test_only_the_first_is_called_wrong_when_all_were_ignored(
    store: DialogStore, taken: str
) -> None:
    keep(store, taken)
    say(store, taken, "Ваш заказ уже передан курьеру, он приедет вечером.")
    assert set(outcomes(store, taken).values()) == {"ignored"}
    assert [kind for kind, _, _ in marks(store, taken)] == ["hint_rejected"]
    assert store.marks(taken)[0]["article_ids"] == ["a-1"]


def test_frame_that_was_used_teaches_nothing_about_articles(store: DialogStore, taken: str) -> None:
    hints = keep(store, taken)
    say(store, taken, "Что дальше: верну деньги.", hint_id=hints[2]["hint_id"])
    assert outcomes(store, taken)[FRAME] == "accepted"
    assert marks(store, taken) == []


def test_nearly_the_hint_counts_as_it_though_nothing_names_it(
    store: DialogStore, taken: str
) -> None:
    keep(store, taken)
    say(store, taken, TERMS.replace("семь", "7"))
    assert outcomes(store, taken)[TERMS] == "edited"


def test_holding_line_settles_nothing(store: DialogStore, taken: str) -> None:
    keep(store, taken)
    say(store, taken, "минуту, уточняю")
    assert store.hints_used(taken) == []
    say(store, taken, TERMS)
    assert outcomes(store, taken)[TERMS] == "accepted"


def test_what_is_written_after_an_answer_settles_nothing_more(
    store: DialogStore, taken: str
) -> None:
    hints = keep(store, taken)
    say(store, taken, TERMS, hint_id=hints[0]["hint_id"])
    say(store, taken, "И ещё: паспорт с собой брать не нужно, хватит кода.")
    say(store, taken, TERMS, hint_id=hints[0]["hint_id"])
    assert outcomes(store, taken)[TERMS] == "accepted"
    assert len(store.marks(taken)) == 1


def test_retry_settles_once(store: DialogStore, taken: str) -> None:
    hints = keep(store, taken)
    for _ in range(2):
        say(store, taken, TERMS, message_id="o-1", hint_id=hints[0]["hint_id"])
    assert len(store.marks(taken)) == 1
    with pytest.raises(MessageIdReusedError):
        say(store, taken, OTHER, message_id="o-1", hint_id=hints[1]["hint_id"])
    assert outcomes(store, taken)[OTHER] == "ignored"


def test_hint_of_another_dialog_is_refused_and_nothing_is_stored(
    store: DialogStore, taken: str
) -> None:
    other = waiting_dialog(store)
    [foreign, *_] = keep(store, other)
    before = len(store.view(taken)["messages"])
    for hint_id in (foreign["hint_id"], "hint-of-nobody"):
        with pytest.raises(BadInputError, match="nothing was sent"):
            say(store, taken, TERMS, hint_id=hint_id)
    assert len(store.view(taken)["messages"]) == before
    assert store.hints_used(other) == []


def test_whoever_does_not_hold_the_dialog_settles_nothing(store: DialogStore, taken: str) -> None:
    hints = keep(store, taken)
    with pytest.raises(NotYoursError):
        store.add_operator_message(taken, "op-2", None, TERMS, hint_id=hints[0]["hint_id"])
    assert store.hints_used(taken) == []


def test_hints_of_an_earlier_question_stay_open(store: DialogStore, taken: str) -> None:
    keep(store, taken)
    later = ask(store, "и ещё вопрос", taken).message_id
    store.keep_hints(taken, later, "s-1", [made("Промокод вводят в корзине перед оплатой заказа.")])
    say(store, taken, "Промокод вводят в корзине перед оплатой заказа.")
    assert list(outcomes(store, taken).values()) == ["accepted"]


def test_better_hint_takes_the_place_and_the_old_one_can_still_be_used(
    store: DialogStore, taken: str
) -> None:
    first = keep(store, taken)
    better = store.replace_hint(taken, first[0]["hint_id"], made("Заказ лежит в пункте 7 дней."))
    shown = keep(store, taken)
    assert [hint["hint_id"] for hint in shown] == [
        better["hint_id"],
        *(hint["hint_id"] for hint in first[1:]),
    ]
    say(store, taken, TERMS, hint_id=first[0]["hint_id"])
    assert outcomes(store, taken)[TERMS] == "accepted"
    with pytest.raises(NotFoundError):
        store.replace_hint(taken, "hint-of-nobody", made("текст"))


def test_hints_go_with_their_dialog(store: DialogStore, taken: str) -> None:
    assert store.hints_for(taken, question(store, taken), "s-1") == []
    keep(store, taken)
    assert len(store.hints_for(taken, question(store, taken), "s-1")) == 3
    with pytest.raises(NotFoundError):
        store.keep_hints("d-nobody", "m-1", "s-1", THREE)


def test_each_answer_counts_once_by_the_hint_that_was_used(
    store: DialogStore, clock: Clock, taken: str
) -> None:
    hints = keep(store, taken)
    say(store, taken, TERMS, hint_id=hints[0]["hint_id"])
    at = clock.now
    clock.turn(hours=1)
    span = Span(at.replace(year=2025), clock.now)
    assert store.hint_uses(span) == [HintUse(taken, at, HintOutcome.ACCEPTED, 0.0)]
    assert store.hint_uses(Span(at.replace(year=2024), at.replace(year=2025))) == []


def test_what_is_written_after_the_answer_to_a_later_message_settles_no_older_hints(
    store: DialogStore, taken: str
) -> None:
    keep(store, taken)
    later = ask(store, "и ещё вопрос", taken).message_id
    second = store.keep_hints(taken, later, "s-1", [made(OTHER)])[0]
    say(store, taken, OTHER, hint_id=second["hint_id"])
    say(store, taken, "И ещё одно: курьер позвонит вам за час до приезда.")
    assert outcomes(store, taken) == {OTHER: "accepted"}
    assert [kind for kind, *_ in marks(store, taken)] == ["hint_accepted"]


def test_frame_around_an_article_teaches_nothing_of_it(store: DialogStore, taken: str) -> None:
    frame = made(FRAME) | {"confidence": None, "kind": "written"}
    store.keep_hints(taken, question(store, taken), "s-1", [frame])
    say(store, taken, "Совсем другой ответ оператора на этот вопрос.")
    assert marks(store, taken) == []


def test_hint_from_another_dialog_goes_with_that_dialog(store: DialogStore, taken: str) -> None:
    origin = waiting_dialog(store)
    source = {"kind": "dialog", "title": "", "dialog_id": origin, "dialogs": 1}
    borrowed = made(TERMS, cites=False) | {"kind": "past_answer", "source": source}
    store.keep_hints(taken, question(store, taken), "s-1", [borrowed, made(OTHER)])
    store.delete_dialog(origin, Doing("op-1", "dialog.delete"))
    left = store.hints_for(taken, question(store, taken), "s-1")
    assert [hint["text"] for hint in left] == [OTHER]


def test_hint_from_a_dialog_that_was_opened_again_is_shown_no_more(
    store: DialogStore, taken: str
) -> None:
    origin = waiting_dialog(store)
    source = {"kind": "dialog", "title": "", "dialog_id": origin, "dialogs": 1}
    borrowed = made(TERMS, cites=False) | {"kind": "past_answer", "source": source}
    store.keep_hints(taken, question(store, taken), "s-1", [borrowed])
    store.keep_past_answers(origin, [], 1)
    assert store.hints_for(taken, question(store, taken), "s-1") == []


def test_who_was_not_shown_the_hints_says_nothing_of_them(store: DialogStore, taken: str) -> None:
    store.keep_hints(taken, question(store, taken), "s-1", THREE, "op-2")
    say(store, taken, "Совсем другой ответ, написанный без подсказок.")
    assert set(outcomes(store, taken).values()) <= {None}
    assert marks(store, taken) == []


def test_who_was_shown_them_and_wrote_his_own_passed_them_over(
    store: DialogStore, taken: str
) -> None:
    for who in ("op-2", "op-1", "op-1"):
        store.keep_hints(taken, question(store, taken), "s-1", THREE, who)
    say(store, taken, "Совсем другой ответ, написанный без подсказок.")
    assert set(outcomes(store, taken).values()) == {"ignored"}
