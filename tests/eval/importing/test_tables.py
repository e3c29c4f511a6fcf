"""Tables of questions, answers and articles: what is read, and how a malformed row is named."""

from __future__ import annotations

import csv
import io
import re
import string
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from assistant.errors import DatasetError
from eval.importing.dialogs import Imported, joined, usable
from eval.importing.rows import read_sheets
from eval.importing.table import import_table
from tests.eval.importing.files import lines_of, turns_of, write_book, write_text

RUSSIAN = "вопрос;ответ;статья\nкак вернуть заказ, если оплатил;через профиль;returns-terms\n"


def table(path: Path, **names: str) -> Imported:
    return usable(import_table(path, names), [str(path)])


def error_of(path: Path, **names: str) -> str:
    with pytest.raises(DatasetError) as caught:
        table(path, **names)
    return str(caught.value).replace(f"{path.parent}/", "")


def rows_error(folder: Path, *rows: str) -> str:
    return error_of(write_text(folder / "t.csv", "\n".join(rows) + "\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_every_encoding_gives_the_same(tmp_path: Path, encoding: str) -> None:
    path = write_text(tmp_path / "t.csv", RUSSIAN, encoding)
    assert turns_of(table(path), "t-2") == [
        (
            "customer",
            "как вернуть заказ, если оплатил",
            {"article_ids": ["returns-terms"], "answer": "через профиль"},
        ),
        ("operator", "через профиль", {}),
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "t.csv: the file is empty"),
        (b"\n \n", "t.csv: the file is empty"),
        (b"\n ; \n;;\n", "t.csv: the file holds no cell with anything in it"),
        (RUSSIAN.encode("utf-16-le"), "t.csv: the file is not text"),
        (
            b"question;answer\ncaf\xe9;\x93yes\x94\n",
            "t.csv: the encoding is neither UTF-8 (byte 19) nor Windows-1251",
        ),
        (b"question,answer\n", "t.csv: no customer's turn that could be imported"),
    ],
)
def test_a_file_without_a_readable_row_is_named(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    assert error_of(path) == problem


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert error_of(tmp_path / "t.csv") == "t.csv cannot be read: No such file or directory"
    assert error_of(tmp_path / "t.xls") == "t.xls: a table is a .csv, .tsv or .xlsx file"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(tmp_path: Path, delimiter: str, ending: str) -> None:
    rows = [["question", "answer"], ["where, who; why\tnow?", 'say "so"']]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=ending).writerows(rows)
    path = write_text(tmp_path / "t.csv", text.getvalue())
    assert [turn[1] for turn in turns_of(table(path), "t-2")] == rows[1]


def test_the_delimiter_that_excel_names_is_taken_and_lines_still_count(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.csv", "sep=|\nquestion|intent\nwhen?|question\nwho?|what\n")
    assert error_of(path).startswith("t.csv:4: intent (column 'intent'): can be complaint")


def test_line_numbers_count_the_lines_within_quotes(tmp_path: Path) -> None:
    rows = ["question,intent", '"one', "two", "", 'three",question', "", "hi,wrong"]
    assert rows_error(tmp_path, *rows) == (
        "t.csv:7: intent (column 'intent'): can be complaint, question, thanks, or empty"
    )


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            ["question,handoff", "hi,perhaps"],
            "t.csv:2: handoff (column 'handoff'): can be yes or no, or empty",
        ),
        (
            ["question,article", "hi, ; "],
            "t.csv:2: article (column 'article'): holds no article id",
        ),
        (
            ["question,article", "hi,#N/A"],
            "t.csv:2: article (column 'article'): holds the error #N/A of a spreadsheet",
        ),
        (
            ["question,answer", "hi,yes", ",no"],
            "t.csv:3: question (column 'question'): the text is empty",
        ),
        (
            ["question,answer", f"{'x' * 4001},yes"],
            "t.csv:2: question (column 'question'): the text has 4001 characters; "
            "at most 4000 are accepted",
        ),
        (
            ["question,answer", "hi,yes,indeed"],
            "t.csv:2: has 3 cells, the header has 2; a cell that holds ',' needs quotes around it",
        ),
        (
            ["question,answer", "a,b", '"hi,yes', "ho,no"],
            "t.csv:3: the row that begins here is malformed (unexpected end of data); "
            "a quote inside a quoted cell is written twice",
        ),
        (
            ["question,answer", '"hi "you" there",yes'],
            "t.csv:2: the row that begins here is malformed (',' expected after '\"'); "
            "a quote inside a quoted cell is written twice",
        ),
        (
            ["q,a", "hi,yes"],
            "t.csv:1: no column is known to be the question; name it with --question; has: q, a",
        ),
        (
            ["", "question,text", "hi,yes"],
            "t.csv:2: 'question' and 'text' can both be the question; "
            "say which with --question NAME",
        ),
    ],
)
def test_a_malformed_row_is_named_with_line_and_field(
    tmp_path: Path, rows: list[str], problem: str
) -> None:
    assert rows_error(tmp_path, *rows) == problem


def test_columns_go_by_the_names_given(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.csv", "id,Q,text,тема\na-1,hi,hello,delivery\n")
    assert turns_of(table(path, question="q", answer="TEXT", article="id"), "t-2") == [
        ("customer", "hi", {"article_ids": ["a-1"], "answer": "hello", "topic": "delivery"}),
        ("operator", "hello", {}),
    ]
    assert error_of(path, question="q", answer="reply") == (
        "t.csv:1: there is no column 'reply'; there are: id, Q, text, тема"
    )


def test_a_column_named_for_a_field_is_no_other_field(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.csv", "question,text\nhi,hello\n")
    assert turns_of(table(path, answer="text"), "t-2")[0] == ("customer", "hi", {"answer": "hello"})


@pytest.mark.parametrize(
    ("cell", "label"), [("да", True), ("YES", True), ("+", True), ("нет", False), ("0", False)]
)
def test_handoff_is_read_as_people_write_it(tmp_path: Path, cell: str, label: bool) -> None:
    path = write_text(tmp_path / "t.csv", f"question;handoff\nhi;{cell}\n")
    assert turns_of(table(path), "t-2")[0][2] == {"handoff": label}


def test_an_empty_cell_is_no_label_and_a_dash_is_an_empty_list(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.csv", "question,article,intent\nhi,,\nho,—,\n")
    assert [turns_of(table(path), key)[0][2] for key in ("t-2", "t-3")] == [{}, {"article_ids": []}]


def test_rows_of_one_dialog_id_are_one_dialog_wherever_they_stand(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.csv", "chat id,question\n1,hi\n2,ho\n,alone\n1,again\n")
    said = {d["dialog_id"]: [t["text"] for t in d["turns"]] for d in lines_of(table(path))}
    assert said == {"1": ["hi", "again"], "2": ["ho"], "t-4": ["alone"]}


def test_a_dialog_id_of_two_files_is_refused(tmp_path: Path) -> None:
    first = write_text(tmp_path / "a.csv", "chat id,question\n1,hi\n")
    second = write_text(tmp_path / "b.csv", "chat id,question\n\n1,ho\n")
    with pytest.raises(DatasetError) as caught:
        usable(joined([import_table(first, {}), import_table(second, {})]), [])
    assert str(caught.value) == f"{second}:3: dialog_id '1' stands at {first}:2 too"


def test_cells_of_a_workbook_read_as_they_look(tmp_path: Path) -> None:
    header = ["dialog id", "question", "answer", "article", "handoff"]
    rows: list[list[Any]] = [
        [1, 12345, datetime(2026, 3, 1), 7.0, True],
        [None] * 5,
        [2.0, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), 0.1 + 0.2, "нет"],
        ["x", "when", time(9, 30), "a; b", 0],
    ]
    found = table(write_book(tmp_path / "t.xlsx", ("Лист1", [header, [], *rows])))
    assert [turns_of(found, key)[0] for key in ("1", "2", "x")] == [
        ("customer", "12345", {"article_ids": ["7"], "answer": "2026-03-01", "handoff": True}),
        (
            "customer",
            "2026-03-01",
            {"article_ids": ["0.3"], "answer": "2026-03-01T09:30:00", "handoff": False},
        ),
        ("customer", "when", {"article_ids": ["a", "b"], "answer": "09:30:00", "handoff": False}),
    ]


def test_every_sheet_with_questions_is_read_and_the_others_counted(tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "t.xlsx",
        ("faq", [["question"], ["hi"]]),
        ("вопросы", [["вопрос"], ["где заказ"]]),
        ("lists", [["yes"], ["no"]]),
        ("empty", []),
    )
    found = table(path)
    assert [line["dialog_id"] for line in lines_of(found)] == ["t-faq-2", "t-вопросы-2"]
    assert found.left_out["sheets without a column of questions"] == 1


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            [["question", "handoff"], [], ["hi", "perhaps"]],
            "t.xlsx: sheet 's' row 3: handoff (column 'handoff'): can be yes or no, or empty",
        ),
        (
            [["question", "article"], ["hi", "#N/A"]],
            "t.xlsx: sheet 's' row 2: article (column 'article'): "
            "holds the error #N/A of a spreadsheet",
        ),
        (
            [["question"], ["hi", "ho"]],
            "t.xlsx: sheet 's' row 2: has 2 cells, the header has 1; "
            "the header names no column there",
        ),
        (
            [["question"], ["=A1"]],
            "t.xlsx: sheet 's' row 2: question (column 'question'): holds a formula without a "
            "stored value; open the file in a spreadsheet program and save it",
        ),
        (
            [["Выгрузка за март"], [], ["question"], ["hi"]],
            "t.xlsx: sheet 's' row 1: no column is known to be the question; "
            "name it with --question; has: Выгрузка за март",
        ),
        ([], "t.xlsx: the workbook holds no cell with anything in it"),
    ],
)
def test_a_malformed_cell_is_named_with_sheet_and_row(
    tmp_path: Path, rows: list[list[str]], problem: str
) -> None:
    assert error_of(write_book(tmp_path / "t.xlsx", ("s", rows))) == problem


def test_formulas_without_a_value_are_told_of(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["question", "article", "note"],
        ["hi", "=B1", "=C1"],
        ["ho", "a-1", None],
    ]
    found = table(write_book(tmp_path / "t.xlsx", ("s", rows)))
    assert found.notes["formulas without a stored value, read as empty"] == 1
    assert turns_of(found, "t-2")[0][2] == {}


def stored(path: Path, cell: str, value: str) -> None:
    """Put beside a formula the text that it gave, as a spreadsheet program does."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    formula = rf'<c r="{cell}"><f>(.*?)</f><v></v></c>'
    parts[name], found = re.subn(
        formula, rf'<c r="{cell}" t="str"><f>\1</f><v>{value}</v></c>', parts[name]
    )
    assert found == 1
    with zipfile.ZipFile(path, "w") as archive:
        for part, text in parts.items():
            archive.writestr(part, text)


def test_a_formula_reads_as_the_value_it_gave(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["question", "article"], ["hi", "=A1"], ["ho", "=A2"], ["=A3", None]]
    path = write_book(tmp_path / "t.xlsx", ("s", rows))
    stored(path, "B2", "a-1")
    stored(path, "B3", "")
    stored(path, "A4", "")  # a column of formulas filled down below the last question
    found = table(path)
    assert [turns_of(found, key)[0][2] for key in ("t-2", "t-3")] == [{"article_ids": ["a-1"]}, {}]
    assert len(found.dialogs) == 2
    assert not found.notes["formulas without a stored value, read as empty"]


def test_what_is_no_workbook_is_named(tmp_path: Path) -> None:
    path = write_text(tmp_path / "t.xlsx", "question,answer\nhi,yes\n")
    assert error_of(path) == "t.xlsx: it is not a readable workbook (File is not a zip file)"


def test_a_sheet_that_says_it_ends_at_its_first_cell_is_read_whole(tmp_path: Path) -> None:
    book = Workbook(write_only=True)  # writes no dimension at all
    sheet = book.create_sheet("s")
    sheet.append(["question", "article"])
    sheet.append(["hi", "a-1"])
    book.save(tmp_path / "t.xlsx")
    assert turns_of(table(tmp_path / "t.xlsx"), "t-2")[0][2] == {"article_ids": ["a-1"]}


CELLS = st.text(
    alphabet=st.sampled_from(string.ascii_letters + "яЁ ,;\t\"'|\n#-"), min_size=1, max_size=20
).map(lambda text: f"x{text}x")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_workbook_and_a_file_of_text_give_the_same_dialogs(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
) -> None:
    folder = tmp_path_factory.mktemp("same")
    header = ("question", "answer", "topic")
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    as_text = write_text(folder / "t.csv", text.getvalue(), encoding)
    as_book = write_book(folder / "t.xlsx", ("s", [header, *rows]))
    said = [
        [(t["text"], t.get("labels", {}).get("topic")) for t in dialog["turns"]]
        for dialog in lines_of(table(as_text))
    ]
    assert said == [[(q, topic), (answer, None)] for q, answer, topic in rows]
    assert said == [
        [(t["text"], t.get("labels", {}).get("topic")) for t in dialog["turns"]]
        for dialog in lines_of(table(as_book))
    ]


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_a_row_says_the_line_that_it_begins_on(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["question", "answer"])
    begins = []
    for row in rows:
        begins.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    path = write_text(tmp_path_factory.mktemp("lines") / "t.csv", text.getvalue())
    (sheet,) = read_sheets(path, lambda name: name == "question")
    assert [row.where for row in sheet.rows] == [f"{path}:{line}" for line in begins]
