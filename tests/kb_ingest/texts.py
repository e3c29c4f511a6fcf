"""Articles that hypothesis writes: paragraphs, headings, lists, tables, emphasis, links."""

from __future__ import annotations

import re

from hypothesis import strategies as st

_WORD = st.sampled_from(
    [
        "доставка,",
        "товар",
        "чек.",
        "курьер",
        "завтра",
        "и",
        "за",
        "дней.",
        "возврат",
        "a",
        "order",
        "ё",
        "й,",
        "где",
    ]
)
LINE = st.lists(_WORD, min_size=1, max_size=8).map(" ".join)
_BLOCK = st.one_of(
    LINE,
    st.tuples(st.integers(1, 6), LINE).map(lambda pair: "#" * pair[0] + " " + pair[1]),
    st.lists(LINE, min_size=1, max_size=4).map(lambda items: "\n".join("- " + i for i in items)),
    st.lists(st.tuples(LINE, LINE), min_size=1, max_size=3).map(
        lambda rows: "| а | б |\n| --- | --- |\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)
    ),
    LINE.map(lambda line: f"**{line}**"),
    LINE.map(lambda line: f"[{line}](/page)"),
)
ARTICLE = st.lists(_BLOCK, min_size=1, max_size=8).map("\n\n".join)


def words_of(text: str) -> list[str]:
    """Letters only, in order, without the targets of links."""
    return re.findall(r"[а-яёa-z]+", text.replace("](/page)", "]"))
