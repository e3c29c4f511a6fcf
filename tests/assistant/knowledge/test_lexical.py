from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from assistant.knowledge.lexical import LexicalIndex
from assistant.text import stems

TEXTS = [
    "Как вернуть товар, если он не подошёл",
    "Доставка курьером по Москве",
    "Возврат денег на карту после возврата товара",
    "",
    "Delivery by courier",
]


def _index() -> LexicalIndex:
    return LexicalIndex.build([stems(text) for text in TEXTS])


@pytest.fixture(params=["built", "loaded"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> LexicalIndex:
    index = _index()
    if request.param == "built":
        return index
    index.save(tmp_path / "index")
    return LexicalIndex.load(tmp_path / "index")


def test_size_is_the_number_of_texts(index: LexicalIndex) -> None:
    assert index.size == len(TEXTS)
    assert index.scores([]).shape == (len(TEXTS),)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("курьеры в москве", 1),
        ("возвраты денег", 2),
        ("вернуть", 0),
        ("couriers delivery", 4),
        ("ПОДОШЕЛ", 0),
    ],
)
def test_word_is_found_in_any_form(index: LexicalIndex, question: str, best: int) -> None:
    assert int(index.scores(stems(question)).argmax()) == best


def test_score_is_zero_where_no_word_is_shared(index: LexicalIndex) -> None:
    scores = index.scores(stems("доставка"))
    assert scores[1] > 0
    assert scores[[0, 2, 3, 4]].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("question", [[], ["нетакогослова"], ["\x00"]])
def test_unknown_words_score_nothing_anywhere(index: LexicalIndex, question: list[str]) -> None:
    assert not index.scores(question)[[0, 1, 2, 4]].any()
    assert not index.coverage(question)[[0, 1, 2, 4]].any()


def test_scores_follow_the_formula_of_bm25(index: LexicalIndex) -> None:
    lists = [stems(text) or [""] for text in TEXTS]
    mean = sum(map(len, lists)) / len(lists)
    idf = math.log(1 + (len(lists) - 2 + 0.5) / (2 + 0.5))
    expected = [
        idf * (n * 2.2) / (n + 1.2 * (0.25 + 0.75 * len(words) / mean)) / 2.2
        for words in lists
        for n in [words.count("товар")]
    ]
    assert index.scores(["товар"]).tolist() == pytest.approx(expected, rel=1e-4)


def test_words_of_a_question_add_up(index: LexicalIndex) -> None:
    both = index.scores(["товар", "карт"])
    assert np.allclose(both, index.scores(["товар"]) + index.scores(["карт"]))


def test_coverage_is_one_where_all_words_are_and_weighs_rare_words_more(
    index: LexicalIndex,
) -> None:
    assert index.coverage(stems("вернуть товар"))[0] == pytest.approx(1)
    shares = index.coverage(["доставк", "товар"])
    assert 0 < shares[0] == shares[2] < shares[1] < 1
    assert shares[3] == shares[4] == 0


def test_word_nobody_has_lowers_the_coverage(index: LexicalIndex) -> None:
    assert 0 < index.coverage(["доставк", "нетакогослова"])[1] < 0.5


def test_word_said_twice_counts_once_in_the_coverage(index: LexicalIndex) -> None:
    assert np.allclose(index.coverage(["товар"] * 3), index.coverage(["товар"]))


def test_saved_index_gives_the_same_numbers(tmp_path: Path) -> None:
    index = _index()
    index.save(tmp_path / "index")
    loaded = LexicalIndex.load(tmp_path / "index")
    for question in map(stems, ["вернуть товар на карту", "доставка", "courier"]):
        assert np.array_equal(index.scores(question), loaded.scores(question))
        assert np.array_equal(index.coverage(question), loaded.coverage(question))


@pytest.mark.parametrize("texts", [[], [[]], [["слово"]], [["1"], ["2"]]])
def test_smallest_indexes_are_saved_and_loaded(tmp_path: Path, texts: list[list[str]]) -> None:
    LexicalIndex.build(texts).save(tmp_path / "index")
    loaded = LexicalIndex.load(tmp_path / "index")
    assert loaded.scores(["слово", "1"]).shape == (max(1, len(texts)),)
