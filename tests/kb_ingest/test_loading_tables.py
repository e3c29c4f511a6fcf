from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kb_ingest.source import UnreadableError
from tests.kb_ingest.documents import load, workbook

HEADER = ["id", "question", "answer", "title", "url", "topic", "lang"]
FULL = [
    "q-1",
    "Где заказ?",
    "В пути; ждите, скоро.",
    "Заказ",
    "https://a.example/1",
    "Заказы",
    "ru",
]
SHORT = ["", "Как вернуть?", 'За 14 дней, "сразу".', "", "", "", ""]


def _csv(delimiter: str) -> str:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in (FULL, SHORT)]
    return "".join(delimiter.join(row) + "\r\n" for row in (HEADER, *quoted))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_csv_is_read_with_any_usual_delimiter_and_encoding(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    loaded = load(tmp_path, "faq.csv", _csv(delimiter).encode(encoding))
    first, second = loaded.articles
    assert loaded.problems == ()
    assert (first.article_id, first.title, first.text) == ("q-1", "Где заказ?", FULL[2])
    assert (first.url, first.topic, first.lang) == ("https://a.example/1", "Заказы", "ru")
    assert (second.article_id, second.title, second.text) == ("faq.csv#2", SHORT[1], SHORT[2])
    assert (second.url, second.topic, second.lang) == (None, None, "ru")
    assert first.is_answer
    assert second.is_answer


def test_answer_of_several_lines_stays_whole(tmp_path: Path) -> None:
    (article,) = load(tmp_path, "a.csv", 'question,answer\nКак?,"Раз\nДва, три"\n').articles
    assert article.text == "Раз\nДва, три"


def test_column_names_are_found_in_any_case_and_order(tmp_path: Path) -> None:
    (article,) = load(tmp_path, "a.csv", " Answer ;QUESTION\nДа;Можно?\n").articles
    assert (article.title, article.text) == ("Можно?", "Да")


def test_title_stands_for_a_missing_question(tmp_path: Path) -> None:
    (article,) = load(tmp_path, "a.csv", "question,answer,title\n,Да,Оплата\n").articles
    assert article.title == "Оплата"


@pytest.mark.parametrize(
    ("row", "reason"),
    [("Можно?,", "`answer` is empty"), (",Да", "`question` is empty"), ("Можно?", "`answer`")],
)
def test_row_without_question_or_answer_is_reported_and_the_rest_is_read(
    tmp_path: Path, row: str, reason: str
) -> None:
    loaded = load(tmp_path, "a.csv", f"question,answer\n{row}\nКак?,Так\n")
    assert [article.title for article in loaded.articles] == ["Как?"]
    (problem,) = loaded.problems
    assert problem.startswith("line 2: ")
    assert reason in problem


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a,b\n1,2\n", "`question` and `answer`; it has: a, b"),
        ("question,text\n1,2\n", "it has: question, text"),
        ("question,answer\n", "no rows"),
    ],
)
def test_csv_that_holds_no_answers_says_what_it_lacks(
    tmp_path: Path, content: str, reason: str
) -> None:
    with pytest.raises(UnreadableError, match=reason):
        load(tmp_path, "a.csv", content)


def test_unclosed_quote_is_reported_and_takes_nothing_down(tmp_path: Path) -> None:
    loaded = load(tmp_path, "a.csv", 'question,answer\nКак?,Так\nГде?,"Там\nКогда?,Тогда\n')
    assert loaded.articles[0].text == "Так"


@pytest.mark.parametrize("start", ['"', 'question,answer\nКак?,"'], ids=["header", "cell"])
def test_unclosed_quote_in_a_long_file_is_reported(tmp_path: Path, start: str) -> None:
    with pytest.raises(UnreadableError, match="field larger"):
        load(tmp_path, "a.csv", start + "текст " * 200_000)


def test_blank_lines_above_the_columns_are_passed_over(tmp_path: Path) -> None:
    (article,) = load(tmp_path, "a.csv", "\n\nquestion,answer\nКак?,Так\n").articles
    assert article.text == "Так"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_of_any_system_is_read(tmp_path: Path, line_end: str) -> None:
    loaded = load(tmp_path, "a.csv", f"question;answer{line_end}Как?;Так, просто{line_end}")
    assert [article.text for article in loaded.articles] == ["Так, просто"]


def test_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    loaded = load(tmp_path, "faq.xlsx", workbook({"Лист1": [HEADER, FULL, SHORT]}))
    first, second = loaded.articles
    assert loaded.problems == ()
    assert (first.article_id, first.title, first.text) == ("q-1", "Где заказ?", FULL[2])
    assert (second.article_id, second.title, second.text) == ("faq.xlsx#2", SHORT[1], SHORT[2])


def test_every_sheet_with_the_columns_is_read(tmp_path: Path) -> None:
    sheets = {
        "Один": [["question", "answer"], ["а?", "А"]],
        "Справка": [["что", "это"], ["x", "y"]],
        "Пусто": [],
        "Два": [["answer", "question"], ["Б", "б?"], [None, None], ["", "в?"]],
    }
    loaded = load(tmp_path, "a.xlsx", workbook(sheets))
    assert [article.text for article in loaded.articles] == ["А", "Б"]
    assert len({article.article_id for article in loaded.articles}) == 2
    assert [problem.split(":")[0] for problem in loaded.problems] == ["sheet 'Два' row 4"]


def test_cells_that_are_numbers_become_text(tmp_path: Path) -> None:
    rows = [["id", "question", "answer"], [7, "Сколько дней?", 14], [0, "Сколько стоит?", 0]]
    loaded = load(tmp_path, "a.xlsx", workbook({"Л": rows}))
    assert [(article.article_id, article.text) for article in loaded.articles] == [
        ("7", "14"),
        ("0", "0"),
    ]


def test_cell_that_is_a_date_becomes_a_day(tmp_path: Path) -> None:
    rows = [["question", "answer", "valid_until"], ["Когда?", "Завтра", datetime(2026, 12, 31)]]
    (article,) = load(tmp_path, "a.xlsx", workbook({"Л": rows})).articles
    assert type(article.valid_until) is date
    assert article.valid_until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("sheets", "reason"),
    [
        ({"Л": [["a", "b"], [1, 2]]}, "it has: a, b"),
        ({"Л": [["question", "answer"]]}, "rows"),
        ({"Л": []}, "it has: none"),
        ({"Л": [["a"]], "М": [["b"]]}, "no sheet"),
    ],
)
def test_workbook_without_answers_says_what_it_lacks(
    tmp_path: Path, sheets: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnreadableError, match=reason):
        load(tmp_path, "a.xlsx", workbook(sheets))


def test_jsonl_holds_answers_and_whole_articles_side_by_side(tmp_path: Path) -> None:
    rows = [
        {"id": "q", "question": "Где заказ?", "answer": "В пути.", "lang": "ru"},
        {"id": "a", "title": "Доставка", "text": "# Доставка\n\nДва дня.", "topic": "Т"},
        {"question": "Without id?", "answer": "Yes.", "audience": "operator"},
        {"id": 12, "title": "", "text": "Без названия", "valid_until": "2026-12-31"},
    ]
    loaded = load(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert loaded.problems == ()
    answer, article, bare, untitled = loaded.articles
    assert (answer.article_id, answer.is_answer, answer.title) == ("q", True, "Где заказ?")
    assert (article.article_id, article.is_answer, article.topic) == ("a", False, "Т")
    assert article.text == "# Доставка\n\nДва дня."
    assert (bare.article_id, bare.lang, bare.audience) == ("a.jsonl#3", "en", "operator")
    assert (untitled.article_id, untitled.title) == ("12", "12")
    assert untitled.valid_until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "a"', "not JSON"),
        ("question: a", "not JSON"),
        ("[1, 2]", "not an object"),
        ('"text"', "not an object"),
        ("null", "not an object"),
        ("{}", "`answer` is empty"),
        ('{"question": "a", "answer": ""}', "`answer` is empty"),
        ('{"question": "a", "answer": null}', "`answer` is empty"),
        ('{"answer": "a"}', "`question` is empty"),
        ('{"id": "x", "text": "   "}', "no text"),
        ('{"question": "a", "answer": "b", "audience": "x"}', "audience"),
        ('{"question": "a", "answer": "b", "valid_until": "x"}', "valid_until"),
        ('{"question": "a", "answer": "b", "valid_until": [1]}', "valid_until"),
        ('{"question": "a", "answer": "half of an emoji \\ud83d"}', "character"),
        ("[" * 50_000, "not JSON"),
    ],
)
def test_malformed_line_is_reported_by_number_and_the_rest_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    good = '{"id": "ok", "question": "Как?", "answer": "Так."}'
    loaded = load(tmp_path, "a.jsonl", f"{good}\n\n{line}\n")
    assert [article.article_id for article in loaded.articles] == ["ok"]
    (problem,) = loaded.problems
    assert problem.startswith("line 3: ")
    assert reason in problem


@pytest.mark.parametrize("article_id", [0, "0"])
def test_zero_is_an_id_like_any_other(tmp_path: Path, article_id: object) -> None:
    row = {"id": article_id, "question": "a", "answer": "b"}
    (article,) = load(tmp_path, "a.jsonl", json.dumps(row)).articles
    assert article.article_id == "0"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_jsonl_is_read_in_the_known_encodings(tmp_path: Path, encoding: str) -> None:
    line = '{"question": "Где заказ?", "answer": "В пути"}\r\n'
    (article,) = load(tmp_path, "a.jsonl", line.encode(encoding)).articles
    assert (article.title, article.text) == ("Где заказ?", "В пути")


def test_line_separators_inside_json_text_do_not_cut_the_line(tmp_path: Path) -> None:
    row = {"id": "a", "question": "Как?", "answer": "раз\u2028два\x85три"}
    (article,) = load(tmp_path, "a.jsonl", json.dumps(row, ensure_ascii=False)).articles
    assert article.text == "раз\u2028два\x85три"
