"""A customer who waits too long, as the operator's console shows him."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.pages import Chat, Console, words

pytestmark = pytest.mark.browser


def test_wait_past_the_promise_is_marked_in_the_list(
    shop: Path, start_server: Callable[..., Server], visit: Visit
) -> None:
    server = start_server(shop, SOUFFLEUR_SLA_MINUTES="0.005")
    console = Console(visit(f"{server.url}/console")).sign_in("Ольга")
    Chat(visit(server.url)).introduce("Анна").open().ask("позовите человека")
    item = console.waiting.filter(has_text="Анна")
    expect(item).to_have_class(re.compile(r"\blate\b"))
    expect(item).to_contain_text(words(server, "console")["late"])


def test_contact_that_a_customer_leaves_is_shown_to_the_operator(
    server: Server, visit: Visit
) -> None:
    anna = Chat(visit(server.url)).introduce("Анна").open()
    anna.ask("позовите человека")
    anna.ask("звоните на +7 916 123-45-67")
    console = Console(visit(f"{server.url}/console")).sign_in("Ольга")
    console.choose("Анна")
    expect(console.customer).to_contain_text("+7 916 123-45-67")
