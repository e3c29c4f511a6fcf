"""Hints and notes as the API shows them and the store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from assistant.hints.hint import Advice, Hint, SourceKind
from assistant.hints.template import say


def hint_document(hint: Hint) -> dict[str, Any]:
    """One hint as the store keeps it; `hint_id` is the store's to give."""
    return {
        "hint_id": hint.hint_id,
        "kind": hint.kind.value,
        "text": hint.text,
        "citations": [asdict(citation) for citation in hint.citations],
        "source": hint.source.document(),
        "confidence": hint.confidence,
        "blanks": [asdict(blank) for blank in hint.blanks],
    }


def shown_in(document: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A kept hint as the API shows it to an operator of that language, who may not be the one for
    whom it was made: its source by name. What it says stays in the customer's language."""
    source = dict(document["source"])
    label = source.pop("label", "source_template")
    title = source["title"]
    if source["kind"] == SourceKind.TEMPLATE.value:
        more = {"title": title} if label == "source_template_article" else {}
        source["title"] = say(lang, label, **more).text
    elif source["kind"] == SourceKind.MODEL.value:
        source["title"] = say(lang, "source_model", title=title).text
    elif source["kind"] == SourceKind.DIALOG.value:
        source["title"] = _of_past(source.get("dialogs", 1), lang)
    return {**document, "source": source}


def _of_past(dialogs: int, lang: str) -> str:
    if dialogs == 1:
        return say(lang, "source_past").text
    return say(lang, "source_past_several", dialogs=dialogs).text


def advice_document(advice: Advice) -> dict[str, str]:
    """One note."""
    return {"code": advice.code, "text": advice.text}
