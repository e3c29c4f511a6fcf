"""Text with HTML in it, from anybody, is shown as the text it is and runs nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Server, clean_environment
from tests.journeys.conftest import Visit, serving
from tests.journeys.pages import Chat, Console

pytestmark = pytest.mark.browser

QUESTION = "Как почистить самовар Заря?"
IN_TITLE = "<img src=x onerror=\"window.ran='title'\">"
IN_TEXT = "<img src=x onerror=\"window.ran='text'\"><script>window.ran='script'</script>"
ARTICLE = {
    "id": "samovar",
    "question": f"Как почистить самовар «Заря» {IN_TITLE}",
    "answer": f"Налейте в самовар «Заря» воду с лимонной кислотой {IN_TEXT} и вскипятите.",
    "url": "https://tropinka.example/help/samovar",
}
FROM_CUSTOMER = "позовите человека <img src=x onerror=\"window.ran='customer'\"><b>срочно</b>"
FROM_OPERATOR = "<img src=x onerror=\"window.ran='operator'\"> <b>Здравствуйте</b> & до встречи"


@pytest.fixture(scope="module")
def poisoned(indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose knowledge base holds an article with HTML in its title and text."""
    folder = tmp_path_factory.mktemp("poisoned")
    shutil.copytree(indexed_shop, folder / "data")
    articles = folder / "articles.jsonl"
    articles.write_text(json.dumps(ARTICLE), encoding="utf-8")
    command = ["kb", "ingest", str(articles), "--data-dir", str(folder / "data")]
    subprocess.run(
        [sys.executable, "-m", "souffleur", *command], env=clean_environment(), check=True
    )
    with serving(folder / "data") as server:
        yield server


def requests_of(page: Page) -> list[str]:
    """Addresses that the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def assert_nothing_ran(page: Page, asked: list[str]) -> None:
    assert page.evaluate("window.ran") is None
    assert [url for url in asked if url.endswith("/x")] == []
    assert page.locator("img, b").count() == 0


def test_html_in_an_article_is_shown_as_text_in_suggestions_answer_and_source(
    poisoned: Server, visit: Visit
) -> None:
    page = visit(poisoned.url)
    asked = requests_of(page)
    chat = Chat(page).open()

    chat.input.fill(QUESTION)
    expect(chat.suggestions.get_by_role("link").first).to_have_text(ARTICLE["question"])
    chat.input.press("Enter")

    answer = chat.said_by("bot")
    expect(answer.locator(".text")).to_contain_text(IN_TEXT)
    expect(answer.get_by_test_id("citation").get_by_role("link")).to_have_text(ARTICLE["question"])
    answer.locator("summary").click()
    expect(answer.locator("blockquote")).to_contain_text(IN_TEXT)
    assert_nothing_ran(page, asked)


def test_html_from_customer_and_operator_is_shown_as_text_on_both_sides(
    poisoned: Server, visit: Visit
) -> None:
    shop, desk = visit(poisoned.url), visit(f"{poisoned.url}/console")
    asked_by_shop, asked_by_desk = requests_of(shop), requests_of(desk)
    chat = Chat(shop).open()
    chat.ask(QUESTION)
    chat.ask(FROM_CUSTOMER)
    expect(chat.said_by("customer").last.locator(".text")).to_have_text(FROM_CUSTOMER)
    console = Console(desk).sign_in("<b>Ольга</b>")

    expect(console.waiting).to_contain_text("<img src=x")
    console.waiting.click()
    expect(console.summary).to_contain_text(FROM_CUSTOMER)
    expect(console.said_by("customer").last).to_contain_text(FROM_CUSTOMER)
    expect(console.said_by("bot").first).to_contain_text(IN_TEXT)
    console.take.click()
    console.reply(FROM_OPERATOR)

    expect(chat.said_by("human").locator(".text")).to_have_text(FROM_OPERATOR)
    expect(chat.said_by("human")).to_contain_text("<b>Ольга</b>")
    expect(console.said_by("human")).to_contain_text(FROM_OPERATOR)
    assert_nothing_ran(shop, asked_by_shop)
    assert_nothing_ran(desk, asked_by_desk)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "Смотрите https://tropinka.example/help?a=1&b=2.",
            ["https://tropinka.example/help?a=1&b=2"],
        ),
        ("javascript:alert(1) data:text/html,x ftp://tropinka.example/", []),
        ('https://"onmouseover=alert(1)', []),
        ('<a href="https://tropinka.example/">сюда</a>', ["https://tropinka.example/"]),
    ],
)
def test_only_web_addresses_in_a_message_become_links(
    counter: Server, visit: Visit, text: str, links: list[str]
) -> None:
    chat = Chat(visit(counter.url)).open()

    chat.say(text)

    message = chat.said_by("customer").locator(".text")
    expect(message).to_have_text(text)
    found = message.get_by_role("link")
    assert [link.get_attribute("href") for link in found.all()] == links
    assert {link.get_attribute("rel") for link in found.all()} <= {"noopener noreferrer"}
