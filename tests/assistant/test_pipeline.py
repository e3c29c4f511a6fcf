"""The walk of one message with everything real: kept, decided, answered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.deciding import Context
from assistant.domain import IncomingMessage
from assistant.errors import (
    LanguageModelStoppedError,
    MessageIdReusedError,
    NotFoundError,
    TextRejectedError,
)
from assistant.pipeline import MOST_TAKEN_IN, Assistant
from assistant.replies import Outcome
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.wiring import Parts
from assistant.writing.task import Listener
from tests.assistant.conftest import ANNA

QUESTION = "Как удалить аккаунт?"


def message(text: str = QUESTION, **fields: object) -> IncomingMessage:
    return IncomingMessage(text=text, **fields)  # type: ignore[arg-type]


def reply(street: Assistant, text: str = QUESTION, **fields: object) -> dict:
    return street.reply(message(text, **fields)).document


def authors(street: Assistant, dialog_id: str) -> list[str]:
    return [line["author"]["kind"] for line in street.store.view(dialog_id)["messages"]]


class Meanwhile:
    """The real decisions, but something happens in the dialog while they are made."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.happens = lambda: None

    def decide(self, context: Context, listener: Listener | None = None) -> Outcome:
        outcome = self.parts.decider.decide(context, listener)
        self.happens()
        return outcome


@pytest.fixture
def meanwhile(parts: Parts) -> Meanwhile:
    return Meanwhile(parts)


@pytest.fixture
def watched(parts: Parts, database_url: str, meanwhile: Meanwhile) -> Assistant:
    """A street on which `meanwhile.happens` runs before each answer is posted."""
    return Assistant(
        decider=meanwhile,  # type: ignore[arg-type]
        store=DialogStore(Database(database_url)),
        suggester=parts.suggester,
        locale="ru",
    )


def test_reply_is_kept_as_it_was_given(street: Assistant) -> None:
    document = reply(street, dialog_id="d-a", message_id="m-1")
    said = street.store.view("d-a")["messages"][-1]
    assert said["text"] == document["reply"]["text"]
    assert said["author"]["disclosure"] == document["reply"]["author"]["disclosure"]
    assert said["citations"] == document["reply"]["citations"]


def test_same_message_gets_the_same_reply_down_to_the_trace(street: Assistant) -> None:
    first = reply(street, dialog_id="d-a", message_id="m-1")
    assert reply(street, dialog_id="d-a", message_id="m-1") == first
    assert authors(street, "d-a") == ["customer", "bot"]


def test_first_message_retried_without_dialog_id_gets_the_same_reply(street: Assistant) -> None:
    first = street.reply(message(message_id="m-1"))
    again = street.reply(message(message_id="m-1"))
    assert again.document == first.document
    assert first.opened_dialog
    assert again.opened_dialog


def test_same_message_id_with_another_text_is_refused(street: Assistant) -> None:
    reply(street, dialog_id="d-a", message_id="m-1")
    with pytest.raises(MessageIdReusedError):
        reply(street, "спасибо", dialog_id="d-a", message_id="m-1")


def test_spaces_and_control_characters_do_not_make_another_text(street: Assistant) -> None:
    first = reply(street, QUESTION, dialog_id="d-a", message_id="m-1")
    assert reply(street, f" {QUESTION}\u200b\x00\n", dialog_id="d-a", message_id="m-1") == first


@pytest.mark.parametrize("dialog_id", ["d-a", None])
def test_16_equal_messages_at_once_get_one_reply(street: Assistant, dialog_id: str | None) -> None:
    with ThreadPoolExecutor(16) as pool:
        replies = list(
            pool.map(lambda _: reply(street, dialog_id=dialog_id, message_id="m-1"), range(16))
        )
    assert all(item == replies[0] for item in replies)
    assert authors(street, replies[0]["dialog_id"]) == ["customer", "bot"]


def test_two_processes_answer_one_message_once(
    street: Assistant, parts: Parts, database_url: str
) -> None:
    store = DialogStore(Database(database_url))
    other = Assistant(decider=parts.decider, store=store, suggester=parts.suggester, locale="ru")
    both = [street, other] * 4
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda here: reply(here, dialog_id="d-a", message_id="m-1"), both))
    assert all(item == replies[0] for item in replies)
    assert authors(street, "d-a") == ["customer", "bot"]


@pytest.mark.parametrize(("text", "code"), [("", "text_empty"), ("я" * 4001, "text_too_long")])
def test_refused_text_opens_no_dialog(street: Assistant, text: str, code: str) -> None:
    with pytest.raises(TextRejectedError) as refused:
        reply(street, text)
    assert refused.value.code == code
    assert street.store.listing(None, None, None, 10) == []


def test_bot_is_silent_when_a_person_took_the_dialog_while_it_worked(
    watched: Assistant, meanwhile: Meanwhile
) -> None:
    meanwhile.happens = lambda: watched.store.take("d-a", "op-1", "Ольга")
    document = reply(watched, dialog_id="d-a")
    assert (document["action"], document["owner"]) == ("silent", "human")
    assert document["reply"] is document["handoff"] is document["confidence"] is None
    assert authors(watched, "d-a") == ["customer"]


def test_retry_of_a_silent_reply_is_silent(watched: Assistant, meanwhile: Meanwhile) -> None:
    meanwhile.happens = lambda: watched.store.take("d-a", "op-1", "Ольга")
    first = reply(watched, dialog_id="d-a", message_id="m-1")
    assert reply(watched, dialog_id="d-a", message_id="m-1") == first


def test_message_to_a_person_is_kept_and_not_answered(street: Assistant) -> None:
    reply(street, dialog_id="d-a")
    street.store.take("d-a", "op-1", "Ольга")
    document = reply(street, "ещё вопрос", dialog_id="d-a")
    assert document["action"] == "silent"
    assert document["intent"]["label"]
    assert authors(street, "d-a") == ["customer", "bot", "customer"]


def test_bot_answers_again_after_the_dialog_was_closed(street: Assistant) -> None:
    reply(street, dialog_id="d-a")
    street.store.take("d-a", "op-1", "Ольга")
    street.store.resolve("d-a", "op-1")
    document = reply(street, dialog_id="d-a")
    assert (document["action"], document["owner"]) == ("answer", "bot")


def test_button_calls_a_person(street: Assistant) -> None:
    reply(street, dialog_id="d-a", customer=ANNA)
    document = street.call_a_person("d-a")
    assert document["handoff"]["reason"] == "customer_request"
    assert (document["action"], document["owner"]) == ("handoff", "waiting")
    assert street.store.dialog("d-a").owner == "waiting"


def test_summary_after_the_button_tells_what_was_answered_and_repeats_nothing(
    street: Assistant,
) -> None:
    answer = reply(street, dialog_id="d-a", customer=ANNA)
    summary = street.call_a_person("d-a")["handoff"]["summary"]
    assert summary.count(QUESTION) == 1
    assert f"Бот отвечал по статьям: {answer['reply']['citations'][0]['title']}" in summary


def test_button_pressed_twice_hands_over_once(street: Assistant) -> None:
    reply(street, dialog_id="d-a")
    street.call_a_person("d-a")
    again = street.call_a_person("d-a")
    assert (again["action"], again["handoff"]) == ("acknowledge", None)
    assert again["owner"] == "waiting"


def test_button_is_silent_where_a_person_answers(street: Assistant) -> None:
    reply(street, dialog_id="d-a")
    street.store.take("d-a", "op-1", "Ольга")
    assert street.call_a_person("d-a")["action"] == "silent"
    assert street.store.dialog("d-a").owner == "human"


def test_button_in_an_unknown_dialog_is_not_found(street: Assistant) -> None:
    with pytest.raises(NotFoundError):
        street.call_a_person("d-nowhere")


def test_operators_who_are_online_are_told_of(settings) -> None:
    from assistant.wiring import build_assistant

    street, _ = build_assistant(settings)
    offline = reply(street, "позовите оператора")
    street.store.see_operator("op-1", "Ольга", online=True)
    online = reply(street, "позовите оператора")
    assert offline["handoff"]["operators_online"] is False
    assert offline["handoff"]["expected_wait_minutes"] is None
    assert online["handoff"]["operators_online"] is True
    assert online["handoff"]["expected_wait_minutes"] >= 1


def test_whole_dialog_of_a_customer(street: Assistant) -> None:
    actions = [
        reply(street, text, dialog_id="d-a", customer=ANNA)["action"]
        for text in ("добрый день", QUESTION, "спасибо большое, помогло", "позовите оператора")
    ]
    assert actions == ["acknowledge", "answer", "acknowledge", "handoff"]


def test_message_written_while_an_answer_is_made_is_taken_into_it(
    watched: Assistant, meanwhile: Meanwhile
) -> None:
    def write_more() -> None:
        meanwhile.happens = lambda: None
        more = message("и сколько это стоит?", dialog_id="d-a", message_id="m-2")
        assert watched.store.receive(more, more.text, "ru").turn is None

    meanwhile.happens = write_more
    first = reply(watched, dialog_id="d-a", message_id="m-1")
    assert (first["action"], first["answered_with"]) == ("silent", "m-2")
    assert authors(watched, "d-a") == ["customer", "customer", "bot"]
    second = reply(watched, "и сколько это стоит?", dialog_id="d-a", message_id="m-2")
    assert second["reply"] is not None


def test_customer_who_writes_into_every_answer_is_answered_in_the_end(
    watched: Assistant, meanwhile: Meanwhile
) -> None:
    numbers = iter(range(2, 100))

    def write_more() -> None:
        number = next(numbers)
        more = message(f"ещё {number}", dialog_id="d-a", message_id=f"m-{number}")
        watched.store.receive(more, more.text, "ru")

    meanwhile.happens = write_more
    first = reply(watched, dialog_id="d-a", message_id="m-1")
    assert "bot" in authors(watched, "d-a")
    assert first["answered_with"] == f"m-{MOST_TAKEN_IN + 1}"


class Speaking:
    """Decisions whose words are heard as they are made, with something happening in between."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.before_the_first_word = lambda: None
        self.after_the_first_word = lambda: None

    def decide(self, context: Context, listener: Listener | None = None) -> Outcome:
        outcome = self.parts.decider.decide(context)
        if listener is not None and listener.hear is not None:
            self.before_the_first_word()
            try:
                listener.hear("Первые слова. ")
            except LanguageModelStoppedError:
                return outcome
            self.after_the_first_word()
        return outcome


@pytest.fixture
def speaking(parts: Parts, database_url: str) -> Assistant:
    return Assistant(
        decider=Speaking(parts),  # type: ignore[arg-type]
        store=DialogStore(Database(database_url)),
        suggester=parts.suggester,
        locale="ru",
    )


def write_once(street: Assistant, moment: str) -> None:
    def write_more() -> None:
        setattr(street.decider, moment, lambda: None)
        more = message("и ещё", dialog_id="d-a", message_id="m-2")
        street.store.receive(more, more.text, "ru")

    setattr(street.decider, moment, write_more)


def test_answer_whose_first_words_were_read_is_finished_as_it_was_begun(
    speaking: Assistant,
) -> None:
    write_once(speaking, "after_the_first_word")
    heard: list[str] = []
    first = speaking.reply(message(dialog_id="d-a", message_id="m-1"), Listener(heard.append))
    assert heard == ["Первые слова. "]
    assert first.document["reply"] is not None
    assert authors(speaking, "d-a") == ["customer", "customer", "bot"]
    speaking.reply(message("и ещё", dialog_id="d-a", message_id="m-2"))
    assert authors(speaking, "d-a") == ["customer", "customer", "bot", "bot"]


def test_answer_is_begun_anew_before_its_first_words_are_read(speaking: Assistant) -> None:
    write_once(speaking, "before_the_first_word")
    heard: list[str] = []
    first = speaking.reply(message(dialog_id="d-a", message_id="m-1"), Listener(heard.append))
    assert heard == ["Первые слова. "], "only of the answer to both"
    assert first.document["answered_with"] == "m-2"
    assert authors(speaking, "d-a") == ["customer", "customer", "bot"]
