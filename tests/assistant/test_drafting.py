"""An answer is the article's own sentences: lists whole and introduced, tables readable."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.domain import Article, Chunk, Draft, Passage
from assistant.drafting import (
    WHOLE_ANSWER_CHARACTERS,
    WHOLE_ARTICLE_CHARACTERS,
    draft_answer,
    render,
)
from assistant.grounding import is_grounded
from assistant.sentence_choice import ANSWER_CHARACTERS
from assistant.sentence_groups import LIST_CHARACTERS
from assistant.text import sentence_spans
from prompts.loader import phrases

FILLER = "Здесь написано о другом и довольно подробно, чтобы кусок вышел длиннее предела. "
FAR, NEAR = 0.75, 0.9


def passage(text: str, *, is_answer: bool = False, lang: str = "ru") -> Passage:
    """An article of one chunk."""
    article = Article(
        "a-1", "Статья", text, url="https://x.example/a", lang=lang, is_answer=is_answer
    )
    spans = tuple(sentence_spans(text))
    chunk = Chunk("a-1", ("Статья",), text, 0, len(text), 100, spans)
    return Passage(article, chunk, 0, score=9.0, dense=4.0, lexical_coverage=1.0)


def draft(found: Passage, *near: str, question: str = "", lang: str = "ru") -> Draft:
    """The draft when the sentences that start like one of `near` are near to the question."""
    pieces = [found.article.text[start:end] for start, end in found.chunk.sentences]
    for opening in near:
        assert any(piece.startswith(opening) for piece in pieces), f"nothing starts {opening!r}"
    cosines = [NEAR if piece.startswith(near) else FAR for piece in pieces]
    made = draft_answer(found, question, [(found.chunk, np.array(cosines, np.float32))], lang)
    assert made is not None
    assert is_grounded(made, {"a-1": found.article}, phrases(lang).say("answer_in_other_language"))
    return made


def quotes(made: Draft) -> list[str]:
    return [item.quote for item in made.citations]


def test_short_passage_is_quoted_whole() -> None:
    text = "Заказ хранится 7 дней. Продлить можно на 3 дня."
    made = draft(passage(text), "Заказ")
    assert made.text == text
    assert [(item.article_id, item.quote) for item in made.citations] == [("a-1", text)]


def test_citation_names_title_and_address() -> None:
    (citation,) = draft(passage("Заказ хранится 7 дней."), "Заказ").citations
    assert (citation.title, citation.url) == ("Статья", "https://x.example/a")


@pytest.mark.parametrize("times", [6, 40])
def test_answer_of_a_question_and_answer_pair_is_given_whole(times: int) -> None:
    text = (FILLER * times).strip()
    assert WHOLE_ARTICLE_CHARACTERS < len(text) <= WHOLE_ANSWER_CHARACTERS
    assert quotes(draft(passage(text, is_answer=True), "Здесь")) == [text]


def test_answer_of_a_pair_that_is_longer_than_a_message_is_chosen_from() -> None:
    text = FILLER * 60 + "Посылку привозят днём."
    assert quotes(draft(passage(text, is_answer=True), "Посылку")) == ["Посылку привозят днём."]


@pytest.mark.parametrize("at", range(12))
def test_sentence_of_a_long_passage_is_quoted_word_for_word(at: int) -> None:
    sentences = [
        f"Предложение номер {number} говорит о сроке и цене доставки." for number in range(12)
    ]
    found = passage(" ".join(sentences))
    assert quotes(draft(found, f"Предложение номер {at} ")) == [sentences[at]]


def test_two_sentences_apart_are_two_quotes_of_one_article_in_its_order() -> None:
    first, second = "Хранение стоит полсотни.", "Продлить хранение можно однажды."
    found = passage(f"{first} {FILLER * 5}{second} {FILLER * 3}")
    made = draft(found, "Продлить", "Хранение")
    assert quotes(made) == [first, second]
    assert {item.article_id for item in made.citations} == {"a-1"}
    assert made.text == f"{first}\n{second}"


def test_neighbours_are_one_quote() -> None:
    both = "Хранение стоит полсотни. Продлить хранение можно однажды."
    made = draft(passage(f"{FILLER * 4}{both} {FILLER * 4}"), "Хранение", "Продлить")
    assert quotes(made) == [both]


def test_neighbours_under_two_headings_are_two_quotes() -> None:
    text = f"{FILLER * 4}\nХранение стоит полсотни.\n\n## Продление\nПродлить можно однажды."
    made = draft(passage(text), "Хранение", "Продлить")
    assert quotes(made) == ["Хранение стоит полсотни.", "Продлить можно однажды."]


def test_answer_stays_short_however_many_sentences_are_near() -> None:
    found = passage(" ".join(f"Посылка номер {number} приедет днём." for number in range(60)))
    made = draft(found, "Посылка")
    assert 0.8 * ANSWER_CHARACTERS < len(made.text) <= 1.1 * ANSWER_CHARACTERS


def test_sentence_in_another_chunk_of_the_article_is_found() -> None:
    text = FILLER * 6 + "\n\n## Сроки\nПосылку привозят днём. " + FILLER
    middle = text.index("Посылку")
    article = Article("a-1", "Статья", text)
    one, two = (
        Chunk("a-1", path, text[start:end], start, end, 9, tuple(sentence_spans(text, start, end)))
        for path, start, end in [
            (("Статья",), 0, middle),
            (("Статья", "Сроки"), middle, len(text)),
        ]
    )
    found = Passage(article, one, 0, score=9.0, dense=4.0, lexical_coverage=1.0)
    far, near = np.full(len(one.sentences), 0.7, np.float32), np.array([0.9, 0.7], np.float32)
    made = draft_answer(found, "вопрос", [(one, far), (two, near)], "ru")
    assert made is not None
    assert quotes(made) == ["Посылку привозят днём."]


@pytest.mark.parametrize("opening", ["Но", "Если", "Кроме", "Однако", "But", "Unless", "Except"])
def test_condition_after_a_sentence_comes_with_it(opening: str) -> None:
    condition = f"{opening} дети и старики не ждут."
    made = draft(passage(f"{FILLER * 4}Посылку привозят днём. {condition} {FILLER}"), "Посылку")
    assert quotes(made) == [f"Посылку привозят днём. {condition}"]


def test_sentence_that_leans_on_the_one_before_brings_it() -> None:
    both = "Курьер звонит заранее. Он ждёт у двери."
    assert quotes(draft(passage(f"{FILLER * 4}{both} {FILLER}"), "Он ждёт")) == [both]


@pytest.mark.parametrize("opening", ["Нет.", "Да."])
def test_bare_yes_or_no_goes_with_its_reason(opening: str) -> None:
    both = f"{opening} Посылку привозят днём."
    assert quotes(draft(passage(f"{FILLER * 4}\n\n{both}"), "Посылку")) == [both]


def test_one_word_is_no_answer() -> None:
    made = draft(passage(f"Извините! {FILLER * 5}Посылку привозят днём."), "Извините", "Посылку")
    assert quotes(made) == ["Посылку привозят днём."]


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


def test_steps_are_kept_together_with_what_goes_on_below_them() -> None:
    steps = "1. Откройте профиль.\n2. Нажмите «Заказы». Список откроется сам.\n3. Выберите."
    made = draft(passage(f"{FILLER * 6}\n\nПорядок такой:\n\n{steps}\n\n{FILLER * 6}"), "3.")
    assert quotes(made) == [f"Порядок такой:\n\n{steps}"]


def test_sentence_that_begins_with_a_number_is_no_list_item() -> None:
    text = " ".join(["200 рублей стоит подъём на этаж.", "150 рублей стоит спуск.", FILLER * 12])
    assert quotes(draft(passage(text), "150 рублей")) == ["150 рублей стоит спуск."]


def test_list_that_is_too_long_is_cut_around_the_nearest_item() -> None:
    rows = [
        f"- пункт номер {number}, о котором сказано довольно много слов" for number in range(60)
    ]
    made = draft(passage("Нужно:\n" + "\n".join(rows)), "- пункт номер 40,")
    assert "пункт номер 40," in made.text
    assert made.text.startswith("Нужно:\n")
    assert sum(map(len, quotes(made))) <= LIST_CHARACTERS + len(rows)


TABLE = "| Срок | Цена |\n| --- | --- |\n| 1 день | 590 ₽ |\n| 2 дня | 299 ₽ |\n| 3 дня | 99 ₽ |"


def test_row_of_a_table_is_given_with_its_head_as_lines() -> None:
    made = draft(passage(f"{FILLER * 6}\n\n{TABLE}\n\n{FILLER * 6}"), "| 2 дня")
    assert made.text == "Срок — Цена\n2 дня — 299 ₽"
    assert quotes(made) == ["| Срок | Цена |", "| 2 дня | 299 ₽ |"]


def test_all_the_rows_that_answer_are_given() -> None:
    found = passage(f"{FILLER * 6}\n\n{TABLE}\n\n{FILLER * 6}")
    made = draft(found, "| 1 день", "| 2 дня", "| 3 дня")
    assert made.text == "Срок — Цена\n1 день — 590 ₽\n2 дня — 299 ₽\n3 дня — 99 ₽"


def test_head_of_a_table_is_no_answer() -> None:
    found = passage(f"{FILLER * 6}\n\n{TABLE}\n\n{FILLER}Посылку привозят днём.")
    assert quotes(draft(found, "| Срок", "Посылку")) == ["Посылку привозят днём."]


def test_answer_in_another_language_is_introduced_as_such() -> None:
    found = passage("Orders are kept for 7 days.", lang="en")
    made = draft(found, "Orders", lang="ru")
    introduction = phrases("ru").say("answer_in_other_language")
    assert made.text == f"{introduction}\nOrders are kept for 7 days."
    assert made.citations[0].quote == "Orders are kept for 7 days."


def test_answer_in_the_customers_language_is_not_introduced() -> None:
    assert draft(passage("Orders are kept.", lang="en"), "Orders", lang="en").text == (
        "Orders are kept."
    )


def test_passage_without_a_sentence_gives_no_draft() -> None:
    found = passage("# Заголовок\n\n---\n" + "#" * 500)
    assert found.chunk.sentences == ()
    pieces = [(found.chunk, np.empty(0, np.float32))]
    assert draft_answer(found, "вопрос", pieces, "ru") is None


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
