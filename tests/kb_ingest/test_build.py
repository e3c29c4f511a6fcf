from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.domain import Article, Chunk
from assistant.errors import BadInputError, KnowledgeError
from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from assistant.ranking import shipped_weights
from kb_ingest.build import IngestReport, body_text, ingest, prepare, title_text
from kb_ingest.progress import Silent
from tests.assistant.knowledge.contents import pretend_format
from tests.conftest import REPO
from tests.kb_ingest.recording import RecordingEmbedder

FILES = {
    "returns.md": "# Возврат\n\nВернуть можно за 14 дней.\n\n## Что нужно?\n\n- чек\n- паспорт",
    "delivery.md": "# Доставка\n\nКурьер приедет завтра. Или послезавтра.",
    "faq.csv": "id,question,answer\nq1,Где заказ?,В пути.\nq2,Как оплатить?,Картой.\n",
    "en.md": "# Payment\n\nPay by card.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "help"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "data")


@pytest.fixture
def recording(embedder: Embedder) -> RecordingEmbedder:
    return RecordingEmbedder(embedder)


@pytest.fixture
def update(
    folder: Path, store: SnapshotStore, recording: RecordingEmbedder
) -> Callable[[], IngestReport]:
    return lambda: ingest([folder], store, recording)


def test_first_ingest_adds_everything(
    update: Callable[[], IngestReport], store: SnapshotStore
) -> None:
    report = update()
    assert sorted(report.added) == ["delivery.md", "en.md", "q1", "q2", "returns.md"]
    assert (report.changed, report.removed, report.unchanged, report.skipped) == ((),) * 4
    assert report.chunks == 6
    assert report.seconds > 0
    assert store.current_id() == report.snapshot
    assert set(store.load().articles) == set(report.added)


def test_every_different_text_is_embedded_once(
    update: Callable[[], IngestReport], recording: RecordingEmbedder
) -> None:
    report = update()
    taken = recording.taken()
    assert report.embedded == len(taken) == len(set(taken))
    assert "Где заказ?" in taken
    assert "Возврат. Что нужно?\n- чек\n- паспорт" in taken
    assert "- чек" in taken


def test_nothing_is_embedded_again_when_nothing_changed(
    update: Callable[[], IngestReport], recording: RecordingEmbedder
) -> None:
    first = update()
    recording.taken()
    second = update()
    assert recording.taken() == []
    assert second.embedded == 0
    assert second.snapshot == first.snapshot
    assert len(second.unchanged) == 5


def test_only_changed_texts_are_embedded_again(
    folder: Path, update: Callable[[], IngestReport], recording: RecordingEmbedder
) -> None:
    update()
    recording.taken()
    (folder / "delivery.md").write_text("# Доставка\n\nКурьер приедет завтра. Или в среду.")
    report = update()
    assert report.changed == ("delivery.md",)
    assert recording.taken() == [
        "Доставка\nКурьер приедет завтра. Или в среду.",
        "Или в среду.",
    ]


def test_change_that_shows_no_new_text_embeds_nothing(
    folder: Path, update: Callable[[], IngestReport], recording: RecordingEmbedder
) -> None:
    first = update()
    recording.taken()
    (folder / "delivery.md").write_text("---\nurl: https://a.example\n---\n" + FILES["delivery.md"])
    report = update()
    assert report.changed == ("delivery.md",)
    assert recording.taken() == []
    assert report.snapshot != first.snapshot


def test_removing_an_article_embeds_nothing(
    folder: Path,
    update: Callable[[], IngestReport],
    recording: RecordingEmbedder,
    store: SnapshotStore,
) -> None:
    update()
    recording.taken()
    (folder / "faq.csv").unlink()
    report = update()
    assert sorted(report.removed) == ["q1", "q2"]
    assert recording.taken() == []
    assert "q1" not in store.load().articles


def test_another_model_embeds_everything_again(
    folder: Path, embedder: Embedder, store: SnapshotStore
) -> None:
    ingest([folder], store, RecordingEmbedder(embedder))
    other = RecordingEmbedder(embedder, "other/model")
    report = ingest([folder], store, other)
    assert report.embedded == len(other.taken()) > 0
    assert len(report.unchanged) == 5
    assert store.manifest()["model_id"] == "other/model"


def test_edit_taken_back_gives_the_first_snapshot_again(
    folder: Path, update: Callable[[], IngestReport]
) -> None:
    first = update().snapshot
    (folder / "delivery.md").write_text("# Доставка\n\nТеперь всё совсем по-другому и дольше.")
    assert update().snapshot != first
    (folder / "delivery.md").write_text(FILES["delivery.md"])
    assert update().snapshot == first


def test_same_knowledge_in_two_steps_or_one_gives_the_same_snapshot(
    folder: Path, tmp_path: Path, embedder: Embedder, update: Callable[[], IngestReport]
) -> None:
    late = folder / "zz.csv"
    late.write_text("id,question,answer\nz,Картой.,Курьер приедет завтра.\n")
    whole = ingest([folder], SnapshotStore(tmp_path / "whole"), embedder).snapshot
    text = late.read_text()
    late.unlink()
    update()
    late.write_text(text)
    assert update().snapshot == whole


def test_order_of_the_paths_does_not_matter(
    folder: Path, tmp_path: Path, embedder: Embedder
) -> None:
    files = sorted(folder.iterdir())
    one = ingest(files, SnapshotStore(tmp_path / "one"), embedder)
    other = ingest(files[::-1], SnapshotStore(tmp_path / "other"), embedder)
    assert one.snapshot == other.snapshot


_IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from assistant.knowledge.snapshot import SnapshotStore
from assistant.knowledge.tuning import Tuning
from assistant.ranking import shipped_weights
from assistant.settings import Settings
from assistant.wiring import build_embedder
from kb_ingest.build import ingest
folder, data, models = map(Path, sys.argv[1:])
embedder = build_embedder(Settings(model_cache=models, _env_file=None))
print(ingest([folder], SnapshotStore(data), embedder).snapshot)
"""


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_same_knowledge_gives_the_same_snapshot_in_another_process(
    folder: Path, tmp_path: Path, update: Callable[[], IngestReport], seed: str, models: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IN_ANOTHER_PROCESS, folder, tmp_path / "elsewhere", models],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPO)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == update().snapshot


def test_nothing_to_publish_is_refused_and_says_why(
    tmp_path: Path, store: SnapshotStore, embedder: Embedder
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.pdf").write_bytes(b"x")
    with pytest.raises(BadInputError, match=r"no article found in .*a\.pdf.*not a readable PDF"):
        ingest([empty], store, embedder)


def test_emptied_folder_publishes_an_empty_knowledge_base(
    folder: Path, update: Callable[[], IngestReport], store: SnapshotStore
) -> None:
    update()
    for file in folder.iterdir():
        file.unlink()
    report = update()
    assert len(report.removed) == 5
    assert store.load().articles == {}


def test_one_bad_file_does_not_keep_the_rest_from_being_published(
    folder: Path, update: Callable[[], IngestReport], store: SnapshotStore
) -> None:
    (folder / "bad.docx").write_bytes(b"x")
    (folder / "date.md").write_text("---\nvalid_until: 2026-12-31 10:00:00\n---\nТекст")
    report = update()
    assert [Path(item.file).name for item in report.skipped if item.failed][:1] == ["bad.docx"]
    assert len(store.load().articles) >= 5


def test_second_ingest_at_once_is_refused(
    update: Callable[[], IngestReport], store: SnapshotStore
) -> None:
    first = update().snapshot
    with store.exclusive(), pytest.raises(KnowledgeError, match="another ingest is running"):
        update()
    assert store.current_id() == first


def test_ingest_over_a_damaged_snapshot_loses_no_article_of_other_paths(
    folder: Path, tmp_path: Path, update: Callable[[], IngestReport], store: SnapshotStore,
    embedder: Embedder,
) -> None:  # fmt: skip
    snapshot = update().snapshot
    other = tmp_path / "other.md"
    other.write_text("# Иное\n\nИное.")
    index = tmp_path / "data" / "knowledge" / "snapshots" / snapshot / "dense.faiss"
    index.write_bytes(index.read_bytes()[:-1])
    try:
        ingest([other], store, embedder)
    except KnowledgeError:
        return
    assert len(store.load().articles) == 6


def test_ingest_replaces_a_snapshot_of_another_format(
    update: Callable[[], IngestReport], store: SnapshotStore, tmp_path: Path
) -> None:
    update()
    pretend_format(tmp_path / "data" / "knowledge", 0)
    report = update()
    assert store.current_id() == report.snapshot
    assert len(store.load().articles) == 5


def test_row_i_of_every_view_belongs_to_chunk_i(embedder: Embedder) -> None:
    articles = [
        Article(article_id=f"a{n}", title=f"Статья {n}", text=f"Текст номер {n}. Ещё {n}.")
        for n in range(5)
    ]
    content, _ = prepare(articles, embedder, None, Silent())
    titles = embedder.embed_passages([title_text(chunk, None) for chunk in content.chunks])
    bodies = embedder.embed_passages([body_text(chunk, None) for chunk in content.chunks])
    assert np.all(np.sum(content.title_vectors * titles, axis=1) > 0.999)
    assert np.all(np.sum(content.body_vectors * bodies, axis=1) > 0.999)
    assert len(content.sentence_vectors) == sum(len(c.sentences) for c in content.chunks) == 10


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (("Возврат", "Сроки"), "Возврат. Сроки"),
        (("Возврат", "Сколько ждать?"), "Сколько ждать?"),
        (("Возврат", "Сколько ждать? "), "Сколько ждать? "),
        (("Как вернуть?",), "Как вернуть?"),
        (("Как вернуть?", "Сроки"), "Как вернуть?. Сроки"),
    ],
)
def test_heading_that_asks_stands_for_the_question(path: tuple[str, ...], title: str) -> None:
    chunk = Chunk("a", path, "т", 0, 1, 1)
    assert title_text(chunk, None) == title
    assert title_text(chunk, "деньги") == f"деньги: {title}"


def test_title_that_many_articles_share_is_taken_for_a_topic(embedder: Embedder) -> None:
    articles = [Article(article_id=f"{n}", title="Оплата", text=f"Способ {n}.") for n in range(3)]
    recording = RecordingEmbedder(embedder)
    prepare(articles, recording, None, Silent())
    assert "Оплата" not in recording.passages


def test_what_was_learnt_survives_an_ingest(shop: Path, embedder: Embedder) -> None:
    snapshots = SnapshotStore(shop)
    knowledge = snapshots.load()
    some = next(iter(knowledge.articles))
    learnt = Tuning(
        adapter=np.zeros((embedder.dimension, embedder.dimension), np.float32),
        case_vectors=embedder.embed_queries(["сколько хранится заказ", "другое"]),
        case_articles=((some,), ("gone",)),
        weights=shipped_weights(),
        about={"questions": 2},
    )
    with snapshots.exclusive():
        snapshots.publish_tuned(knowledge, learnt)
    assert snapshots.damages() == []
    (shop / "new.md").write_text("# Новая статья\n\nТекст новой статьи.", encoding="utf-8")
    ingest([shop / "new.md"], snapshots, embedder)
    kept = snapshots.load().tuning
    assert kept is not None
    assert kept.case_articles == ((some,),)
