"""The application has the contexts with the CRM that its settings name, and forgets with it."""

from __future__ import annotations

from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from assistant.domain import Customer, IncomingMessage
from assistant.operator_context.words import ContextWords
from assistant.settings import Settings
from assistant.store.base import utc_now
from tests.support.crm_server import CrmServer


def test_deleted_customer_is_forgotten_by_the_crm_memory_too(settings: Settings) -> None:
    with CrmServer() as server:
        app = create_app(settings.model_copy(update={"crm_url": server.url}))
        service: Service = app.state.service
        told = IncomingMessage("Где мой заказ?", customer=Customer(id="c-17", name="Анна"))
        dialog_id = service.assistant.reply(told).document["dialog_id"]
        crm = service.contexts._crm
        assert crm is not None

        def look() -> str:
            found = crm.look_up("c-17", "web")
            if found.call is not None:
                found.call.result(10)
            return str(found.document(ContextWords("ru", utc_now().tzinfo, utc_now()))["state"])

        service.contexts.of_dialog(dialog_id, "ru")
        look()
        assert look() == "cached"
        card = service.contexts.of_dialog(dialog_id, "ru")["customer"]["crm"]
        assert {"label": "city", "value": "Казань"} in card["fields"]
        with TestClient(app, client=("127.0.0.1", 50000)) as client:
            assert client.delete("/v1/customers/c-17").json()["deleted"]
        assert look() == "ok"
        assert len(server.asked) == 2


def test_without_a_crm_the_document_says_so(settings: Settings) -> None:
    service: Service = create_app(settings).state.service
    context = service.contexts.of_messages([{"author": "customer", "text": "Где заказ?"}], "en")
    assert context["customer"]["crm"]["error"] == "no CRM is connected"
    assert context["intent"]["label"] == "question"
