from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain import Article, Chunk
from assistant.knowledge.embedder import Embedder
from kb_ingest.chunking import MAX_CHUNK_TOKENS, chunk_article
from tests.kb_ingest.texts import ARTICLE, LINE

STEPS = """Вступление.

# Возврат

Вернуть можно за 14 дней.

## Что нужно

- чек
- паспорт

## Сроки

### Карта

Три дня.

# Обмен

Обменять можно сразу.
"""


def _article(text: str, title: str = "Помощь", *, is_answer: bool = False) -> Article:
    return Article(article_id="a", title=title, text=text, is_answer=is_answer)


def _chunks(embedder: Embedder, text: str, title: str = "Помощь") -> list[Chunk]:
    return chunk_article(_article(text, title), embedder.count_tokens)


def test_chunks_follow_the_headings(embedder: Embedder) -> None:
    assert [(chunk.heading_path, chunk.text) for chunk in _chunks(embedder, STEPS)] == [
        (("Помощь",), "Вступление."),
        (("Помощь", "Возврат"), "Вернуть можно за 14 дней."),
        (("Помощь", "Возврат", "Что нужно"), "- чек\n- паспорт"),
        (("Помощь", "Возврат", "Сроки", "Карта"), "Три дня."),
        (("Помощь", "Обмен"), "Обменять можно сразу."),
    ]


def test_heading_that_repeats_the_title_is_named_once(embedder: Embedder) -> None:
    (chunk,) = _chunks(embedder, "# ВОЗВРАТ\n\nЗа 14 дней.", "Возврат")
    assert chunk.heading_path == ("Возврат",)
    assert chunk.text == "За 14 дней."


def test_deeper_heading_may_come_first(embedder: Embedder) -> None:
    paths = [chunk.heading_path for chunk in _chunks(embedder, "### а\n\nА.\n\n# б\n\nБ.")]
    assert paths == [("Помощь", "а"), ("Помощь", "б")]


@pytest.mark.parametrize("text", ["# Только заголовок", "# А\n\n## Б"])
def test_article_of_headings_alone_is_still_found(embedder: Embedder, text: str) -> None:
    (chunk,) = _chunks(embedder, text)
    assert chunk.text == text


def test_answer_to_a_question_is_one_section_whatever_it_holds(embedder: Embedder) -> None:
    article = _article("# Раз\n\nДва.\n\n# Три\n\nЧетыре.", "Как вернуть?", is_answer=True)
    (chunk,) = chunk_article(article, embedder.count_tokens)
    assert chunk.text == article.text
    assert chunk.heading_path == ("Как вернуть?",)


def test_hash_line_inside_a_code_block_is_no_heading(embedder: Embedder) -> None:
    text = "## Настройка\n\n```\n# комментарий\nапт обновить\n```"
    (chunk,) = _chunks(embedder, text)
    assert chunk.heading_path == ("Помощь", "Настройка")
    assert "# комментарий" in chunk.text


def test_section_that_fits_stays_whole(embedder: Embedder) -> None:
    text = "\n\n".join(f"Шаг {number}: нажмите кнопку." for number in range(12))
    assert embedder.count_tokens(text) < MAX_CHUNK_TOKENS - embedder.count_tokens("Помощь")
    assert [chunk.text for chunk in _chunks(embedder, text)] == [text]


def test_long_section_is_split_between_sentences(embedder: Embedder) -> None:
    text = " ".join(f"Это предложение о доставке номер {number}." for number in range(80))
    chunks = _chunks(embedder, text)
    assert len(chunks) > 3
    assert all(chunk.text.startswith("Это") and chunk.text.endswith(".") for chunk in chunks)


def test_long_section_is_split_between_paragraphs_first(embedder: Embedder) -> None:
    paragraph = " ".join(f"Предложение о возврате {number}." for number in range(12))
    chunks = _chunks(embedder, "\n\n".join([paragraph] * 4))
    assert len(chunks) > 1
    assert [part for chunk in chunks for part in chunk.text.split("\n\n")] == [paragraph] * 4


def test_long_list_is_split_between_its_items(embedder: Embedder) -> None:
    items = [f"- пункт списка о доставке номер {number}" for number in range(60)]
    chunks = _chunks(embedder, "\n".join(items))
    assert len(chunks) > 1
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == items


@pytest.mark.parametrize("text", ["ш" * 3000, "слово" * 600, "1234567890" * 300, "🙂" * 700])
def test_text_without_any_break_is_split_all_the_same(embedder: Embedder, text: str) -> None:
    chunks = _chunks(embedder, text)
    assert "".join(chunk.text for chunk in chunks) == text
    assert all(chunk.token_count <= MAX_CHUNK_TOKENS for chunk in chunks)


def test_very_long_title_still_leaves_room_for_text(embedder: Embedder) -> None:
    text = " ".join(f"Предложение {number}." for number in range(100))
    chunks = _chunks(embedder, text, "Очень длинное название " * 60)
    assert max(chunk.token_count for chunk in chunks) <= 60
    assert "".join(chunk.text for chunk in chunks).replace(" ", "") == text.replace(" ", "")


def _assert_sound(article: Article, chunks: list[Chunk], embedder: Embedder) -> None:
    end = 0
    for chunk in chunks:
        assert chunk.article_id == article.article_id
        assert chunk.text == article.text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip() != ""
        assert chunk.start >= end
        end = chunk.end
        assert chunk.heading_path[0] == article.title
        assert chunk.token_count == embedder.count_tokens(chunk.text)
        heading = embedder.count_tokens(" ".join(chunk.heading_path))
        assert chunk.token_count <= max(60, MAX_CHUNK_TOKENS - heading)
        for left, right in chunk.sentences:
            assert chunk.start <= left < right <= chunk.end


@settings(max_examples=120, deadline=None)
@given(text=st.lists(ARTICLE, min_size=1, max_size=6).map("\n\n".join), title=LINE)
def test_chunks_are_stretches_of_the_article(text: str, title: str, embedder: Embedder) -> None:
    article = _article(text, title)
    chunks = chunk_article(article, embedder.count_tokens)
    assert chunks
    _assert_sound(article, chunks, embedder)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(st.sampled_from("аб1.!? \n\t#-|*;,🙂ﬁ\u2028\x0c\u00a0é"), min_size=1, max_size=900)
    .map(str.strip)
    .filter(bool),
    is_answer=st.booleans(),
)
def test_chunks_are_sound_for_any_text(text: str, is_answer: bool, embedder: Embedder) -> None:
    article = _article(text, is_answer=is_answer)
    chunks = chunk_article(article, embedder.count_tokens)
    assert chunks
    _assert_sound(article, chunks, embedder)


@settings(max_examples=120, deadline=None)
@given(text=ARTICLE, is_answer=st.booleans())
def test_no_word_outside_the_headings_is_lost(
    text: str, is_answer: bool, embedder: Embedder
) -> None:
    article = _article(text, is_answer=is_answer)
    chunks = chunk_article(article, embedder.count_tokens)
    covered = bytearray(len(text))
    for chunk in chunks:
        covered[chunk.start : chunk.end] = b"\x01" * (chunk.end - chunk.start)
    missed = "".join(char for char, seen in zip(text, covered, strict=True) if not seen)
    headings = [line for line in text.split("\n") if line.startswith("#") and not is_answer]
    assert sorted(missed.split()) == sorted(" ".join(headings).split()) or not missed.strip()


def test_quote_of_a_sentence_stands_word_for_word_in_the_article(embedder: Embedder) -> None:
    table = "| а | б |\n| --- | --- |\n| 1 | 2 |"
    text = f"# Оплата\n\nКартой — сразу. «СБП» до 15:00, т. е. днём.\n\n{table}"
    quotes = [
        text[left:right] for chunk in _chunks(embedder, text) for left, right in chunk.sentences
    ]
    assert quotes == ["Картой — сразу.", "«СБП» до 15:00, т. е. днём.", "| а | б |", "| 1 | 2 |"]
