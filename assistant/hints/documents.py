"""Hints and notes as the API shows them and the store keeps them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from assistant.hints.hint import Advice, Hint


def hint_document(hint: Hint) -> dict[str, Any]:
    """One hint; `hint_id` is the store's to give."""
    return {
        "hint_id": hint.hint_id,
        "kind": hint.kind.value,
        "text": hint.text,
        "citations": [asdict(citation) for citation in hint.citations],
        "source": hint.source.document(),
        "confidence": hint.confidence,
        "blanks": [asdict(blank) for blank in hint.blanks],
    }


def advice_document(advice: Advice) -> dict[str, str]:
    """One note."""
    return {"code": advice.code, "text": advice.text}
