"""What axe-core (https://github.com/dequelabs/axe-core) finds on the console: nothing serious, in
both languages, light and dark, at every width that operators work at."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.desk_doubles import (
    advice,
    give_advice,
    give_articles,
    give_hints,
    hint,
    hints_document,
)
from tests.journeys.pages import Console, picture
from tests.journeys.test_console_answering import write_as

pytestmark = pytest.mark.browser

SERIOUS = ("serious", "critical")
FOUND = {
    "article_id": "a",
    "title": "Возвраты",
    "url": "https://tropinka.example/a",
    "score": 1,
    "passages": [{"text": "Вернуть можно за 14 дней."}],
}


def serious(page: Page) -> list[str]:
    """The rules that are broken badly, with where."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]


@pytest.fixture(params=["light", "dark"])
def colours(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("width", "language"), [(1280, "ru-RU"), (768, "en-GB"), (390, "ru-RU")])
def test_axe_finds_nothing_serious_on_the_console(
    counter: Server, visit: Visit, width: int, language: str, colours: str
) -> None:
    name = f"Оксана {width} {colours}"
    write_as(counter, name, "Палатка пришла с дырой, это безобразие!")
    page = visit(f"{counter.url}/console", width=width, height=900, language=language)
    page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
    give_hints(
        page, hints_document([hint(1, "Заменим до «[укажите срок]».", ["«[укажите срок]»"])])
    )
    give_advice(page, lambda draft: advice(draft, "важен", "дорог"))
    give_articles(page, [FOUND])
    expect(page.get_by_test_id("signin-name")).to_be_visible()
    assert serious(page) == []

    console = Console(page).sign_in("Ольга").take_over(name)
    expect(console.hints).to_have_count(1)
    console.answer.fill("Ваш звонок важен")
    expect(console.advice).to_have_count(1)
    page.get_by_test_id("wrong").first.click()
    expect(page.get_by_test_id("reasons")).to_be_visible()
    assert serious(page) == []
    picture(page, f"axe-{width}-{colours}")

    page.keyboard.press("Escape")
    for key, sheet in (
        ("Alt+K", "ticket"),
        ("Alt+N", "note"),
        ("Alt+/", "help"),
        ("Alt+S", "search"),
    ):
        page.keyboard.press(key)
        expect(console.sheet(sheet)).to_be_visible()
        if sheet == "search":
            page.keyboard.type("возврат")
            expect(page.get_by_test_id("search-passage")).to_have_count(1)
        assert serious(page) == []
        page.keyboard.press("Escape")
        expect(console.sheet(sheet)).to_have_count(0)
    assert page.evaluate("document.scrollingElement.scrollWidth") == width
