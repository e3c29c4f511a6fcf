"""The report of an evaluation opens from a disk, on a desk and on a phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from eval.records import Record
from eval.report.baseline import BaselineRun
from eval.report.page import write_report
from tests.eval.test_report import HOSTILE, MIXED, document_of, filled_with
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser

LONG = "безостановочно" * 40
_LOOKS = 100


def hostile() -> list[Record]:
    """Turns whose every text tries to break out of its place."""
    bad = replace(filled_with(LONG), text=HOSTILE + LONG, handoff_label=True)
    return [*MIXED, replace(bad, intent_label="complaint")]


@pytest.fixture
def report(tmp_path: Path) -> str:
    """The address of a report on a disk."""
    document = document_of(hostile(), dataset=LONG, snapshot=LONG)
    before = BaselineRun(LONG, document_of(MIXED))
    return write_report(document, hostile(), tmp_path, baseline=before).as_uri()


@pytest.mark.parametrize("width", [375, 1280])
def test_page_never_scrolls_sideways_even_with_all_unfolded(
    report: str, visit: Visit, width: int
) -> None:
    page = visit(report, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_opening_asks_for_nothing_but_the_file(report: str, visit: Visit) -> None:
    page = visit(report)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert [url for url in asked if not url.startswith("data:")] == [report]
    assert page.locator("script").count() == 0


def test_worst_case_unfolds_by_keyboard_to_its_trace(report: str, visit: Visit) -> None:
    page = visit(report)
    case = page.locator("details.case").first
    expect(case.locator("table")).to_be_hidden()
    case.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(case.locator("table")).to_be_visible()


def test_box_of_a_wide_table_scrolls_by_keyboard(report: str, visit: Visit) -> None:
    page = visit(report, width=375)
    box = page.locator(".scroll:has(table.groups)")
    box.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(_LOOKS):  # the page's policy forbids to wait by a script in it
        if box.evaluate("node => node.scrollLeft") > 0:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the box stands still")
