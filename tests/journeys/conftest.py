"""A real Chromium in front of a real server. What no page may ever do fails the journey: an error
on the console, a breach of the content policy, a request to another host."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import Server

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000
"""How long a page may take to show what it should; the console asks the server every 3 seconds."""

Visit = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser there is nothing to see: say so before anything is built."""
    if item.get_closest_marker("browser") and not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is absent, so no browser journey can be driven")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys, gone after the last (Playwright keeps an event loop)."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


class Watch:
    """Collects what the pages of a browser window must not do."""

    def __init__(self, context: BrowserContext, origin: str, expecting: Sequence[str]) -> None:
        self.context = context
        self._origin = origin
        self._expecting = expecting
        self._seen: list[str] = []
        context.on("console", lambda said: self._note(said.type, f"{said.type}: {said.text}"))
        context.on("weberror", lambda error: self._note("error", f"uncaught: {error.error}"))
        context.on("request", lambda request: self._check_address(request.url))

    def _note(self, kind: str, what: str) -> None:
        if kind in ("error", "warning"):
            self._seen.append(what)

    def _check_address(self, url: str) -> None:
        if not url.startswith((self._origin, "data:", "blob:")):
            self._seen.append(f"request elsewhere: {url}")

    def problems(self) -> list[str]:
        """What was seen and not expected."""
        return [seen for seen in self._seen if not any(known in seen for known in self._expecting)]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens an address in a browser window of its own (another person, another computer)."""
    watches: list[Watch] = []

    def open_window(
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        language: str = "ru-RU",
        expecting: Sequence[str] = (),
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        origin = "/".join(url.split("/")[:3]) + "/"
        watches.append(Watch(context, origin, expecting))
        page = context.new_page()
        page.goto(url)
        return page

    yield open_window
    problems = [problem for watch in watches for problem in watch.problems()]
    for watch in watches:
        watch.context.close()
    assert problems == []


@contextmanager
def serving(data_dir: Path, **environment: str) -> Iterator[Server]:
    """A server for several tests."""
    server = Server(data_dir, environment)
    try:
        yield server.wait()
    finally:
        server.stop()


@pytest.fixture(scope="package")
def counter(indexed_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that most journeys share. Everybody there has a dialog and a name of their own."""
    folder = tmp_path_factory.mktemp("counter") / "data"
    shutil.copytree(indexed_shop, folder)
    with serving(folder) as server:
        yield server


@pytest.fixture
def server(shop: Path, start_server: Callable[..., Server]) -> Server:
    """A server of the test's own, where nobody has written yet."""
    return start_server(shop)
