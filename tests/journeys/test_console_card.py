"""What stands beside the dialog: articles, sheets, the card, and where the dialog opens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.conftest import Server
from tests.journeys.conftest import Visit
from tests.journeys.desk_doubles import Document, give_articles, give_hints, hint, hints_document
from tests.journeys.pages import Console, words
from tests.journeys.test_console_answering import write_as
from tests.journeys.test_console_queue import at_work

pytestmark = pytest.mark.browser

INTERNAL = "Скидку 30 % давать только тем, кто грозит судом."
TABLE = "| Куда | Срок |\n| --- | --- |\n| Москва | **2 дня** |"


def article(text: str, **fields: object) -> Document:
    """An article that the search finds."""
    plain = {"article_id": "a", "title": "Статья", "url": None, "audience": "customer", "score": 1}
    return plain | {"passages": [{"text": text}]} | fields


def found(console: Console, *articles: Document) -> None:
    """Search with the keyboard, and find these articles."""
    give_articles(console.page, articles)
    console.page.keyboard.press("Alt+S")
    console.page.keyboard.type("скидка")
    expect(console.page.get_by_test_id("search-results").locator("h3")).to_have_count(len(articles))


def test_article_for_operators_is_marked_and_enter_does_not_put_it_in(
    counter: Server, visit: Visit
) -> None:
    write_as(counter, "Агния")
    console = at_work(visit, counter).take_over("Агния")
    found(console, article(INTERNAL, audience="operator"))
    page = console.page
    expect(page.get_by_test_id("search-internal")).to_have_text(
        words(counter, "console")["articles_only"]
    )
    expect(page.get_by_test_id("search-internal-passage")).to_have_text(INTERNAL)

    page.keyboard.press("Enter")

    expect(console.sheet("search")).to_be_visible()
    page.keyboard.press("Escape")
    expect(console.answer).to_have_value("")


@pytest.mark.parametrize(
    ("markdown", "inserted"),
    [
        (TABLE, "«Куда: Москва; Срок: 2 дня» (Статья)"),
        ("- один\n- [два](https://a.example/b)", "«— один\n— два» (Статья)"),
        ("- Постамат хранит заказ 3 дня.", "«Постамат хранит заказ 3 дня.» (Статья)"),
        ("Кнопка «Вернуть» справа", "«Кнопка „Вернуть“ справа» (Статья)"),
    ],
)
def test_passage_goes_in_as_plain_text(
    counter: Server, visit: Visit, markdown: str, inserted: str
) -> None:
    name = f"Бажена {len(markdown)}"
    write_as(counter, name)
    console = at_work(visit, counter).take_over(name)
    found(console, article(markdown))

    console.page.keyboard.press("Enter")

    expect(console.answer).to_have_value(inserted)


def test_note_is_saved_by_keys_and_asks_before_it_is_thrown_away(
    counter: Server, visit: Visit
) -> None:
    write_as(counter, "Василиса")
    console = at_work(visit, counter).take_over("Василиса")
    page = console.page
    page.keyboard.press("Alt+N")
    page.keyboard.type("Перезвонить в пять")

    page.keyboard.press("Escape")
    expect(page.get_by_test_id("sheet-problem")).to_have_text(
        words(counter, "console")["sheet_unsaved"]
    )
    page.keyboard.press("Control+Enter")

    expect(console.sheet("note")).to_have_count(0)
    expect(console.notes).to_contain_text("Перезвонить в пять")
    page.keyboard.press("Alt+N")
    page.keyboard.type("Лишнее")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(console.sheet("note")).to_have_count(0)


def test_escape_closes_the_card_on_a_narrow_screen(counter: Server, visit: Visit) -> None:
    write_as(counter, "Галина")
    console = at_work(visit, counter, width=768).choose("Галина")
    console.page.keyboard.press("Alt+C")
    expect(console.summary).to_be_visible()

    console.page.keyboard.press("Escape")

    expect(console.summary).to_be_hidden()


def test_slow_crm_is_asked_again_until_its_card_is_there(counter: Server, visit: Visit) -> None:
    page = visit(f"{counter.url}/console")
    states = iter(["pending", "pending"])
    fields = [{"label": "Уровень", "value": "Золотой"}]

    def answer(route: Route) -> None:
        crm = {"state": next(states, "ok"), "fields": []}
        crm["fields"] = fields if crm["state"] == "ok" else []
        route.fulfill(json=hints_document([], context={"customer": {"crm": crm}}))

    page.route("**/v1/hints", answer)
    write_as(counter, "Дина")

    Console(page).sign_in("Ольга").choose("Дина")

    expect(page.get_by_test_id("crm")).to_contain_text("Золотой")


def test_hints_go_once_they_are_answered_and_come_with_new_words(
    counter: Server, visit: Visit
) -> None:
    dialog = write_as(counter, "Есения")
    page = visit(f"{counter.url}/console")
    give_hints(page, hints_document([hint(1, "Проверю и напишу.")]))
    console = Console(page).sign_in("Ольга").take_over("Есения")
    expect(console.hints).to_be_visible()

    console.reply("Своими словами")
    expect(console.hints).to_be_hidden()
    write_as(counter, "Есения", "И ещё вопрос", dialog_id=dialog)

    expect(console.hints).to_be_visible()


def test_context_is_read_again_after_an_answer(counter: Server, visit: Visit) -> None:
    write_as(counter, "Жасмин")
    console = at_work(visit, counter).take_over("Жасмин")
    expect(console.page.get_by_test_id("hints-state")).not_to_be_empty()

    with console.page.expect_request("**/v1/hints"):
        console.reply("Своими словами")

    expect(console.said_by("human")).to_have_count(1)


def test_dialog_of_a_colleague_shows_what_is_known_and_its_hints_stay_out(
    counter: Server, visit: Visit
) -> None:
    write_as(counter, "Зарема")
    at_work(visit, counter, "Павел").take_over("Зарема")
    page = visit(f"{counter.url}/console")
    context = {"summary": "Просит человека."}
    give_hints(page, hints_document([hint(1, "Проверю.")], context=context))
    console = Console(page).sign_in("Ольга")

    console.elsewhere("Зарема").click()

    expect(console.summary).to_have_text("Просит человека.")
    expect(console.hints).to_be_disabled()
    expect(page.get_by_test_id("hints-state")).to_have_text(
        words(counter, "console")["hints_not_yours"]
    )


def test_list_shows_the_customers_own_words_and_not_the_summary(
    counter: Server, visit: Visit
) -> None:
    write_as(counter, "Инга", "Please let me talk to a person", locale="en")

    console = at_work(visit, counter, language="en-US")

    about = console.waits("Инга").locator(".about")
    expect(about).to_have_text("Please let me talk to a person")


def test_dialog_opens_at_the_customers_last_words(counter: Server, visit: Visit) -> None:
    write_as(counter, "Кира", "Палатка пришла с дырой, верните деньги, это безобразие!")

    console = at_work(visit, counter, height=420).choose("Кира")

    expect(console.said_by("customer").last).to_be_in_viewport(ratio=0.9)


def test_term_of_a_ticket_names_the_zone_of_its_field(counter: Server, visit: Visit) -> None:
    write_as(counter, "Лада")
    console = at_work(visit, counter).choose("Лада")

    console.page.keyboard.press("Alt+K")

    zone = console.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(console.sheet("ticket")).to_contain_text(zone)


def test_card_shows_no_names_of_the_machine(counter: Server, visit: Visit) -> None:
    write_as(counter, "Майя", "Палатка пришла с дырой, верните деньги, это безобразие!")

    console = at_work(visit, counter).choose("Майя")

    label = words(counter, "console")
    expect(console.reason).to_contain_text(label["topic_returns"])
    expect(console.reason).not_to_contain_text("complaint")
