"""Webhooks and their secrets."""

from __future__ import annotations

import pytest

from assistant.errors import ConflictError, NotFoundError
from assistant.store.dialogs import DialogStore
from tests.assistant.conftest import ask
from tests.conftest import Clock

URL = "https://shop.example/hook"


def test_webhook_is_made_with_a_secret_that_is_shown_once(store: DialogStore) -> None:
    made = store.put_webhook("crm", URL, [])
    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    again = store.put_webhook("crm", URL, [])
    assert again.secret is None
    (listed,) = store.webhooks()
    assert listed == again.view
    assert made.secret not in str(listed)


def test_two_webhooks_have_two_secrets(store: DialogStore) -> None:
    assert store.put_webhook("a", URL, []).secret != store.put_webhook("b", URL, []).secret


def test_changed_webhook_keeps_its_secret_and_its_place(store: DialogStore) -> None:
    secret = store.put_webhook("crm", URL, []).secret
    ask(store)
    store.put_webhook("crm", "https://other.example/", ["csat.received"])
    target = store.target("crm")
    assert target is not None
    assert (target.url, target.secrets) == ("https://other.example/", (secret,))
    assert store.targets_behind() == ["crm"]
    assert store.webhooks()[0]["event_types"] == ["csat.received"]


def test_replaced_secret_is_good_for_a_day(store: DialogStore, clock: Clock) -> None:
    old = store.put_webhook("crm", URL, []).secret
    new = store.rotate_secret("crm").secret
    assert new != old
    assert _secrets(store) == (new, old)
    clock.turn(hours=23, minutes=59)
    assert _secrets(store) == (new, old)
    clock.turn(minutes=2)
    assert _secrets(store) == (new,)
    assert store.webhooks()[0]["old_secrets_until"] == []


def test_second_replacement_within_a_day_does_not_prolong_the_first(
    store: DialogStore, clock: Clock
) -> None:
    first = store.put_webhook("crm", URL, []).secret
    second = store.rotate_secret("crm").secret
    clock.turn(hours=20)
    third = store.rotate_secret("crm").secret
    assert _secrets(store) == (third, second, first)
    clock.turn(hours=5)
    assert _secrets(store) == (third, second)


def test_deleted_webhook_is_gone_and_may_be_made_again(store: DialogStore) -> None:
    old = store.put_webhook("crm", URL, []).secret
    ask(store)
    store.enqueue_next("crm")
    store.delete_webhook("crm")
    assert store.webhooks() == []
    assert store.target("crm") is None
    assert store.delivery_list(None, None, 0, 10) == []
    assert store.put_webhook("crm", URL, []).secret != old
    assert store.targets_behind() == []


def test_unknown_webhook_is_not_found(store: DialogStore) -> None:
    with pytest.raises(NotFoundError):
        store.rotate_secret("nobody")
    with pytest.raises(NotFoundError):
        store.delete_webhook("nobody")
    assert store.enqueue_next("nobody") == 0


def test_channels_have_a_place_but_no_secret(store: DialogStore) -> None:
    store.keep_channels({"telegram": URL})
    store.keep_channels({"telegram": "https://moved.example/", "webim": URL})
    listed = {view["id"]: view["url"] for view in store.webhooks()}
    assert listed == {"channel:telegram": "https://moved.example/", "channel:webim": URL}
    with pytest.raises(ConflictError, match="SOUFFLEUR_CHANNEL_SECRET"):
        store.rotate_secret("channel:webim")


def _secrets(store: DialogStore) -> tuple[str, ...]:
    target = store.target("crm")
    assert target is not None
    return target.secrets
