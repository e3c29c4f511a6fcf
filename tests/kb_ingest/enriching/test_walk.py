"""Asking about every article: what is kept, what an interrupted run leaves, what is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.domain import Article
from assistant.errors import (
    BadInputError,
    ConflictError,
    LanguageModelRefusedError,
    LanguageModelTimeoutError,
)
from assistant.knowledge.contents import Knowledge
from assistant.knowledge.embedder import Embedder
from assistant.knowledge.snapshot import SnapshotStore
from assistant.retrieval import Retriever
from kb_ingest.build import ingest
from kb_ingest.enriching.checking import Sifted
from kb_ingest.enriching.kept import REPLIES, KeptReplies
from kb_ingest.enriching.walk import (
    FAILURES_IN_A_ROW,
    Gathered,
    chosen,
    enrichment_of,
    gather,
    publish,
)
from tests.kb_ingest.enriching.doubles import ARTICLES, ScriptedModel, asker, offer


def walk(
    data_dir: Path,
    model: ScriptedModel,
    limit: int | None = None,
    only: tuple[str, ...] = (),
    articles: dict[str, Article] = ARTICLES,
) -> Gathered:
    return gather(
        articles,
        chosen(articles, only),
        asker(model),
        KeptReplies(data_dir),
        limit=limit,
        progress=lambda: None,
    )


def says(*questions: str) -> Callable[[str], str]:
    return lambda _: offer(*questions)


def test_every_article_is_asked_about_once(tmp_path: Path) -> None:
    model = ScriptedModel(says("Как?"))
    first = walk(tmp_path, model)
    again = walk(tmp_path, model)
    assert (first.asked, again.asked) == (len(ARTICLES), 0)
    assert list(first.offers) == list(again.offers) == list(ARTICLES)
    assert len(model.asked) == len(ARTICLES)


def test_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    replies: list[str | BaseException] = [offer("Как?"), KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        walk(tmp_path, ScriptedModel(lambda _: replies.pop(0)))
    model = ScriptedModel(says("Где?"))
    found = walk(tmp_path, model)
    assert len(model.asked) == len(ARTICLES) - 1
    assert [one.questions for one in found.offers.values()] == [("Как?",), ("Где?",), ("Где?",)]


def test_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    model = ScriptedModel(says("Как?"))
    walk(tmp_path, model)
    path = tmp_path / REPLIES
    path.write_bytes(path.read_bytes()[:-20])
    assert walk(tmp_path, model).asked == 1
    assert walk(tmp_path, model).asked == 0


def test_file_of_something_else_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / REPLIES
    path.parent.mkdir()
    path.write_text('{"asked": 1}\n', encoding="utf-8")
    with pytest.raises(BadInputError, match=r"replies\.jsonl:1"):
        KeptReplies(tmp_path)


def test_changed_text_is_asked_about_anew(tmp_path: Path) -> None:
    model = ScriptedModel(says("Как?"))
    walk(tmp_path, model)
    changed = {**ARTICLES, "storage": replace(ARTICLES["storage"], text="Заказ хранится день.")}
    assert walk(tmp_path, model, articles=changed).asked == 1


def test_limit_and_only_bound_what_is_asked_but_not_what_is_kept(tmp_path: Path) -> None:
    model = ScriptedModel(says("Как?"))
    assert list(walk(tmp_path, model, limit=1).offers) == ["returns"]
    assert list(walk(tmp_path, model, only=("gift",)).offers) == ["returns", "gift"]
    assert walk(tmp_path, model, limit=0).asked == 0


def test_unknown_id_is_an_error() -> None:
    with pytest.raises(BadInputError, match="nobody"):
        chosen(ARTICLES, ("gift", "nobody"))


def test_empty_article_is_not_asked_about(tmp_path: Path) -> None:
    model = ScriptedModel(says("Как?"))
    found = walk(tmp_path, model, articles={"e": Article(article_id="e", title="Т", text=" \n")})
    assert model.asked == []
    assert found == Gathered({}, 0, {}, {})


def test_malformed_reply_is_named_and_not_paid_for_twice(tmp_path: Path) -> None:
    model = ScriptedModel(lambda said: "нет" if "чек" in said else offer("Как?"))
    assert set(walk(tmp_path, model).malformed) == {"returns"}
    again = walk(tmp_path, model)
    assert set(again.malformed) == {"returns"}
    assert again.asked == 0


def test_failure_is_named_and_asked_again_by_the_next_run(tmp_path: Path) -> None:
    failing = ScriptedModel(
        lambda said: LanguageModelTimeoutError("late") if "чек" in said else offer("Как?")
    )
    assert walk(tmp_path, failing).failed == {"returns": "late"}
    assert walk(tmp_path, ScriptedModel(says("Где?"))).asked == 1


def test_model_that_refuses_ends_the_run_at_once(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _: LanguageModelRefusedError("key"))
    with pytest.raises(LanguageModelRefusedError):
        walk(tmp_path, model)
    assert len(model.asked) == 1


def test_model_that_only_fails_is_left_alone(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _: LanguageModelTimeoutError("late"))
    many = {f"a{n}": Article(article_id=f"a{n}", title="Т", text=f"Текст {n}.") for n in range(9)}
    with pytest.raises(LanguageModelTimeoutError):
        walk(tmp_path, model, articles=many)
    assert len(model.asked) == FAILURES_IN_A_ROW


def test_kept_replies_hold_no_personal_data(tmp_path: Path) -> None:
    walk(tmp_path, ScriptedModel(lambda _: offer("Звонить [PHONE_1]?", summary="[NAME_1]")))
    kept = (tmp_path / REPLIES).read_text(encoding="utf-8")
    assert "[PHONE_1]" in kept
    assert "916" not in kept
    assert "Иванов" not in kept


@pytest.fixture
def snapshots(tmp_path: Path, embedder: Embedder) -> SnapshotStore:
    """Three articles, indexed."""
    folder = tmp_path / "help"
    folder.mkdir()
    texts = {
        "storage": "# Хранение\n\nВ пункте выдачи заказ хранится 7 дней.\n",
        "pay": "# Оплата\n\nПринимаем карты и наличные.\n",
        "return": "# Возврат\n\nВернуть товар можно в течение 14 дней.\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    store = SnapshotStore(tmp_path / "data")
    ingest([folder], store, embedder)
    return store


def written_about(knowledge: Knowledge, name: str, question: str) -> list[Sifted]:
    return [Sifted(knowledge.articles[name], (question,), "О чём это.", ())]


def test_published_question_finds_its_article(snapshots: SnapshotStore, embedder: Embedder) -> None:
    question = "Кот съел чек, что теперь?"
    plain = snapshots.load()
    known = enrichment_of(written_about(plain, "pay.md", question), plain, embedder, "m")
    publish(snapshots, plain, known)
    vector = embedder.embed_queries([question])[0]
    places = []
    for knowledge in (plain, snapshots.load()):
        found = Retriever(knowledge).find_passages(question, vector, "ru")
        scores = {passage.article.article_id: passage.score for passage in found}
        places.append(scores["pay.md"] - max(scores["return.md"], scores["storage.md"]))
    assert places[1] > places[0]
    assert places[1] > 0


def test_ingest_keeps_what_was_written_until_the_text_changes(
    snapshots: SnapshotStore, embedder: Embedder, tmp_path: Path
) -> None:
    plain = snapshots.load()
    sifted = written_about(plain, "pay.md", "Чем платить?")
    sifted += written_about(plain, "return.md", "Как сдать вещь?")
    publish(snapshots, plain, enrichment_of(sifted, plain, embedder, "m"))
    (tmp_path / "help" / "return.md").write_text("# Возврат\n\nНельзя.\n", encoding="utf-8")
    ingest([tmp_path / "help"], snapshots, embedder)
    kept = snapshots.load().enrichment
    assert kept is not None
    assert kept.questions() == ["Чем платить?"]
    assert kept.vectors.shape == (1, embedder.dimension)
    (tmp_path / "help" / "pay.md").unlink()
    ingest([tmp_path / "help"], snapshots, embedder)
    assert snapshots.load().enrichment is None


def test_what_was_written_earlier_stays_beside_what_is_new(
    snapshots: SnapshotStore, embedder: Embedder
) -> None:
    plain = snapshots.load()
    first = enrichment_of(written_about(plain, "pay.md", "Чем платить?"), plain, embedder, "m")
    publish(snapshots, plain, first)
    now = snapshots.load()
    both = enrichment_of(written_about(now, "storage.md", "Где посылка?"), now, embedder, "m")
    assert sorted(both.questions()) == ["Где посылка?", "Чем платить?"]
    anew = enrichment_of(written_about(now, "pay.md", "Карты берёте?"), now, embedder, "m")
    assert anew.questions() == ["Карты берёте?"]


def test_nothing_is_published_over_articles_that_came_meanwhile(
    snapshots: SnapshotStore, embedder: Embedder, tmp_path: Path
) -> None:
    plain = snapshots.load()
    known = enrichment_of(written_about(plain, "pay.md", "Чем платить?"), plain, embedder, "m")
    (tmp_path / "help" / "new.md").write_text("# Новое\n\nТекст.\n", encoding="utf-8")
    ingest([tmp_path / "help"], snapshots, embedder)
    with pytest.raises(ConflictError):
        publish(snapshots, plain, known)
    assert snapshots.load().enrichment is None
