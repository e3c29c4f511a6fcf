"""Nothing of the bot's reaches a customer but through the function that knows the budget."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conftest import REPO

STORE = REPO / "assistant" / "store"
WRITERS = {
    ("outgoing.py", "_write_bot_message"),  # the bot
    ("dialogs.py", "_insert_customer_message"),
    ("desk.py", "add_operator_message"),
    ("telling.py", "_tell_for_operator"),  # of a ticket, in the name of whoever has the dialog
}


def functions() -> Iterator[tuple[str, str, ast.AST]]:
    """File, name and tree of every function of the product."""
    for package in ("api", "assistant", "eval", "kb_ingest"):
        for path in (REPO / package).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield path.name, node.name, node


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Calls of a function or method of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            named = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if named == name:
                yield node


def test_messages_are_written_in_four_places_of_which_one_is_the_bots() -> None:
    found = {
        (file, function)
        for file, function, tree in functions()
        for call in calls(tree, "insert")
        if call.args
        and ast.unparse(call.args[0]).endswith("messages")
        and ast.unparse(call.args[0]) != "first_messages"
    }
    assert found == WRITERS


def test_no_statement_of_plain_sql_writes_messages() -> None:
    texts = [
        node.value
        for path in (REPO / "assistant").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert texts
    assert [
        text for text in texts if "insert into messages" in " ".join(text.lower().split())
    ] == []


def test_only_the_door_for_unasked_messages_gives_a_purpose_and_only_replies_give_none() -> None:
    senders = {
        (file, function): {keyword.arg for keyword in call.keywords}
        for file, function, tree in functions()
        for call in calls(tree, "_write_bot_message")
    }
    assert set(senders) == {("telling.py", "_tell"), ("posting.py", "_reply")}
    assert "purpose" in senders["telling.py", "_tell"]
    assert "purpose" not in senders["posting.py", "_reply"]


def test_replies_are_sent_where_a_customer_wrote_or_pressed_the_button() -> None:
    replying = {(file, name) for file, name, tree in functions() if any(calls(tree, "_reply"))}
    of_the_store = {(file, name) for file, name in replying if (STORE / file).exists()}
    assert of_the_store >= {("posting.py", "_post"), ("posting.py", "post_handoff")}
    assert {name for file, name in of_the_store if file == "posting.py"} == {
        "_post",
        "post_handoff",
    }
