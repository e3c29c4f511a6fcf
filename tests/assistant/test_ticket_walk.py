"""Asking for a ticket, through the whole walk."""

from __future__ import annotations

from pathlib import Path

from assistant.domain import IncomingMessage
from assistant.settings import Settings
from assistant.wiring import build_assistant


def test_customer_who_asks_for_his_ticket_is_told_how_it_stands(
    indexed_shop: Path, database_url: str
) -> None:
    fields = {"data_dir": indexed_shop, "database_url": database_url, "support_hours": ""}
    settings = Settings(**fields, burst_seconds=0, _env_file=None)  # type: ignore[arg-type]
    street, _ = build_assistant(settings)

    def say(text: str) -> dict:
        return street.reply(IncomingMessage(text=text, dialog_id="d-a")).document

    handed_over = say("Позовите оператора")
    number = handed_over["handoff"]["ticket_number"]
    asked = say(f"что с моим обращением {number}?")
    assert asked["action"] == "acknowledge"
    assert asked["owner"] == "waiting"
    assert str(number) in asked["reply"]["text"]
