"""HTML and addresses that run scripts, in every field that the console shows, are text there."""

from __future__ import annotations

import uuid

import httpx
import pytest
from playwright.sync_api import expect

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
from tests.journeys.pages import Console
from tests.journeys.test_hostile_text import assert_nothing_ran, requests_of

pytestmark = pytest.mark.browser

SCRIPT = "javascript:window.ran='address'"


def bad(where: str) -> str:
    """Text that would run, were it taken for HTML."""
    return f"<img src=x onerror=\"window.ran='{where}'\"><b>{where}</b>"


CONTEXT = {
    "summary": bad("summary"),
    "customer": {
        "crm": {
            "state": "ok",
            "fields": [{"label": bad("label"), "value": bad("value")}],
            "error": None,
        }
    },
    "asked_already": [{"text": bad("question"), "answer": bad("answer"), "open": False}],
    "asked_by_us": [{"text": bad("asked"), "answer": None, "answered": False}],
    "given": [{"label": bad("given"), "value": bad("given")}],
    "tried": [{"article_id": "a", "title": bad("tried"), "url": SCRIPT, "score": 0.5}],
    "previous_dialogs": [
        {"dialog_id": bad("id"), "date": "2026-01-01T00:00:00Z", "topic": bad("topic")}
    ],
}
HINT = hint(
    1,
    f"{bad('hint')} «[срок]»",
    ["«[срок]»"],
    source={"kind": "article", "title": bad("source"), "url": SCRIPT},
)
ARTICLE = {
    "article_id": "a",
    "title": bad("title"),
    "url": SCRIPT,
    "score": 1,
    "passages": [{"text": bad("passage")}],
}


def test_nothing_that_anybody_wrote_runs_on_the_console(counter: Server, visit: Visit) -> None:
    name = f"{bad('name')} {uuid.uuid4().hex[:6]}"
    message = {
        "text": f"позовите человека {bad('text')} {SCRIPT}",
        "customer": {"id": bad("id"), "name": name, "attributes": {"k": bad("attribute")}},
    }
    reply = httpx.post(f"{counter.url}/v1/messages", json=message, timeout=60).json()
    page = visit(f"{counter.url}/console")
    asked = requests_of(page)
    document = hints_document([HINT], context=CONTEXT, advice=[{"code": "x", "text": bad("tip")}])
    give_hints(page, document)
    give_advice(
        page, lambda draft: advice(draft, "важен", bad("better"), text=bad("why"), code=bad("code"))
    )
    give_articles(page, [ARTICLE])
    console = Console(page).sign_in(bad("me"))
    console.waits(name).click()
    console.take.click()
    expect(console.answer).to_be_enabled()

    expect(console.hints).to_contain_text("<img src=x")
    expect(console.summary).to_contain_text("<b>summary</b>")
    for part in ("crm", "asked", "asked-by-us", "known", "passages", "previous"):
        expect(page.get_by_test_id(part)).to_contain_text("<img src=x")
    write_note_and_flag(console)
    page.keyboard.press("Alt+S")
    page.keyboard.type("x")
    expect(page.get_by_test_id("search-passage")).to_contain_text("<b>passage</b>")
    page.keyboard.press("Enter")
    expect(console.answer).to_have_value(f"«{bad('passage')}» ({bad('title')})")
    console.answer.fill(f"важен {bad('mine')}")
    expect(console.advice).to_contain_text("<b>why</b>")
    page.keyboard.press("Alt+W")
    expect(console.answer).to_have_value(f"{bad('better')} {bad('mine')}")
    page.keyboard.press("Alt+1")
    console.answer.press("Control+Enter")
    console.answer.press("Control+Enter")
    expect(console.said_by("human")).to_contain_text("<b>mine</b>")

    assert page.locator("a[href^='javascript']").count() == 0
    assert_nothing_ran(page, asked)
    httpx.post(
        f"{counter.url}/v1/dialogs/{reply['dialog_id']}/resolve",
        json={"operator_id": holder(counter, reply["dialog_id"])},
    ).raise_for_status()


def write_note_and_flag(console: Console) -> None:
    """A note, and a reason why the bot was wrong, with what must not run."""
    page = console.page
    page.keyboard.press("Alt+N")
    page.get_by_test_id("note-text").fill(bad("note"))
    console.send_sheet("note")
    expect(console.notes).to_contain_text("<b>note</b>")
    page.get_by_test_id("wrong").first.click()
    page.get_by_test_id("wrong-own").fill(bad("reason"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("flagged").first).to_contain_text("<b>reason</b>")


def holder(server: Server, dialog: str) -> str:
    """Id of the operator who has the dialog."""
    return str(httpx.get(f"{server.url}/v1/dialogs/{dialog}").json()["operator"]["id"])
