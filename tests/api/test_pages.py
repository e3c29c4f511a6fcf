"""Pages: what a browser is told, and that no text becomes HTML."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.conftest import REPO

STATIC = REPO / "api" / "static"
WIDGET = STATIC / "widget" / "souffleur-chat.js"
WIDGET_BYTES = 22_500
RESPONSES = ["/", "/console", "/static/widget/souffleur-chat.js", "/v1/suggest", "/nowhere"]


@pytest.mark.parametrize("path", RESPONSES)
def test_browser_may_run_only_our_own_files(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert not [value for value in policy.values() if "unsafe" in value or "*" in value]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_refused_body_carries_the_policy_too(client: httpx.Client) -> None:
    response = client.post("/v1/messages", content=b" " * 70_000)
    assert response.status_code == 413
    assert "Content-Security-Policy" in response.headers


def test_widget_stays_small() -> None:
    assert WIDGET.stat().st_size < WIDGET_BYTES


def test_widget_is_served_as_a_script(client: httpx.Client) -> None:
    response = client.get("/static/widget/souffleur-chat.js")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.content == WIDGET.read_bytes()


def files(suffix: str) -> list[Path]:
    return sorted(STATIC.rglob(f"*{suffix}"))


@pytest.mark.parametrize("script", files(".js"), ids=lambda path: path.name)
@pytest.mark.parametrize(
    "danger",
    [
        r"\b(?:inner|outer)HTML\b",
        r"\binsertAdjacentHTML\b",
        r"\bdocument\.write",
        r"\beval\(",
        r"\bnew Function\b",
        r"\bcreateContextualFragment\b",
        r"\bDOMParser\b",
        r"\bsrcdoc\b",
        r"\bsetAttribute\(\s*[\"'](?:style|on)",
        r"https?://(?!www\.w3\.org)[a-z]",
    ],
)
def test_script_never_makes_html_of_text_nor_loads_from_elsewhere(
    script: Path, danger: str
) -> None:
    assert re.findall(danger, script.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", files(".html"), ids=lambda path: path.parent.name)
def test_page_holds_no_inline_script_style_or_handler(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html, re.IGNORECASE) == []
    assert re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", html) == []


@pytest.mark.parametrize("path", ["/", "/console"])
def test_everything_that_a_page_names_is_served(client: httpx.Client, path: str) -> None:
    named = re.findall(r"(?:src|href)=\"(/[^\"#?]*)", client.get(path).text)
    assert named
    missing = [name for name in named if client.get(name).status_code != 200]
    assert missing == []


@pytest.mark.parametrize("page", ["widget", "console", "demo"])
@pytest.mark.parametrize(("locale", "word"), [("ru", "бот"), ("en", "bot"), ("en-GB", "bot")])
def test_texts_of_a_page_come_with_the_disclosure(
    client: httpx.Client, page: str, locale: str, word: str
) -> None:
    body = client.get(f"/v1/texts/{page}", params={"locale": locale}).json()
    assert word in body["bot"]["disclosure"].lower()
    assert body["bot"]["name"]
    assert body["texts"]["title"]


def test_other_origins_may_not_read_unless_they_are_allowed(client: httpx.Client) -> None:
    headers = {"Origin": "https://evil.example"}
    response = client.get("/v1/suggest", headers=headers)
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/widget/..%2f..%2f..%2fapp.py",
        "/static//etc/passwd",
        "/static/",
    ],
)
def test_nothing_outside_the_static_folder_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_description_of_the_api_loads_nothing_from_the_net(client: httpx.Client, path: str) -> None:
    page = client.get(path).text
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert loaded
    assert all(client.get(address).status_code == 200 for address in loaded)
    assert all(address.startswith("/") for address in loaded)
