from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.domain import Audience
from kb_ingest.source import UnreadableError
from tests.kb_ingest.documents import load_one

FULL = """---
id: returns-01
title: Как вернуть товар
url: https://shop.example/help/returns
lang: ru
topic: Возвраты
audience: operator
valid_until: 2026-12-31
---
# Возврат

Вернуть можно за 14 дней.
"""


def test_front_matter_fills_every_field_of_the_article(tmp_path: Path) -> None:
    article = load_one(tmp_path, "a.md", FULL)
    assert article.article_id == "returns-01"
    assert article.title == "Как вернуть товар"
    assert article.url == "https://shop.example/help/returns"
    assert article.lang == "ru"
    assert article.topic == "Возвраты"
    assert article.audience is Audience.OPERATOR
    assert article.valid_until == date(2026, 12, 31)
    assert article.text == "# Возврат\n\nВернуть можно за 14 дней."
    assert article.source == str(tmp_path / "a.md")
    assert not article.is_answer


def test_front_matter_may_be_left_out(tmp_path: Path) -> None:
    article = load_one(tmp_path, "delivery.md", "# Доставка\n\nДва дня.")
    assert (article.article_id, article.title, article.lang) == ("delivery.md", "Доставка", "ru")
    assert article.url is None
    assert article.topic is None
    assert article.valid_until is None
    assert article.audience is Audience.CUSTOMER


@pytest.mark.parametrize(
    "content",
    [
        FULL.replace("\n", "\r\n"),
        "\ufeff" + FULL,
        "\ufeff" + FULL.replace("\n", "\r\n"),
        FULL.replace("---\n", "---  \n"),
    ],
    ids=["windows-line-ends", "byte-order-mark", "both", "spaces-after-the-dashes"],
)
def test_front_matter_is_seen_however_the_editor_saved_it(tmp_path: Path, content: str) -> None:
    article = load_one(tmp_path, "a.md", content)
    assert article.article_id == "returns-01"
    assert "---" not in article.text


def test_front_matter_is_seen_in_windows_1251(tmp_path: Path) -> None:
    article = load_one(tmp_path, "a.md", FULL.encode("cp1251"))
    assert article.title == "Как вернуть товар"
    assert article.text.endswith("Вернуть можно за 14 дней.")


@pytest.mark.parametrize(
    "front",
    [
        "title: 'не закрыта",
        "title: [a, b",
        "\ttitle: x",
        "title: a: b",
        "title: !!python/object/apply:os.system ['true']",
        "just a sentence",
        "- one\n- two",
        "a: &x [*x",
        "valid_until: 2026-02-30",
        "title: 2026-13-01",
        "? [a]\n: b",
        "[" * 3000,
    ],
)
def test_broken_front_matter_is_reported_with_a_reason(tmp_path: Path, front: str) -> None:
    with pytest.raises(UnreadableError, match=r"front matter|valid_until"):
        load_one(tmp_path, "a.md", f"---\n{front}\n---\nТекст статьи.")


def test_unquoted_colon_in_front_matter_gets_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="line 2: a value with a colon needs quotes"):
        load_one(tmp_path, "a.md", "---\ntitle: Возврат: как и когда\n---\nТекст статьи.")


def test_broken_front_matter_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="line 3"):
        load_one(tmp_path, "a.md", "---\nid: a\ntitle: b: c\n---\nТекст.")


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("audience: everybody", "audience"),
        ("valid_until: soon", "valid_until"),
        ("valid_until: 31.12.2026", "valid_until"),
        ("valid_until: 2026", "valid_until"),
    ],
)
def test_impossible_field_is_reported_by_name(tmp_path: Path, field: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        load_one(tmp_path, "a.md", f"---\n{field}\n---\nТекст.")


@pytest.mark.parametrize("written", ["2026-12-31", "'2026-12-31'", "2026-12-31 18:00:00"])
def test_valid_until_is_always_a_day(tmp_path: Path, written: str) -> None:
    article = load_one(tmp_path, "a.md", f"---\nvalid_until: {written}\n---\nТекст.")
    assert article.valid_until is not None
    assert article.valid_until.isoformat() == "2026-12-31"


@pytest.mark.parametrize(
    ("written", "article_id"), [("7", "7"), ("0", "0"), ("'007'", "007"), ("a b", "a b")]
)
def test_id_is_kept_whatever_kind_yaml_takes_it_for(
    tmp_path: Path, written: str, article_id: str
) -> None:
    article = load_one(tmp_path, "a.md", f"---\nid: {written}\n---\nТекст.")
    assert article.article_id == article_id


@pytest.mark.parametrize("front", ["---\n---\n", "---\n\n---\n", "---\n# ничего\n---\n"])
def test_empty_front_matter_is_no_part_of_the_text(tmp_path: Path, front: str) -> None:
    article = load_one(tmp_path, "delivery.md", f"{front}Доставка за два дня.")
    assert article.text == "Доставка за два дня."
    assert article.article_id == "delivery.md"


def test_rule_in_the_middle_of_the_text_is_no_front_matter(tmp_path: Path) -> None:
    article = load_one(tmp_path, "a.md", "# Доставка\n\nОдин.\n\n---\n\nid: два\n\n---\n\nТри.")
    assert article.article_id == "a.md"
    assert "id: два" in article.text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## Вторая\n\n# Первая\n\nТекст.", "Первая"),
        ("Заголовок\n=========\n\nТекст.", "Заголовок"),
        ("## Только вторая\n\nТекст.", "Только вторая"),
        ("Текст без заголовка.", "page"),
        ("# Закрыт решёткой #\n\nТекст.", "Закрыт решёткой"),
    ],
)
def test_title_is_the_highest_heading_else_the_name_of_the_file(
    tmp_path: Path, text: str, title: str
) -> None:
    assert load_one(tmp_path, "page.md", text).title == title


@pytest.mark.parametrize(
    "text", ["---\ntitle: Пусто\n---\n", "<!-- пока ничего -->\n", "![](a.png)"]
)
def test_article_without_any_text_is_reported(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableError, match="no text"):
        load_one(tmp_path, "a.md", text)


@pytest.mark.parametrize(("text", "lang"), [("Доставка", "ru"), ("Delivery takes a day", "en")])
def test_language_is_told_by_the_letters(tmp_path: Path, text: str, lang: str) -> None:
    assert load_one(tmp_path, "a.md", text).lang == lang


@pytest.mark.parametrize("name", ["a.md", "a.markdown", "A.MD"])
def test_ending_is_read_in_any_case(tmp_path: Path, name: str) -> None:
    assert load_one(tmp_path, name, "Текст").text == "Текст"
