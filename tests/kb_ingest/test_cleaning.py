from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_ingest.cleaning import clean_markdown, first_heading
from tests.kb_ingest.texts import ARTICLE, LINE, words_of


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("**Важно**: *срок* и ***всё***", "Важно: срок и всё"),
        ("__Важно__ и _срок_", "Важно и срок"),
        ("до **14 дней**, не 15", "до 14 дней, не 15"),
        ("(**да**)", "(да)"),
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("имя snake_case_name и a__b__c", "имя snake_case_name и a__b__c"),
        ("сноска * и ещё * звёздочка", "сноска * и ещё * звёздочка"),
        ("до<!-- тайна -->после", "допосле"),
        ("до\n<!--\nтайна\n\nтайна\n-->\nпосле", "до\n\nпосле"),
        ("![схема](a.png) видна", "схема видна"),
        ("![](a.png)видно", "видно"),
        ("[правила](/rules)", "правила"),
        ("[правила](https://a.example/r)", "правила (https://a.example/r)"),
        ("[правила](<https://a.example/r>)", "правила (https://a.example/r)"),
        ('[правила](https://a.example/r "Все правила")', "правила (https://a.example/r)"),
        ("[в две\nстроки](https://a.example)", "в две строки (https://a.example)"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("[a.example](https://a.example)", "https://a.example"),
        ("<https://a.example/r> и <mailto:a@b.example>", "https://a.example/r и a@b.example"),
        ("[сноска] и (скобки)", "[сноска] и (скобки)"),
        ("a<br>b <b>жирно</b> <span class='x'>и</span>", "ab жирно и"),
        ("если 2 < 3 и 5 > 4", "если 2 < 3 и 5 > 4"),
        (r"\*не курсив\* и 1\. не список", "*не курсив* и 1. не список"),
        (r"путь C:\temp", r"путь C:\temp"),
        ("а   \nб\t\n", "а\nб"),
        ("а\r\nб\rв", "а\nб\nв"),
        ("а\n\n\n\n\nб", "а\n\nб"),
        ("\n\n  текст  \n\n", "текст"),
        ("", ""),
    ],
)
def test_marks_go_and_words_stay(written: str, clean: str) -> None:
    assert clean_markdown(written) == clean


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("Первый\n===\n\nТекст", "# Первый\n\nТекст"),
        ("Второй\n---\n\nТекст", "## Второй\n\nТекст"),
        ("Текст\n\n---\n\nЕщё", "Текст\n\n---\n\nЕщё"),
        ("- пункт\n---", "- пункт\n---"),
        ("| а | б |\n| --- | --- |\n| 1 | 2 |", "| а | б |\n| --- | --- |\n| 1 | 2 |"),
        ("# Короткий\nТекст сразу под ним", "# Короткий\nТекст сразу под ним"),
    ],
)
def test_underlined_headings_become_marked_ones(written: str, clean: str) -> None:
    assert clean_markdown(written) == clean


def test_heading_that_an_exporter_wrapped_becomes_one_line() -> None:
    start = "## Что делать, если курьер не приехал в назначенный день и не позвонил"
    assert clean_markdown(f"{start}\nили позвонил поздно\n\nОтвет.") == (
        f"{start} или позвонил поздно\n\nОтвет."
    )


def test_paragraph_under_a_long_heading_is_not_swallowed() -> None:
    text = (
        "## Что делать, если курьер не приехал в назначенный день и не позвонил?\nЖдать.\n\nИ всё."
    )
    assert clean_markdown(text) == text


def test_signs_inside_a_code_block_stay() -> None:
    code = "```bash\n# комментарий\ncurl <server> --data '**x**' __y__\n```"
    assert clean_markdown(code) == code


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("## б\n# а\n# в", "а"),
        ("текст", None),
        ("#нет", None),
        ("###### шесть", "шесть"),
        ("# закрыт #", "закрыт"),
        ("", None),
    ],
)
def test_first_heading_is_the_first_of_the_highest_kind(text: str, heading: str | None) -> None:
    assert first_heading(text) == heading


@settings(max_examples=200, deadline=None)
@given(ARTICLE)
def test_cleaning_keeps_every_word_in_order(text: str) -> None:
    assert words_of(clean_markdown(text)) == words_of(text)


@settings(max_examples=200, deadline=None)
@given(ARTICLE)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_markdown(text)
    assert clean_markdown(once) == once


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("аб \n\r\t#*_-=|[]()<>!`\\&\u00a0\u2028"), max_size=60))
def test_clean_text_has_no_loose_ends(text: str) -> None:
    clean = clean_markdown(text)
    assert clean == clean.strip()
    assert "\r" not in clean
    assert "\n\n\n" not in clean
    assert all(line == line.rstrip() for line in clean.split("\n"))


@settings(max_examples=100, deadline=None)
@given(LINE, st.text(max_size=40).filter(lambda text: "-->" not in text), LINE)
def test_no_comment_is_left_whatever_it_holds(before: str, hidden: str, after: str) -> None:
    clean = clean_markdown(f"{before} <!-- тайна{hidden}--> {after}")
    assert "<!--" not in clean
    assert "тайна" not in clean or "тайна" in before + after
    assert words_of(clean) == words_of(f"{before} {after}")
