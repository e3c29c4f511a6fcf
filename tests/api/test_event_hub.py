"""One look a process for all streams."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.event_hub import EventHub
from api.event_text import EventText, Start
from assistant.errors import StoreError
from assistant.store.audit import Doing
from assistant.store.database import Database
from assistant.store.dialogs import DialogStore
from assistant.store.events import Event
from tests.assistant.conftest import ask

PAUSE_SECONDS = 0.02


class CountingStore(DialogStore):
    """Counts how often it is asked for events; fails so many times first."""

    asked = 0
    failures = 0

    def events_after(self, number: int, limit: int, **which: object) -> list[Event]:
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise StoreError("away")
        return super().events_after(number, limit, **which)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(Database(f"sqlite:///{tmp_path / 'dialogs.db'}"))


async def until_news(hub: EventHub, number: int) -> list[Event]:
    """What comes after a number, as a stream waits for it."""
    with hub.listening():
        while not (found := hub.since(number)):
            await hub.wait_for_news(number, 10)
        return found


def test_all_streams_are_woken_by_one_look(store: CountingStore) -> None:
    async def scenario() -> list[list[Event]]:
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            waiting = [asyncio.create_task(until_news(hub, 0)) for _ in range(200)]
            while hub.position < 0:
                await asyncio.sleep(PAUSE_SECONDS)
            asked_before = store.asked
            await asyncio.sleep(5 * PAUSE_SECONDS)
            assert store.asked - asked_before <= 10, "looks, however many wait"
            await asyncio.to_thread(ask, store)
            return await asyncio.gather(*waiting)

    heard = asyncio.run(scenario())
    assert len(heard) == 200
    assert all(found == heard[0] for found in heard)
    assert [event.type for event in heard[0]] == ["message.created"]


def test_nobody_looks_while_nobody_listens(store: CountingStore) -> None:
    async def scenario() -> None:
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            await asyncio.sleep(5 * PAUSE_SECONDS)
            assert store.asked == 0
            listening = asyncio.create_task(until_news(hub, 0))
            while hub.position < 0:
                await asyncio.sleep(PAUSE_SECONDS)
            await asyncio.to_thread(ask, store)
            await listening
            assert hub.streams == 0
            asked = store.asked
            await asyncio.sleep(5 * PAUSE_SECONDS)
            assert store.asked <= asked + 1

    asyncio.run(scenario())


def test_hub_does_not_know_what_was_before_it_began(store: CountingStore) -> None:
    async def scenario() -> None:
        ask(store)
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            assert hub.since(0) is None
            with hub.listening():
                await hub.wait_for_news(0, 10)
                assert hub.since(0) is None, "the store has to be asked"
                assert hub.since(hub.position) == []

    asyncio.run(scenario())


def test_looking_goes_on_after_the_store_was_away(store: CountingStore) -> None:
    async def scenario() -> list[Event]:
        store.failures = 3
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            listening = asyncio.create_task(until_news(hub, 0))
            while hub.position < 0 or store.failures:
                await asyncio.sleep(PAUSE_SECONDS)
            await asyncio.to_thread(ask, store)
            return await listening

    assert len(asyncio.run(scenario())) == 1


def test_closing_wakes_whoever_waits(store: CountingStore) -> None:
    async def scenario() -> bool:
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            with hub.listening():
                waiting = asyncio.create_task(hub.wait_for_news(10**6, 60))
                await asyncio.sleep(PAUSE_SECONDS)
                hub.close()
                await waiting
        return hub.is_closing

    assert asyncio.run(scenario())


async def lines_until(text: EventText, start: Start, wanted: str) -> list[str]:
    """What a stream says until it says that."""
    said = []
    stream = text.lines(start)
    async for lines in stream:
        said.append(lines)
        if wanted in lines:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return said


def test_stream_shows_that_it_is_alive_though_only_others_are_told_of(
    store: CountingStore,
) -> None:
    async def scenario() -> list[str]:
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            text = EventText(hub, store, "d-mine", Event.document, heartbeat_seconds=0.5)
            alive = asyncio.create_task(lines_until(text, Start(0), ": alive"))
            while not alive.done():
                await asyncio.to_thread(ask, store, "вопрос", "d-other")
                await asyncio.sleep(PAUSE_SECONDS)
            return alive.result()

    assert asyncio.run(scenario()) == ["retry: 2000\n\n", ": alive\n\n"]


def test_stream_of_a_quiet_dialog_does_not_ask_the_store_again_and_again(
    store: CountingStore,
) -> None:
    """It has read what there is of its dialog; the hub tells it the rest."""

    async def scenario() -> int:
        ask(store, "вопрос", "d-mine")
        for _ in range(20):
            ask(store, "вопрос", "d-other")
        hub = EventHub(store, look_seconds=60)
        async with hub.serving():
            text = EventText(hub, store, "d-mine", Event.document, heartbeat_seconds=0.2)
            await lines_until(text, Start(0), ": alive")
        return store.asked

    assert asyncio.run(scenario()) <= 4


def test_stream_from_far_back_tells_all_in_order_though_the_hub_has_forgotten_it(
    store: CountingStore,
) -> None:
    count = 450

    async def scenario() -> list[str]:
        for number in range(count):
            ask(store, "вопрос", f"d-{number}")
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            text = EventText(hub, store, None, Event.document)
            return await lines_until(text, Start(0), f"id: {count}\n")

    said = asyncio.run(scenario())[1:]
    assert [lines.split("\n")[0] for lines in said] == [f"id: {at + 1}" for at in range(count)]


def test_what_is_deleted_leaves_the_memory_of_the_hub(store: CountingStore) -> None:
    async def scenario() -> tuple[list[Event], list[Event] | None]:
        hub = EventHub(store, PAUSE_SECONDS)
        async with hub.serving():
            with hub.listening():
                await hub.wait_for_news(0, 10)
                await asyncio.to_thread(ask, store, "секретное слово", "d-gone")
                await hub.wait_for_news(0, 10)
                known = hub.since(0) or []
                await asyncio.to_thread(store.delete_dialog, "d-gone", Doing("test", "delete"))
                await hub.wait_for_news(known[-1].id, 10)
                newest = known[-1].id
                return known, [*(hub.since(0) or []), *(hub.since(newest) or [])]

    known, left = asyncio.run(scenario())
    assert "секретное слово" in str(known)
    assert [event.type for event in left] == ["dialog.deleted"], "the store has what is left"
