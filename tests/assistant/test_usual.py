"""A knowledge base of a few articles answers what they answer and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.deciding import Context
from assistant.domain import Action
from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from assistant.settings import Settings
from assistant.usual import FILLED_UP_TO, filled_up
from assistant.wiring import Parts, build_parts
from kb_ingest.build import ingest

ARTICLES = {
    "return.md": "# Как вернуть товар\n\nВернуть товар можно за 14 дней. Принесите его в магазин.",
    "hours.md": "# Часы работы мастерской\n\nМастерская открыта по будням с 10:00 до 19:00.",
    "price.md": "# Сколько стоит настройка пианино\n\nНастройка пианино стоит 6500 рублей.",
}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Parts:
    """Three articles and nothing else."""
    folder = tmp_path_factory.mktemp("workshop")
    texts = folder / "texts"
    texts.mkdir()
    for name, text in ARTICLES.items():
        (texts / name).write_text(text, encoding="utf-8")
    data = folder / "data"
    ingest([texts], SnapshotStore(data), embedder)
    return build_parts(Settings(data_dir=data, support_hours="", _env_file=None))  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("почём настроить пианино?", "price.md"),
        ("до скольки работает мастерская?", "hours.md"),
        ("как сдать товар обратно в магазин?", "return.md"),
    ],
)
def test_three_articles_are_enough_to_answer(workshop: Parts, text: str, article: str) -> None:
    outcome = workshop.decider.decide(Context(text))
    assert outcome.action is Action.ANSWER
    assert outcome.reply is not None
    assert outcome.reply.citations[0].article_id == article


@pytest.mark.parametrize(
    "text", ["какая погода завтра в Москве?", "как удалить аккаунт?", "доставляете в Казань?"]
)
def test_what_three_articles_do_not_hold_is_not_answered(workshop: Parts, text: str) -> None:
    assert workshop.decider.decide(Context(text)).action is not Action.ANSWER


def test_only_what_is_missing_is_filled_up(embedder: Embedder) -> None:
    few = np.ones((3, embedder.dimension), np.float32)
    filled = filled_up(few, embedder.model_id, "ru", "title")
    assert filled.shape == (FILLED_UP_TO, embedder.dimension)
    assert (filled[:3] == few).all()
    many = np.ones((FILLED_UP_TO, embedder.dimension), np.float32)
    assert filled_up(many, embedder.model_id, "ru", "title") is many


def test_nothing_is_added_for_what_none_ship_for(embedder: Embedder) -> None:
    few = np.ones((3, embedder.dimension), np.float32)
    assert filled_up(few, "another-model", "ru", "title") is few
    assert filled_up(few, embedder.model_id, "de", "title") is few
