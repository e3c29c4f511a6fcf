"""An answer is the article's own sentences: lists whole and introduced, tables readable."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.domain import Article, Chunk, Draft, Passage
from assistant.drafting import (
    LIST_CHARACTERS,
    WHOLE_ANSWER_CHARACTERS,
    WINDOW_CHARACTERS,
    draft_answer,
    render,
)
from assistant.grounding import is_grounded
from assistant.text import sentence_spans
from prompts.loader import phrases

FILLER = "Здесь написано о другом и довольно подробно, чтобы кусок вышел длиннее предела. "


def passage(text: str, *, is_answer: bool = False, lang: str = "ru") -> Passage:
    """An article of one chunk."""
    article = Article(
        "a-1", "Статья", text, url="https://x.example/a", lang=lang, is_answer=is_answer
    )
    spans = tuple(sentence_spans(text))
    chunk = Chunk("a-1", ("Статья",), text, 0, len(text), 100, spans)
    return Passage(article, chunk, 0, score=9.0, dense=4.0, lexical_coverage=1.0)


def draft(found: Passage, nearest: str, question: str = "", lang: str = "ru") -> Draft:
    """The draft when the sentence that starts with `nearest` is the nearest to the question."""
    pieces = [found.article.text[start:end] for start, end in found.chunk.sentences]
    cosines = np.array([0.9 if piece.startswith(nearest) else 0.8 for piece in pieces], np.float32)
    assert (cosines > 0.85).any(), f"no sentence starts with {nearest!r}"
    made = draft_answer(found, question, cosines, lang)
    assert made is not None
    return made


def test_short_passage_is_quoted_whole() -> None:
    text = "Заказ хранится 7 дней. Продлить можно на 3 дня."
    made = draft(passage(text), "Заказ")
    assert made.text == text
    assert [(item.article_id, item.quote) for item in made.citations] == [("a-1", text)]


def test_citation_names_title_and_address() -> None:
    (citation,) = draft(passage("Заказ хранится 7 дней."), "Заказ").citations
    assert (citation.title, citation.url) == ("Статья", "https://x.example/a")


def test_answer_of_a_question_and_answer_pair_is_given_whole() -> None:
    text = FILLER * 6
    assert WINDOW_CHARACTERS < len(text) <= WHOLE_ANSWER_CHARACTERS
    assert draft(passage(text, is_answer=True), "Здесь").citations[0].quote == text


@pytest.mark.parametrize("at", range(12))
def test_quote_of_a_long_passage_stands_word_for_word_around_the_nearest_sentence(at: int) -> None:
    sentences = [
        f"Предложение номер {number} говорит о сроке и цене доставки." for number in range(12)
    ]
    found = passage(" ".join(sentences))
    made = draft(found, f"Предложение номер {at} ")
    quote = made.citations[0].quote
    assert quote in found.article.text
    assert sentences[at] in quote
    assert len(quote) <= WINDOW_CHARACTERS
    assert quote.startswith("Предложение")
    assert quote.endswith(".")


def test_words_of_the_question_decide_between_equally_near_sentences() -> None:
    found = passage(FILLER * 6 + "Посылку курьером привозят днём. " + FILLER * 6)
    spans = found.chunk.sentences
    flat = np.full(len(spans), 0.85, np.float32)
    made = draft_answer(found, "когда привозят курьером", flat, "ru")
    assert made is not None
    assert "Посылку курьером привозят днём." in made.text


BULLETS = ["- паспорт или права", "- код из СМС", "- номер заказа"]
NUMBERS = ["1. Откройте профиль.", "2. Нажмите «Заказы».", "3. Выберите «Вернуть»."]
MANY = [f"{number}. Шаг под номером {number}." for number in range(8, 13)]


@pytest.mark.parametrize("rows", [BULLETS, NUMBERS, MANY], ids=["bullets", "numbers", "to-12"])
@pytest.mark.parametrize("nearest", [0, 1, -1])
def test_list_is_given_whole_with_the_line_that_introduces_it(
    rows: list[str], nearest: int
) -> None:
    before, after = (FILLER * 6).strip(), (FILLER * 6).strip()
    text = "\n\n".join([before, "Для этого нужно:\n" + "\n".join(rows), after])
    made = draft(passage(text), rows[nearest])
    assert "Для этого нужно:" in made.text
    assert [row for row in rows if row not in made.text] == []


@pytest.mark.parametrize("rows", [BULLETS, NUMBERS], ids=["bullets", "numbers"])
def test_line_that_introduces_a_list_brings_the_list(rows: list[str]) -> None:
    text = "\n\n".join([FILLER * 6, "Для этого нужно:\n" + "\n".join(rows), FILLER * 6])
    made = draft(passage(text), "Для этого")
    assert [row for row in rows if row not in made.text] == []


def test_sentence_that_begins_with_a_number_is_no_list_item() -> None:
    text = " ".join(["200 рублей стоит подъём на этаж.", "150 рублей стоит спуск.", FILLER * 12])
    quote = draft(passage(text), "150 рублей").citations[0].quote
    assert len(quote) <= WINDOW_CHARACTERS


def test_list_that_is_too_long_is_cut_around_the_nearest_item() -> None:
    rows = [
        f"- пункт номер {number}, о котором сказано довольно много слов" for number in range(60)
    ]
    made = draft(passage("Нужно:\n" + "\n".join(rows)), "- пункт номер 40,")
    assert "пункт номер 40," in made.text
    assert len(made.citations[0].quote) <= LIST_CHARACTERS


def test_table_is_given_whole_as_lines() -> None:
    table = "| Срок | Цена |\n| --- | --- |\n| 1 день | 590 ₽ |\n| 2 дня | 299 ₽ |"
    found = passage(f"{FILLER * 6}\n\n{table}\n\n{FILLER * 6}")
    made = draft(found, "| 1 день")
    assert "Срок — Цена\n1 день — 590 ₽\n2 дня — 299 ₽" in made.text
    assert "|" not in made.text
    assert "---" not in made.text
    assert made.citations[0].quote in found.article.text
    assert is_grounded(made, {"a-1": found.article})


def test_answer_in_another_language_is_introduced_as_such() -> None:
    found = passage("Orders are kept for 7 days.", lang="en")
    made = draft(found, "Orders", lang="ru")
    introduction = phrases("ru").say("answer_in_other_language")
    assert made.text == f"{introduction}\nOrders are kept for 7 days."
    assert made.citations[0].quote == "Orders are kept for 7 days."
    assert is_grounded(made, {"a-1": found.article}, introduction)


def test_answer_in_the_customers_language_is_not_introduced() -> None:
    assert draft(passage("Orders are kept.", lang="en"), "Orders", lang="en").text == (
        "Orders are kept."
    )


def test_passage_without_a_sentence_gives_no_draft() -> None:
    found = passage("# Заголовок\n\n---\n" + "#" * 500)
    assert found.chunk.sentences == ()
    assert draft_answer(found, "вопрос", np.empty(0, np.float32), "ru") is None


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("## Срок\nСемь дней.", "Срок\nСемь дней."),
        ("а\n\n\n\nб", "а\n\nб"),
        ("| а |  | б |", "а — б"),
        ("  отступ\n  ещё", "отступ\nещё"),
        ("| --- | :-: |", ""),
        ("цена 5 | 6", "цена 5 | 6"),
    ],
)
def test_marks_of_markdown_are_not_shown(quote: str, shown: str) -> None:
    assert render(quote) == shown
