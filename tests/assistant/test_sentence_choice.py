"""What makes one sentence answer better than another that is as near to the question."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.domain import Article, Chunk
from assistant.sentence_choice import (
    BEST_CHUNK,
    HEADING_WORDS,
    Sentences,
    choose_sentences,
    score_sentences,
)
from assistant.text import sentence_spans


def sentences(*texts: str, headings: tuple[str, ...] = (), best: int = 0) -> Sentences:
    """An article of a chunk a sentence, all equally near to the question."""
    text = "\n\n".join(texts)
    article = Article("a-1", "Статья", text)
    chunks = []
    for at, part in enumerate(texts):
        start = text.index(part)
        path = ("Статья", *headings[at : at + 1])
        spans = tuple(sentence_spans(text, start, start + len(part)))
        chunks.append(Chunk("a-1", path, part, start, start + len(part), 9, spans))
    near = [(chunk, np.full(len(chunk.sentences), 0.8, np.float32)) for chunk in chunks]
    return Sentences.of(article, chunks[best], near)


def gain(question: str, plain: str, telling: str) -> float:
    """What the second sentence scores more than the first; neither is in the best chunk."""
    scores = score_sentences(sentences("Начало.", plain, telling), question)
    return float(scores[2] - scores[1])


@pytest.mark.parametrize(
    ("question", "plain", "telling"),
    [
        ("когда привозят курьером", "Товар лежит.", "Посылку курьером привозят."),
        ("сколько лежит", "Срок бывает долгим.", "Срок составляет 7 дней."),
        ("how long", "It takes a while.", "It takes 7 days."),
        ("как оформить возврат", "Нужна кнопка.", "Нужна кнопка «Вернуть»."),
        ("where do I change it", "Go to the profile.", "Go to Profile → Settings."),
        ("куда писать", "Напишите на почту.", "Напишите на help@shop.example."),
    ],
)
def test_sentence_with_what_is_asked_for_scores_higher(
    question: str, plain: str, telling: str
) -> None:
    assert gain(question, plain, telling) > 0.03


def test_menu_path_gains_nothing_where_no_way_is_asked() -> None:
    assert gain("почему отказали", "Нужна кнопка.", "Нужна кнопка «Вернуть».") == 0


def test_number_of_a_step_is_no_number() -> None:
    assert gain("почему отказали", "Нажмите кнопку.", "2. Нажмите кнопку.") == 0


def test_rare_word_of_the_question_counts_more_than_one_in_every_sentence() -> None:
    found = sentences("Начало.", "Возврат посылки.", "Возврат палатки.", "Возврат рюкзака.")
    scores = score_sentences(found, "возврат палатки")
    assert scores[2] > scores[1] == scores[3] > scores[0] - BEST_CHUNK


def test_chunk_that_was_found_and_heading_that_names_the_matter_count() -> None:
    found = sentences("Одно дело.", "Иное дело.", "Третье дело.", headings=("", "Возврат"), best=2)
    scores = score_sentences(found, "возврат")
    assert scores[1] - scores[0] == pytest.approx(HEADING_WORDS)
    assert scores[2] - scores[0] == pytest.approx(BEST_CHUNK)


def test_question_without_words_leaves_the_cosines_to_decide() -> None:
    found = sentences("Одно дело.", "Иное дело.")
    scores = score_sentences(found, "???")
    assert scores == pytest.approx([0.8 + BEST_CHUNK, 0.8])


def test_article_without_sentences_gives_no_span() -> None:
    article = Article("a-1", "Статья", "#")
    chunk = Chunk("a-1", ("Статья",), "#", 0, 1, 3)
    empty = Sentences.of(article, chunk, [(chunk, np.empty(0, np.float32))])
    assert choose_sentences(empty, "вопрос") == []


def test_question_of_the_articles_own_answers_none() -> None:
    found = sentences("Нужен перфоратор на одну стену?", "Инструмент выдаём на сутки.")
    chosen = choose_sentences(found, "нужен перфоратор на стену")
    assert [found.article.text[start:end] for start, end in chosen] == [
        "Инструмент выдаём на сутки."
    ]
