"""A page on another port of the same machine: the browser sends it our cookie, SameSite or not, so
everything else has to hold."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Server

FORGE = """async ([server, dialog, body]) => {
  const take = `${server}/v1/dialogs/${dialog}/take`;
  const seen = [];
  const attempt = async (name, options) => {
    try {
      const answer = await fetch(take, { method: "POST", credentials: "include", ...options });
      seen.push([name, answer.type]);
    } catch { seen.push([name, "refused"]); }
  };
  const json = { "Content-Type": "application/json" };
  await attempt("text", { mode: "no-cors", body });
  await attempt("untyped", { mode: "no-cors", body: new Blob([body]) });
  await attempt("typed", { mode: "no-cors", body: new Blob([body], { type: "application/json" }) });
  await attempt("json", { mode: "cors", headers: json, body });
  await attempt("csrf", { mode: "cors", headers: { ...json, "X-CSRF-Token": "0" }, body });
  await attempt("empty", { mode: "no-cors" });
  seen.push(["beacon", navigator.sendBeacon(take, body)]);
  for (const address of [take, `${server}/v1/dialogs/${dialog}/handoff`]) {
    await new Promise((done) => {
      const image = new Image();
      image.onload = image.onerror = done;
      image.src = address;
    });
  }
  for (const kind of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const frame = document.createElement("iframe");
    frame.name = kind;
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: take, enctype: kind, target: kind });
    const field = document.createElement("input");
    // As text/plain this is JSON: {"operator_id": "op-evil", "a": "=b"}
    Object.assign(field, { name: body.slice(0, -1) + ', "a": "', value: 'b"}' });
    form.append(field);
    document.body.append(form);
    const loaded = new Promise((done) => { frame.onload = done; });
    form.submit();
    await loaded;
  }
  let read = "nothing";
  try { read = await (await fetch(`${server}/v1/dialogs`, { credentials: "include" })).text(); }
  catch {}
  return { seen, read };
}"""
OWN = """async ([server, dialog, body, token]) => {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  const take = `${server}/v1/dialogs/${dialog}/take`;
  const answer = await fetch(take, { method: "POST", headers, body });
  return answer.status;
}"""
SIGN_IN = """async () => {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ name: "Olga" });
  const answer = await fetch("/v1/sessions", { method: "POST", headers, body });
  return answer.json();
}"""

NAMES = ("text", "untyped", "typed", "json", "csrf", "empty")
"""What the page tries with `fetch`."""
SENT_UNASKED = 8
"""Of them all but those that the browser asks us about first, the beacon and three forms."""


class Blank(BaseHTTPRequestHandler):
    """An empty page, whatever is asked for."""

    def do_GET(self) -> None:
        """Serve it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body></body>")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Address of a web server on another port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser window in which requests may fail."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def owner(server: Server, dialog_id: str) -> str:
    return str(httpx.get(f"{server.url}/v1/dialogs/{dialog_id}", trust_env=False).json()["owner"])


@pytest.mark.browser
@pytest.mark.parametrize("is_signed_in", [True, False], ids=["signed in", "open"])
def test_page_on_another_port_changes_and_reads_nothing(
    counter: Server, elsewhere: str, page: Page, *, is_signed_in: bool
) -> None:
    sent = {"text": "позовите оператора"}
    reply = httpx.post(f"{counter.url}/v1/messages", json=sent, trust_env=False, timeout=30).json()
    dialog_id = reply["dialog_id"]
    operator_id, token = "op-evil", ""
    if is_signed_in:
        page.goto(f"{counter.url}/console")
        session = page.evaluate(SIGN_IN)
        operator_id, token = session["operator_id"], session["csrf_token"]
    body = f'{{"operator_id": "{operator_id}"}}'
    said_before = counter.said()
    page.goto(elsewhere)
    tried = page.evaluate(FORGE, [counter.url, dialog_id, body])
    tried["seen"] = [tuple(item) for item in tried["seen"]]
    assert tried["read"] == "nothing"
    assert tried["seen"] == [*((name, "refused") for name in NAMES), ("beacon", True)]
    arrived = counter.said()[len(said_before) :]
    assert len(re.findall(r"POST \S+ 403 ", arrived)) == SENT_UNASKED, "the browser did send it"
    assert owner(counter, dialog_id) == "waiting"
    page.goto(f"{counter.url}/console")
    assert page.evaluate(OWN, [counter.url, dialog_id, body, token]) == 200
    assert owner(counter, dialog_id) == "human", "the same by our own page is done"
