"""Nothing accepted is lost and nothing is done twice."""

from __future__ import annotations

import pytest

from assistant.domain import Action, AuthorKind, Customer, IncomingMessage, Owner
from assistant.errors import MessageIdReusedError, NotFoundError
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from tests.assistant.conftest import ask, post

FIRST = IncomingMessage(text="где заказ", message_id="m-1", customer=Customer(id="c-1"))


def receive(store: DialogStore, incoming: IncomingMessage):
    return store.receive(incoming, incoming.text, "ru")


def later(store: DialogStore, dialog_id: str, message_id: str, text: str):
    return receive(store, IncomingMessage(text=text, dialog_id=dialog_id, message_id=message_id))


def test_first_message_opens_a_dialog_that_the_bot_owns(store: DialogStore) -> None:
    received = receive(store, FIRST)
    assert received.is_new_dialog
    assert received.turn is not None
    assert store.dialog(received.dialog.dialog_id).owner is Owner.BOT


def test_ids_are_made_when_the_client_gives_none(store: DialogStore) -> None:
    first, second = ask(store), ask(store)
    assert first.message_id
    assert first.message_id != second.message_id
    assert first.dialog.dialog_id != second.dialog.dialog_id


def test_dialog_id_of_the_client_is_kept(store: DialogStore) -> None:
    assert ask(store, dialog_id="my-dialog").dialog.dialog_id == "my-dialog"


def test_first_message_retried_without_dialog_id_finds_its_dialog(store: DialogStore) -> None:
    first = receive(store, FIRST)
    stored = post(store, first)
    again = receive(store, FIRST)
    assert again.dialog.dialog_id == first.dialog.dialog_id
    assert again.reply == stored
    assert again.turn is None
    assert again.is_new_dialog, "the retry must get the dialog's token as the first call did"


def test_same_first_message_id_of_another_customer_opens_another_dialog(
    store: DialogStore,
) -> None:
    other = IncomingMessage(text="где заказ", message_id="m-1", customer=Customer(id="c-2"))
    first, second = receive(store, FIRST), receive(store, other)
    assert first.dialog.dialog_id != second.dialog.dialog_id


def test_same_first_message_id_of_another_caller_opens_another_dialog(store: DialogStore) -> None:
    one = IncomingMessage(text="где заказ", message_id="m-1", caller="widget-0")
    two = IncomingMessage(text="где заказ", message_id="m-1", caller="widget-1")
    assert receive(store, one).dialog.dialog_id != receive(store, two).dialog.dialog_id


def test_same_message_id_is_free_in_another_dialog(store: DialogStore) -> None:
    assert later(store, "d-a", "m-1", "одно").turn
    assert later(store, "d-b", "m-1", "другое").turn


def test_same_message_id_with_another_text_is_refused(store: DialogStore) -> None:
    dialog_id = ask(store).dialog.dialog_id
    later(store, dialog_id, "m-2", "первый текст")
    with pytest.raises(MessageIdReusedError, match="m-2"):
        later(store, dialog_id, "m-2", "другой текст")


def test_refused_message_leaves_no_trace(store: DialogStore) -> None:
    dialog_id = later(store, "d-a", "m-1", "первый текст").dialog.dialog_id
    with pytest.raises(MessageIdReusedError):
        later(store, dialog_id, "m-1", "другой текст")
    assert [line["text"] for line in store.view(dialog_id)["messages"]] == ["первый текст"]


def test_message_id_of_the_bots_own_message_is_refused(store: DialogStore) -> None:
    received = ask(store)
    post(store, received)
    dialog_id = received.dialog.dialog_id
    bots = store.view(dialog_id)["messages"][-1]
    with pytest.raises(MessageIdReusedError):
        later(store, dialog_id, bots["message_id"], bots["text"])


def test_retry_gets_the_stored_reply_and_stores_nothing(store: DialogStore) -> None:
    first = later(store, "d-a", "m-1", "вопрос")
    stored = post(store, first)
    assert later(store, "d-a", "m-1", "вопрос").reply == stored
    assert len(store.view("d-a")["messages"]) == 2


def test_retry_while_another_works_on_it_begins_nothing(store: DialogStore) -> None:
    later(store, "d-a", "m-1", "вопрос")
    assert later(store, "d-a", "m-1", "вопрос").turn is None


def test_message_survives_the_end_of_the_process(store: DialogStore, database_url: str) -> None:
    received = later(store, "d-a", "m-1", "вопрос")
    reopened = DialogStore(Database(database_url))
    assert reopened.view("d-a")["messages"][0]["text"] == "вопрос"
    assert reopened.standing("d-a", received.row).reply is None


def test_token_survives_the_end_of_the_process(store: DialogStore, database_url: str) -> None:
    token = store.token("d-a")
    assert DialogStore(Database(database_url)).is_token_of("d-a", token)


def test_token_opens_only_its_own_dialog(store: DialogStore) -> None:
    assert not store.is_token_of("d-b", store.token("d-a"))
    assert not store.is_token_of("d-a", "")


def test_unknown_dialog_is_not_found(store: DialogStore) -> None:
    with pytest.raises(NotFoundError, match="d-nowhere"):
        store.view("d-nowhere")


def test_history_holds_what_was_said_before_the_message(store: DialogStore) -> None:
    first = ask(store, "первый")
    post(store, first)
    second = ask(store, "второй", first.dialog.dialog_id)
    turns = store.history(first.dialog.dialog_id, second.row)
    assert [(turn.author, turn.text) for turn in turns] == [
        (AuthorKind.CUSTOMER, "первый"),
        (AuthorKind.BOT, "ответ"),
    ]
    assert turns[1].action is Action.ANSWER
    assert turns[1].article_ids == ("a-1",)


def test_view_after_a_number_shows_only_what_came_later(store: DialogStore) -> None:
    received = ask(store)
    post(store, received)
    later_ones = store.view(received.dialog.dialog_id, after=received.row)["messages"]
    assert [line["author"]["kind"] for line in later_ones] == ["bot"]


def test_events_of_a_failed_transaction_are_not_kept(store: DialogStore) -> None:
    with pytest.raises(NotFoundError):
        store.take("d-nowhere", "op-1", "Ольга")
    assert not store.operators_online()
