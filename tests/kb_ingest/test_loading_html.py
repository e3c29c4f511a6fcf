from __future__ import annotations

from pathlib import Path

import pytest

from kb_ingest.source import UnreadableError
from tests.kb_ingest.documents import load_one

PAGE = """<!doctype html>
<html lang="ru-RU"><head>
<meta charset="utf-8"><title>Возврат — Магазин</title>
<link rel="canonical" href="https://shop.example/returns">
<style>.hidden-style{}</style><script>var inHead = 1</script>
</head><body>
<header><a href="/">Логотип магазина</a></header>
<nav><a href="/cart">Корзина</a></nav>
<div class="breadcrumbs">Главная / Помощь</div>
<h1>Как вернуть <em>товар</em></h1>
<p>Вернуть товар можно <b>за 14 дней</b>. Подробнее
<a href="https://shop.example/law">в законе</a>.</p>
<!-- внутренний комментарий -->
<h2>Что нужно</h2>
<ul><li>Чек<ul><li>бумажный</li><li>электронный</li></ul></li><li>Паспорт</li></ul>
<h3>По шагам</h3>
<ol><li>Упакуйте товар</li><li>Отдайте курьеру</li></ol>
<table><thead><tr><th>Способ</th><th>Срок</th></tr></thead>
<tbody><tr><td>Карта</td><td>3 дня</td></tr><tr><td>СБП</td><td>1 день</td></tr></tbody></table>
<form><label>Ваш вопрос</label><input value="введите"><button>Отправить</button></form>
<aside>Похожие товары</aside>
<div id="cookie">Мы используем куки</div>
<footer>© Магазин</footer>
<script>alert("скрипт")</script><noscript>включите скрипты</noscript>
</body></html>"""


@pytest.fixture
def text(tmp_path: Path) -> str:
    return load_one(tmp_path, "returns.html", PAGE).text


@pytest.mark.parametrize(
    "furniture",
    [
        "Логотип", "Корзина", "Главная", "комментарий", "Ваш вопрос", "введите", "Отправить",
        "Похожие товары", "куки", "©", "alert", "включите скрипты", "inHead", "hidden-style",
    ],
)  # fmt: skip
def test_furniture_of_the_page_is_left_out(text: str, furniture: str) -> None:
    assert furniture not in text


@pytest.mark.parametrize(
    "line",
    [
        "# Как вернуть товар",
        "## Что нужно",
        "### По шагам",
        "- Паспорт",
        "1. Упакуйте товар",
        "2. Отдайте курьеру",
        "| Способ | Срок |",
        "| --- | --- |",
        "| Карта | 3 дня |",
        "| СБП | 1 день |",
    ],
)
def test_headings_lists_and_tables_stay(text: str, line: str) -> None:
    assert line in text.split("\n")


def test_lists_in_lists_stay_lists(text: str) -> None:
    assert [line.strip() for line in text.split("\n") if "онный" in line or "бумажный" in line] == [
        "- бумажный",
        "- электронный",
    ]


def test_bold_leaves_no_marks_and_link_keeps_its_target(text: str) -> None:
    assert (
        "Вернуть товар можно за 14 дней. Подробнее в законе (https://shop.example/law)."
        in " ".join(text.split())
    )


def test_head_gives_title_language_and_address(tmp_path: Path) -> None:
    article = load_one(tmp_path, "returns.html", PAGE)
    assert article.title == "Как вернуть товар"
    assert article.lang == "ru"
    assert article.url == "https://shop.example/returns"
    assert article.article_id == "returns.html"


def test_title_of_the_head_serves_where_there_is_no_heading(tmp_path: Path) -> None:
    page = "<html><head><title>Доставка</title></head><body><p>Два дня.</p></body></html>"
    assert load_one(tmp_path, "a.html", page).title == "Доставка"


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>ТАЙНА</p>",
        '<div style="display:none">ТАЙНА</div>',
        '<div style="color: red; DISPLAY : NONE"><p>ТАЙНА</p></div>',
        '<span style="visibility: hidden">ТАЙНА</span>',
        '<span aria-hidden="true">ТАЙНА</span>',
        "<template><p>ТАЙНА</p></template>",
        "<noscript>ТАЙНА</noscript>",
        "<!-- ТАЙНА -->",
        "<!--[if IE]><p>ТАЙНА</p><![endif]-->",
        "<iframe>ТАЙНА</iframe>",
        "<select><option>ТАЙНА</option></select>",
        '<textarea placeholder="x">ТАЙНА</textarea>',
        "<dialog>ТАЙНА</dialog>",
        '<div role="navigation">ТАЙНА</div>',
        '<div class="site-nav">ТАЙНА</div>',
        '<div class="b-cookie-banner">ТАЙНА</div>',
        '<script type=\'application/ld+json\'>{"a": "ТАЙНА"}</script>',
    ],
)
def test_what_a_visitor_does_not_see_is_left_out(tmp_path: Path, hidden: str) -> None:
    page = f"<body><h1>Доставка</h1><p>Видно до.</p>{hidden}<p>Видно после.</p></body>"
    text = load_one(tmp_path, "a.html", page).text
    assert "ТАЙНА" not in text
    assert "Видно до." in text
    assert "Видно после." in text


@pytest.mark.parametrize(
    "shown",
    [
        "<details><summary>Вопрос</summary><p>ОТВЕТ</p></details>",
        '<section class="communication">ОТВЕТ</section>',
        '<div class="unmenuable">ОТВЕТ</div>',
        "<blockquote>ОТВЕТ</blockquote>",
        "<pre>ОТВЕТ</pre>",
        "<dl><dt>Срок</dt><dd>ОТВЕТ</dd></dl>",
        "<p>a<br>ОТВЕТ</p>",
        "<div><div><span>ОТВЕТ</span></div></div>",
    ],
)
def test_what_a_visitor_sees_stays(tmp_path: Path, shown: str) -> None:
    assert "ОТВЕТ" in load_one(tmp_path, "a.html", f"<body><h1>Т</h1>{shown}</body>").text


@pytest.mark.parametrize(
    "body",
    [
        "<main><h1>Т</h1><p>СУТЬ</p></main><div>КРАЙ</div>",
        '<div role="main"><p>СУТЬ</p></div><div>КРАЙ</div>',
        "<div>КРАЙ</div><article><header><h1>Т</h1></header><p>СУТЬ</p></article>",
    ],
    ids=["main", "role", "article"],
)
def test_main_part_of_the_page_is_taken(tmp_path: Path, body: str) -> None:
    text = load_one(tmp_path, "a.html", f"<body>{body}</body>").text
    assert "СУТЬ" in text
    assert "КРАЙ" not in text


def test_header_inside_the_article_keeps_its_heading(tmp_path: Path) -> None:
    page = "<body><article><header><h1>Доставка</h1></header><p>Два дня.</p></article></body>"
    article = load_one(tmp_path, "a.html", page)
    assert article.title == "Доставка"
    assert article.text == "# Доставка\n\nДва дня."


def test_page_of_several_article_elements_keeps_them_all(tmp_path: Path) -> None:
    page = (
        "<body><h1>Вопросы</h1><article><h2>Где заказ?</h2><p>В пути.</p></article>"
        "<article><h2>Как вернуть?</h2><p>За 14 дней.</p></article></body>"
    )
    text = load_one(tmp_path, "a.html", page).text
    assert "В пути." in text
    assert "За 14 дней." in text


def test_words_in_angle_brackets_that_a_visitor_reads_stay(tmp_path: Path) -> None:
    page = (
        "<body><p>Пишите на тему &lt;order number&gt; и &lt;ваше имя&gt;, если 2 &lt; 3.</p></body>"
    )
    text = load_one(tmp_path, "a.html", page).text
    assert text == "Пишите на тему <order number> и <ваше имя>, если 2 < 3."


@pytest.mark.parametrize(
    "html",
    [
        "<p>Незакрытый <b>тег<p>и ещё <table><tr><td>ячейка",
        "<html><body><p>Незакрытый тег и ещё ячейка",
        "Просто Незакрытый тег и ещё ячейка без разметки",
        "<div><p>Незакрытый</div></p></i> тег и ещё ячейка</body></html></body>",
    ],
)
def test_broken_markup_still_gives_its_words(tmp_path: Path, html: str) -> None:
    words = load_one(tmp_path, "a.htm", html).text.replace("|", " ").split()
    assert {"Незакрытый", "тег", "ячейка"} <= set(words)


def test_page_in_windows_1251_is_read_whatever_it_says_of_itself(tmp_path: Path) -> None:
    page = '<html><head><meta charset="utf-8"></head><body><p>Доставка за два дня</p></body></html>'
    assert load_one(tmp_path, "a.html", page.encode("cp1251")).text == "Доставка за два дня"


@pytest.mark.parametrize(
    "page", ["<html><body><script>x</script></body></html>", "<nav>меню</nav>", "<!-- a -->"]
)
def test_page_with_nothing_to_read_is_reported(tmp_path: Path, page: str) -> None:
    with pytest.raises(UnreadableError, match="no text"):
        load_one(tmp_path, "a.html", page)
