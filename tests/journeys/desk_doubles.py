"""Hints, advice and articles that a test chooses, in place of the server's: what the page does with
them must not hang on what the models find today."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Page, Route

Document = dict[str, Any]


def hint(number: int, text: str, blanks: Sequence[str] = (), **fields: Any) -> Document:
    """A hint; `blanks` are the places in its text that are to be filled in."""
    places = [
        {"start": text.index(blank), "end": text.index(blank) + len(blank), "label": blank}
        for blank in blanks
    ]
    plain = {"kind": "article", "citations": [], "confidence": None}
    return plain | {"hint_id": f"hint-{number}", "text": text, "blanks": places} | fields


def hints_document(hints: Sequence[Document], **fields: Any) -> Document:
    """What `POST /v1/hints` answers."""
    context = {"summary": "", "customer": {}, "asked_already": [], "previous_dialogs": []}
    plain = {"context": context, "advice": [], "message_id": "m-1"}
    return plain | {"hints": list(hints)} | fields


def give_hints(page: Page, document: Document, later: Sequence[Document] = ()) -> list[str | None]:
    """Answer `POST /v1/hints` by a stream: the document at once, then each of the later hints.
    Returns which hint the operator's messages name, as they are sent."""
    named: list[str | None] = []
    said = [("hints", document), *(("hint", one) for one in later)]
    body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in said)

    def answer(route: Route) -> None:
        route.fulfill(body=body, content_type="text/event-stream")

    def send_without_hint(route: Route) -> None:
        # The server made no such hint and would refuse its id.
        named.append(route.request.post_data_json.get("hint_id"))
        said = {k: v for k, v in route.request.post_data_json.items() if k != "hint_id"}
        route.continue_(post_data=said)

    page.route("**/v1/hints", answer)
    page.route("**/operator-messages", send_without_hint)
    return named


def give_advice(page: Page, find: Callable[[str], Sequence[Document]]) -> list[str]:
    """Answer `POST /v1/hints/review` by what `find` says of the draft; returns the drafts that were
    asked about, as they come."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        draft = route.request.post_data_json["draft"]
        asked.append(draft)
        route.fulfill(json={"advice": list(find(draft))})

    page.route("**/v1/hints/review", answer)
    return asked


def advice(draft: str, part: str, suggestion: str | None, **fields: Any) -> list[Document]:
    """Advice on the part of a draft, none where it is not in there."""
    start = draft.find(part)
    if start < 0:
        return []
    plain = {"code": "hollow", "severity": "high", "text": "Say what you will do."}
    return [plain | {"span": [start, start + len(part)], "suggestion": suggestion} | fields]


def give_articles(page: Page, results: Sequence[Document]) -> None:
    """Answer `GET /v1/kb/search`."""
    page.route("**/v1/kb/search?**", lambda route: route.fulfill(json={"results": list(results)}))


def lose_answers(page: Page, address: str) -> None:
    """Let the server do what it is asked, and lose its answer on the way back."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(address, lose)
