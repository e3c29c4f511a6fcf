"""Nothing is said that is not in the article."""

from __future__ import annotations

import pytest

from assistant.domain import Article, Citation, Draft
from assistant.grounding import is_grounded

TEXT = "Заказ хранится 7 дней. Продлить можно один раз на 3 дня за 50 ₽.\n- паспорт\n- код"
ARTICLES = {"a-1": Article("a-1", "Хранение", TEXT)}
QUOTE = "Заказ хранится 7 дней. Продлить можно один раз на 3 дня за 50 ₽."


def draft(text: str, quote: str = QUOTE, article_id: str = "a-1") -> Draft:
    return Draft(text, (Citation(article_id, "Хранение", None, quote),), "ru")


@pytest.mark.parametrize(
    "text",
    [
        QUOTE,
        "Заказ хранится 7 дней.",
        "Заказ хранится 7 дней.\nПродлить можно один раз на 3 дня за 50 ₽.",
        "продлить можно один раз",
        "Заказ хранится 7 дней.\n\n",
    ],
)
def test_words_of_the_quote_are_grounded(text: str) -> None:
    assert is_grounded(draft(text), ARTICLES)


@pytest.mark.parametrize(
    "text",
    [
        "Заказ хранится 8 дней.",
        "Заказ не хранится 7 дней.",
        "Заказ хранится 7 дней. Оператор перезвонит.",
        "Заказ хранится 7 дней.\nСкидка 50 % для вас.",
        "Продлить можно два раза на 3 дня за 50 ₽.",
        "Хранится заказ 7 дней.",
        "Я живой человек.",
    ],
)
def test_anything_else_is_not_grounded(text: str) -> None:
    assert not is_grounded(draft(text), ARTICLES)


@pytest.mark.parametrize("cut", ["за 5", "аз хранится", "один раз на 3 дн"])
def test_part_of_a_word_or_number_is_not_grounded(cut: str) -> None:
    assert not is_grounded(draft(cut), ARTICLES)


def test_quote_that_is_not_word_for_word_in_the_article_is_not_grounded() -> None:
    assert not is_grounded(draft("Заказ хранится 7 дней", "Заказ хранится  7 дней"), ARTICLES)


def test_quote_of_another_article_is_not_grounded() -> None:
    assert not is_grounded(draft("Заказ хранится 7 дней", article_id="a-2"), ARTICLES)


def test_draft_without_citation_is_not_grounded() -> None:
    assert not is_grounded(Draft("Заказ хранится 7 дней.", (), "ru"), ARTICLES)


def test_words_between_two_quotes_are_not_grounded() -> None:
    both = Draft(
        "Заказ хранится 7 дней паспорт",
        (
            Citation("a-1", "Хранение", None, "Заказ хранится 7 дней."),
            Citation("a-1", "Хранение", None, "- паспорт"),
        ),
        "ru",
    )
    assert not is_grounded(both, ARTICLES)


def test_lines_of_several_quotes_of_one_article_are_grounded() -> None:
    quotes = ("Заказ хранится 7 дней.", "- паспорт", "- код")
    cited = tuple(Citation("a-1", "Хранение", None, quote) for quote in quotes)
    assert is_grounded(Draft("Заказ хранится 7 дней.\n- паспорт\n- код", cited, "ru"), ARTICLES)
    one_too_many = Draft("Заказ хранится 7 дней.\nПродлить можно один раз", cited, "ru")
    assert not is_grounded(one_too_many, ARTICLES)
    one_is_wrong = (*cited, Citation("a-1", "Хранение", None, "- права"))
    assert not is_grounded(Draft("Заказ хранится 7 дней.", one_is_wrong, "ru"), ARTICLES)


def test_introduction_of_our_own_needs_no_evidence_but_only_at_the_beginning() -> None:
    ours = "Нашёл только на английском:"
    assert is_grounded(draft(f"{ours}\nЗаказ хранится 7 дней."), ARTICLES, ours)
    assert not is_grounded(draft(f"Заказ хранится 7 дней.\n{ours}"), ARTICLES, ours)
    assert not is_grounded(draft(f"{ours}\nЗаказ хранится 7 дней."), ARTICLES)
